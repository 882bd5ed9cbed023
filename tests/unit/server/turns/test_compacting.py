"""Compaction within a response and beside one: what clients see, what is stored, what the next turn is built on."""

import asyncio
import json
import logging
import threading
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from maru.memory.asking import Asker
from maru.memory.sealing import KeyFileError, Sealer, SealKey, new_key
from maru.protocol.compact_request import CompactRequest
from maru.protocol.compaction import Compacted
from maru.protocol.errors import ApiError
from maru.protocol.items import Compaction
from maru.protocol.requests import CreateRequest, parse
from maru.store.base import NotFoundError
from maru.turns.plan import RunPlan
from maru.turns.run import Run
from maru.turns.seals import OPENED_AT_ONCE_CHARS
from maru_backends.echo import EchoSettings
from maru_backends.errors import BackendBusyError
from support.responses import a_message
from support.service import Service, service, text_in, text_of

OVER_1000 = [{"type": "compaction", "compact_threshold": 1000}]
ROLES = ("user", "assistant")


def _long(turns: int = 10, words: int = 60) -> list[dict[str, Any]]:
    """A history of so many turns that each hold more tokens than words."""
    return [
        {"role": role, "content": f"{role}{number} " + "word " * words} for number in range(turns) for role in ROLES
    ]


def _events(run: Run) -> list[dict[str, Any]]:
    return [json.loads(event.data) for event in run.log._events]


async def _ended(s: Service, create: dict[str, Any]) -> Run:
    run = await s.start(create)
    await run.ended()
    return run


async def _plan(s: Service, **create: Any) -> RunPlan:
    return await s.preparer.plan(s.owner, parse(CreateRequest, create))


async def _compact(s: Service, **body: Any) -> dict[str, Any]:
    plan = await s.preparer.plan(s.owner, parse(CompactRequest, {"model": "echo", **body}).as_create())
    compacted: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(await s.hub.compact(plan)))
    return compacted


@pytest.fixture(autouse=True)
def short_summaries(monkeypatch: pytest.MonkeyPatch) -> None:
    """An echo of the whole request for a summary would be cut by its bound, which is no summary."""

    def asks_for_little(lines: Sequence[str], so_far: str | None, words: int) -> str:
        return f"They spoke {len(lines)} times, told in {words} words after {so_far}."

    monkeypatch.setattr("maru.memory.writing.brief_request", asks_for_little)


async def test_a_long_prompt_is_compacted_before_the_answer() -> None:
    """The client sees the item where it happens, and the answer is to what was asked."""
    async with service() as s:
        asked = [*_long(), {"role": "user", "content": "what now?"}]
        run = await _ended(s, {"input": asked, "context_management": OVER_1000})
        response = run.snapshot
        assert [item.__struct_config__.tag for item in response.output] == ["compaction", "message"]
        assert text_of(response) == "what now?"
        events = _events(run)
        assert [event["sequence_number"] for event in events] == list(range(len(events)))
        added, done = events[2:4]
        assert (added["type"], done["type"]) == ("response.output_item.added", "response.output_item.done")
        assert added["item"] == {**done["item"], "encrypted_content": ""}
        assert events[4]["output_index"] == 1
        assert done["item"] == events[-1]["response"]["output"][0]
        assert response.usage is not None
        assert response.maru_context is not None
        assert response.maru_context.used < 1000
        assert response.maru_context.used < response.usage.input_tokens  # what the summary cost is in it
        assert response.maru_context.compaction == response.output[0].id


