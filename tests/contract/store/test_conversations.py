"""What every store promises about conversations, their items and branches."""

import asyncio
from dataclasses import replace

import pytest

from maru.protocol.items import (
    Compaction,
    FunctionCall,
    FunctionCallOutput,
    InputImage,
    Item,
    Reasoning,
    SummaryText,
)
from maru.store.base import Conversation, ConversationLockedError, DuplicateIdError, NotFoundError, Store
from maru.store.paging import PageQuery
from maru.store.shelves import Shelf
from support.stores import finished, ids, message, new_response, run


async def begin(store: Store, owner: str, *items: Item, now: int = 1) -> Conversation:
    """A conversation with these items."""
    return await store.create_conversation(owner, metadata={}, title=None, items=items, now=now)


async def test_conversation_comes_back_as_it_was_made(store: Store, owner: str) -> None:
    """Title and metadata in any script, and the head at the last item."""
    first, second = message('안녕 👋 \u0000 \\ "'), message("hello", "assistant")
    made = await store.create_conversation(owner, metadata={"출처": "시험"}, title="제목", items=[first, second], now=7)
    assert await store.conversation_for(owner, made.id) == made
    assert (made.created_at, made.updated_at, made.title, made.metadata) == (7, 7, "제목", {"출처": "시험"})
    assert made.head_id == second.id
    tree = await store.tree_for(owner, made.id)
    assert [stored.item for stored in tree] == [first, second]
    assert [(one.parent_id, one.conversation_id, one.response_id, one.created_at) for one in tree] == [
        (None, made.id, None, 7),
        (first.id, made.id, None, 7),
    ]


async def test_every_kind_of_item_is_kept_whole(store: Store, owner: str) -> None:
    """What comes out is what went in, field for field."""
    kept: tuple[Item, ...] = (
        FunctionCall(id="fc_1", call_id="c", name="f", arguments='{"a":1}', status="completed"),
        FunctionCallOutput(
            id="fco_1", call_id="c", output=(InputImage(image_url="data:,", detail="low"),), status="completed"
        ),
        Reasoning(id="rs_1", summary=(SummaryText(text="s"),), encrypted_content="x"),
        Compaction(id="cmp_1", encrypted_content="y"),
    )
    made = await begin(store, owner, *kept)
    assert tuple(stored.item for stored in await store.tree_for(owner, made.id)) == kept


async def test_empty_conversation_has_no_head(store: Store, owner: str) -> None:
    """And an empty branch."""
    made = await begin(store, owner)
    assert made.head_id is None
    assert await store.tree_for(owner, made.id) == ()
    assert await store.branch_for(owner, made.head_id) == ()


async def test_update_changes_only_what_is_given(store: Store, owner: str) -> None:
    """None means: leave it."""
    made = await store.create_conversation(owner, metadata={"a": "1"}, title="t", items=[message()], now=1)
    renamed = await store.update_conversation(owner, made.id, now=5, title="new")
    assert (renamed.title, renamed.metadata, renamed.head_id, renamed.updated_at) == (
        "new",
        {"a": "1"},
        made.head_id,
        5,
    )
    emptied = await store.update_conversation(owner, made.id, now=6, metadata={})
    assert (emptied.title, emptied.metadata) == ("new", {})
    assert await store.conversation_for(owner, made.id) == emptied


async def test_head_moves_only_within_its_conversation(store: Store, owner: str) -> None:
    """Going to an older branch is choosing another head; another conversation's item is not there."""
    first = message()
    made, other = await begin(store, owner, first, message()), await begin(store, owner, message())
    assert (await store.update_conversation(owner, made.id, now=2, head_id=first.id)).head_id == first.id
    with pytest.raises(NotFoundError):
        await store.update_conversation(owner, made.id, now=3, head_id=other.head_id)
    assert (await store.conversation_for(owner, made.id)).updated_at == 2


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
async def test_pages_give_every_conversation_once(store: Store, owner: str, order: str, limit: int) -> None:
    """Also where many changed in the same second."""
    made = [await begin(store, owner, now=now) for now in (5, 5, 3, 9, 5, 5, 4)]
    expected = [one.id for one in sorted(made, key=lambda one: (one.updated_at, one.id), reverse=order == "desc")]
    seen: list[str] = []
    more = True
    while more:
        after = seen[-1] if seen else None
        page, more = await store.conversations_of(owner, PageQuery(limit, "asc" if order == "asc" else "desc", after))
        assert 0 < len(page) <= limit
        seen += [one.id for one in page]
    assert seen == expected


