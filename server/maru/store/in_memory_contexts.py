"""The seam `store/contexts.py` without a disk."""

from collections.abc import Sequence
from dataclasses import replace

from maru.store.base import StoredItem
from maru.store.in_memory_tree import InMemoryPart, one_item


class InMemoryContexts(InMemoryPart):
    """A `ContextStore`."""

    async def pin_item(self, owner: str, conversation_id: str, item_id: str, *, is_pinned: bool) -> StoredItem:
        """See `ContextStore.pin_item`."""
        mine = self._peek(owner)
        mine.items[item_id] = replace(one_item(mine, item_id, conversation_id), is_pinned=is_pinned)
        return mine.items[item_id]

    async def ledgers_of(self, owner: str, response_ids: Sequence[str]) -> dict[str, bytes]:
        """See `ContextStore.ledgers_of`."""
        ledgers = self._peek(owner).ledgers
        return {id_: ledgers[id_] for id_ in response_ids if id_ in ledgers}
