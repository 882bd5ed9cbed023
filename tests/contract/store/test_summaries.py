"""What every store promises about summaries of conversations."""

import pytest

from maru.protocol.items import Message
from maru.store.base import NotFoundError, Store
from maru.store.summaries import Summary, newest_on
from support.stores import message


async def converse(store: Store, owner: str, count: int = 4) -> tuple[str, list[Message]]:
    """A conversation of so many items in a row."""
    items = [message(str(number)) for number in range(count)]
    made = await store.create_conversation(owner, metadata={}, title=None, items=items, now=1)
    return made.id, items


async def add(store: Store, owner: str, conversation: str, item: Message, text: str = "- Name: Mina") -> Summary:
    """A summary up to this item."""
    return await store.add_summary(owner, conversation, last_item_id=item.id, text=text, model="house", now=5)


async def test_summary_comes_back_as_it_was_made(store: Store, owner: str) -> None:
    """Text in any script."""
    conversation, items = await converse(store, owner)
    made = await add(store, owner, conversation, items[1], "- 이름: 지훈 👋\n- ‘x’")
    assert made == Summary(made.id, conversation, items[1].id, "- 이름: 지훈 👋\n- ‘x’", "house", 5, None)
    assert await store.summary_for(owner, conversation, made.id) == made


async def test_summaries_are_listed_oldest_first(store: Store, owner: str) -> None:
    """Of one conversation only, in the order of making, wherever they end."""
    conversation, items = await converse(store, owner)
    other, others = await converse(store, owner)
    assert await store.summaries_of(owner, conversation) == ()
    made = [await add(store, owner, conversation, items[place]) for place in (3, 0, 2)]
    await add(store, owner, other, others[0])
    assert await store.summaries_of(owner, conversation) == tuple(made)


async def test_second_summary_at_an_item_leaves_the_first(store: Store, owner: str) -> None:
    """Two servers may make one at the same time, and a person may have changed what came first."""
    conversation, items = await converse(store, owner)
    first = await add(store, owner, conversation, items[1])
    edited = await store.edit_summary(owner, conversation, first.id, text="mine", now=6)
    assert await add(store, owner, conversation, items[1], "late") == edited
    assert await store.summaries_of(owner, conversation) == (edited,)


async def test_edit_changes_the_text_and_says_when(store: Store, owner: str) -> None:
    """Everything else stays, also its place in the list."""
    conversation, items = await converse(store, owner)
    first, second = [await add(store, owner, conversation, item) for item in items[:2]]
    edited = await store.edit_summary(owner, conversation, first.id, text="- Name: Jihoon", now=9)
    assert edited == Summary(first.id, conversation, items[0].id, "- Name: Jihoon", "house", 5, 9)
    assert await store.summaries_of(owner, conversation) == (edited, second)


async def test_renewed_summary_is_the_models_again(store: Store, owner: str) -> None:
    """It has a new writer and time, and the same id and end."""
    conversation, items = await converse(store, owner)
    made = await add(store, owner, conversation, items[1])
    await store.edit_summary(owner, conversation, made.id, text="mine", now=9)
    renewed = await store.renew_summary(owner, conversation, made.id, text="anew", model="large", now=10)
    assert renewed == Summary(made.id, conversation, items[1].id, "anew", "large", 10, None)
    assert await store.summary_for(owner, conversation, made.id) == renewed


async def test_deleted_summary_is_gone_and_its_items_stay(store: Store, owner: str) -> None:
    """And another may be made there."""
    conversation, items = await converse(store, owner)
    made = await add(store, owner, conversation, items[1])
    await store.delete_summary(owner, conversation, made.id)
    assert await store.summaries_of(owner, conversation) == ()
    with pytest.raises(NotFoundError):
        await store.delete_summary(owner, conversation, made.id)
    assert len(await store.tree_for(owner, conversation)) == len(items)
    assert (await add(store, owner, conversation, items[1])).id != made.id


async def test_conversation_takes_its_summaries_with_it(store: Store, owner: str) -> None:
    """Those of others stay."""
    conversation, items = await converse(store, owner)
    other, others = await converse(store, owner)
    made, kept = await add(store, owner, conversation, items[1]), await add(store, owner, other, others[1])
    await store.delete_conversation(owner, conversation)
    with pytest.raises(NotFoundError):
        await store.summary_for(owner, conversation, made.id)
    with pytest.raises(NotFoundError):
        await store.summaries_of(owner, conversation)
    assert await store.summaries_of(owner, other) == (kept,)


async def test_no_summary_outlives_what_it_may_hold_words_of(store: Store, owner: str) -> None:
    """Who deletes a message wants it to be gone."""
    conversation, items = await converse(store, owner)
    other, others = await converse(store, owner)
    first, last = [await add(store, owner, conversation, item) for item in (items[0], items[2])]
    elsewhere = await add(store, owner, other, others[2])
    await store.delete_item(owner, conversation, items[1].id)
    assert await store.summaries_of(owner, conversation) == (first,)
    with pytest.raises(NotFoundError):
        await store.summary_for(owner, conversation, last.id)
    await store.delete_item(owner, conversation, items[0].id)
    assert await store.summaries_of(owner, conversation) == ()
    assert await store.summaries_of(owner, other) == (elsewhere,)


async def test_summary_ends_at_an_item_of_its_own_conversation(store: Store, owner: str) -> None:
    """And is found in no other."""
    conversation, items = await converse(store, owner)
    other, others = await converse(store, owner)
    with pytest.raises(NotFoundError):
        await add(store, owner, conversation, others[0])
    made = await add(store, owner, conversation, items[0])
    with pytest.raises(NotFoundError):
        await store.summary_for(owner, other, made.id)
    with pytest.raises(NotFoundError):
        await store.edit_summary(owner, other, made.id, text="x", now=1)
    with pytest.raises(NotFoundError):
        await store.delete_summary(owner, other, made.id)
    assert await store.summaries_of(owner, conversation) == (made,)


def test_the_summary_that_stands_for_most_is_the_one_to_show() -> None:
    """Not the newest: an older piece may have been summarised anew; of two at one item the newer counts."""
    made = [Summary(f"sum_{n}", "c", item, "", "house", n) for n, item in enumerate(("b", "d", "d", "a", "elsewhere"))]
    assert newest_on(["a", "b", "c", "d", "e"], made) is made[2]
    assert newest_on(["a", "b", "c"], made) is made[0]
    assert newest_on(["a"], made) is made[3]
    assert newest_on([], made) is None
    assert newest_on(["x"], made) is None
