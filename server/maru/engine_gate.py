"""The gate before an open backend: counts the answers that run behind it, and can be shut."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from maru_backends.base import Backend, BackendEvent, ChatRequest, Health, Limits
from maru_backends.errors import BackendUnavailableError

SHUT = "The engine of this model is being stopped."


class Gate:
    """A backend that may be shut while answers run: these go on, and none begins."""

    def __init__(self, backend: Backend) -> None:
        """Stand open before `backend`, which whoever opened it closes."""
        self._backend = backend
        self._is_open = True
        self._running = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    @property
    def running(self) -> int:
        """Answers that run behind it."""
        return self._running

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """See `Backend.stream`; whoever asks again after the gate was shut finds the next one, once it is there."""
        if not self._is_open:
            raise BackendUnavailableError(SHUT)
        self._running += 1
        self._is_idle.clear()
        try:
            async with aclosing(self._backend.stream(request)) as events:
                async for event in events:
                    yield event
        finally:
            self._running -= 1
            if self._running == 0:
                self._is_idle.set()

    async def count_tokens(self, request: ChatRequest) -> int:
        """See `Backend.count_tokens`."""
        return await self._backend.count_tokens(request)

    async def limits(self) -> Limits:
        """See `Backend.limits`."""
        return await self._backend.limits()

    async def health(self) -> Health:
        """See `Backend.health`."""
        return await self._backend.health()

    async def close(self) -> None:
        """Shut it; the backend itself is closed by whoever opened it."""
        self.shut()

    def shut(self) -> None:
        """Let nothing begin from now on."""
        self._is_open = False

    def reopen(self) -> None:
        """Let answers begin again."""
        self._is_open = True

    async def idle(self) -> None:
        """Wait until nothing runs behind it."""
        await self._is_idle.wait()