async def test_page_after_the_last_is_empty(store: Store, owner: str) -> None:
    """An empty page says that nothing follows."""
    made = await begin(store, owner)
    assert await store.conversations_of(owner, PageQuery(after=made.id)) == ((), False)


async def test_change_moves_a_conversation_to_the_front(store: Store, owner: str) -> None:
    """The list is ordered by the last change."""
    old = await begin(store, owner, now=1)
    await begin(store, owner, now=2)
    await store.append_items(owner, old.id, [message()], now=3)
    page, _ = await store.conversations_of(owner, PageQuery(1))
    assert page[0].id == old.id


async def test_pin_and_archive_keep_the_place_in_the_list(store: Store, owner: str) -> None:
    """Neither is a change of what was said; each is undone as it was done."""
    made, newer = await begin(store, owner, now=1), await begin(store, owner, now=2)
    pinned = await store.update_conversation(owner, made.id, now=9, shelf=Shelf(is_pinned=True))
    assert pinned == replace(made, is_pinned=True)
    both = await store.update_conversation(owner, made.id, now=9, shelf=Shelf(is_archived=True))
    assert both == replace(made, is_pinned=True, is_archived=True) == await store.conversation_for(owner, made.id)
    page, _ = await store.conversations_of(owner, PageQuery())
    assert page == (newer, both)
    assert (
        await store.update_conversation(owner, made.id, now=9, shelf=Shelf(is_pinned=False, is_archived=False)) == made
    )
    assert await store.update_conversation(owner, made.id, now=9) == made


@pytest.mark.parametrize(
    ("shelf", "expected"),
    [
        (Shelf(), [5, 4, 3, 2, 1, 0]),
        (Shelf(is_pinned=True), [3, 1]),
        (Shelf(is_pinned=False), [5, 4, 2, 0]),
        (Shelf(is_archived=True), [3, 2]),
        (Shelf(is_archived=False), [5, 4, 1, 0]),
        (Shelf(is_pinned=True, is_archived=False), [1]),
        (Shelf(is_pinned=False, is_archived=True), [2]),
    ],
)
async def test_a_shelf_is_paged_like_the_whole_list(
    store: Store, owner: str, shelf: Shelf, expected: list[int]
) -> None:
    """Pinned or not, archived or not; a page goes on after any conversation."""
    made = [await begin(store, owner, now=now) for now in range(6)]
    for number in (1, 3):
        await store.update_conversation(owner, made[number].id, now=9, shelf=Shelf(is_pinned=True))
    for number in (2, 3):
        await store.update_conversation(owner, made[number].id, now=9, shelf=Shelf(is_archived=True))
    seen: list[str] = []
    more = True
    while more:
        page, more = await store.conversations_of(owner, PageQuery(2, after=seen[-1] if seen else None), shelf)
        seen += [one.id for one in page]
    assert seen == [made[number].id for number in expected]
    after_another, _ = await store.conversations_of(owner, PageQuery(after=made[4].id), shelf)
    assert [one.id for one in after_another] == [made[number].id for number in expected if number < 4]


async def test_a_title_is_replaced_only_while_it_is_the_expected_one(store: Store, owner: str) -> None:
    """Whoever renamed it meanwhile keeps the name; the place in the list stays."""
    made = await store.create_conversation(owner, metadata={}, title="first words", items=[], now=1)
    assert await store.replace_title(owner, made.id, "제목", instead_of="first words")
    assert await store.conversation_for(owner, made.id) == replace(made, title="제목")
    assert not await store.replace_title(owner, made.id, "too late", instead_of="first words")
    assert (await store.conversation_for(owner, made.id)).title == "제목"


