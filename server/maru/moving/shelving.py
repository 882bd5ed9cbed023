"""Puts conversations that came in into the folders in which they lay, by name; makes those that are not there."""

import asyncio

from maru.protocol.folders import MAX_FOLDERS
from maru.store.base import Store
from maru.store.shelves import Shelf


class Shelving:
    """The folders of one person while one file comes in."""

    def __init__(self, store: Store, owner: str, now: int) -> None:
        """Ask for them when the first is needed; what is made is dated now (Unix seconds)."""
        self._store = store
        self._owner = owner
        self._now = now
        self._ids: dict[str, str] | None = None
        self._alone = asyncio.Lock()

    async def put(self, conversation_id: str, name: str) -> bool:
        """Put a conversation into the folder of this name; False: there are too many folders to make it."""
        async with self._alone:
            if self._ids is None:
                self._ids = {folder.name: folder.id for folder in await self._store.folders_of(self._owner)}
            if name not in self._ids:
                if len(self._ids) >= MAX_FOLDERS:
                    return False
                self._ids[name] = (await self._store.create_folder(self._owner, name, now=self._now)).id
            place = Shelf(folder_id=self._ids[name])
            await self._store.update_conversation(self._owner, conversation_id, now=self._now, shelf=place)
        return True
