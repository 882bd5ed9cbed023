"""All of a conversation is read as it stood at one moment."""

import asyncio
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from maru.protocol.items import Message
from maru.store.base import NotFoundError, Store
from support.stores import finished, message, new_response, run


@contextmanager
def _after_each_query_of(table: str, *happenings: Coroutine[Any, Any, object]) -> Generator[None]:
    """Let one thing happen and come to its end after each query of a table; where nothing is queried, none does."""
    loop = asyncio.get_running_loop()
    left = list(happenings)

    def happen(_: object, __: object, statement: str, *___: object) -> None:
        if left and statement.startswith("SELECT") and f"FROM {table}" in statement:
            asyncio.run_coroutine_threadsafe(left.pop(0), loop).result(20)

    event.listen(Engine, "after_cursor_execute", happen)
    try:
        yield
    finally:
        event.remove(Engine, "after_cursor_execute", happen)
        for one in left:
            one.close()


def _answer_of(number: int) -> Message:
    return message(f"answer {number}", "assistant", id_=f"msg_answer_{number}")


@pytest.mark.parametrize("table", ["conversations", "items", "responses"])
async def test_an_answer_that_ends_while_the_conversation_is_read_is_in_it_wholly_or_not(
    store: Store, owner: str, table: str
) -> None:
    """Else the page shows an answer that is done and has no words, or words that nobody seems to write."""
    made = await store.create_conversation(owner, metadata={}, title=None, items=[message()], now=1)
    await run(store, owner, new_response(message(), parent_id=made.head_id, conversation_id=made.id), _answer_of(1))
    head = (await store.conversation_for(owner, made.id)).head_id
    running = new_response(parent_id=head, conversation_id=made.id)
    await store.start_response(owner, running)
    end = store.finish_response(owner, finished(running.id, _answer_of(2)))
    with _after_each_query_of(table, end):
        whole = await store.whole_for(owner, made.id)
    ended = {response.id for response in whole.responses if not response.is_running}
    there = {stored.item.id: stored.response_id for stored in whole.items}
    assert (running.id in ended) == ("msg_answer_2" in there)
    assert (running.id in ended) == (whole.conversation.head_id == "msg_answer_2")
    assert all(response.output_leaf_id in there for response in whole.responses)


async def test_a_whole_conversation_is_what_its_parts_are(store: Store, owner: str) -> None:
    """One read, the same answers."""
    question = message("why?")
    made = await store.create_conversation(owner, metadata={}, title=None, items=[question], now=1)
    for number in (1, 2):
        answering = new_response(parent_id=question.id, conversation_id=made.id, created_at=number)
        await run(store, owner, answering, _answer_of(number))
    await store.add_summary(owner, made.id, last_item_id=question.id, text="t", model="m", now=2)
    await store.rate(owner, made.id, "msg_answer_1", is_up=True, reasons=[], comment=None, now=3)
    whole = await store.whole_for(owner, made.id)
    assert whole.conversation == await store.conversation_for(owner, made.id)
    assert whole.items == await store.tree_for(owner, made.id)
    assert whole.responses == await store.responses_of(owner, made.id)
    assert whole.summaries == await store.summaries_of(owner, made.id)
    assert whole.feedback == await store.feedback_of(owner, made.id)
    assert len(whole.items) == 3
    assert len(whole.responses) == 2


async def test_a_whole_conversation_of_a_stranger_is_not_there(store: Store, owner: str) -> None:
    """And reading goes on after that."""
    made = await store.create_conversation(owner, metadata={}, title=None, items=[], now=1)
    for who, id_ in (("user_other", made.id), (owner, "conv_none")):
        with pytest.raises(NotFoundError):
            await store.whole_for(who, id_)
    await store.append_items(owner, made.id, [message()], now=2)
    assert len((await store.whole_for(owner, made.id)).items) == 1