async def test_the_next_turn_goes_on_from_the_item() -> None:
    """By id, and by the items alone: what is before the item may be sent or not."""
    async with service() as s:
        first = await s.ask(input=[*_long(), {"role": "user", "content": "q"}], context_management=OVER_1000)
        stored = await s.store.response_input_for(s.owner, first.id)
        assert len(stored) == 21
        by_id = await _plan(s, input="next", previous_response_id=first.id)
        assert by_id.view.notes is not None
        assert by_id.view.notes.startswith("Facts from earlier in this conversation:\n")
        assert [text_in(item) for item in by_id.view.items if text_in(item)] == ["q", "q", "next"]
        output = [msgspec.to_builtins(item) for item in first.output]
        alone = await _plan(s, input=[*output, {"role": "user", "content": "next"}])
        whole = await _plan(s, input=[*_long(), *output, {"role": "user", "content": "next"}])
        assert alone.view.notes == whole.view.notes == by_id.view.notes
        assert [text_in(item) for item in alone.view.items] == [text_in(item) for item in whole.view.items]
        assert await s.hub.count_tokens(by_id) < 1000
        second = await s.ask(input="next", previous_response_id=first.id)
        assert text_of(second) == "next"
        assert second.maru_context is not None
        assert second.maru_context.compaction == first.output[0].id


async def test_a_conversation_goes_on_from_the_item() -> None:
    """The page's chats are conversations."""
    async with service() as s:
        conversation = await s.store.create_conversation(s.owner, metadata={}, title=None, items=(), now=1)
        await s.ask(input=[*_long(), {"role": "user", "content": "q"}], conversation=conversation.id)
        second = await s.ask(input="again", conversation=conversation.id, context_management=OVER_1000)
        assert isinstance(second.output[0], Compaction)
        plan = await _plan(s, input="next", conversation=conversation.id)
        assert plan.view.notes
        assert [text_in(item) for item in plan.view.items] == ["again", "again", "next"]


async def test_a_short_prompt_is_left_alone() -> None:
    """Compaction costs a request to the engine, and words."""
    async with service() as s:
        response = await s.ask(input=[*_long(2), {"role": "user", "content": "q"}], context_management=OVER_1000)
        assert [item.__struct_config__.tag for item in response.output] == ["message"]


async def _refused(*_: object) -> str:
    raise BackendBusyError("full", retry_after_s=1)


