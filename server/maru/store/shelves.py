"""Which conversations are listed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shelf:
    """Which conversations are listed; of each, None means either."""

    is_pinned: bool | None = None
    is_archived: bool | None = None


EVERYWHERE = Shelf()
