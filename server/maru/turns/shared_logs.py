"""Logs of ended responses as they are followed: read from the store once, however many follow at the same time.

The log of a long answer takes tens of megabytes once it is unpacked, and a slow reader holds it for long.
"""

import asyncio
from weakref import WeakValueDictionary

from maru.store.base import Store
from maru.turns.log import EventLog, Followed
from maru.turns.stored_log import open_stored_log

_Key = tuple[str, str]


class SharedLogs:
    """Holds no log by itself: one is forgotten with its last follower."""

    def __init__(self, store: Store) -> None:
        """None yet."""
        self._store = store
        self._opening: dict[_Key, asyncio.Task[Followed]] = {}
        self._followed: WeakValueDictionary[_Key, EventLog] = WeakValueDictionary()

    async def open(self, owner: str, response_id: str) -> Followed:
        """See `open_stored_log`; what is raised there is raised here."""
        key = (owner, response_id)
        # Asked each time: it may have been deleted while somebody still reads it.
        followed = None if await self._store.is_running_for(owner, response_id) else self._followed.get(key)
        if followed is not None:
            return followed
        opening = self._opening.get(key)
        if opening is None:
            opening = self._opening[key] = asyncio.create_task(self._read(key), name=f"log of {response_id}")
            opening.add_done_callback(lambda _: self._opening.pop(key, None))
            opening.add_done_callback(_seen)
        return await asyncio.shield(opening)

    async def _read(self, key: _Key) -> Followed:
        log = await open_stored_log(self._store, *key)
        if isinstance(log, EventLog):
            self._followed[key] = log
        return log


def _seen(opening: asyncio.Task[Followed]) -> None:
    """Whoever asked may be gone; asyncio would call its error forgotten."""
    if not opening.cancelled():
        opening.exception()
