"""A new conversation that begins as a branch of another: what was said up to one item, with ids of its own."""

import asyncio
from dataclasses import replace

import msgspec

from maru.ids import new_id
from maru.moving.export import exported
from maru.moving.found import NOTHING_SAID, Found, moved
from maru.moving.ours import read_ours
from maru.store.base import Conversation, NotFoundError, Store
from maru.store.moving import MovedConversation

SOURCE = "maru-fork"


async def fork(
    store: Store, owner: str, conversation_id: str, item_id: str, *, title: str | None, now: int
) -> Conversation:
    """Make it; the other one stays as it is.

    Ratings and rankings stay with the answers that were rated: copied, they would count twice.

    Args:
        store: has the conversation and takes the new one.
        owner: whose both are.
        conversation_id: the conversation that is branched off from.
        item_id: the last item that both share.
        title: of the new one; None: the same.
        now: Unix seconds.

    Raises:
        NotFoundError: the owner has no such conversation, or it no such item.
        StoreError: the new one cannot be kept.
    """
    whole = await exported(store, owner, conversation_id)

    def begin() -> MovedConversation:
        found = _branch(read_ours(msgspec.to_builtins(whole)), item_id)
        named = replace(found, title=title or found.title, created_at=now, updated_at=now)
        return moved(named, now=now)

    new = await asyncio.to_thread(begin)
    await store.move_in(owner, new)
    return new.conversation


def _branch(found: Found, item_id: str) -> Found:
    items = {item.key: item for item in found.items}
    way: list[str] = []
    key: str | None = item_id
    while key in items:
        way.append(key)
        key = items[key].parent
    if not way:
        raise NotFoundError("item", item_id)
    kept = tuple(items[key] for key in reversed(way))
    answers = {item.response for item in kept}
    return replace(
        found,
        source=SOURCE,
        source_id=new_id("fork"),
        head=item_id,
        items=kept,
        responses=tuple(one for one in found.responses if one.id in answers),
        is_pinned=False,
        is_archived=False,
        folder=None,
        feedback=NOTHING_SAID,
        notes=(),
    )
