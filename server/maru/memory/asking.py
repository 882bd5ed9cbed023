"""Asks an engine for texts about a conversation and counts what is asked; gives up an engine that falls silent."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TypeVar

from maru.memory.fitting import RESERVE_TOKENS
from maru.protocol.errors import ApiError
from maru_backends.base import (
    Backend,
    BackendEvent,
    ChatMessage,
    ChatRequest,
    Finished,
    FinishReason,
    Limits,
    Sampling,
    TextDelta,
    TextPart,
    Usage,
)
from maru_backends.errors import BackendStreamBrokenError

T = TypeVar("T")


class Asker:
    """One engine for one piece of work, such as a summary; `usage` is what it has cost so far."""

    def __init__(
        self,
        backend: Backend,
        silence_s: float,
        *,
        session_id: str | None = None,
        told: Callable[[], None] = lambda: None,
    ) -> None:
        """Ask this engine.

        Args:
            backend: the engine.
            silence_s: how long it may send nothing, in seconds.
            session_id: see `ChatRequest`.
            told: called before each request for a text.
        """
        self.usage = Usage(0, 0)
        self._backend = backend
        self._silence_s = silence_s
        self._session_id = session_id
        self._told = told

    def request(self, text: str, *, instructions: str | None = None, max_tokens: int | None = None) -> ChatRequest:
        """The request for an answer to one message of this text."""
        system = (ChatMessage("system", (TextPart(instructions),)),) if instructions else ()
        return ChatRequest(
            (*system, ChatMessage("user", (TextPart(text),))),
            sampling=Sampling(temperature=0),
            max_tokens=max_tokens,
            session_id=self._session_id,
        )

    async def limits(self) -> Limits:
        """What the engine can hold."""
        return await self._backend.limits()

    async def counted(self, request: ChatRequest) -> int:
        """Tokens of the rendered prompt.

        Raises:
            BackendError: the engine could not count, or not in time.
        """
        return await self._in_time(self._backend.count_tokens(request))

    async def tokens(self, text: str) -> int:
        """Tokens of a text as one message, with what the template puts around it; 0 for no text."""
        return await self.counted(self.request(text)) if text else 0

    async def pieces(
        self,
        said: Sequence[Sequence[str]],
        request: Callable[[Sequence[str]], ChatRequest],
        *,
        kept_free: int,
        at_most: int,
    ) -> list[Sequence[str]]:
        """Lines of a conversation in pieces that each fit into one request; what is too long is halved.

        Args:
            said: the lines, parted where a piece may not go on.
            request: makes the request for a piece.
            kept_free: tokens of the window for the answer and what else comes.
            at_most: most pieces.

        Raises:
            ApiError: it would be more of them, or no text fits.
            BackendError: the engine could not count.
        """
        window = (await self.limits()).context_window
        waiting, pieces = list(reversed(said)), list[Sequence[str]]()
        while waiting:
            piece = waiting.pop()
            if len(pieces) + len(waiting) >= at_most or piece == ("",):
                message = "The conversation is too long to be compacted by this model. Send less, or choose another."
                raise ApiError(400, message, code="context_length_exceeded", param="input")
            if await self.counted(request(piece)) + kept_free + RESERVE_TOKENS <= window:
                pieces.append(piece)
            else:
                waiting += reversed(_halves(piece))
        return pieces

    async def whole(self, request: ChatRequest) -> str:
        """What the engine answers.

        Raises:
            BackendError: it failed, fell silent, had nothing to say, or broke off.
        """
        text, reason = await self._heard(request)
        if reason != "stop":
            raise _broken_off(reason)
        return _some(text)

    async def list_lines(self, request: ChatRequest) -> str:
        """The same of a list: one that grew too long is good up to its last whole line."""
        text, reason = await self._heard(request)
        if reason not in {"stop", "length"}:
            raise _broken_off(reason)
        return _some(text) if reason == "stop" else text.rpartition("\n")[0]

    async def _heard(self, request: ChatRequest) -> tuple[str, FinishReason]:
        self._told()
        text: list[str] = []
        async with aclosing(self._backend.stream(request)) as events:
            while True:
                match await self._next(events):
                    case TextDelta(text=more):
                        text.append(more)
                    case Usage() as spent:
                        self.usage = _sum(self.usage, spent)
                    case Finished(reason=reason):
                        return "".join(text).strip(), reason
                    case _:
                        continue

    async def _next(self, events: AsyncGenerator[BackendEvent, None]) -> BackendEvent:
        try:
            return await self._in_time(anext(events))
        except StopAsyncIteration as error:
            raise BackendStreamBrokenError("The model engine ended its stream without saying why.") from error

    async def _in_time(self, work: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._silence_s):
                return await work
        except TimeoutError as error:
            message = f"The model engine sent nothing for {self._silence_s:.0f} seconds."
            raise BackendStreamBrokenError(message) from error


def _some(text: str) -> str:
    if not text:
        raise BackendStreamBrokenError("The model was asked for a summary and gave an empty one.")
    return text


def _broken_off(reason: FinishReason) -> BackendStreamBrokenError:
    return BackendStreamBrokenError(f"The model was asked for a summary and broke it off ({reason}).")


def _halves(lines: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    if len(lines) > 1:
        middle = len(lines) // 2
        return lines[:middle], lines[middle:]
    middle = len(lines[0]) // 2
    return (lines[0][:middle],), (lines[0][middle:],)


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(
        one.input_tokens + other.input_tokens,
        one.output_tokens + other.output_tokens,
        one.cached_tokens + other.cached_tokens,
        one.reasoning_tokens + other.reasoning_tokens,
    )