async def test_append_goes_below_the_head(store: Store, owner: str) -> None:
    """Wherever the head was put."""
    first, second = message("1"), message("2")
    made = await begin(store, owner, first, second)
    await store.update_conversation(owner, made.id, now=2, head_id=first.id)
    third, fourth = message("3"), message("4")
    stored = await store.append_items(owner, made.id, [third, fourth], now=3)
    assert [(one.item, one.parent_id) for one in stored] == [(third, first.id), (fourth, third.id)]
    assert (await store.conversation_for(owner, made.id)).head_id == fourth.id
    assert ids(await store.branch_for(owner, fourth.id)) == [first.id, third.id, fourth.id]
    assert ids(await store.branch_for(owner, second.id)) == [first.id, second.id]
    assert ids(await store.tree_for(owner, made.id)) == [first.id, second.id, third.id, fourth.id]


async def test_appending_nothing_changes_nothing(store: Store, owner: str) -> None:
    """Not even the time of change."""
    made = await begin(store, owner, message())
    assert await store.append_items(owner, made.id, [], now=9) == ()
    assert await store.conversation_for(owner, made.id) == made


async def test_taken_item_id_is_refused_whole(store: Store, owner: str) -> None:
    """Nothing of the call is kept, neither from the store's items nor from the call itself."""
    taken = message()
    made = await begin(store, owner, taken)
    twin = message()
    for batch in ([message(), taken], [twin, twin]):
        with pytest.raises(DuplicateIdError):
            await store.append_items(owner, made.id, batch, now=2)
        with pytest.raises(DuplicateIdError):
            await begin(store, owner, *batch)
    assert ids(await store.tree_for(owner, made.id)) == [taken.id]
    assert await store.conversation_for(owner, made.id) == made
    assert len((await store.conversations_of(owner, PageQuery()))[0]) == 1


async def test_nothing_is_appended_while_an_answer_runs(store: Store, owner: str) -> None:
    """Otherwise two writers would fight for the head."""
    made = await begin(store, owner)
    new = new_response(message(), conversation_id=made.id)
    await store.start_response(owner, new)
    with pytest.raises(ConversationLockedError) as refused:
        await store.append_items(owner, made.id, [message()], now=2)
    assert (refused.value.conversation_id, refused.value.response_id) == (made.id, new.id)
    await store.finish_response(owner, finished(new.id))
    await store.append_items(owner, made.id, [message()], now=3)


async def test_deleted_item_leaves_its_children_to_its_parent(store: Store, owner: str) -> None:
    """Taking a message out must not cut off what follows."""
    root, middle, left = message("root"), message("middle"), message("left")
    made = await begin(store, owner, root, middle, left)
    await store.update_conversation(owner, made.id, now=2, head_id=middle.id)
    (right,) = await store.append_items(owner, made.id, [message("right")], now=3)
    after = await store.delete_item(owner, made.id, middle.id)
    assert after.head_id == right.item.id
    assert ids(await store.branch_for(owner, left.id)) == [root.id, left.id]
    assert ids(await store.branch_for(owner, right.item.id)) == [root.id, right.item.id]
    with pytest.raises(NotFoundError):
        await store.item_for(owner, made.id, middle.id)


async def test_head_on_a_deleted_item_moves_up(store: Store, owner: str) -> None:
    """To the parent, and to nowhere when the root goes."""
    root, leaf = message(), message()
    made = await begin(store, owner, root, leaf)
    assert (await store.delete_item(owner, made.id, leaf.id)).head_id == root.id
    assert (await store.delete_item(owner, made.id, root.id)).head_id is None


async def test_response_keeps_its_way_when_an_item_is_deleted(store: Store, owner: str) -> None:
    """A continuation of it still finds the rest of the branch."""
    made = await begin(store, owner)
    question, answer = message("q"), message("a", "assistant")
    response_id = await run(store, owner, new_response(question, conversation_id=made.id), answer)
    await store.delete_item(owner, made.id, answer.id)
    response = await store.response_for(owner, response_id)
    assert response.output_leaf_id == response.input_leaf_id == question.id
    await store.delete_item(owner, made.id, question.id)
    assert await store.response_input_for(owner, response_id) == ()


async def test_deleted_branch_goes_with_everything_below_it(store: Store, owner: str) -> None:
    """What stands beside it stays; a head in it moves up; the responses that wrote it hold its words no more."""
    root, left = message("root"), message("left")
    made = await begin(store, owner, root, left)
    await store.update_conversation(owner, made.id, now=2, head_id=root.id)
    question, answer = message("q"), message("a", "assistant")
    response_id = await run(store, owner, new_response(question, conversation_id=made.id, parent_id=root.id), answer)
    (below,) = await store.append_items(owner, made.id, [message("below")], now=3)
    after = await store.delete_branch(owner, made.id, question.id)
    assert after.head_id == root.id
    assert ids(await store.tree_for(owner, made.id)) == [root.id, left.id]
    for gone in (question, answer, below.item):
        with pytest.raises(NotFoundError):
            await store.item_for(owner, made.id, gone.id)
    with pytest.raises(NotFoundError):
        await store.response_for(owner, response_id)


