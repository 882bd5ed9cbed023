"""What every store promises about branches that are shown to others."""

import pytest

from maru.store import in_memory_shares
from maru.store.base import NotFoundError, Store
from maru.store.shares import Share
from maru.store.sql import shares as sql_shares
from support.stores import ids, message, new_response, run


async def branched(store: Store, owner: str) -> tuple[str, list[str]]:
    """A conversation with q1 -> a1 -> q2 -> a2, and a branch q1 -> b1; its id and theirs."""
    made = [message(f"m{number}", "user" if number % 2 == 0 else "assistant") for number in range(5)]
    q1, a1, q2, a2, b1 = made
    conversation = await store.create_conversation(owner, metadata={}, title="Tea", items=[q1, a1, q2, a2], now=1)
    await run(store, owner, new_response(parent_id=q1.id, conversation_id=conversation.id), b1)
    return conversation.id, [one.id for one in made]


async def show(store: Store, owner: str, conversation: str, leaf: str, under: str = "t1") -> Share:
    """A new share."""
    share = await store.share(owner, conversation, leaf, token=under, title="Tea", now=10)
    assert share is not None
    return share


async def test_a_reader_sees_the_branch_and_nothing_else(store: Store, owner: str) -> None:
    """Neither other branches nor what was said after it."""
    conversation, (q1, a1, _, _, _) = await branched(store, owner)
    made = await show(store, owner, conversation, a1)
    assert made == Share(made.id, "t1", conversation, a1, "Tea", 10)
    share, items = await store.shared("t1")
    assert (share, ids(items)) == (made, [q1, a1])
    await store.update_conversation(owner, conversation, now=20, title="Secret plans")
    await store.append_items(owner, conversation, [message("later")], now=20)
    share, items = await store.shared("t1")
    assert (share, ids(items)) == (made, [q1, a1])


async def test_shares_are_listed_newest_first_and_end_when_they_are_taken_back(store: Store, owner: str) -> None:
    """At once, and once."""
    conversation, (_, a1, _, a2, _) = await branched(store, owner)
    first, second = await show(store, owner, conversation, a1), await show(store, owner, conversation, a2, "t2")
    assert await store.shares_of(owner) == (second, first)
    await store.remove_share(owner, first.id)
    assert await store.shares_of(owner) == (second,)
    for ask in (store.remove_share(owner, first.id), store.shared("t1"), store.shared("")):
        with pytest.raises(NotFoundError):
            await ask
    assert (await store.shared("t2"))[0] == second


async def test_what_is_deleted_is_gone_for_readers(store: Store, owner: str) -> None:
    """An item in the middle, the last one, a whole branch, and in the end everything."""
    conversation, (q1, a1, q2, a2, b1) = await branched(store, owner)
    await show(store, owner, conversation, a2)
    await show(store, owner, conversation, b1, "t2")
    await store.delete_item(owner, conversation, a1)
    assert ids((await store.shared("t1"))[1]) == [q1, q2, a2]
    await store.delete_item(owner, conversation, a2)
    assert ids((await store.shared("t1"))[1]) == [q1, q2]
    await store.delete_branch(owner, conversation, q2)
    assert ids((await store.shared("t1"))[1]) == [q1]
    await store.delete_branch(owner, conversation, q1)
    for token in ("t1", "t2"):
        with pytest.raises(NotFoundError):
            await store.shared(token)
    assert await store.shares_of(owner) == ()


async def test_a_share_ends_with_its_conversation(store: Store, owner: str) -> None:
    """That of another one goes on."""
    conversation, (_, a1, *_) = await branched(store, owner)
    other, (_, b1, *_) = await branched(store, owner)
    await show(store, owner, conversation, a1)
    kept = await show(store, owner, other, b1, "t2")
    await store.delete_conversation(owner, conversation)
    with pytest.raises(NotFoundError):
        await store.shared("t1")
    assert await store.shares_of(owner) == (kept,)


async def test_shares_are_bounded(store: Store, owner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that makes one for every item must come to an end."""
    for module in (in_memory_shares, sql_shares):
        monkeypatch.setattr(module, "MAX_SHARES", 2)
    conversation, (_, a1, *_) = await branched(store, owner)
    made = [await store.share(owner, conversation, a1, token=f"t{n}", title=None, now=1) for n in range(3)]
    assert [one is None for one in made] == [False, False, True]
