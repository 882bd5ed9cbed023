"""Rules of `turns/prepare.py`, `run.py` and `hub.py` together: what a create does to the log and the store."""

import asyncio
from typing import Any

import pytest

from maru.protocol.errors import ApiError
from maru.protocol.items import Message, Refusal
from maru.protocol.response import decode_response
from maru.store.base import ConversationLockedError, FinishedResponse, NotFoundError, Store
from maru.turns.chains import MAX_LOCAL_CHAINS, History, LocalChains
from maru.turns.hub import HubLimits
from maru.turns.recovery import end_abandoned
from maru.turns.run import Run, kept_output
from maru_backends.echo import EchoSettings
from support.responses import a_message
from support.service import Service, service, text_in, text_of

ENDLESS = EchoSettings(script="count", tokens=100_000, pace_tokens_per_s=200)


async def _a_conversation(owner: str, store: Store) -> str:
    conversation = await store.create_conversation(owner, metadata={}, title=None, items=(), now=1)
    return str(conversation.id)


async def _take_its_lease(s: Service) -> None:
    (lease,) = await s.store.leases()
    assert await s.store.take_lease(lease)


async def _first_words(run: Run) -> str:
    async for batch in run.log.follow():
        if any(event.type == "response.output_text.delta" for event in batch):
            break
    return text_of(run.snapshot)


async def test_an_answer_is_stored_before_its_end_is_told() -> None:
    """The next request may come at once and must find what it builds on."""
    async with service() as s:
        run = await s.start({"input": "hi there"})
        async for batch in run.log.follow():
            if batch[-1].type == "response.completed":
                stored = await s.store.response_for(s.owner, run.id)
                assert stored.status == "completed"
        assert text_of(run.snapshot) == "hi there"


