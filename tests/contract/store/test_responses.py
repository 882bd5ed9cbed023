"""What every store promises about responses: start, checkpoints, one end, removal."""

import asyncio
from dataclasses import replace

import pytest

from maru.store.base import (
    ConversationLockedError,
    DuplicateIdError,
    FinishedResponse,
    NotFoundError,
    Store,
)
from maru.store.beside import MOST_BESIDE
from support.stores import checkpoint, finished, ids, message, new_response, run


@pytest.fixture
async def conversation_id(store: Store, owner: str) -> str:
    """An empty conversation."""
    return (await store.create_conversation(owner, metadata={}, title=None, items=[], now=1)).id


async def test_started_response_has_its_words_on_disk(store: Store, owner: str, conversation_id: str) -> None:
    """What a person said is kept before the engine is asked, and the head stands on it."""
    new = new_response(message("system", "system"), message("q"), conversation_id=conversation_id, created_at=50)
    await store.start_response(owner, new)
    response = await store.response_for(owner, new.id)
    assert (response.status, response.model, response.created_at, response.body) == (
        "in_progress",
        "house",
        50,
        new.body,
    )
    assert response.input_leaf_id == response.output_leaf_id == new.input_items[-1].id
    stored = await store.response_input_for(owner, new.id)
    assert ids(stored) == [item.id for item in new.input_items]
    assert {one.response_id for one in stored} == {new.id}
    conversation = await store.conversation_for(owner, conversation_id)
    assert (conversation.head_id, conversation.updated_at) == (new.input_items[-1].id, 50)


async def test_first_response_names_a_conversation_that_has_no_name(
    store: Store, owner: str, conversation_id: str
) -> None:
    """In the transaction of the start: a title must not be lost with a crash, nor replace a person's own."""
    for title, expected in ((None, None), ("first", "first"), ("second", "first")):
        await run(store, owner, new_response(message("q"), conversation_id=conversation_id, title=title))
        assert (await store.conversation_for(owner, conversation_id)).title == expected


async def test_chain_by_previous_response_is_one_branch(store: Store, owner: str) -> None:
    """Without any conversation: question, answer, question, answer."""
    q1, a1, q2, a2 = message("1"), message("2", "assistant"), message("3"), message("4", "assistant")
    first = await run(store, owner, new_response(q1), a1)
    parent_id = (await store.response_for(owner, first)).output_leaf_id
    second = await run(store, owner, new_response(q2, parent_id=parent_id), a2)
    assert ids(await store.response_input_for(owner, second)) == [q1.id, a1.id, q2.id]
    assert ids(await store.branch_for(owner, a2.id)) == [q1.id, a1.id, q2.id, a2.id]


async def test_item_of_a_chain_is_found_by_its_id_alone(store: Store, owner: str, conversation_id: str) -> None:
    """Clients refer to items that stand in no conversation, until they are deleted."""
    outside, inside = message("1"), message("2")
    response_id = await run(store, owner, new_response(outside))
    await run(store, owner, new_response(inside, conversation_id=conversation_id))
    for item in (outside, inside):
        assert (await store.item_for(owner, None, item.id)).item == item
    with pytest.raises(NotFoundError):
        await store.item_for(owner, conversation_id, outside.id)
    await store.delete_response(owner, response_id)
    with pytest.raises(NotFoundError):
        await store.item_for(owner, None, outside.id)


async def test_answering_again_makes_a_sibling(store: Store, owner: str, conversation_id: str) -> None:
    """Regenerate: no new input, a second child of the same question."""
    question, one, two = message("q"), message("one", "assistant"), message("two", "assistant")
    await run(store, owner, new_response(question, conversation_id=conversation_id), one)
    again = new_response(parent_id=question.id, conversation_id=conversation_id)
    await store.start_response(owner, again)
    assert (await store.conversation_for(owner, conversation_id)).head_id == one.id
    await store.finish_response(owner, finished(again.id, two))
    assert (await store.conversation_for(owner, conversation_id)).head_id == two.id
    tree = await store.tree_for(owner, conversation_id)
    assert [(stored.item.id, stored.parent_id) for stored in tree] == [
        (question.id, None),
        (one.id, question.id),
        (two.id, question.id),
    ]


