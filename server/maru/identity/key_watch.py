"""Notices that a key was revoked while connections that showed it are open; whoever revokes it may be another process.

A key is looked up for all its connections together: a thousand sockets of one program cost no more than one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from maru.store.base import StoreError

LOOKED_UP_EVERY_S = 0.8  # with the look-up itself, a revoked key is noticed within a second


@dataclass(slots=True)
class _Watched:
    looking: asyncio.Task[None]
    waiting: int = 0


class KeyWatch:
    """One look-up every 0.8 s for each key that open connections have shown; none for a key without connections."""

    def __init__(self, opens: Callable[[str], Awaitable[bool]], *, every_s: float = LOOKED_UP_EVERY_S) -> None:
        """`opens` tells whether the key with this hash opens the door now, or raises StoreError."""
        self._opens = opens
        self._every_s = every_s
        self._watched: dict[str, _Watched] = {}

    async def until_revoked(self, secret_hash: str) -> None:
        """Return once this key opens nothing any more; any number may wait at once."""
        watched = self._watched.get(secret_hash)
        if watched is None:
            looking = asyncio.create_task(self._look(secret_hash), name="key watch")
            watched = self._watched[secret_hash] = _Watched(looking)
        watched.waiting += 1
        try:
            await asyncio.shield(watched.looking)
        finally:
            watched.waiting -= 1
            if not watched.waiting:
                watched.looking.cancel()
                del self._watched[secret_hash]

    async def _look(self, secret_hash: str) -> None:
        while await self._is_open(secret_hash):  # noqa: ASYNC110 (whoever revokes it may be another process)
            await asyncio.sleep(self._every_s)

    async def _is_open(self, secret_hash: str) -> bool:
        try:
            return await self._opens(secret_hash)
        except StoreError:  # a store that cannot be asked shuts nobody out
            return True
