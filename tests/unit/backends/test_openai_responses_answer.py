"""Rules of `openai_responses_answer.py`, on events as OpenAI, vLLM and Open Responses send them."""

import json

import pytest

from maru_backends.base import (
    BackendEvent,
    ChatMessage,
    ChatRequest,
    Finished,
    JsonFormat,
    ReasoningDelta,
    RefusalDelta,
    Sampling,
    TextDelta,
    TextPart,
    ToolCallDelta,
    Usage,
)
from maru_backends.errors import (
    BackendBusyError,
    BackendError,
    BackendSetupError,
    BackendStreamBrokenError,
    BackendUnavailableError,
    ContextTooLongError,
    RequestRefusedError,
)
from maru_backends.kept_thinking import KeptThinking
from maru_backends.openai_answer import AnswerReader
from maru_backends.openai_chat import Json
from maru_backends.openai_responses_answer import ResponsesReader

HELLO = ChatRequest((ChatMessage("user", (TextPart("Hello"),)),))
COUNTED: Json = {
    "input_tokens": 9,
    "input_tokens_details": {"cached_tokens": 4},
    "output_tokens": 6,
    "output_tokens_details": {"reasoning_tokens": 2},
    "total_tokens": 15,
}
CALL: Json = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "sky", "arguments": ""}
SEALED: Json = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "abc", "status": "completed"}


def read(*events: Json | str, request: ChatRequest = HELLO, kept: KeptThinking | None = None) -> list[BackendEvent]:
    """All events of a stream of these."""
    reader = ResponsesReader(request, AnswerReader(request, new_call_id=lambda: "made_up"), kept or KeptThinking())
    found: list[BackendEvent] = []
    for event in events:
        found += reader.read(event if isinstance(event, str) else json.dumps(event))
    return found + reader.end()


def text(delta: str, place: int = 0, **fields: object) -> Json:
    """More of the answer."""
    return {"type": "response.output_text.delta", "output_index": place, "content_index": 0, "delta": delta, **fields}


def thought(delta: str, part: int = 0) -> Json:
    """More of a summary of reasoning."""
    kind = "response.reasoning_summary_text.delta"
    return {"type": kind, "output_index": 0, "summary_index": part, "delta": delta}


def added(item: Json, place: int = 0) -> Json:
    """An item begins."""
    return {"type": "response.output_item.added", "output_index": place, "item": item}


def done(item: Json, place: int = 0) -> Json:
    """An item is whole."""
    return {"type": "response.output_item.done", "output_index": place, "item": item}


def arguments(delta: str, place: int = 0) -> Json:
    """More of a call."""
    return {"type": "response.function_call_arguments.delta", "output_index": place, "delta": delta}


def ended(status: str = "completed", **fields: object) -> Json:
    """The last event."""
    return {"type": f"response.{status}", "response": {"object": "response", "status": status, **fields}}


CREATED: Json = {"type": "response.created", "response": {"object": "response", "status": "in_progress", "error": None}}
DONE_TEXT: Json = {"type": "message", "content": [{"type": "output_text", "text": "Hi there", "annotations": []}]}
WHOLE: Json = {"object": "response", "status": "completed", "error": None, "output": [DONE_TEXT], "usage": COUNTED}


def test_an_answer_with_what_it_cost() -> None:
    """Each piece once, whatever repeats it afterwards."""
    found = read(
        CREATED,
        added({"type": "message", "content": []}),
        text("Hi"),
        text(" there"),
        {"type": "response.output_text.done", "text": "Hi there", "output_index": 0},
        done(DONE_TEXT),
        ended(usage=COUNTED, output=[DONE_TEXT]),
    )
    assert found == [TextDelta("Hi"), TextDelta(" there"), Usage(9, 6, 4, 2), Finished("stop")]


def test_what_was_not_told_in_pieces_is_told_whole() -> None:
    """Some servers send only the end of an item, and some do not stream."""
    whole = [TextDelta("Hi there"), Usage(9, 6, 4, 2), Finished("stop")]
    assert read(done(DONE_TEXT), ended(usage=COUNTED)) == whole
    assert read(text("Hi"), done(DONE_TEXT), ended(usage=COUNTED)) == [TextDelta("Hi"), TextDelta(" there"), *whole[1:]]
    assert read(WHOLE) == whole


def test_thoughts_are_parted() -> None:
    """Parts of a summary have no gap of their own."""
    found = read(thought("First"), thought(" this."), thought("Then that.", 1), text("Hi", 1), ended())
    assert found == [
        ReasoningDelta("First"),
        ReasoningDelta(" this."),
        ReasoningDelta("\n\nThen that."),
        TextDelta("Hi"),
        Finished("stop"),
    ]


