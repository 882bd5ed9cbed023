"""Rules of the answer that comes in, with payloads as engines were seen to send them."""

import json
from typing import cast

import pytest

from maru_backends.base import (
    BackendEvent,
    ChatRequest,
    Finished,
    FinishReason,
    ReasoningDelta,
    RefusalDelta,
    Sampling,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from maru_backends.errors import (
    BackendBusyError,
    BackendError,
    BackendStreamBrokenError,
    BackendUnavailableError,
    ContextTooLongError,
)
from maru_backends.openai_answer import AnswerReader
from support.engine_chunks import REQUEST, call, chunk, read, read_with_tags

VLLM_STREAM = """
{"id":"c","object":"chat.completion.chunk","created":1,"model":"tiny","choices":[{"index":0,"delta":{"role":"assistant",\
"content":""},"logprobs":null,"finish_reason":null}],"prompt_token_ids":null,"prompt_text":null}
{"id":"c","object":"chat.completion.chunk","created":1,"model":"tiny","choices":[{"index":0,"delta":{"content":"~"},\
"logprobs":null,"finish_reason":"length","stop_reason":null,"token_ids":null}]}
{"id":"c","object":"chat.completion.chunk","created":1,"model":"tiny","choices":[],"usage":{"prompt_tokens":24,\
"total_tokens":26,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":8,"created_cache_tokens":0}}}
[DONE]
""".strip().splitlines()


def calls(*deltas: object, reason: str = "tool_calls") -> list[BackendEvent]:
    """The events of a turn of tool calls, each delta in a chunk of its own."""
    return read(*(chunk({"tool_calls": [delta]}) for delta in deltas), chunk({}, reason))[:-1]


def test_recorded_answer_of_vllm() -> None:
    """VLLM 0.32, chunk for chunk."""
    assert read(*VLLM_STREAM) == [TextDelta("~"), Usage(24, 2, cached_tokens=8), Finished("length")]


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
def test_thinking_is_kept_apart(field: str) -> None:
    """VLLM renamed the field; DeepSeek and others keep the old name."""
    events = read(chunk({field: "Hm. "}), chunk({"content": "Yes."}), chunk({field: "Or no."}, "stop"))
    assert events == [ReasoningDelta("Hm. "), TextDelta("Yes."), ReasoningDelta("Or no."), Finished("stop")]


def test_thinking_under_both_names_is_told_once() -> None:
    """Some bridges send both, for old clients."""
    assert read(chunk({"reasoning": "Hm", "reasoning_content": "Hm"}, "stop"))[0] == ReasoningDelta("Hm")


def test_empty_and_absent_texts_make_no_event() -> None:
    """An empty delta says nothing."""
    empty = (chunk({"role": "assistant", "content": ""}), chunk({"content": None}), chunk({}))
    events = read(*empty, chunk({"content": "a"}, "stop"))
    assert events == [TextDelta("a"), Finished("stop")]


def test_wrong_types_count_as_absent() -> None:
    """A hostile engine sends anything; only what fits gets through."""
    odd = ('{"choices": 7}', '{"choices": [7, null, {"delta": [], "finish_reason": 4, "index": []}]}', '{"usage": []}')
    assert read(
        *odd, chunk({"content": 5, "tool_calls": [3]} | {"tool_calls": "x"}), chunk({"content": "a"}, "stop")
    ) == [
        TextDelta("a"),
        Finished("stop"),
    ]


def test_other_choices_are_passed_over() -> None:
    """We never ask for more than one."""
    other = json.dumps({"choices": [{"index": 1, "delta": {"content": "no"}, "finish_reason": "stop"}]})
    assert read(other, chunk({"content": "a"}, "length")) == [TextDelta("a"), Finished("length")]


def test_text_in_parts_is_joined() -> None:
    """Mistral's shape."""
    assert read(chunk({"content": [{"type": "text", "text": "a"}, {"text": "b"}, {"image": 1}]}, "stop"))[
        0
    ] == TextDelta("ab")


def test_refusal_is_shown() -> None:
    """OpenAI puts it into a field of its own; a blank answer would be worse."""
    assert read(chunk({"refusal": "I cannot."}, "stop"))[0] == RefusalDelta("I cannot.")


def test_halves_of_a_character_are_joined() -> None:
    """Half a surrogate pair can neither be stored nor sent."""
    events = read(chunk({"content": "a\ud83d"}), chunk({"content": "\ude42b"}), chunk({"content": "\ud83d"}, "stop"))
    assert events == [TextDelta("a"), TextDelta("🙂b"), TextDelta("\ufffd"), Finished("stop")]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("stop", "stop"),
        ("eos_token", "stop"),
        ("length", "length"),
        ("MAX_TOKENS", "length"),
        ("content_filter", "content_filter"),
        ("SAFETY", "content_filter"),
        ("a new one", "stop"),
    ],
)
def test_finish_reasons_are_translated(told: str, reason: FinishReason) -> None:
    """Every family has its own words."""
    assert read(chunk({"content": "a"}, told))[-1] == Finished(reason)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("abort", BackendStreamBrokenError),
        ("error", BackendUnavailableError),
        ("insufficient_system_resource", BackendBusyError),
    ],
)
def test_reasons_that_mean_failure_fail(told: str, kind: type[BackendError]) -> None:
    """An aborted answer must not pass for a whole one."""
    with pytest.raises(kind):
        read(chunk({"content": "a"}, told))


