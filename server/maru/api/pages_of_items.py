"""Items and lists of items in the shape that SDKs page through (digest section 11)."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from maru.protocol.bodies import ItemPage, Place, item_page
from maru.protocol.errors import ApiError
from maru.protocol.items import Item
from maru.store.base import StoredItem


def item_list(items: Sequence[Item], *, limit: int, order: Literal["asc", "desc"], after: str | None) -> ItemPage:
    """One page of items that are given oldest first.

    Raises:
        ApiError: `after` is none of them.
    """
    ordered = list(items) if order == "asc" else list(reversed(items))
    start = 0
    if after is not None:
        position = next((index for index, item in enumerate(ordered) if item.id == after), None)
        if position is None:
            raise ApiError(400, f"There is no item {after!r} in this list.", code="invalid_value", param="after")
        start = position + 1
    page = ordered[start : start + limit]
    return item_page(page, has_more=start + limit < len(ordered))


def placed_item_body(stored: StoredItem) -> dict[str, Any]:
    """An item with its place in the tree, for `…/tree`."""
    place = Place(
        parent=stored.parent_id,
        response=stored.response_id,
        is_pinned=stored.is_pinned,
        created_at=stored.created_at,
    )
    body: dict[str, Any] = msgspec.to_builtins(stored.item)
    return {**body, **msgspec.to_builtins(place)}