@pytest.mark.parametrize("kind", ["response.reasoning_text.delta", "response.reasoning.delta"])
def test_raw_thinking_has_two_names(kind: str) -> None:
    """OpenAI's and that of Open Responses."""
    event: Json = {"type": kind, "output_index": 0, "content_index": 0, "delta": "Hm."}
    assert read(event, text("Hi", 1), ended()) == [ReasoningDelta("Hm."), TextDelta("Hi"), Finished("stop")]


def test_a_summary_that_came_whole_is_shown() -> None:
    """And one that came in pieces is not shown again."""
    item: Json = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]}
    expected = [ReasoningDelta("Hm."), TextDelta("Hi"), Finished("stop")]
    assert read(done(item), text("Hi", 1), ended()) == expected
    assert read(thought("Hm."), done(item), text("Hi", 1), ended()) == expected


def test_parallel_calls_are_numbered() -> None:
    """By their order, whatever stands between them."""
    second: Json = {**CALL, "call_id": "call_2", "name": "sea"}
    found = read(
        added(CALL, 1),
        arguments('{"at":', 1),
        arguments(' "noon"}', 1),
        done({**CALL, "arguments": '{"at": "noon"}'}, 1),
        added(second, 3),
        done({**second, "arguments": "{}"}, 3),
        ended(usage=COUNTED),
    )
    assert found == [
        ToolCallDelta(0, "call_1", "sky", ""),
        ToolCallDelta(0, arguments='{"at":'),
        ToolCallDelta(0, arguments=' "noon"}'),
        ToolCallDelta(1, "call_2", "sea", ""),
        ToolCallDelta(1, arguments="{}"),
        Usage(9, 6, 4, 2),
        Finished("tool_calls"),
    ]


def test_sealed_thinking_is_kept_for_its_call() -> None:
    """Only what goes back, and only once the response is whole."""
    kept = KeptThinking()
    read(done(SEALED), added(CALL, 1), done({**CALL, "arguments": "{}"}, 1), ended(), kept=kept)
    assert kept.of("call_1") == ({name: SEALED[name] for name in ("type", "id", "summary", "encrypted_content")},)
    broken = KeptThinking()
    with pytest.raises(BackendStreamBrokenError):
        read(done(SEALED), added(CALL, 1), kept=broken)
    assert broken.of("call_1") is None


def test_refusals_are_marked() -> None:
    """In pieces, or whole."""
    item: Json = {"type": "message", "content": [{"type": "refusal", "refusal": "No."}]}
    piece: Json = {"type": "response.refusal.delta", "output_index": 0, "delta": "No."}
    assert read(piece, done(item), ended()) == read(done(item), ended()) == [RefusalDelta("No."), Finished("stop")]


@pytest.mark.parametrize(
    ("why", "reason"), [("max_output_tokens", "length"), ("content_filter", "content_filter"), (None, "length")]
)
def test_an_answer_may_be_cut(why: str | None, reason: str) -> None:
    """By its bound or by a filter."""
    last = ended("incomplete", incomplete_details={"reason": why})
    assert read(text("Hi"), last)[-1] == Finished(reason)  # type: ignore[arg-type]


def test_logprobs_come_with_their_text() -> None:
    """OpenAI's have no bytes in a stream."""
    token = {"token": "Hi", "logprob": -0.5, "top_logprobs": [{"token": "Hi", "logprob": -0.5}]}
    request = ChatRequest(HELLO.messages, top_logprobs=1)
    (delta, _) = read(text("Hi", logprobs=[token]), ended(), request=request)
    assert isinstance(delta, TextDelta)
    assert [(one.token, one.logprob, bytes(one.bytes)) for one in delta.logprobs] == [("Hi", -0.5, b"Hi")]
    assert read(text("Hi", logprobs=[]), ended()) == [TextDelta("Hi"), Finished("stop")]


def test_the_token_that_ends_an_answer_is_none_of_it() -> None:
    """An engine tells it with the last words, or with none after them; which ones are the last, nobody says."""
    words, end = {"token": "Hi", "logprob": -0.5}, {"token": "<|im_end|>", "logprob": -0.1}
    request = ChatRequest(HELLO.messages, top_logprobs=0)
    last: Json = {"type": "response.output_text.done", "output_index": 0, "text": "HiHi"}
    for events in (
        (text("Hi", logprobs=[words]), text("Hi", logprobs=[words, end])),
        (text("Hi", logprobs=[words]), text("Hi", logprobs=[words]), text("", logprobs=[end])),
    ):
        found = [event for event in read(*events, last, ended(), request=request) if isinstance(event, TextDelta)]
        assert [[token.token for token in event.logprobs] for event in found] == [["Hi"], ["Hi"]]
        assert "".join(event.text for event in found) == "HiHi"


