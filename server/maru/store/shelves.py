"""Which conversations are listed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shelf:
    """Which conversations are listed; of each, None means either.

    Attributes:
        folder_id: those that lie in this folder; `NO_FOLDER`: in none.
    """

    is_pinned: bool | None = None
    is_archived: bool | None = None
    folder_id: str | None = None


NO_FOLDER = "none"
EVERYWHERE = Shelf()
