"""What hangs below an item; pure, for every store."""

from collections.abc import Iterable

from maru.store.base import StoredItem


def subtree(top: str, items: Iterable[StoredItem]) -> tuple[StoredItem, ...]:
    """An item and everything below it.

    Args:
        top: its id.
        items: of the whole conversation, parents before children.
    """
    reached: set[str] = set()
    found: list[StoredItem] = []
    for stored in items:
        if stored.item.id == top or stored.parent_id in reached:
            reached.add(stored.item.id)
            found.append(stored)
    return tuple(found)