def test_stop_strings_are_looked_for_here() -> None:
    """That API has none: the rest is not read, and the hanging up stops the engine."""
    request = ChatRequest(HELLO.messages, Sampling(stop=("END",)))
    reader = ResponsesReader(request, AnswerReader(request, new_call_id=lambda: "made_up"), KeptThinking())
    assert reader.read(json.dumps(text("one E"))) == [TextDelta("one ")]
    assert reader.read(json.dumps(text("ND two"))) == []
    assert reader.is_over
    assert reader.end() == [Finished("stop")]
    assert read(text("one EN"), ended(usage=COUNTED), request=request) == [
        TextDelta("one "),
        TextDelta("EN"),
        Usage(9, 6, 4, 2),
        Finished("stop"),
    ]


def test_text_that_was_held_back_has_its_logprobs() -> None:
    """It was no stop string after all; the answer has as many tokens as are told."""
    request = ChatRequest(HELLO.messages, Sampling(stop=("END",)), top_logprobs=0)

    def piece(*tokens: str) -> Json:
        return text("".join(tokens), logprobs=[{"token": token, "logprob": -0.5} for token in tokens])

    def told(*events: Json) -> list[tuple[str, list[str]]]:
        found = [event for event in read(*events, request=request) if isinstance(event, TextDelta)]
        return [(event.text, [token.token for token in event.logprobs]) for event in found]

    assert told(piece("one", " E"), piece("N"), piece("ough"), ended()) == [
        ("one ", ["one", " E"]),
        ("ENough", ["N", "ough"]),
    ]
    assert told(piece("one", " "), piece("E"), piece("N"), ended()) == [("one ", ["one", " "]), ("EN", ["E", "N"])]
    assert told(piece("one", " ", "EN"), piece("D", " two"), ended()) == [("one ", ["one", " "])]


ERRORS: list[tuple[Json, type[BackendError]]] = [
    ({"type": "error", "code": "server_error", "message": "Oops", "param": None}, BackendUnavailableError),
    ({"type": "error", "error": {"type": "x", "code": "rate_limit_exceeded", "message": "Slow"}}, BackendBusyError),
    ({"type": "error", "code": "insufficient_quota", "message": "Pay: check your plan and billing"}, BackendSetupError),
    (ended("failed", error={"code": "server_error", "message": "Oops"}), BackendUnavailableError),
    (ended("failed", error={"code": "invalid_prompt", "message": "No."}), RequestRefusedError),
    (ended("failed", error={"code": "context_length_exceeded", "message": "Long"}), ContextTooLongError),
    (ended("failed", error=None), BackendUnavailableError),
    ({"error": {"message": "The model `x` does not exist", "code": 404}}, BackendSetupError),
    ({"object": "response", "status": "cancelled", "output": []}, BackendStreamBrokenError),
]


@pytest.mark.parametrize(("event", "kind"), ERRORS)
def test_failures_find_who_must_act(event: Json, kind: type[BackendError]) -> None:
    """In an event of its own, in the last one, or in place of all of them."""
    with pytest.raises(BackendError) as caught:
        read(CREATED, text("Hi"), event) if "type" in event else read(event)
    assert type(caught.value) is kind


@pytest.mark.parametrize("last", [[], ["[DONE]"], ["no json"]])
def test_only_an_end_ends(last: list[str]) -> None:
    """The end mark alone is half an answer, and noise is none."""
    with pytest.raises(BackendStreamBrokenError):
        read(CREATED, text("Hi"), *last)


def test_json_is_checked() -> None:
    """As in a chat: many servers pass the form over in silence."""
    request = ChatRequest(HELLO.messages, json_format=JsonFormat())
    assert read(text('{"a": 1}'), ended(), request=request)[-1] == Finished("stop")
    with pytest.raises(BackendStreamBrokenError):
        read(text("Sure!"), ended(), request=request)


def test_unknown_events_say_nothing() -> None:
    """Web searches, annotations, and what comes next year."""
    others: list[Json] = [
        {"type": "response.web_search_call.searching", "output_index": 0},
        {"type": "maru:something", "error": None},
        added({"type": "web_search_call", "id": "ws_1"}),
        done({"type": "image_generation_call", "result": "AAAA"}),
    ]
    assert read(*others, text("Hi", 1), ended()) == [TextDelta("Hi"), Finished("stop")]
