"""Rules of `maru/protocol/builder.py`."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maru.protocol.builder import ResponseBuilder
from maru.protocol.events import TERMINAL_TYPES, Event
from maru_backends.base import (
    BackendEvent,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    Usage,
)
from support.responses import a_response, tools

deltas: st.SearchStrategy[BackendEvent] = st.one_of(
    st.builds(TextDelta, st.text(min_size=1, max_size=9)),
    st.builds(ReasoningDelta, st.text(min_size=1, max_size=9)),
    st.builds(RefusalDelta, st.text(min_size=1, max_size=9)),
    st.builds(ToolCallDelta, st.integers(0, 2), st.just("call_a"), st.just("look_up"), st.text(max_size=9)),
    st.builds(Usage, st.integers(0, 9), st.integers(0, 9)),
)


def _a_builder(**changes: Any) -> ResponseBuilder:
    numbers = itertools.count()
    changes = {"tools": tools("look_up", "add"), **changes}
    return ResponseBuilder(a_response(**changes), lambda prefix: f"{prefix}_{next(numbers)}")


def _bodies(events: tuple[Event, ...]) -> list[dict[str, Any]]:
    return [json.loads(event.data) for event in events]


def _everything(builder: ResponseBuilder, backend_events: list[BackendEvent]) -> list[dict[str, Any]]:
    events = _bodies(builder.started())
    for event in backend_events:
        events += _bodies(builder.feed(event, now=7))
    return events


def _said(part: dict[str, str]) -> str:
    return part["refusal"] if part["type"] == "refusal" else part["text"]


@given(st.lists(deltas, max_size=30))
def test_numbers_have_no_gap_and_the_only_terminal_event_is_the_last(fed: list[BackendEvent]) -> None:
    """The number is the resume cursor, and the terminal event is what clients stop at."""
    events = _everything(_a_builder(), [*fed, Finished("stop")])
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert [event["type"] in TERMINAL_TYPES for event in events].index(True) == len(events) - 1


@given(st.lists(deltas, max_size=30))
def test_deltas_join_to_the_final_text(fed: list[BackendEvent]) -> None:
    """What people saw while it streamed is what is kept."""
    events = _everything(_a_builder(), [*fed, Finished("stop")])
    joined: dict[str, str] = {}
    for event in events:
        if event["type"].endswith(".delta"):
            joined[event["item_id"]] = joined.get(event["item_id"], "") + event["delta"]
    for item in events[-1]["response"]["output"]:
        final = item["arguments"] if item["type"] == "function_call" else "".join(map(_said, item["content"]))
        assert joined.get(item["id"], "") == final


@given(st.lists(deltas, max_size=30))
def test_an_item_is_the_same_in_added_done_and_the_final_response(fed: list[BackendEvent]) -> None:
    """The official SDK raises when ids or indexes change."""
    events = _everything(_a_builder(), [*fed, Finished("stop")])
    added = [(e["output_index"], e["item"]["id"]) for e in events if e["type"] == "response.output_item.added"]
    done = [(e["output_index"], e["item"]["id"]) for e in events if e["type"] == "response.output_item.done"]
    assert added == sorted(done) == list(enumerate(item["id"] for item in events[-1]["response"]["output"]))


def test_a_cancelled_response_never_becomes_completed() -> None:
    """A stop that was acknowledged stays one, whatever the engine still sends."""
    builder = _a_builder()
    builder.started()
    builder.feed(TextDelta("half an"), now=1)
    last = _bodies(builder.cancelled())[-1]
    assert (last["type"], last["response"]["status"]) == ("response.incomplete", "cancelled")
    assert last["response"]["output"][0]["content"][0]["text"] == "half an"
    assert builder.feed(Finished("stop"), now=2) == ()
    assert builder.snapshot().status == "cancelled"


@pytest.mark.parametrize(
    ("reason", "status", "details"),
    [
        ("stop", "completed", None),
        ("tool_calls", "completed", None),
        ("length", "incomplete", {"reason": "max_output_tokens"}),
        ("content_filter", "incomplete", {"reason": "content_filter"}),
    ],
)
def test_the_finish_reason_decides_the_status(reason: Any, status: str, details: Any) -> None:
    """An answer that was cut must not look whole."""
    response = _everything(_a_builder(), [TextDelta("x"), Finished(reason)])[-1]["response"]
    assert (response["status"], response["incomplete_details"]) == (status, details)
    assert (response["completed_at"] == 7) == (status == "completed")
    assert response["output"][0]["status"] == status


def test_a_failure_keeps_the_words_that_were_shown() -> None:
    """The person read them."""
    builder = _a_builder()
    _everything(builder, [TextDelta("so far")])
    response = _bodies(builder.failed("server_error", "it broke"))[-1]["response"]
    assert response["error"] == {"code": "server_error", "message": "it broke"}
    assert response["output"][0]["status"] == "incomplete"


def test_an_empty_answer_is_still_a_message() -> None:
    """Clients hang their view on one output item."""
    output = _everything(_a_builder(), [Finished("stop")])[-1]["response"]["output"]
    assert [part["text"] for part in output[0]["content"]] == [""]


def test_a_queued_response_says_so_first() -> None:
    """Background clients wait for exactly this order."""
    kinds = [event.type for event in _a_builder(status="queued").started()]
    assert kinds == ["response.created", "response.queued", "response.in_progress"]


def test_usage_has_all_its_parts() -> None:
    """SDK types demand every field."""
    response = _everything(_a_builder(), [Usage(5, 7, 3, 2), Finished("stop")])[-1]["response"]
    assert response["usage"] == {
        "input_tokens": 5,
        "input_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 0},
        "output_tokens": 7,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 12,
    }


def test_a_snapshot_shows_the_unfinished_item() -> None:
    """A checkpoint must hold the words so far."""
    builder = _a_builder()
    _everything(builder, [TextDelta("one "), TextDelta("two")])
    snapshot = builder.snapshot()
    assert snapshot.status == "in_progress"
    assert [part.text for item in snapshot.output for part in item.content] == ["one two"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("choice", "called", "is_allowed"),
    [
        ("auto", "look_up", True),
        ("auto", "delete_all", False),
        ("none", "look_up", False),
        ({"type": "function", "name": "add"}, "look_up", False),
        (
            {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "look_up"}]},
            "look_up",
            True,
        ),
        ({"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "look_up"}]}, "add", False),
        ({"type": "allowed_tools", "mode": "none", "tools": [{"type": "function", "name": "add"}]}, "add", False),
    ],
)
def test_only_allowed_tools_are_called(choice: Any, called: str, is_allowed: bool) -> None:  # noqa: FBT001 (a table)
    """The program runs whatever is called; an engine that keeps to nothing must not reach it."""
    events = _everything(_a_builder(tool_choice=choice), [ToolCallDelta(0, "call_a", called, "{}"), Finished("stop")])
    response = events[-1]["response"]
    assert response["status"] == ("completed" if is_allowed else "failed")
    assert [item["name"] for item in response["output"]] == ([called] if is_allowed else [])
    assert is_allowed or called in response["error"]["message"]


@pytest.mark.parametrize(("rules", "count"), [({}, 3), ({"max_tool_calls": 2}, 2), ({"parallel_tool_calls": False}, 1)])
def test_surplus_calls_are_left_out(rules: dict[str, Any], count: int) -> None:
    """An engine may not know the bound."""
    said: list[BackendEvent] = []
    for index in range(3):
        said += [ToolCallDelta(index, f"call_{index}", "add", "{"), ToolCallDelta(index, arguments="}")]
    response = _everything(_a_builder(**rules), [*said, Finished("tool_calls")])[-1]["response"]
    assert [item["arguments"] for item in response["output"]] == ["{}"] * count
    assert response["status"] == "completed"


def test_pieces_of_calls_that_were_left_out_may_cross() -> None:
    """An engine that goes from one to the other and back has not gone back to a call that had ended."""
    said: list[BackendEvent] = [ToolCallDelta(index, f"call_{index}", "add", "{") for index in range(3)]
    said += [ToolCallDelta(index, arguments="}") for index in (1, 2, 0)]
    response = _everything(_a_builder(max_tool_calls=1), [*said, Finished("tool_calls")])[-1]["response"]
    assert response["status"] == "completed"
    assert [item["arguments"] for item in response["output"]] == ["{}"]


def test_logprobs_come_with_their_delta_and_whole_at_the_end() -> None:
    """Who reads the stream and who reads the end see the same."""
    tokens = [TokenLogprob(word, -0.25, tuple(word.encode())) for word in ("Hel", "lo")]
    said: list[BackendEvent] = [TextDelta(token.token, (token,)) for token in tokens]
    events = _everything(_a_builder(), [*said, Finished("stop")])
    deltas = [event["logprobs"] for event in events if event["type"] == "response.output_text.delta"]
    (done,) = [event["logprobs"] for event in events if event["type"] == "response.output_text.done"]
    assert [one["token"] for delta in deltas for one in delta] == ["Hel", "lo"]
    assert done == events[-1]["response"]["output"][0]["content"][0]["logprobs"] == [*deltas[0], *deltas[1]]
    assert done[0] == {"token": "Hel", "logprob": -0.25, "bytes": [72, 101, 108], "top_logprobs": []}


def test_logprobs_nobody_asked_for_are_absent() -> None:
    """The specification wants the key left out, and lists in the events."""
    events = _everything(_a_builder(), [TextDelta("x"), Finished("stop")])
    assert [e["logprobs"] for e in events if e["type"].startswith("response.output_text.")] == [[], []]
    assert "logprobs" not in events[-1]["response"]["output"][0]["content"][0]


def test_a_compaction_comes_first_and_what_it_cost_counts() -> None:
    """Clients find the item where it happened, and the bill is whole."""
    builder = _a_builder()
    events = [*_bodies(builder.started()), *_bodies(builder.compacting()), *_bodies(builder.compacting())]
    events += _bodies(builder.compacted("sealed", Usage(100, 10, cached_tokens=5, reasoning_tokens=1)))
    assert not builder.has_output
    for event in (TextDelta("hi"), Usage(20, 2, cached_tokens=3), Finished("stop")):
        events += _bodies(builder.feed(event, now=7))
    assert [event["type"] for event in events[2:6]] == [
        "response.output_item.added",
        "response.compaction.compacting",
        "response.compaction.compacting",
        "response.output_item.done",
    ]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    response = events[-1]["response"]
    assert [item["type"] for item in response["output"]] == ["compaction", "message"]
    assert response["usage"]["input_tokens"] == 120
    assert response["usage"]["total_tokens"] == 132
    assert response["usage"]["input_tokens_details"]["cached_tokens"] == 8
    assert builder.compacting() == builder.compacted("late", Usage(0, 0)) == ()


def test_an_empty_answer_after_a_compaction_is_still_a_message() -> None:
    """The item is no answer."""
    builder = _a_builder()
    builder.started()
    builder.compacted("sealed", Usage(1, 1))
    builder.feed(Finished("stop"), now=7)
    assert [item.__struct_config__.tag for item in builder.snapshot().output] == ["compaction", "message"]


def test_raw_thinking_has_the_names_that_the_settings_choose() -> None:
    """OpenAI's clients know one pair of names, the specification another."""
    said: list[BackendEvent] = [ReasoningDelta('"response.reasoning_text.delta"'), TextDelta("x"), Finished("stop")]
    names: dict[str, list[str]] = {}
    for words in ("openai", "openresponses"):
        builder = ResponseBuilder(a_response(), lambda prefix: f"{prefix}_1", words)
        events = [*builder.started(), *(event for one in said for event in builder.feed(one, now=1))]
        assert [json.loads(event.data)["type"] for event in events] == [event.type for event in events]
        names[words] = [event.type for event in events if event.type.startswith("response.reasoning")]
        (delta,) = [json.loads(event.data)["delta"] for event in events if event.type == names[words][0]]
        assert delta == '"response.reasoning_text.delta"'
    assert names == {
        "openai": ["response.reasoning_text.delta", "response.reasoning_text.done"],
        "openresponses": ["response.reasoning.delta", "response.reasoning.done"],
    }