@pytest.mark.parametrize("chunks", [(), ("[DONE]",), (chunk({"content": "a"}), "[DONE]")])
def test_end_without_a_reason_is_broken(chunks: tuple[str, ...]) -> None:
    """The end mark alone is no success."""
    with pytest.raises(BackendStreamBrokenError):
        read(*chunks)


@pytest.mark.parametrize("data", ["{", "[1]", "null", "", "[" * 100_000])
def test_what_is_no_object_is_broken(data: str) -> None:
    """Also JSON that is nested to kill the parser."""
    with pytest.raises(BackendStreamBrokenError):
        read(data)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ('{"error": {"message": "EngineCore encountered an issue.", "code": 500}}', BackendUnavailableError),
        ('{"error": "boom"}', BackendUnavailableError),
        ('{"object": "error", "message": "too many requests", "code": 429}', BackendBusyError),
        ('{"error": {"message": "maximum context length is 8", "code": 400}}', ContextTooLongError),
        ('{"error": {"message": "maximum context length is 8", "code": "x"}}', ContextTooLongError),
    ],
)
def test_error_inside_a_stream_is_an_error(data: str, kind: type[BackendError]) -> None:
    """Its status had been 200."""
    with pytest.raises(kind):
        read(chunk({"content": "a"}), data, "[DONE]")


def test_event_named_error_is_an_error() -> None:
    """Whatever its data look like."""
    reader = AnswerReader(REQUEST, new_call_id=str)
    with pytest.raises(BackendUnavailableError):
        reader.read('{"message": "boom"}', event_name="error")


def test_tool_call_is_put_together() -> None:
    """OpenAI's own way: id and name first, arguments in pieces."""
    assert calls(call("", "f", index=0, id="c1"), call('{"a"', index=0), call(": 1}", index=0)) == [
        ToolCallDelta(0, "c1", "f"),
        ToolCallDelta(0, arguments='{"a"'),
        ToolCallDelta(0, arguments=": 1}"),
    ]


def test_pieces_without_index_find_their_call() -> None:
    """Providers that omit it made whole turns vanish elsewhere."""
    assert calls(call("{", "f", id="c1"), call("}"), call("{}", "g", id="c2"), call(" ", id="c1")) == [
        ToolCallDelta(0, "c1", "f", "{"),
        ToolCallDelta(0, arguments="}"),
        ToolCallDelta(1, "c2", "g", "{}"),
        ToolCallDelta(0, arguments=" "),
    ]


def test_calls_without_index_and_id_are_told_apart_by_their_names() -> None:
    """And get ids, because their outputs must name them."""
    assert calls(call("{}", "f"), call("{}", "g")) == [
        ToolCallDelta(0, "made_up", "f", "{}"),
        ToolCallDelta(1, "made_up", "g", "{}"),
    ]


def test_calls_that_are_all_number_0_are_told_apart_by_their_ids() -> None:
    """Gemini's bridge numbers parallel calls 0, 0, 0."""
    events = calls(call("{}", "f", index=0, id="c1"), call("{", "g", index=0, id="c2"), call("}", index=0))
    assert [cast("ToolCallDelta", event).index for event in events] == [0, 1, 1]


def test_repeated_id_and_name_are_told_once() -> None:
    """Some engines repeat them in every piece."""
    assert calls(call("{", "f", index=0, id="c1"), call("}", "f", index=0, id="c1")) == [
        ToolCallDelta(0, "c1", "f", "{"),
        ToolCallDelta(0, arguments="}"),
    ]


@pytest.mark.parametrize("is_opened", [False, True])
def test_blank_text_beside_calls_is_dropped(is_opened: bool) -> None:  # noqa: FBT001 (a table)
    """Told behind the call it would be a message there, which the templates of the next turn refuse."""
    called = chunk({"tool_calls": [call("{}", "look", id="c1")]})
    blank = chunk({"content": "\n\n"})
    for chunks in ((blank, called), (called, blank), (blank, called, blank)):
        events = read_with_tags(*chunks, chunk({}, "tool_calls"), is_opened=is_opened)
        assert events == [ToolCallDelta(0, "c1", "look", "{}"), Finished("tool_calls")]


