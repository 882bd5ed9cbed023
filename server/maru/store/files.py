"""The part of the store's seam that keeps files which people upload."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, Protocol

from maru.ids import new_id
from maru.store.paging import PageQuery

Purpose = Literal["user_data", "vision"]
KEPT_UNUSED_S = 7 * 24 * 60 * 60
"""A file that goes with its chat, and that no chat holds so long after its upload, is forgotten."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that is to be kept.

    Attributes:
        name: as its owner calls it; never a path.
        content: at most as many bytes as one file may have.
        goes_with_chat: it is deleted with the last item that refers to it.
    """

    name: str
    purpose: Purpose
    media_type: str
    content: bytes
    width: int | None = None
    height: int | None = None
    goes_with_chat: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A file without its bytes; `created_at` in Unix seconds, an image's sides in pixels."""

    id: str
    name: str
    purpose: Purpose
    media_type: str
    size_bytes: int
    created_at: int
    width: int | None = None
    height: int | None = None
    goes_with_chat: bool = False

    @classmethod
    def made_of(cls, new: NewFile, *, now: int) -> "File":
        """The file that this one becomes, under an id of its own; `now` in Unix seconds."""
        return cls(
            id=new_id("file"),
            name=new.name,
            purpose=new.purpose,
            media_type=new.media_type,
            size_bytes=len(new.content),
            created_at=now,
            width=new.width,
            height=new.height,
            goes_with_chat=new.goes_with_chat,
        )

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown as an image."""
        return self.media_type.startswith("image/")


class FileStore(Protocol):
    """Files, each of one owner; each method is one transaction."""

    async def add_file(self, owner: str, new: NewFile, *, most_bytes: int, now: int) -> File:
        """Keep a file; forgets those that nothing has used for `KEPT_UNUSED_S`.

        Args:
            owner: whose it is.
            new: the file.
            most_bytes: as many bytes all files of the owner may have, this one included.
            now: Unix seconds.

        Raises:
            FilesFullError: they would have more.
        """
        ...

    async def files_of(
        self, owner: str, page: PageQuery, purpose: Purpose | None = None
    ) -> tuple[tuple[File, ...], bool]:
        """One page by time of making, and whether more follow."""
        ...

    async def file_for(self, owner: str, file_id: str) -> File:
        """One file."""
        ...

    async def files_for(self, owner: str, ids: Collection[str]) -> dict[str, File]:
        """Those of these files that the owner has, by their ids."""
        ...

    async def content_of_file(self, owner: str, file_id: str) -> bytes:
        """Its bytes."""
        ...

    async def delete_file(self, owner: str, file_id: str) -> None:
        """It is gone; items that refer to it stay as they are."""
        ...