async def test_question_stays_when_only_its_answer_is_deleted(store: Store, owner: str) -> None:
    """It can be asked again."""
    made = await begin(store, owner)
    question, answer = message("q"), message("a", "assistant")
    await run(store, owner, new_response(question, conversation_id=made.id), answer)
    assert (await store.delete_branch(owner, made.id, answer.id)).head_id == question.id
    (left,) = await store.tree_for(owner, made.id)
    assert (left.item.id, left.response_id) == (question.id, None)
    await store.delete_branch(owner, made.id, question.id)
    assert await store.tree_for(owner, made.id) == ()


async def test_no_branch_is_deleted_while_an_answer_runs(store: Store, owner: str) -> None:
    """The answer would hang in the air."""
    made = await begin(store, owner, message("root"))
    assert made.head_id is not None
    new = new_response(message(), conversation_id=made.id)
    await store.start_response(owner, new)
    with pytest.raises(ConversationLockedError):
        await store.delete_branch(owner, made.id, made.head_id)


async def test_deleted_conversation_is_gone_with_its_items(store: Store, owner: str) -> None:
    """Also the branches; a second delete finds nothing."""
    made, other = await begin(store, owner, message(), message()), await begin(store, owner, message())
    await store.delete_conversation(owner, made.id)
    for ask in (
        store.conversation_for(owner, made.id),
        store.tree_for(owner, made.id),
        store.branch_for(owner, made.head_id),
        store.delete_conversation(owner, made.id),
    ):
        with pytest.raises(NotFoundError):
            await ask
    assert [one.id for one in (await store.conversations_of(owner, PageQuery()))[0]] == [other.id]
    assert len(await store.tree_for(owner, other.id)) == 1


async def test_response_outlives_its_conversation(store: Store, owner: str) -> None:
    """Its body stays; the conversation's words do not come back through it."""
    made = await begin(store, owner)
    answer = message("a", "assistant")
    response_id = await run(store, owner, new_response(message(), conversation_id=made.id), answer)
    outside = new_response(message("outside"), parent_id=answer.id)
    await run(store, owner, outside, message("b", "assistant"))
    await store.delete_conversation(owner, made.id)
    response = await store.response_for(owner, response_id)
    assert response.body == b'{"status":"completed"}'
    assert (response.conversation_id, response.input_leaf_id, response.output_leaf_id) == (None, None, None)
    assert ids(await store.response_input_for(owner, outside.id)) == [outside.input_items[0].id]


async def test_answer_to_a_deleted_conversation_leaves_no_items(store: Store, owner: str) -> None:
    """Deleting while an answer runs must not bring the answer back as a chain of its own."""
    made = await begin(store, owner)
    new, answer = new_response(message(), conversation_id=made.id), message("a", "assistant")
    await store.start_response(owner, new)
    await store.delete_conversation(owner, made.id)
    assert await store.finish_response(owner, finished(new.id, answer))
    assert (await store.response_for(owner, new.id)).status == "completed"
    assert (await store.response_for(owner, new.id)).conversation_id is None
    with pytest.raises(NotFoundError):
        await store.branch_for(owner, answer.id)


async def test_concurrent_appends_make_one_row(store: Store, owner: str) -> None:
    """Each goes below the one before: no two children of one head."""
    made = await begin(store, owner)
    await asyncio.gather(*(store.append_items(owner, made.id, [message(str(n))], now=2) for n in range(20)))
    head_id = (await store.conversation_for(owner, made.id)).head_id
    assert len(await store.branch_for(owner, head_id)) == 20


async def test_long_branch_is_read_whole(store: Store, owner: str) -> None:
    """Deeper than any recursion limit."""
    made = await begin(store, owner, *(message(str(n)) for n in range(2_500)))
    branch = await store.branch_for(owner, made.head_id)
    assert len(branch) == 2_500
    assert branch[0].parent_id is None