async def test_edit_at_the_root_starts_a_second_tree(store: Store, owner: str, conversation_id: str) -> None:
    """Editing the first message: a parent of None in a conversation that has a root already."""
    await run(store, owner, new_response(message("first"), conversation_id=conversation_id), message("a", "assistant"))
    edited = message("edited")
    await run(store, owner, new_response(edited, conversation_id=conversation_id), message("b", "assistant"))
    head_id = (await store.conversation_for(owner, conversation_id)).head_id
    assert ids(await store.branch_for(owner, head_id))[0] == edited.id
    assert len(await store.tree_for(owner, conversation_id)) == 4


async def test_second_answer_in_a_conversation_is_refused(store: Store, owner: str, conversation_id: str) -> None:
    """And leaves nothing behind, also when both come at once."""
    starts = [new_response(message(), conversation_id=conversation_id) for _ in range(5)]
    results = await asyncio.gather(*(store.start_response(owner, new) for new in starts), return_exceptions=True)
    locked = [result for result in results if isinstance(result, ConversationLockedError)]
    assert len(locked) == 4
    (running,) = await store.running_responses_of(owner, conversation_id)
    assert {error.response_id for error in locked} == {running}
    assert len(await store.tree_for(owner, conversation_id)) == 1


async def test_answers_to_one_message_run_beside_each_other(store: Store, owner: str, conversation_id: str) -> None:
    """None of them is in what another one sees; each stands below the message, and the last to end is the head."""
    question = message()
    first = new_response(question, conversation_id=conversation_id)
    await store.start_response(owner, first)
    others = [new_response(parent_id=question.id, conversation_id=conversation_id) for _ in range(MOST_BESIDE)]
    results = await asyncio.gather(*(store.start_response(owner, new) for new in others), return_exceptions=True)
    begun = [new for new, result in zip(others, results, strict=True) if result is None]
    assert [type(result) for result in results if result is not None] == [ConversationLockedError]
    assert set(await store.running_responses_of(owner, conversation_id)) == {first.id, *(new.id for new in begun)}
    answers = [message("answer", "assistant") for _ in range(MOST_BESIDE)]
    for new, answer in zip((*begun, first), answers, strict=True):
        await store.finish_response(owner, finished(new.id, answer))
    tree = await store.tree_for(owner, conversation_id)
    assert {stored.item.id for stored in tree if stored.parent_id == question.id} == {answer.id for answer in answers}
    assert (await store.conversation_for(owner, conversation_id)).head_id == answers[-1].id


async def test_an_answer_elsewhere_waits_for_those_that_run(store: Store, owner: str, conversation_id: str) -> None:
    """Below another item, or with words of its own, it would build on what is still being written."""
    before = message("before", "assistant")
    await run(store, owner, new_response(message(), conversation_id=conversation_id), before)
    question = message()
    await store.start_response(owner, new_response(question, parent_id=before.id, conversation_id=conversation_id))
    elsewhere = new_response(parent_id=before.id, conversation_id=conversation_id)
    speaking = new_response(message(), parent_id=question.id, conversation_id=conversation_id)
    for new in (elsewhere, speaking):
        with pytest.raises(ConversationLockedError):
            await store.start_response(owner, new)
    assert len(await store.running_responses_of(owner, conversation_id)) == 1


async def test_running_responses_end_with_their_response(store: Store, owner: str, conversation_id: str) -> None:
    """The lock is the running response itself."""
    assert await store.running_responses_of(owner, conversation_id) == ()
    new = new_response(message(), conversation_id=conversation_id)
    await store.start_response(owner, new)
    assert await store.running_responses_of(owner, conversation_id) == (new.id,)
    assert await store.is_running_for(owner, new.id)
    await store.finish_response(owner, finished(new.id))
    assert await store.running_responses_of(owner, conversation_id) == ()
    assert not await store.is_running_for(owner, new.id)


