"""The Claude backend, through Anthropic's SDK, against a peer that replays the documented protocol."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import cast

import pytest

from maru_backends.base import (
    ChatMessage,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    TextPart,
    Tool,
    ToolCall,
    ToolCallDelta,
    Usage,
)
from maru_backends.claude import ClaudeBackend
from maru_backends.errors import RequestRefusedError
from support.claude_peer import (
    HELLO,
    PING,
    call,
    claude_on,
    ended,
    events_of,
    failed,
    failure_of,
    sse,
    start,
    text,
    thinking,
    told,
)
from support.openai_peer import Json, Script
from support.scripted_peer import ScriptedPeer, scripted_peer, whole

ENDING = "/v1/messages"
WHOLE = sse(start(), *text(0, "Hi"), *ended())
WEATHER = Tool("get_weather", "Tells the weather.", {"type": "object", "properties": {"city": {"type": "string"}}})


@pytest.fixture
async def peer() -> AsyncIterator[ScriptedPeer]:
    """A provider that tells of its model and answers as scripted."""
    async with scripted_peer() as running:
        running.tell("/v1/models/claude-peer", told())
        yield running


@pytest.fixture
async def backend(peer: ScriptedPeer) -> AsyncIterator[ClaudeBackend]:
    """A backend of little patience on that provider."""
    opened_backend = await claude_on(peer)
    yield opened_backend
    await opened_backend.close()


def say(peer: ScriptedPeer, *events: Json) -> None:
    """Answer with one stream."""
    peer.play(ENDING, Script((sse(*events),)))


async def test_whole_answer_is_told(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """Thinking, words, then the bill with all that was read, from the cache or not, then the end."""
    bill = {
        "input_tokens": 20,
        "cache_read_input_tokens": 300,
        "cache_creation_input_tokens": 40,
        "output_tokens": 33,
        "output_tokens_details": {"thinking_tokens": 12},
    }
    say(peer, start(), PING, *thinking(0, "Hm.", "sig"), *text(1, "Hi ", "there"), PING, *ended("end_turn", **bill))
    assert await events_of(backend) == [
        ReasoningDelta("Hm."),
        TextDelta("Hi "),
        TextDelta("there"),
        Usage(360, 33, cached_tokens=300, reasoning_tokens=12),
        Finished("stop"),
    ]


async def test_usage_of_the_start_holds_where_the_end_leaves_it_out(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """The last event repeats only what grew."""
    say(peer, start(input_tokens=25, cache_read_input_tokens=5, output_tokens=1), *text(0, "Hi"), *ended())
    assert Usage(30, 15, cached_tokens=5) in await events_of(backend)


async def test_parallel_calls_come_apart(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """Each block is a call; one without arguments takes none."""
    calls = [*call(1, "toolu_1", "get_weather", '{"city": ', '"Seoul"}'), *call(2, "toolu_2", "get_time")]
    say(peer, start(), *text(0, "Let me see."), *calls, *ended("tool_use"))
    assert await events_of(backend, replace(HELLO, tools=(WEATHER,))) == [
        TextDelta("Let me see."),
        ToolCallDelta(0, "toolu_1", "get_weather"),
        ToolCallDelta(0, arguments='{"city": '),
        ToolCallDelta(0, arguments='"Seoul"}'),
        ToolCallDelta(1, "toolu_2", "get_time"),
        ToolCallDelta(1, arguments="{}"),
        Usage(25, 15),
        Finished("tool_calls"),
    ]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("pause_turn", "length"),
        ("refusal", "content_filter"),
        ("a_reason_of_later_years", "stop"),
    ],
)
async def test_reasons_to_stop(peer: ScriptedPeer, backend: ClaudeBackend, reason: str, expected: str) -> None:
    """Every documented one, and those to come."""
    say(peer, start(), *text(0, "Hi"), *ended(reason))
    assert (await events_of(backend))[-1] == Finished(expected)  # type: ignore[arg-type] # of the table


async def test_refusal_without_words_is_told(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """Who asked learns why there is no answer."""
    delta = {"stop_reason": "refusal", "stop_details": {"type": "refusal", "explanation": "This could harm."}}
    end: Json = {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 3}}
    say(peer, start(), end, {"type": "message_stop"})
    assert await events_of(backend) == [RefusalDelta("This could harm."), Usage(25, 3), Finished("content_filter")]


async def test_thinking_goes_back_with_its_call(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """The signature is checked there; the next question no longer needs it."""
    asked = replace(HELLO, tools=(WEATHER,), reasoning_effort="high")
    say(
        peer,
        start(),
        *thinking(0, "Which city?", "sig-1"),
        *call(1, "toolu_1", "get_weather", "{}"),
        *ended("tool_use"),
    )
    await events_of(backend, asked)
    said = ChatMessage("assistant", (), (ToolCall("toolu_1", "get_weather", "{}"),))
    output = ChatMessage("tool", (TextPart("rain"),), tool_call_id="toolu_1")
    say(peer, start(), *text(0, "Rain."), *ended())
    await events_of(backend, replace(asked, messages=(*HELLO.messages, said, output)))
    later = (*HELLO.messages, said, output, ChatMessage("assistant", (TextPart("Rain."),)), *HELLO.messages)
    await events_of(backend, replace(asked, messages=later))
    later_bodies = [cast("list[dict[str, list[Json]]]", body["messages"]) for body in peer.sent(ENDING)[1:]]
    second, third = (messages[1]["content"] for messages in later_bodies)
    assert second[0] == {"type": "thinking", "thinking": "Which city?", "signature": "sig-1"}
    assert [block["type"] for block in third] == ["tool_use"]


async def test_refused_thinking_is_left_out_and_asked_again(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """The window may have been cut since the signature was made."""
    asked = replace(HELLO, tools=(WEATHER,), reasoning_effort="high")
    say(peer, start(), *thinking(0, "Hm", "sig-1"), *call(1, "toolu_1", "get_weather", "{}"), *ended("tool_use"))
    await events_of(backend, asked)
    said = ChatMessage("assistant", (), (ToolCall("toolu_1", "get_weather", "{}"),))
    output = ChatMessage("tool", (TextPart("rain"),), tool_call_id="toolu_1")
    complaint = "messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to another."
    refusal = whole(failed("invalid_request_error", complaint), status=400)
    peer.play(ENDING, refusal, Script((WHOLE,)))
    events = await events_of(backend, replace(asked, messages=(*HELLO.messages, said, output)))
    assert events[-1] == Finished("stop")
    assert "sig-1" in str(peer.sent(ENDING)[1])
    assert "sig-1" not in str(peer.sent(ENDING)[2])


async def test_refused_thinking_after_words_is_not_asked_again(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """Words that were shown are never said twice."""
    asked = replace(HELLO, tools=(WEATHER,), reasoning_effort="high")
    say(peer, start(), *thinking(0, "Hm", "sig-1"), *call(1, "toolu_1", "get_weather", "{}"), *ended("tool_use"))
    await events_of(backend, asked)
    said = ChatMessage("assistant", (), (ToolCall("toolu_1", "get_weather", "{}"),))
    output = ChatMessage("tool", (TextPart("rain"),), tool_call_id="toolu_1")
    refusal = failed("invalid_request_error", "messages.1.content.0: Invalid `signature` in `thinking` block.")
    peer.play(ENDING, Script((sse(start(), *text(0, "Hi"), refusal),)), Script((WHOLE,)))
    events, error = await failure_of(backend, replace(asked, messages=(*HELLO.messages, said, output)))
    assert events == [TextDelta("Hi")]
    assert isinstance(error, RequestRefusedError)
    assert len(peer.sent(ENDING)) == 2


@pytest.mark.parametrize("size", [1, 7])
async def test_cut_anywhere_the_answer_is_the_same(peer: ScriptedPeer, backend: ClaudeBackend, size: int) -> None:
    """Proxies cut streams inside characters."""
    data = sse(start(), *text(0, "안녕", "하세요 \N{WAVING HAND SIGN}"), *ended())
    peer.play(ENDING, Script(tuple(data[at : at + size] for at in range(0, len(data), size))))
    said = [event.text for event in await events_of(backend) if isinstance(event, TextDelta)]
    assert "".join(said) == "안녕하세요 \N{WAVING HAND SIGN}"


async def test_count_is_asked_once(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """And leaves out what is no part of the prompt."""
    peer.tell("/count_tokens", {"input_tokens": 42})
    assert await backend.count_tokens(HELLO) == 42
    assert await backend.count_tokens(HELLO) == 42
    (body,) = peer.sent("/count_tokens")
    assert set(body) == {"model", "messages"}
    assert (await backend.limits()).counts_exactly


async def test_answer_gets_the_room_that_is_left(peer: ScriptedPeer) -> None:
    """Some models refuse a wish that does not fit beside the prompt."""
    backend = await claude_on(peer, context_window=1000, max_output_tokens=900)
    peer.tell("/count_tokens", {"input_tokens": 400})
    peer.play(ENDING, Script((WHOLE,)))
    await events_of(backend)
    await backend.count_tokens(HELLO)
    await events_of(backend)
    assert [body["max_tokens"] for body in peer.sent(ENDING)] == [900, 600]
    await backend.close()


async def test_limits_are_the_models(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """Asked once; nothing of it stands in the settings."""
    limits = await backend.limits()
    assert (limits.context_window, limits.max_output_tokens) == (1_000_000, 128_000)
    assert limits.features == {"tools", "images", "json", "effort"}
    assert await backend.limits() == limits
    assert len([asked for asked in peer.asked if asked.method == "GET"]) == 1


async def test_server_that_tells_of_no_model_still_chats(peer: ScriptedPeer) -> None:
    """As vLLM and several gateways, which have this API without its models."""
    peer.tell("/v1/models/claude-peer", {"detail": "Not Found"}, status=404)
    backend = await claude_on(peer, context_window=4096)
    peer.play(ENDING, Script((WHOLE,)))
    assert (await events_of(backend))[-1] == Finished("stop")
    assert (await backend.limits()).context_window == 4096
    assert (await backend.health()).is_ready
    await backend.close()
