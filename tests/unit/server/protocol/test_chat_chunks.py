"""Rules of `maru/protocol/chat_chunks.py`."""

import itertools
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletionChunk

from maru.protocol.builder import ResponseBuilder
from maru.protocol.chat_answers import finish_reason_of
from maru.protocol.chat_chunks import ChunkWriter, error_event
from maru.protocol.errors import ApiError
from maru_backends.base import (
    BackendEvent,
    Finished,
    ReasoningDelta,
    RivalToken,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    Usage,
)
from support.responses import a_response, tools

FIRST_CALL = (
    ToolCallDelta(0, id="call_a", name="f"),
    ToolCallDelta(0, arguments='{"a"'),
    ToolCallDelta(0, None, None, ":1}"),
)
SECOND_CALL = (ToolCallDelta(1, id="call_b", name="g"), ToolCallDelta(1, arguments="{}"))


def _written(*said: BackendEvent, usage: bool = False) -> bytes:
    numbers = itertools.count()
    builder = ResponseBuilder(a_response(tools=tools("f", "g")), lambda prefix: f"{prefix}_{next(numbers)}")
    writer = ChunkWriter("chatcmpl_1", created=1, model="house", includes_usage=usage)
    events = [*builder.started(), *(event for one in said for event in builder.feed(one, now=2))]
    response = builder.snapshot()
    reason = finish_reason_of(response)
    assert reason is not None
    return b"".join(map(writer.said, events)) + writer.ended(response, reason)


def _chunks(*said: BackendEvent, usage: bool = False) -> list[Any]:
    *events, mark, rest = _written(*said, usage=usage).split(b"\n\n")
    assert (mark, rest) == (b"data: [DONE]", b"")
    return [json.loads(event.removeprefix(b"data: ")) for event in events]


def _deltas(chunks: Sequence[Any]) -> list[Any]:
    return [chunk["choices"][0]["delta"] for chunk in chunks]


def test_a_stream_is_role_words_reason() -> None:
    """The order that every client expects; each chunk carries the same frame."""
    chunks = _chunks(TextDelta("Hel"), TextDelta("lo"), Finished("stop"))
    assert _deltas(chunks) == [
        {"role": "assistant", "content": "", "refusal": None},
        {"content": "Hel"},
        {"content": "lo"},
        {},
    ]
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None, None, None, "stop"]
    frame = {"id": "chatcmpl_1", "object": "chat.completion.chunk", "created": 1, "model": "house"}
    assert all({**chunk, **frame} == chunk and "usage" not in chunk for chunk in chunks)


def test_thinking_comes_apart_from_the_answer() -> None:
    """A program that knows no thinking must not show it as the answer."""
    deltas = _deltas(_chunks(ReasoningDelta("hm"), TextDelta("yo"), Finished("stop")))
    assert deltas[1:3] == [{"reasoning_content": "hm"}, {"content": "yo"}]


def test_a_call_is_named_once_and_its_arguments_come_in_pieces() -> None:
    """SDKs add up by index; a repeated name would be doubled."""
    chunks = _chunks(*FIRST_CALL, *SECOND_CALL, Finished("tool_calls"))
    assert _deltas(chunks) == [
        {"role": "assistant", "content": None, "refusal": None},
        {"tool_calls": [{"index": 0, "id": "call_a", "type": "function", "function": {"name": "f", "arguments": ""}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"a"'}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": ":1}"}}]},
        {"tool_calls": [{"index": 1, "id": "call_b", "type": "function", "function": {"name": "g", "arguments": ""}}]},
        {"tool_calls": [{"index": 1, "function": {"arguments": "{}"}}]},
        {},
    ]
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_calls_are_counted_apart_from_other_output() -> None:
    """Their index is that of the call, not that of the item."""
    deltas = _deltas(_chunks(TextDelta("see"), *FIRST_CALL, Finished("tool_calls")))
    assert [call["index"] for delta in deltas for call in delta.get("tool_calls", ())] == [0, 0, 0]


def test_usage_comes_last_and_only_when_asked() -> None:
    """Many clients read `choices[0]` of every chunk."""
    said = (TextDelta("yo"), Usage(5, 7, cached_tokens=3), Finished("stop"))
    *others, last = _chunks(*said, usage=True)
    assert all(chunk["usage"] is None for chunk in others)
    assert (last["choices"], last["usage"]["total_tokens"]) == ([], 12)
    assert all(chunk["choices"] for chunk in _chunks(*said))


def test_an_answer_without_a_word_still_has_its_role() -> None:
    """A limit may cut before the first one."""
    first, last = _chunks(Finished("length"))
    assert first["choices"][0]["delta"]["role"] == "assistant"
    assert last["choices"][0]["finish_reason"] == "length"


@given(st.lists(st.text(min_size=1), min_size=1))
def test_words_arrive_as_they_were_said(pieces: list[str]) -> None:
    """The JSON of a delta is taken over unread: no character may break its event, or be changed."""
    written = _written(*map(TextDelta, pieces), Finished("stop"))
    assert b"\r" not in written
    assert written.count(b"\n") == 2 * written.count(b"data: {") + 2
    deltas = _deltas(_chunks(*map(TextDelta, pieces), Finished("stop")))
    assert [delta["content"] for delta in deltas[1:-1]] == pieces


@pytest.mark.parametrize("said", [(TextDelta("yo"),), (ReasoningDelta("hm"), *FIRST_CALL)])
def test_every_chunk_has_the_shape_that_the_sdk_declares(said: Sequence[BackendEvent]) -> None:
    """The SDK reads laxly, its types are what other programs are written against."""
    for chunk in _chunks(*said, Usage(5, 7), Finished("stop"), usage=True):
        ChatCompletionChunk.model_validate(chunk, strict=True)


def test_an_error_is_one_event_without_an_end_mark() -> None:
    """SDKs raise at it; a mark after it would make the half answer look whole."""
    told = error_event(ApiError(503, "gone", code="server_error", type_="server_error"))
    assert told == b'data: {"error":{"message":"gone","type":"server_error","param":null,"code":"server_error"}}\n\n'


def test_logprobs_stand_beside_the_delta() -> None:
    """SDKs add them up from the choice, not from the delta."""
    token = TokenLogprob("Hi", -0.5, (72, 105), (RivalToken("Hi", -0.5, (72, 105)),))
    chunks = _chunks(TextDelta("Hi", (token,)), TextDelta("!"), Finished("stop"))
    told = [ChatCompletionChunk.model_validate(chunk).choices[0].logprobs for chunk in chunks]
    tokens = (told[1] and told[1].content) or []
    assert [(one.token, one.logprob, one.bytes) for one in tokens] == [("Hi", -0.5, [72, 105])]
    assert [(rival.token, rival.logprob) for one in tokens for rival in one.top_logprobs] == [("Hi", -0.5)]
    assert (told[0], told[2], told[3]) == (None, None, None)
