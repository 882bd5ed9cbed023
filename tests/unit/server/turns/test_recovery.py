"""Rules of `maru/turns/recovery.py`: what a client gets of a response whose server is gone."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from maru.ids import new_id
from maru.protocol.builder import ResponseBuilder
from maru.protocol.events import Event
from maru.protocol.response import Response, decode_response, encode_response
from maru.store.base import FinishedResponse, StoredResponse
from maru.store.in_memory import InMemoryStore
from maru.turns.packing import unpack
from maru.turns.recovery import LOST_NUMBERS, end_abandoned, end_of
from maru.turns.stored_log import stored_events
from maru_backends.base import BackendEvent, ReasoningDelta, TextDelta, ToolCallDelta
from support.responses import a_response
from support.stores import checkpoint, message, new_response

SAID: dict[str, tuple[BackendEvent, ...]] = {
    "nothing": (),
    "text": (TextDelta("안녕 "), TextDelta("world")),
    "thinking": (ReasoningDelta("hm"),),
    "thinking, then text": (ReasoningDelta("hm"), TextDelta("yes")),
    "half a call": (ToolCallDelta(0, id="call_1", name="f", arguments='{"a'),),
    "text, then two calls": (
        TextDelta("wait"),
        ToolCallDelta(0, id="call_1", name="f", arguments="{}"),
        ToolCallDelta(1, id="call_2", name="f"),
    ),
    "two calls, and the second is done first": (
        ToolCallDelta(0, id="call_1", name="f", arguments='{"a'),
        ToolCallDelta(1, id="call_2", name="f", arguments="{}"),
        ToolCallDelta(0, arguments='":'),
        TextDelta("and"),
    ),
}


def _crashed(
    said: Sequence[BackendEvent], *, is_stopped: bool = False, **start: Any
) -> tuple[list[Event], FinishedResponse]:
    """The events up to the last checkpoint, and how the response ends."""
    builder = ResponseBuilder(a_response(tools=({"name": "f"},), **start), new_id)
    logged = list(builder.started())
    for event in said:
        logged += builder.feed(event, now=1)
    return logged, end_of(_stored(builder.snapshot(), is_stopped=is_stopped), logged)


def _stored(response: Response, *, is_stopped: bool = False) -> StoredResponse:
    body = encode_response(response)
    return StoredResponse(
        response.id, response.status, "house", 1, body, None, None, None, None, None, is_stopped, is_streamed=True
    )


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
def test_the_events_before_the_checkpoint_stay_as_they_were(said: Sequence[BackendEvent]) -> None:
    """Then come numbers that no client can have seen."""
    logged, end = _crashed(said)
    events = unpack(end.packed_log)
    assert list(events[: len(logged)]) == logged
    numbers = [event.sequence_number for event in events[len(logged) :]]
    first = logged[-1].sequence_number + 1 + LOST_NUMBERS
    assert numbers == list(range(first, first + len(numbers)))


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
def test_the_stream_is_whole(said: Sequence[BackendEvent]) -> None:
    """Every item that was added is done, as it stands in the response of the one terminal event."""
    _, end = _crashed(said)
    events = [msgspec.json.decode(event.data) for event in unpack(end.packed_log)]
    added = [event["output_index"] for event in events if event["type"] == "response.output_item.added"]
    done = [event for event in events if event["type"] == "response.output_item.done"]
    terminal = events[-1]["response"]
    assert sorted(event["output_index"] for event in done) == added
    assert all(event["item"] == terminal["output"][event["output_index"]] for event in done)
    assert len(added) == len(terminal["output"])
    assert terminal == msgspec.json.decode(end.body)
    assert terminal["status"] == end.status == ("incomplete" if said else "failed")
    ends = {"response.completed", "response.incomplete", "response.failed"}
    assert [event["type"] for event in events if event["type"] in ends] == [f"response.{end.status}"]


def test_what_was_asked_to_stop_ends_as_stopped() -> None:
    """The server died before it saw the mark."""
    _, end = _crashed(SAID["text"], is_stopped=True)
    assert end.status == "cancelled"
    assert unpack(end.packed_log)[-1].type == "response.incomplete"


@pytest.mark.parametrize("start", [{}, {"status": "queued", "background": True}])
def test_without_a_checkpoint_the_opening_is_made_again(start: dict[str, Any]) -> None:
    """It follows from the start, byte for byte; nothing else is known."""
    builder = ResponseBuilder(a_response(**start), new_id)
    stored = _stored(builder.snapshot())
    opening = list(builder.started())
    events = unpack(end_of(stored, ()).packed_log)
    assert list(events[: len(opening)]) == opening
    assert [event.type for event in events[len(opening) :]] == ["response.failed"]


def test_thinking_ends_in_the_words_in_which_it_began() -> None:
    """The setting that chooses them may have been changed since."""
    builder = ResponseBuilder(a_response(), new_id, "openresponses")
    logged = [*builder.started(), *builder.feed(ReasoningDelta("hm"), now=1)]
    end = end_of(_stored(builder.snapshot()), logged)
    closing = [event.type for event in unpack(end.packed_log)[len(logged) :]]
    assert closing[0] == "response.reasoning.done"
    assert msgspec.json.decode(unpack(end.packed_log)[len(logged)].data)["type"] == "response.reasoning.done"


def test_a_compaction_that_was_not_ready_is_no_output() -> None:
    """There is nothing to put into its item, as when it fails."""
    builder = ResponseBuilder(a_response(), new_id)
    logged = [*builder.started(), *builder.compacting()]
    end = end_of(_stored(builder.snapshot()), logged)
    assert [event.type for event in unpack(end.packed_log)[len(logged) :]] == ["response.failed"]


def test_half_a_call_is_no_output_to_build_on() -> None:
    """Every engine would refuse it later."""
    _, end = _crashed(SAID["half a call"])
    assert end.output_items == ()


@pytest.mark.parametrize("body", [b"{}", b"no JSON", None])
async def test_what_is_damaged_is_ended_all_the_same(body: bytes | None) -> None:
    """It would lock its conversation for ever; what can still be read of it is kept."""
    store = InMemoryStore()
    owner = (await store.local_owner()).id
    conversation = await store.create_conversation(owner, metadata={}, title=None, items=(), now=1)
    builder = ResponseBuilder(a_response(), new_id)
    builder.feed(TextDelta("words"), now=1)
    new = new_response(message(), conversation_id=conversation.id, id_="resp_1")
    await store.start_response(owner, new)
    body = body or encode_response(builder.snapshot())
    await store.checkpoint(None, [checkpoint(new.id, body, packed=b"damaged")])
    assert await end_abandoned(store) == 1
    stored = await store.response_for(owner, new.id)
    response = decode_response(stored.body)
    assert response.id == new.id
    has_words = body not in {b"{}", b"no JSON"}
    assert response.status == stored.status == ("incomplete" if has_words else "failed")
    branch = await store.branch_for(owner, (await store.conversation_for(owner, conversation.id)).head_id)
    assert len(branch) == (2 if has_words else 1)
    events = await stored_events(store, owner, new.id)
    assert [event.type for event in events][-1] == f"response.{stored.status}"
    await store.start_response(owner, new_response(message(), conversation_id=conversation.id))
