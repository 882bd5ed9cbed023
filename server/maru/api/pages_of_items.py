"""Items and lists of items in the shape that SDKs page through (digest section 11)."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from maru.protocol.errors import ApiError
from maru.protocol.items import Item
from maru.store.base import StoredItem


def item_list(items: Sequence[Item], *, limit: int, order: Literal["asc", "desc"], after: str | None) -> dict[str, Any]:
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
    return listed([item_body(item) for item in page], has_more=start + limit < len(ordered))


def listed(data: list[dict[str, Any]], *, has_more: bool) -> dict[str, Any]:
    """The envelope of every list."""
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": has_more,
    }


def item_body(item: Item) -> dict[str, Any]:
    """An item as it is on the wire."""
    body: dict[str, Any] = msgspec.to_builtins(item)
    return body


def placed_item_body(stored: StoredItem) -> dict[str, Any]:
    """An item with its place in the tree, for `…/tree`."""
    return {
        **item_body(stored.item),
        "maru:parent": stored.parent_id,
        "maru:response": stored.response_id,
        "created_at": stored.created_at,
    }
