"""The events of a response that this process does not run: from the store.

One that has ended is there as a whole. One that another server runs grows there by a piece at each of its checkpoints,
so that it can be followed with about a second of delay.
"""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Sequence

from maru.protocol.events import TERMINAL_TYPES, Event
from maru.store.base import NotFoundError, Store, StoredResponse
from maru.turns.log import EventLog, Followed
from maru.turns.packing import unpack

POLL_S = 1.0
END_POLL_S = 0.1


class EventsNotKeptError(Exception):
    """The response ended without its events being kept."""


async def open_stored_log(store: Store, owner: str, response_id: str) -> Followed:
    """The events of a response, whether it runs elsewhere or has ended.

    Raises:
        NotFoundError: the owner has no such response.
        EventsNotKeptError: it has ended and left no events.
    """
    if await store.is_running_for(owner, response_id):
        return _GrowingLog(store, owner, response_id)
    events = await stored_events(store, owner, response_id)
    if not events:
        raise EventsNotKeptError(f"the events of response {response_id!r} are not kept")
    return EventLog(events)


async def ended_elsewhere(store: Store, owner: str, response_id: str) -> StoredResponse:
    """A response of another server when it has ended; its end comes, because its server lives or is found to be gone.

    Raises:
        NotFoundError: the owner has no such response.
    """
    while await store.is_running_for(owner, response_id):  # noqa: ASYNC110 (another process)
        await asyncio.sleep(END_POLL_S)
    return await store.response_for(owner, response_id)


async def stored_events(store: Store, owner: str, response_id: str, *, starting_after: int = -1) -> Sequence[Event]:
    """The events in the store with a higher number."""
    pieces = await store.log_of(owner, response_id, starting_after=starting_after)
    # In a thread: the log of a long answer takes longer than a token may be late.
    batches = await asyncio.to_thread(lambda: [unpack(piece.packed) for piece in pieces])
    return [event for event in itertools.chain(*batches) if event.sequence_number > starting_after]


class _GrowingLog:
    """Followed by asking the store again and again."""

    def __init__(self, store: Store, owner: str, response_id: str) -> None:
        self._store = store
        self._owner = owner
        self._id = response_id

    async def follow(
        self, starting_after: int = -1, *, heartbeat_s: float | None = None
    ) -> AsyncIterator[Sequence[Event]]:
        """See `Followed.follow`; ends without a terminal event when the response is deleted meanwhile."""
        seen, told_at = starting_after, time.monotonic()
        while True:
            # Asked first: what has ended by now has all its events in the store.
            is_running = await self._is_running()
            batch = await stored_events(self._store, self._owner, self._id, starting_after=seen)
            if batch:
                seen, told_at = batch[-1].sequence_number, time.monotonic()
                yield batch
            elif heartbeat_s is not None and time.monotonic() - told_at >= heartbeat_s:
                told_at = time.monotonic()
                yield ()
            if not is_running or (batch and batch[-1].type in TERMINAL_TYPES):
                return
            await asyncio.sleep(POLL_S)

    async def _is_running(self) -> bool:
        try:
            return await self._store.is_running_for(self._owner, self._id)
        except NotFoundError:
            return False