async def test_an_answer_goes_on_when_its_summary_fails(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The person asked for an answer, and the window still holds everything."""
    monkeypatch.setattr(Asker, "whole", _refused)
    async with service() as s:
        with caplog.at_level(logging.WARNING):
            response = await s.ask(input=[*_long(), {"role": "user", "content": "q"}], context_management=OVER_1000)
        assert (response.status, text_of(response)) == ("completed", "q")
        assert "goes on without compaction: full" in caplog.text


async def test_a_second_try_at_the_engine_does_not_compact_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The item that the client saw is the one that counts."""

    async def brief(*_: object) -> str:
        return "They spoke."

    monkeypatch.setattr(Asker, "whole", brief)
    async with service(broken=EchoSettings(script="break", tokens=0)) as s:
        run = await _ended(s, {"input": [*_long(), {"role": "user", "content": "q"}], "context_management": OVER_1000})
        assert run.snapshot.status == "failed"
        assert [item.__struct_config__.tag for item in run.snapshot.output] == ["compaction"]


async def test_a_trigger_compacts_and_answers_nothing() -> None:
    """The client reads exactly one item."""
    async with service() as s:
        first = await s.ask(input=_long(20))
        run = await _ended(s, {"input": [{"type": "compaction_trigger"}], "previous_response_id": first.id})
        (item,) = run.snapshot.output
        assert isinstance(item, Compaction)
        events = _events(run)
        assert [event["type"] for event in events[2:]] == [
            "response.output_item.added",
            "response.compaction.compacting",
            "response.output_item.done",
            "response.completed",
        ]
        assert {events[3]["item_id"], events[2]["item"]["id"], events[4]["item"]["id"]} == {item.id}
        assert run.snapshot.usage is not None
        assert run.snapshot.usage.output_tokens > 0
        plan = await _plan(s, input="next", previous_response_id=run.id)
        assert plan.view.notes


async def test_a_trigger_keeps_a_short_context_whole() -> None:
    """Nothing is lost where there is nothing to gain, and a question that waits is still there."""
    async with service() as s:
        response = await s.ask(input=[{"role": "user", "content": "I am Mina."}, {"type": "compaction_trigger"}])
        plan = await _plan(s, input="who?", previous_response_id=response.id)
        assert (plan.view.notes, [text_in(item) for item in plan.view.items]) == (None, ["I am Mina.", "who?"])


async def test_a_trigger_fails_with_its_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no answer that could go on without it."""
    monkeypatch.setattr(Asker, "whole", _refused)
    async with service() as s:
        response = await s.ask(input=[*_long(20), {"type": "compaction_trigger"}])
        assert response.error is not None
        assert (response.status, response.error.code, response.output) == ("failed", "rate_limit_exceeded", ())


@pytest.mark.parametrize(
    "sent",
    [
        [{"type": "compaction_trigger"}, {"role": "user", "content": "x"}],
        [{"role": "user", "content": "x"}, {"type": "compaction_trigger"}, {"type": "compaction_trigger"}],
    ],
)
async def test_a_trigger_that_is_not_last_is_refused(sent: list[Any]) -> None:
    """What comes after it would be neither compacted nor answered."""
    async with service() as s:
        with pytest.raises(ApiError) as refused:
            await s.ask(input=sent)
        assert refused.value.status == 400
        assert refused.value.param in {"input[0]", "input[1]"}
        with pytest.raises(ApiError, match="nothing to answer"):
            await s.ask(input=[{"type": "compaction_trigger"}])


async def test_alone_it_gives_a_window_to_go_on_from() -> None:
    """The user messages as they were, then exactly one item, all of which can be sent back as it is."""
    async with service() as s:
        compacted = await _compact(s, input=_long(20), instructions="Be brief.", prompt_cache_key="k")
        output = compacted["output"]
        assert [item["type"] for item in output] == ["message"] * 20 + ["compaction"]
        assert {item["role"] for item in output[:-1]} == {"user"}
        assert output[3]["content"] == [{"type": "input_text", "text": "user3 " + "word " * 60}]
        assert compacted["object"] == "response.compaction"
        assert compacted["usage"]["total_tokens"] > 0
        plan = await _plan(s, input=[*output, {"role": "user", "content": "next"}])
        assert plan.view.quotes[-1].startswith("user18 ")
        assert [text_in(item) for item in plan.view.items] == ["user19 " + "word " * 60, "next"]
        answer = await s.ask(input=[*output, {"role": "user", "content": "next"}], store=False)
        assert (answer.status, text_of(answer)) == ("completed", "next")
        again = await s.ask(input=output)
        assert again.status == "completed"


async def test_alone_it_stores_nothing() -> None:
    """It is no response: its id goes nowhere."""
    async with service() as s:
        id_ = (await _compact(s, input="hi"))["id"]
        with pytest.raises(NotFoundError):
            await s.store.response_for(s.owner, id_)
        with pytest.raises(ApiError) as refused:
            await s.ask(input="x", previous_response_id=id_)
        assert refused.value.code == "previous_response_not_found"


async def test_alone_it_takes_a_chain_too() -> None:
    """What is stored need not be sent again; what is short is kept whole and costs nothing."""
    async with service() as s:
        first = await s.ask(input="one")
        compacted = await _compact(s, previous_response_id=first.id)
        assert [item["type"] for item in compacted["output"]] == ["message", "compaction"]
        assert compacted["usage"]["total_tokens"] == 0
        plan = await _plan(s, input=[compacted["output"][-1], {"role": "user", "content": "two"}])
        assert [text_in(item) for item in plan.view.items] == ["one", "one", "two"]


async def test_alone_it_fails_with_its_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client may try again when the engine can."""
    monkeypatch.setattr(Asker, "whole", _refused)
    async with service() as s:
        with pytest.raises(BackendBusyError):
            await _compact(s, input=_long(20))


async def test_a_large_item_is_opened_once_and_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten megabytes take longer to open than anybody else's next token may wait."""
    threads: list[threading.Thread] = []
    opens = Sealer.open

    def noted(sealer: Sealer, owner: str, sealed: str) -> Compacted:
        threads.append(threading.current_thread())
        return opens(sealer, owner, sealed)

    monkeypatch.setattr(Sealer, "open", noted)
    async with service() as s:
        said = Compacted(kept=(a_message("x" * OPENED_AT_ONCE_CHARS, "user"),))
        large = {"type": "compaction", "encrypted_content": s.preparer._sealer.seal(s.owner, said)}
        first = await s.ask(input=[large, {"role": "user", "content": "what now?"}])
        assert text_of(first) == "what now?"
        assert len(threads) == 1
        assert text_of(await s.ask(input="and now?", previous_response_id=first.id)) == "and now?"
        assert len(threads) == 2
        assert threading.main_thread() not in threads


async def test_an_item_of_somebody_else_is_refused_with_its_place() -> None:
    """The client is told which item, and what to do."""
    async with service() as s, service() as other:
        foreign = (await _compact(other, input="hi"))["output"][-1]
        with pytest.raises(ApiError) as refused:
            await s.ask(input=[{"role": "user", "content": "x"}, foreign])
        assert (refused.value.status, refused.value.code) == (400, "invalid_encrypted_content")
        assert refused.value.param == "input[1].encrypted_content"
        assert "input[1]" in refused.value.message
        assert "compact them again" in refused.value.message
        with pytest.raises(ApiError) as refused:
            await s.preparer.items(s.owner, parse(CreateRequest, {"input": [foreign]}).input, field="items")
        assert refused.value.param == "items[0].encrypted_content"


async def test_a_stored_item_that_does_not_open_any_more_is_named() -> None:
    """A lost key file must not look like a broken server."""
    async with service() as s:
        first = await s.ask(input=[{"role": "user", "content": "x"}, {"type": "compaction_trigger"}])
        keys = (new_key(),)
        s.preparer._sealer = Sealer(lambda: keys)
        with pytest.raises(ApiError) as refused:
            await _plan(s, input="next", previous_response_id=first.id)
        assert (refused.value.status, refused.value.code) == (400, "invalid_encrypted_content")
        assert first.output[0].id in refused.value.message


async def test_an_answer_goes_on_when_there_is_no_key(caplog: pytest.LogCaptureFixture) -> None:
    """The operator is told; the person need not be."""

    def no_key() -> tuple[SealKey, ...]:
        raise KeyFileError("restore it from a backup")

    async with service() as s:
        object.__setattr__(s.hub._workshop, "sealer", Sealer(no_key))
        with caplog.at_level(logging.WARNING):
            response = await s.ask(input=[*_long(), {"role": "user", "content": "q"}], context_management=OVER_1000)
        assert (response.status, text_of(response)) == ("completed", "q")
        assert "restore it from a backup" in caplog.text


async def test_a_stop_reaches_the_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine must not go on writing what nobody wants."""
    asked, ended = asyncio.Event(), asyncio.Event()

    async def endless(*_: object) -> str:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return "never"

    monkeypatch.setattr(Asker, "whole", endless)
    async with service() as s:
        run = await s.start({"input": [*_long(20), {"type": "compaction_trigger"}]})
        await asked.wait()
        run.stall(60)  # the watchdog of answers: the compactor has a clock of its own
        await asyncio.sleep(0.01)
        assert not ended.is_set()
        run.stop()
        await run.ended()
        assert (run.snapshot.status, run.snapshot.output, ended.is_set()) == ("cancelled", (), True)


async def test_a_call_and_its_output_meet_across_the_item() -> None:
    """A tool loop goes on although everything around the call was compacted."""
    call = {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "c1", "output": "found"}
    async with service() as s:
        item = (await _compact(s, input=[*_long(20), call]))["output"][-1]
        plan = await _plan(s, input=[item, output])
        assert [entry.__struct_config__.tag for entry in plan.view.items[-2:]] == [
            "function_call",
            "function_call_output",
        ]
        with pytest.raises(ApiError) as refused:
            await _plan(s, input=[item, {"role": "user", "content": "x"}, {**output, "call_id": "c2"}])
        assert refused.value.param == "input[2].call_id"