def _add(arguments: str = "") -> ToolCallDelta:
    return ToolCallDelta(0, "call_a", "add", arguments)


def _look_up(arguments: str = "") -> ToolCallDelta:
    return ToolCallDelta(1, "call_b", "look_up", arguments)


def _more(index: int, arguments: str) -> ToolCallDelta:
    return ToolCallDelta(index, arguments=arguments)


def _calls(events: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    output = events[-1]["response"]["output"]
    return [(item["call_id"], item["arguments"], item["status"]) for item in output if item["type"] == "function_call"]


@pytest.mark.parametrize(
    "said",
    [
        [_add(), _look_up(), _more(0, '{"a":'), _more(1, "{"), _more(0, "1}"), _more(1, "}")],
        [_add('{"a":'), _look_up("{"), _more(1, "}"), _more(0, "1}")],
        [_add('{"a":'), TextDelta("so "), _more(0, "1}"), TextDelta("be it"), _look_up("{}")],
        [_add('{"a":'), _more(0, "1}"), ReasoningDelta("hm"), _look_up(), _more(1, "{}")],
    ],
    ids=["names first", "the second is done first", "around text", "one after another"],
)
def test_pieces_of_parallel_calls_may_cross(said: list[BackendEvent]) -> None:
    """Engines number them for this."""
    events = _everything(_a_builder(), [*said, Finished("tool_calls")])
    assert _calls(events) == [("call_a", '{"a":1}', "completed"), ("call_b", "{}", "completed")]
    texts = [item["content"][0]["text"] for item in events[-1]["response"]["output"] if item["type"] == "message"]
    assert texts == ["so be it"] * len(texts)


def test_a_call_is_told_as_whole_as_soon_as_it_can_be() -> None:
    """A client may run the first tool while the model still writes the second call."""
    builder = _a_builder()
    _everything(builder, [_add('{"a":1}')])
    kinds = [event.type for event in builder.feed(_look_up(), now=1)]
    assert kinds == [
        "response.function_call_arguments.done",
        "response.output_item.done",
        "response.output_item.added",
    ]


def test_what_comes_after_the_whole_arguments_of_a_call_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    """Its tool may be running already; the answer does not break, and the operator hears of it once."""
    said: list[BackendEvent] = [
        _add('{"a":1}'),
        _look_up("{}"),
        _more(0, '{"a":'),
        _more(0, "2}"),
        TextDelta("and"),
        _more(1, "\n"),
    ]
    events = _everything(_a_builder(), [*said, Finished("tool_calls")])
    assert events[-1]["response"]["status"] == "completed"
    assert _calls(events) == [("call_a", '{"a":1}', "completed"), ("call_b", "{}", "completed")]
    (record,) = caplog.records
    assert "tool call 0" in record.getMessage()


def test_a_stop_keeps_the_calls_that_were_whole_apart_from_the_others() -> None:
    """Half a call is nothing that a later turn could build on."""
    builder = _a_builder()
    events = _everything(builder, [_add('{"a":'), _look_up("{}"), TextDelta("and")])
    events += _bodies(builder.cancelled())
    assert _calls(events) == [("call_a", '{"a":', "incomplete"), ("call_b", "{}", "completed")]


def test_a_call_that_never_had_a_name_ends_the_answer() -> None:
    """Nobody could run it."""
    response = _everything(_a_builder(), [_more(0, "{}")])[-1]["response"]
    assert response["status"] == "failed"
    assert "without a name" in response["error"]["message"]