def test_text_that_was_held_back_comes_before_the_call() -> None:
    """It was said before it, and is said once."""
    called = chunk({"tool_calls": [call("{}", "look", id="c1")]})
    events = read_with_tags(chunk({"content": "<thin"}), called, chunk({"content": " air"}, "tool_calls"))
    assert events == [
        TextDelta("<thin"), ToolCallDelta(0, "c1", "look", "{}"), TextDelta(" air"), Finished("tool_calls")
    ]  # fmt: skip


def test_arguments_before_the_name_wait_for_it() -> None:
    """Id and name come with the first delta of a call."""
    assert calls(call("{", index=0, id="c1"), call("}", "f", index=0)) == [ToolCallDelta(0, "c1", "f", "{}")]


def test_arguments_as_an_object_become_text() -> None:
    """Ollama's shape."""
    assert calls(call({"city": "서울"}, "f", index=0)) == [ToolCallDelta(0, "made_up", "f", '{"city": "서울"}')]


def test_stop_after_tool_calls_means_tool_calls() -> None:
    """Several engines say so; the caller must run the tools all the same."""
    assert read(chunk({"tool_calls": [call("{}", "f", index=0)]}, "stop"))[-1] == Finished("tool_calls")


@pytest.mark.parametrize(
    "chunks",
    [
        (chunk({}, "tool_calls"),),
        (chunk({"tool_calls": [call("{}", index=0, id="c1")]}, "tool_calls"),),
        tuple(chunk({"tool_calls": [call("{}", "f", id=str(n))]}) for n in range(129)),
    ],
    ids=["none came", "without a name", "without end"],
)
def test_broken_tool_calls_are_an_error(chunks: tuple[str, ...]) -> None:
    """A turn that silently does nothing is what people complain about elsewhere."""
    with pytest.raises(BackendStreamBrokenError):
        read(*chunks)


def test_blank_turn_that_cost_tokens_is_an_error() -> None:
    """Unless a stop string of the request explains it."""
    bill = json.dumps({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 9}})
    with pytest.raises(BackendStreamBrokenError, match="9 tokens"):
        read(chunk({}, "stop"), bill)
    stopped = ChatRequest(REQUEST.messages, Sampling(stop=("a",)))
    assert read(chunk({}, "stop"), bill, request=stopped) == [Usage(1, 9), Finished("stop")]


@pytest.mark.parametrize(
    ("fields", "usage"),
    [
        ({"usage": {"prompt_tokens": 5, "completion_tokens": 2, "prompt_cache_hit_tokens": 4}}, Usage(5, 2, 4)),
        ({"x_groq": {"usage": {"prompt_tokens": 5, "completion_tokens": 2}}}, Usage(5, 2)),
        ({"usage": {"prompt_tokens": "5", "completion_tokens": -2, "prompt_tokens_details": None}}, Usage(0, 0)),
        (
            {
                "usage": {
                    "prompt_tokens": 5,
                    "completion_tokens": 9,
                    "completion_tokens_details": {"reasoning_tokens": 7},
                }
            },
            Usage(5, 9, reasoning_tokens=7),
        ),
    ],
)
def test_usage_has_many_shapes(fields: dict[str, object], usage: Usage) -> None:
    """One record a request, wherever the engine puts it."""
    assert read(chunk({"content": "a"}, "stop", **fields)) == [TextDelta("a"), usage, Finished("stop")]


def test_running_usage_is_told_once() -> None:
    """Some engines send it with every chunk; the last one counts."""
    events = read(
        chunk({"content": "a"}, usage={"prompt_tokens": 5, "completion_tokens": 1}),
        chunk({"content": "b"}, "stop", usage={"prompt_tokens": 5, "completion_tokens": 2}),
    )
    assert [event for event in events if isinstance(event, Usage)] == [Usage(5, 2)]


def test_endless_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hostile engine must not fill the memory."""
    monkeypatch.setattr("maru_backends.openai_answer.MAX_ANSWER_CHARS", 10)
    with pytest.raises(BackendStreamBrokenError, match="does not end"):
        read(chunk({"content": "12345"}), chunk({"reasoning": "123456"}))


def test_thinking_in_tags_is_told_apart() -> None:
    """An engine without a reasoning parser sends the tags in the answer."""
    events = read_with_tags(
        *(chunk({"content": piece}) for piece in ("<th", "ink>hm", "</think>Yes")), chunk({}, "stop")
    )
    assert events[:-1] == [ReasoningDelta("hm"), TextDelta("Yes")]
