"""A backend whose answers a test writes; a token is a word."""

from collections.abc import AsyncGenerator, Callable

from maru_backends.base import BackendEvent, ChatRequest, Finished, FinishReason, Health, Limits, TextDelta, Usage


class ScriptedBackend:
    """Answers with `reply(request)`, or raises what it raises; keeps every request, and every one that was counted."""

    def __init__(self, reply: Callable[[ChatRequest], str], window: int = 8192, reason: FinishReason = "stop") -> None:
        """A `reply` of no text is a stream without any delta."""
        self.asked: list[ChatRequest] = []
        self.counted: list[ChatRequest] = []
        self._reply = reply
        self._window = window
        self._reason: FinishReason = reason

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """See `Backend.stream`."""
        self.asked.append(request)
        text = self._reply(request)
        if text:
            yield TextDelta(text)
        yield Usage(await self.count_tokens(request), len(text.split()), cached_tokens=1, reasoning_tokens=2)
        yield Finished(self._reason)

    async def count_tokens(self, request: ChatRequest) -> int:
        """See `Backend.count_tokens`."""
        self.counted.append(request)
        return sum(len(message.text.split()) for message in request.messages)

    async def limits(self) -> Limits:
        """See `Backend.limits`."""
        return Limits(context_window=self._window)

    async def health(self) -> Health:
        """See `Backend.health`."""
        return Health(is_ready=True)

    async def close(self) -> None:
        """See `Backend.close`."""