async def test_a_response_that_waits_runs(store: Store, owner: str) -> None:
    """Whoever polls for its end must not take it for ended; one that is deleted is not there."""
    new = replace(new_response(message()), status="queued")
    await store.start_response(owner, new)
    assert await store.is_running_for(owner, new.id)
    await store.delete_response(owner, new.id)
    with pytest.raises(NotFoundError):
        await store.is_running_for(owner, new.id)


async def test_responses_of_a_conversation_come_oldest_first(store: Store, owner: str, conversation_id: str) -> None:
    """Ended and running ones; none of another conversation or of a chain."""
    await run(store, owner, new_response(message()))
    newer = await run(store, owner, new_response(message(), conversation_id=conversation_id, created_at=30))
    older = await run(store, owner, new_response(message(), conversation_id=conversation_id, created_at=20))
    running = new_response(message(), conversation_id=conversation_id, created_at=40)
    await store.start_response(owner, running)
    found = await store.responses_of(owner, conversation_id)
    assert [response.id for response in found] == [older, newer, running.id]
    assert found[0] == await store.response_for(owner, older)


async def test_parent_must_be_in_the_conversation(store: Store, owner: str, conversation_id: str) -> None:
    """Otherwise a conversation would reach into another one."""
    chain = message()
    await run(store, owner, new_response(chain))
    for parent_id in (chain.id, "msg_missing"):
        with pytest.raises(NotFoundError):
            await store.start_response(
                owner, new_response(message(), parent_id=parent_id, conversation_id=conversation_id)
            )
    with pytest.raises(NotFoundError):
        await store.start_response(owner, new_response(message(), parent_id="msg_missing"))
    assert await store.running_responses_of(owner, conversation_id) == ()


async def test_taken_ids_start_nothing(store: Store, owner: str, conversation_id: str) -> None:
    """Neither response nor items are written."""
    taken = message()
    first = new_response(taken)
    await store.start_response(owner, first)
    clash = new_response(taken, conversation_id=conversation_id)
    for new in (clash, first):
        with pytest.raises(DuplicateIdError):
            await store.start_response(owner, new)
    with pytest.raises(NotFoundError):
        await store.response_for(owner, clash.id)
    assert await store.running_responses_of(owner, conversation_id) == ()


async def test_checkpoint_replaces_the_body_of_what_runs(store: Store, owner: str) -> None:
    """The words so far survive a crash; an ended answer is never overwritten by a late checkpoint."""
    running, ended = new_response(message()), new_response(message())
    await store.start_response(owner, running)
    await run(store, owner, ended)
    checkpoints = [checkpoint(one, b'{"so":"far"}', packed=b"new") for one in (running.id, ended.id, "resp_missing")]
    await store.checkpoint(None, checkpoints)
    await store.checkpoint(None, [])
    assert (await store.response_for(owner, running.id)).body == b'{"so":"far"}'
    assert (await store.response_for(owner, ended.id)).body == b'{"status":"completed"}'


async def test_response_ends_once(store: Store, owner: str, conversation_id: str) -> None:
    """Stop and finish race; the first one wins and the other changes nothing."""
    new = new_response(message(), conversation_id=conversation_id)
    await store.start_response(owner, new)
    ends = [
        FinishedResponse(new.id, "completed", 200 + n, f'{{"n":{n}}}'.encode(), (message(str(n), "assistant"),), b"")
        for n in range(5)
    ]
    results = await asyncio.gather(*(store.finish_response(owner, end) for end in ends))
    assert sorted(results) == [False, False, False, False, True]
    winner = ends[results.index(True)]
    response = await store.response_for(owner, new.id)
    assert (response.body, response.output_leaf_id) == (winner.body, winner.output_items[-1].id)
    tree = await store.tree_for(owner, conversation_id)
    assert ids(tree) == [new.input_items[0].id, winner.output_items[0].id]
    assert (tree[-1].parent_id, tree[-1].response_id) == (new.input_items[0].id, new.id)
    conversation = await store.conversation_for(owner, conversation_id)
    assert (conversation.head_id, conversation.updated_at) == (winner.output_items[0].id, winner.completed_at)


