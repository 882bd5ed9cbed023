"""The seam `store/folders.py` without a disk."""

from dataclasses import replace

from maru.ids import new_id
from maru.store.base import NotFoundError
from maru.store.folders import Folder
from maru.store.in_memory_tree import Belongings, InMemoryPart


class InMemoryFolders(InMemoryPart):
    """A `FolderStore` in dicts."""

    async def create_folder(self, owner: str, name: str, *, now: int) -> Folder:
        """See `FolderStore.create_folder`."""
        mine = self._of(owner)
        folder = Folder(new_id("fold"), name, now)
        mine.folders[folder.id] = folder
        return folder

    async def folders_of(self, owner: str) -> tuple[Folder, ...]:
        """See `FolderStore.folders_of`."""
        return tuple(self._peek(owner).folders.values())

    async def rename_folder(self, owner: str, folder_id: str, name: str) -> Folder:
        """See `FolderStore.rename_folder`."""
        mine = self._peek(owner)
        mine.folders[folder_id] = replace(one_folder(mine, folder_id), name=name)
        return mine.folders[folder_id]

    async def remove_folder(self, owner: str, folder_id: str) -> None:
        """See `FolderStore.remove_folder`."""
        mine = self._peek(owner)
        one_folder(mine, folder_id)
        del mine.folders[folder_id]
        for id_, conversation in mine.conversations.items():
            if conversation.folder_id == folder_id:
                mine.conversations[id_] = replace(conversation, folder_id=None)


def one_folder(mine: Belongings, folder_id: str) -> Folder:
    """One folder.

    Raises:
        NotFoundError: the owner has no such folder.
    """
    if folder_id not in mine.folders:
        raise NotFoundError("folder", folder_id)
    return mine.folders[folder_id]
