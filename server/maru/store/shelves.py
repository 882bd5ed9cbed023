"""Where conversations stand, and which of them are listed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where conversations stand; of each, None means either where they are listed, and as it is where one is put.

    Attributes:
        is_pinned: above the others.
        is_archived: put away, in no list but that of the archive.
        folder_id: in this folder; `NO_FOLDER`: in none.
    """

    is_pinned: bool | None = None
    is_archived: bool | None = None
    folder_id: str | None = None


NO_FOLDER = "none"
EVERYWHERE = Shelf()