async def test_an_end_is_not_shown_before_it_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks again and again until it is `completed` goes on from it at once."""
    async with service() as s:
        write, reached, goes_on = s.store.finish_response, asyncio.Event(), asyncio.Event()

        async def slowly(owner: str, finished: FinishedResponse) -> bool:
            reached.set()
            await goes_on.wait()
            return await write(owner, finished)

        monkeypatch.setattr(s.store, "finish_response", slowly)
        run = await s.start({"input": "hi"})
        await reached.wait()
        asking = asyncio.create_task(s.hub.response_for(s.owner, run.id))
        await asyncio.sleep(0)
        assert not asking.done()
        goes_on.set()
        assert decode_response(await asking).status == "completed"
        assert (await s.store.response_for(s.owner, run.id)).status == "completed"


async def test_a_continuation_sees_what_was_said() -> None:
    """`previous_response_id` is the whole memory of a chain."""
    async with service() as s:
        first = await s.ask(input="one")
        second = await s.ask(input="two", previous_response_id=first.id)
        items = await s.store.response_input_for(s.owner, second.id)
        said = [text_in(stored.item) for stored in items]
        assert said == ["one", "one", "two"]


async def test_a_conversation_grows_and_takes_its_title_from_the_first_words() -> None:
    """People find their chats by what they asked."""
    async with service() as s:
        conversation = await _a_conversation(s.owner, s.store)
        await s.ask(input="  hello\n  world ", conversation=conversation)
        await s.ask(input="again", conversation=conversation)
        kept = await s.store.conversation_for(s.owner, conversation)
        assert kept.title == "hello world"
        assert len(await s.store.branch_for(s.owner, kept.head_id)) == 4


async def test_regenerating_answers_below_the_same_question() -> None:
    """Both answers stay, as siblings."""
    async with service() as s:
        conversation = await _a_conversation(s.owner, s.store)
        first = await s.ask(input="hi", conversation=conversation)
        question = first.maru_input[0]
        second = await s.ask(**{"input": [], "conversation": conversation, "maru:parent": question})
        tree = await s.store.tree_for(s.owner, conversation)
        children = [stored.item.id for stored in tree if stored.parent_id == question]
        assert children == [first.output[0].id, second.output[0].id]
        assert second.maru_parent == question


async def test_a_second_answer_in_one_conversation_must_wait() -> None:
    """Two answers at once would tear its history apart."""
    async with service(echo=ENDLESS) as s:
        conversation = await _a_conversation(s.owner, s.store)
        run = await s.start({"input": "hi", "conversation": conversation})
        with pytest.raises(ConversationLockedError):
            await s.start({"input": "me too", "conversation": conversation})
        run.stop()
        await run.ended()
        assert (await s.store.response_for(s.owner, run.id)).status == "cancelled"


async def test_stopping_keeps_the_words_in_the_conversation() -> None:
    """The next turn must show the model what the person saw."""
    async with service(echo=ENDLESS) as s:
        conversation = await _a_conversation(s.owner, s.store)
        run = await s.start({"input": "hi", "conversation": conversation})
        await _first_words(run)
        run.stop()
        await run.ended()
        head = (await s.store.conversation_for(s.owner, conversation)).head_id
        branch = await s.store.branch_for(s.owner, head)
        assert branch[-1].item == run.snapshot.output[0]
        assert text_of(run.snapshot)


@pytest.mark.parametrize(("script", "code"), [("busy", "rate_limit_exceeded"), ("break", "server_error")])
async def test_a_failing_engine_ends_the_response_as_failed(script: Any, code: str) -> None:
    """Never for ever `in_progress`."""
    async with service(echo=EchoSettings(script=script, tokens=0)) as s:
        response = await s.ask(input="hi")
        assert response.status == "failed"
        assert response.error is not None
        assert response.error.code == code
        assert (await s.store.response_for(s.owner, response.id)).status == "failed"


async def test_a_silent_engine_is_given_up() -> None:
    """Its health check may stay green while it hangs."""
    limits = HubLimits(stall_timeout_s=0.5, keep_ended_s=60, max_running=10)
    async with service(limits, echo=EchoSettings(script="stall", tokens=2)) as s:
        response = await asyncio.wait_for(s.ask(input="a b c d"), 10)
        assert response.status == "failed"
        assert text_of(response)


async def test_closing_ends_running_answers_as_incomplete() -> None:
    """A shutdown is told, and nothing is left open."""
    async with service(echo=ENDLESS) as s:
        run = await s.start({"input": "hi"})
        await _first_words(run)
        await s.hub.close()
        stored = await s.store.response_for(s.owner, run.id)
        assert stored.status == "incomplete"
        with pytest.raises(ApiError, match="restarting"):
            await s.start({"input": "more"})


async def test_what_a_crash_left_is_ended_with_its_words() -> None:
    """After `kill -9` the words of the last checkpoint are there and nothing runs."""
    async with service(echo=ENDLESS) as s:
        conversation = await _a_conversation(s.owner, s.store)
        run = await s.start({"input": "hi", "conversation": conversation})
        words = await _first_words(run)
        await s.hub.write_checkpoints()
        checkpointed = await s.store.response_for(s.owner, run.id)
        assert checkpointed.status == "in_progress"
        await _take_its_lease(s)
        assert await end_abandoned(s.store) == 1
        stored = await s.store.response_for(s.owner, run.id)
        assert stored.status == "incomplete"
        head = (await s.store.conversation_for(s.owner, conversation)).head_id
        kept = text_in((await s.store.branch_for(s.owner, head))[-1].item)
        assert kept.startswith(words)


async def test_a_crash_before_the_first_word_is_a_failure() -> None:
    """There is nothing to keep, and the person must know to ask again."""
    async with service(echo=EchoSettings(script="stall", tokens=0)) as s:
        run = await s.start({"input": "hi"})
        await _take_its_lease(s)
        await end_abandoned(s.store)
        assert (await s.store.response_for(s.owner, run.id)).status == "failed"


async def test_unstored_answers_live_only_with_their_connection() -> None:
    """`store: false` leaves nothing behind, and still the connection can go on."""
    async with service() as s:
        chains = LocalChains()
        first = await s.start({"input": "one", "store": False})
        await first.ended()
        with pytest.raises(ApiError, match="not found"):
            await s.start({"input": "two", "previous_response_id": first.id, "store": False}, chains)


async def test_a_reference_puts_a_copy_of_the_item_into_the_context() -> None:
    """The item itself stays where it was said, even where the chain holds it already."""
    async with service() as s:
        first = await s.ask(input="one")
        reference = {"type": "item_reference", "id": first.maru_input[0]}
        for chain in ({}, {"previous_response_id": first.id}):
            again = await s.ask(input=[reference, {"role": "user", "content": "two"}], **chain)
            items = [stored.item for stored in await s.store.response_input_for(s.owner, again.id)]
            assert [text_in(item) for item in items][-2:] == ["one", "two"]
            assert [item.id for item in items][-2:] == list(again.maru_input)
            assert first.maru_input[0] not in again.maru_input


async def test_an_item_that_cannot_be_had_is_refused_by_its_place() -> None:
    """A stranger's, a deleted one and one of an unstored answer look the same."""
    async with service() as s:
        unstored = await s.ask(input="secret", store=False)
        deleted = await s.ask(input="gone")
        await s.store.delete_response(s.owner, deleted.id)
        for id_ in (unstored.maru_input[0], unstored.output[0].id, deleted.output[0].id, "msg_never"):
            with pytest.raises(ApiError, match=id_) as caught:
                await s.start({"input": [{"role": "user", "content": "hi"}, {"type": "item_reference", "id": id_}]})
            assert (caught.value.status, caught.value.param) == (404, "input[1].id")


