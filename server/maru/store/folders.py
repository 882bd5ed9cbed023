"""The part of the store's seam that keeps the folders of conversations."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Folder:
    """A name under which conversations lie; `created_at` in Unix seconds."""

    id: str
    name: str
    created_at: int


class FolderStore(Protocol):
    """Folders; each method is one transaction. In which of them a conversation lies, `update_conversation` says."""

    async def create_folder(self, owner: str, name: str, *, now: int) -> Folder:
        """A new folder, empty; two may have the same name."""
        ...

    async def folders_of(self, owner: str) -> tuple[Folder, ...]:
        """All folders in the order of making."""
        ...

    async def rename_folder(self, owner: str, folder_id: str, name: str) -> Folder:
        """Give it another name."""
        ...

    async def remove_folder(self, owner: str, folder_id: str) -> None:
        """It is gone; the conversations that lay in it lie in none."""
        ...
