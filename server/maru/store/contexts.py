"""The part of the store's seam that says what models were shown, and what people want them to be shown."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from maru.store.base import StoredItem


class ContextStore(Protocol):
    """Pins and ledgers; each method is one transaction. A ledger is written with the end of its response."""

    async def pin_item(self, owner: str, conversation_id: str, item_id: str, *, is_pinned: bool) -> "StoredItem":
        """Let the window never cut an item of a conversation, or let it again; the item as it is now."""
        ...

    async def ledgers_of(self, owner: str, response_ids: Sequence[str]) -> dict[str, bytes]:
        """The ledgers of those of these responses that have one, by the response's id."""
        ...