async def test_a_connection_may_refer_to_what_only_it_remembers() -> None:
    """Until the answer falls out of its memory."""
    async with service() as s:
        chains = LocalChains()
        item = a_message("only here", id_="msg_here")
        create = {"input": [{"type": "item_reference", "id": "msg_here"}], "store": False}
        chains.keep("resp_here", History((item,)), unstored=(item,))
        run = await s.start(create, chains)
        await run.ended()
        assert text_of(run.snapshot) == "only here"
        for number in range(MAX_LOCAL_CHAINS):
            chains.keep(f"resp_{number}", History())
        with pytest.raises(ApiError, match="msg_here"):
            await s.start(create, chains)


@pytest.mark.parametrize(
    ("create", "code"),
    [
        ({"input": "x", "model": "nope"}, "model_not_found"),
        ({"input": "x", "previous_response_id": "resp_nope"}, "previous_response_not_found"),
        ({"input": "x", "previous_response_id": "r", "conversation": "c"}, "mutually_exclusive_parameters"),
        ({"input": "x", "background": True, "store": False}, "invalid_value"),
        ({}, "missing_required_parameter"),
        ({"input": "x", "text": {"format": {"type": "json_schema"}}}, "missing_required_parameter"),
        ({"input": "x", "tool_choice": {"type": "function", "name": "f"}}, "invalid_value"),
        ({"input": "x", "maru:parent": "msg_1"}, "invalid_value"),
    ],
)
async def test_what_cannot_be_answered_is_refused_before_it_begins(create: dict[str, object], code: str) -> None:
    """Nothing may be stored for a request that makes no sense."""
    async with service() as s:
        with pytest.raises(ApiError) as caught:
            await s.start(create)
        assert caught.value.code == code


async def test_a_stranger_finds_no_run() -> None:
    """A stranger's id and a missing one look the same."""
    async with service(echo=ENDLESS) as s:
        run = await s.start({"input": "hi"})
        assert s.hub.run_for("user_other", run.id) is None
        assert s.hub.run_for(s.owner, run.id) is run


@pytest.mark.parametrize("store", [True, False])
async def test_a_follower_of_an_ended_run_gets_the_same_bytes(store: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    """Coming late must not change what is seen, whether the store has it or only this server."""
    async with service() as s:
        run = await s.start({"input": "a b c", "store": store})
        live = [event.data async for batch in run.log.follow() for event in batch]
        await run.ended()
        assert s.hub.run_for(s.owner, run.id) is None
        again = await s.hub.log_for(s.owner, run.id)
        assert [event.data async for batch in again.follow() for event in batch] == live
        with pytest.raises(NotFoundError):
            await s.hub.log_for("user_other", run.id)


async def test_too_much_text_is_refused_or_cut_as_asked() -> None:
    """The engine must never be the one who finds out."""
    async with service(echo=EchoSettings(context_window=120)) as s:
        refused = await s.ask(input="word " * 200)
        assert refused.error is not None
        assert refused.error.code == "context_length_exceeded"
        response = await s.ask(input="start " * 10)
        for _ in range(12):
            response = await s.ask(input="word " * 10, previous_response_id=response.id, truncation="auto")
            assert response.status == "completed"
        assert response.maru_context is not None
        assert response.maru_context.items_left_out > 0
        assert response.maru_context.used <= 120


async def test_what_an_engine_lacks_is_refused_while_it_still_loads() -> None:
    """A request must not slip through, only because the engine has not told yet what it can do."""
    async with service() as one:
        with pytest.raises(ApiError) as caught:
            await one.start({"input": "hi", "reasoning": {"effort": "low"}})
        assert caught.value.param == "reasoning.effort"


async def test_a_refusal_that_was_cut_is_kept() -> None:
    """The next turn must show the model what the person read, whatever sort of words it was."""
    async with service(refuser=EchoSettings(script="refuse", pace_tokens_per_s=50)) as one:
        run = await one.start({"input": "say it"})
        async for batch in run.log.follow():
            if any(event.type == "response.refusal.delta" for event in batch):
                run.stop()
                break
        await run.ended()
        (message,) = kept_output(run.snapshot)
        assert isinstance(message, Message)
        assert message.status == "incomplete"
        assert isinstance(message.content[0], Refusal)
