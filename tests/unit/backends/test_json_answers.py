"""Rules of `json_answers.py`, as chunks bring the answer."""

import json

import pytest

from maru_backends.base import ChatMessage, ChatRequest, Finished, FinishReason, JsonFormat, Sampling, TextPart
from maru_backends.errors import BackendStreamBrokenError
from support.engine_chunks import REQUEST, call, chunk, read, read_with_tags

ANY, SHAPED = JsonFormat(), JsonFormat(schema={"type": "array"})


def _request(wanted: JsonFormat, *, stop: tuple[str, ...] = ()) -> ChatRequest:
    hello = ChatMessage("user", (TextPart("Hello"),))
    return ChatRequest((hello,), json_format=wanted, sampling=Sampling(stop=stop))


@pytest.mark.parametrize(
    ("wanted", "text"), [(ANY, '{"a": '), (ANY, "Sure! {}"), (ANY, "```json\n{}\n```"), (ANY, "[]"), (SHAPED, "one")]
)
def test_an_answer_that_is_no_json_fails(wanted: JsonFormat, text: str) -> None:
    """Many servers take `response_format` and pass it over: ollama/ollama#17183, ggml-org/llama.cpp#21537."""
    with pytest.raises(BackendStreamBrokenError, match="asked for JSON"):
        read(chunk({"content": text[:2]}), chunk({"content": text[2:]}, "stop"), request=_request(wanted))


@pytest.mark.parametrize(("wanted", "text"), [(ANY, ' {"a": "\\u00e9"}\n'), (SHAPED, "[]"), (SHAPED, "NaN")])
def test_json_passes(wanted: JsonFormat, text: str) -> None:
    """With the blanks around it that models like; the shape is the engine's matter."""
    assert read(chunk({"content": text}, "stop"), request=_request(wanted))[-1] == Finished("stop")


def test_only_the_answer_is_judged() -> None:
    """Thinking is no part of it, in a field of its own or between tags."""
    events = read(chunk({"reasoning": "hm", "content": "{}"}, "stop"), request=_request(ANY))
    assert events[-1] == Finished("stop")
    events = read_with_tags(chunk({"content": "<think>hm</think>{}"}, "stop"), request=_request(ANY))
    assert events[-1] == Finished("stop")


@pytest.mark.parametrize(
    ("delta", "reason", "stop"),
    [
        ({"content": '{"a": '}, "length", ()),
        ({"content": '{"a": '}, "content_filter", ()),
        ({"content": '{"a": '}, "stop", ("}",)),
        ({"refusal": "I cannot."}, "stop", ()),
        ({"content": "Let me see.", "tool_calls": [call("{}", "f", index=0, id="a")]}, "tool_calls", ()),
    ],
    ids=["length", "filter", "stop string", "refusal", "call"],
)
def test_what_was_cut_or_is_no_answer_is_left_alone(
    delta: dict[str, object], reason: FinishReason, stop: tuple[str, ...]
) -> None:
    """Its client is told in another way that it is no whole answer."""
    assert read(chunk(delta, reason), request=_request(ANY, stop=stop))[-1] == Finished(reason)


def test_text_is_not_judged_where_nobody_asked_for_json() -> None:
    """The usual answer."""
    assert read(chunk({"content": json.dumps("x")[:-1]}, "stop"), request=REQUEST)[-1] == Finished("stop")
