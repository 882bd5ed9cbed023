"""Which slot of llama.cpp computes which conversation, so that a prefix is used again by its own and by nobody else.

llama.cpp itself takes the slot whose text is most alike, whoever wrote it: how fast an answer comes would then tell
one person what another has asked.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seat:
    """A slot for one answer; `is_own` tells that the conversation was computed there before."""

    slot: int
    is_own: bool


class Slots:
    """Hands out slots; belongs to one event loop."""

    def __init__(self, count: int) -> None:
        """None is taken."""
        self._free = list(range(count))  # the one that rested longest comes first
        self._sessions: dict[int, str | None] = {}
        self._has_free = asyncio.Semaphore(count)
        self.waiting = 0

    @asynccontextmanager
    async def taken(self, session: str | None) -> AsyncGenerator[Seat, None]:
        """Wait for a slot and hold it; the session's own if that is free."""
        self.waiting += 1
        try:
            await self._has_free.acquire()
        finally:
            self.waiting -= 1
        own = [slot for slot in self._free if session is not None and self._sessions.get(slot) == session]
        slot = own[0] if own else self._free[0]
        self._free.remove(slot)
        self._sessions[slot] = session
        try:
            yield Seat(slot, is_own=bool(own))
        finally:
            self._free.append(slot)
            self._has_free.release()
