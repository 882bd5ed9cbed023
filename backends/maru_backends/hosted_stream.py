"""How patient we are with a hosted model: what is asked again, and how long silence may last.

Knows no provider. A call is made again only before its first event, so that no word is ever shown twice.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Protocol, TypeVar

from maru_backends.base import BackendEvent
from maru_backends.errors import BackendBusyError, BackendError, BackendUnavailableError, EngineLostError

RETRY_DELAY_S = 0.5
# A longer wait is the client's own: it gets the provider's `retry-after` and may show it.
LONGEST_RETRY_DELAY_S = 8.0

# After its reason to stop a provider still owes an end mark; some keep the connection open for ever.
END_GRACE_S = 2.0

T = TypeVar("T")
Piece_contra = TypeVar("Piece_contra", contravariant=True)


class ConnectionLostError(BackendUnavailableError):
    """The connection could not be made, or went away."""


class SilenceError(EngineLostError):
    """Nothing came for too long."""


async def with_retries(
    attempt: Callable[[], AsyncGenerator[BackendEvent, None]], *, retries: int, is_closed: Callable[[], bool]
) -> AsyncGenerator[BackendEvent, None]:
    """The events of the first attempt that begins to answer.

    Args:
        attempt: makes the call anew.
        retries: how often it may be made again.
        is_closed: whether the backend was closed, after which nothing is asked any more.

    Raises:
        BackendError: the last attempt's; the first one's that is not the provider's passing trouble.
    """
    for made in range(retries + 1):
        was_told = False
        try:
            async with aclosing(attempt()) as events:
                async for event in events:
                    was_told = True
                    yield event
        except (BackendBusyError, BackendUnavailableError) as error:
            wait_s = retry_wait_s(error, made)
            if was_told or made == retries or is_closed() or wait_s > LONGEST_RETRY_DELAY_S:
                raise
            await asyncio.sleep(wait_s)
        else:
            return


def retry_wait_s(error: BackendError, made: int) -> float:
    """How long to wait after so many retries; as long as the provider said, if it did."""
    told = error.retry_after_s if isinstance(error, BackendBusyError) else None
    if told is not None:
        return told
    # Spread, or all whom one overload turned away come back at the same moment.
    return min(RETRY_DELAY_S * (1 << made), LONGEST_RETRY_DELAY_S) * random.uniform(0.5, 1.0)  # noqa: S311 (no secret)


class StreamReader(Protocol[Piece_contra]):
    """Makes events of the seam out of a provider's pieces, for one answer."""

    @property
    def is_finished(self) -> bool:
        """Whether the provider said why it stopped; only figures and the end mark may still come."""
        ...

    @property
    def is_over(self) -> bool:
        """Whether the end mark came."""
        ...

    def read(self, piece: Piece_contra) -> Sequence[BackendEvent]:
        """The events in one piece; often none."""
        ...

    def end(self) -> Sequence[BackendEvent]:
        """The last events, `Finished` at their end."""
        ...


class Patience:
    """The deadline of one stream: one for the first event, then one from event to event."""

    def __init__(self, *, first_s: float, stall_s: float) -> None:
        """Start to wait now."""
        self._loop = asyncio.get_running_loop()
        self._stall_s = stall_s
        self.limit_s = first_s
        self.deadline = self._loop.time() + first_s

    def feed(self) -> None:
        """There was an event. What only keeps a connection open is none."""
        self.limit_s = self._stall_s
        self.deadline = self._loop.time() + self._stall_s

    def wait_for_end(self) -> None:
        """All was said; only the end mark is owed."""
        self.deadline = min(self.deadline, self._loop.time() + END_GRACE_S)

    def stalled(self) -> SilenceError:
        """What is raised when the deadline is over."""
        return SilenceError(f"The engine sent no token for {self.limit_s:g} s.")


async def in_time(pieces: AsyncGenerator[T, None], patience: Patience) -> AsyncGenerator[T, None]:
    """The pieces of one answer, as long as they come in time; closes what they come from.

    Raises:
        SilenceError: the next one did not.
    """
    async with aclosing(pieces):
        while True:
            try:
                async with asyncio.timeout_at(patience.deadline):
                    piece = await anext(pieces)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                raise patience.stalled() from error
            yield piece


async def heard(
    pieces: AsyncGenerator[T, None], reader: StreamReader[T], patience: Patience, *, is_closed: Callable[[], bool]
) -> AsyncGenerator[BackendEvent, None]:
    """The events of one answer, to its end.

    Raises:
        BackendError: the provider's; a connection that breaks after words is `EngineLostError`, and one that
            breaks when all was said is none.
    """
    was_told = False
    try:
        async with aclosing(in_time(pieces, patience)) as arriving:
            async for piece in arriving:
                for event in reader.read(piece):
                    was_told = True
                    patience.feed()
                    yield event
                if reader.is_over:
                    break
                if reader.is_finished:
                    patience.wait_for_end()
    except (ConnectionLostError, SilenceError) as error:
        if is_closed() or not reader.is_finished:
            if was_told and isinstance(error, ConnectionLostError) and not is_closed():
                raise EngineLostError("The connection to the engine broke in the middle.") from error
            raise
    for event in reader.end():
        yield event