async def test_end_without_output_leaves_the_head(store: Store, owner: str, conversation_id: str) -> None:
    """A failed answer: the question stays, and the next one goes below it."""
    new = new_response(message(), conversation_id=conversation_id)
    await store.start_response(owner, new)
    end = FinishedResponse(new.id, "failed", None, b'{"status":"failed"}', (), b"")
    assert await store.finish_response(owner, end)
    response = await store.response_for(owner, new.id)
    assert (response.status, response.output_leaf_id) == ("failed", new.input_items[0].id)
    assert (await store.conversation_for(owner, conversation_id)).head_id == new.input_items[0].id


async def test_taken_output_id_ends_nothing(store: Store, owner: str) -> None:
    """The end is one transaction: the response still runs afterwards."""
    new = new_response(message())
    await store.start_response(owner, new)
    with pytest.raises(DuplicateIdError):
        await store.finish_response(owner, finished(new.id, message("a", "assistant"), new.input_items[0]))
    assert (await store.response_for(owner, new.id)).status == "in_progress"
    assert await store.finish_response(owner, finished(new.id))


async def test_abandoned_are_listed_for_every_owner(store: Store, owner: str) -> None:
    """After a crash a server ends them all."""
    running, ended = new_response(message()), new_response(message())
    await store.start_response(owner, running)
    await run(store, owner, ended)
    assert await store.abandoned_responses() == ((owner, await store.response_for(owner, running.id)),)


async def test_deleted_response_leaves_a_conversations_items(store: Store, owner: str, conversation_id: str) -> None:
    """The conversation is the person's; the response is only how it came about."""
    new = new_response(message(), conversation_id=conversation_id)
    await run(store, owner, new, message("a", "assistant"))
    await store.delete_response(owner, new.id)
    with pytest.raises(NotFoundError):
        await store.response_for(owner, new.id)
    tree = await store.tree_for(owner, conversation_id)
    assert len(tree) == 2
    assert {stored.response_id for stored in tree} == {None}


async def test_deleted_chain_leaves_nothing_in_any_order(store: Store, owner: str) -> None:
    """Words hang on as long as a later answer needs them, and not longer."""
    q1, a1, q2, a2 = message("1"), message("2", "assistant"), message("3"), message("4", "assistant")
    first = await run(store, owner, new_response(q1), a1)
    second = await run(store, owner, new_response(q2, parent_id=a1.id), a2)
    await store.delete_response(owner, first)
    assert len(await store.response_input_for(owner, second)) == 3
    await store.delete_response(owner, second)
    for item in (q1, a1, q2, a2):
        with pytest.raises(NotFoundError):
            await store.branch_for(owner, item.id)


async def test_deleted_response_keeps_what_another_goes_on_from(store: Store, owner: str) -> None:
    """Also when the other has no item of its own yet."""
    question, answer = message("q"), message("a", "assistant")
    first = await run(store, owner, new_response(question), answer)
    again = new_response(parent_id=question.id)
    await store.start_response(owner, again)
    await store.delete_response(owner, first)
    assert ids(await store.response_input_for(owner, again.id)) == [question.id]
    with pytest.raises(NotFoundError):
        await store.branch_for(owner, answer.id)
    await store.delete_response(owner, again.id)
    with pytest.raises(NotFoundError):
        await store.branch_for(owner, question.id)


async def test_deleted_running_response_cannot_end(store: Store, owner: str) -> None:
    """There is nothing left to write into."""
    new = new_response(message())
    await store.start_response(owner, new)
    await store.delete_response(owner, new.id)
    with pytest.raises(NotFoundError):
        await store.finish_response(owner, finished(new.id, message("a", "assistant")))
    assert await store.abandoned_responses() == ()


async def test_cancelled_caller_leaves_the_store_sound(store: Store, owner: str, conversation_id: str) -> None:
    """A client that leaves in the middle of a write must not tear it apart or keep the lock."""
    for _ in range(20):
        new = new_response(message(), message(), conversation_id=conversation_id)
        task = asyncio.create_task(store.start_response(owner, new))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        for response_id in await store.running_responses_of(owner, conversation_id):
            await store.finish_response(owner, finished(response_id))
    assert len(await store.tree_for(owner, conversation_id)) % 2 == 0
