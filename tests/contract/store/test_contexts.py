"""Pins, and ledgers of what models were shown."""

import pytest

from maru.store.base import NotFoundError, Store
from support.stores import finished, message, new_response, run


async def test_a_pin_stays_until_it_is_taken_away(store: Store, owner: str) -> None:
    """Wherever the item is read."""
    first, second = message("a"), message("b", "assistant")
    made = await store.create_conversation(owner, metadata={}, title=None, items=[first, second], now=1)
    assert (await store.pin_item(owner, made.id, first.id, is_pinned=True)).is_pinned
    for found in (await store.branch_for(owner, second.id), await store.tree_for(owner, made.id)):
        assert [stored.is_pinned for stored in found] == [True, False]
    assert (await store.item_for(owner, made.id, first.id)).is_pinned
    assert not (await store.pin_item(owner, made.id, first.id, is_pinned=False)).is_pinned
    assert not (await store.item_for(owner, made.id, first.id)).is_pinned


async def test_only_what_is_there_can_be_pinned(store: Store, owner: str) -> None:
    """A stranger's item and one of another conversation look missing."""
    item = message("a")
    made, other = [
        await store.create_conversation(owner, metadata={}, title=None, items=one, now=1) for one in ([item], [])
    ]
    for who, where, what in (
        (owner, other.id, item.id),
        (owner, made.id, "msg_none"),
        ("user_stranger", made.id, item.id),
    ):
        with pytest.raises(NotFoundError):
            await store.pin_item(who, where, what, is_pinned=True)
    assert not (await store.item_for(owner, made.id, item.id)).is_pinned


async def test_a_ledger_is_kept_with_the_end_of_its_response(store: Store, owner: str) -> None:
    """And goes with the response."""
    with_it, without = new_response(message("a")), new_response(message("b"))
    for new, ledger in ((with_it, b'{"cut":"msg_1"}'), (without, None)):
        await store.start_response(owner, new)
        assert await store.finish_response(owner, finished(new.id, message("x", "assistant"), ledger=ledger))
    asked = [with_it.id, without.id, "resp_none"]
    assert await store.ledgers_of(owner, asked) == {with_it.id: b'{"cut":"msg_1"}'}
    assert await store.ledgers_of(owner, []) == {}
    assert await store.ledgers_of("user_stranger", asked) == {}
    await store.delete_response(owner, with_it.id)
    assert await store.ledgers_of(owner, asked) == {}


async def test_a_second_end_changes_no_ledger(store: Store, owner: str) -> None:
    """What was told once stays told."""
    response_id = await run(store, owner, new_response(message("a")))
    assert not await store.finish_response(owner, finished(response_id, ledger=b"{}"))
    assert await store.ledgers_of(owner, [response_id]) == {}
