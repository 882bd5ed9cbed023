"""Finds the items that a request only refers to (`item_reference`); `protocol/normalise.py` puts them in place."""

from collections.abc import Mapping

from maru.protocol.items import Item
from maru.protocol.normalise import referenced_ids
from maru.protocol.requests import ItemIn
from maru.store.base import NotFoundError, Store


async def referenced_items(
    store: Store, owner: str, raw: str | tuple[ItemIn, ...], unstored: Mapping[str, Item] | None = None
) -> dict[str, Item]:
    """The items that `raw` refers to, by id, without those that this owner does not have.

    Args:
        store: where they are looked for.
        owner: who asks.
        raw: the input of a request.
        unstored: items that are in no store, for the connection that made them.
    """
    found: dict[str, Item] = {}
    for id_ in referenced_ids(raw):
        if unstored is not None and id_ in unstored:
            found[id_] = unstored[id_]
            continue
        try:
            found[id_] = (await store.item_for(owner, None, id_)).item
        except NotFoundError:
            break  # the request is refused for this one, so the others need no look
    return found
