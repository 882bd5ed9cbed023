"""Finds the items that a request only refers to (`item_reference`); `protocol/normalise.py` puts them in place."""

from collections.abc import Mapping

from maru.protocol.errors import invalid
from maru.protocol.items import Item, encode_item
from maru.protocol.normalise import referenced_ids
from maru.protocol.requests import ItemIn
from maru.store.base import NotFoundError, Store


async def referenced_items(
    store: Store,
    owner: str,
    raw: str | tuple[ItemIn, ...],
    unstored: Mapping[str, Item] | None = None,
    *,
    max_bytes: int,
    field: str = "input",
) -> dict[str, Item]:
    """The items that `raw` refers to, by id, without those that this owner does not have.

    Args:
        store: where they are looked for.
        owner: who asks.
        raw: the input of a request.
        unstored: items that are in no store, for the connection that made them.
        max_bytes: bytes that they may have together, as JSON.
        field: the request's name for `raw`, for errors.

    Raises:
        ApiError: an item is referred to twice, or they are too large together.
    """
    found: dict[str, Item] = {}
    left = max_bytes
    for id_ in referenced_ids(raw, field=field):
        item = await _item(store, owner, id_, unstored or {})
        if item is None:
            break  # the request is refused for this one, so the others need no look
        left -= len(encode_item(item))
        if left < 0:
            message = f"The items that are referred to have more than {max_bytes} bytes together. Refer to fewer."
            raise invalid(message, field)
        found[id_] = item
    return found


async def _item(store: Store, owner: str, id_: str, unstored: Mapping[str, Item]) -> Item | None:
    if id_ in unstored:
        return unstored[id_]
    try:
        return (await store.item_for(owner, None, id_)).item
    except NotFoundError:
        return None
