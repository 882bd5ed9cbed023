"""The Gemini backend, through Google's SDK, against a peer that replays the documented protocol."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import cast

import pytest

from maru_backends.base import (
    ChatMessage,
    Finished,
    FinishReason,
    ReasoningDelta,
    TextDelta,
    TextPart,
    Tool,
    ToolCall,
    ToolCallDelta,
    Usage,
)
from maru_backends.errors import BackendSetupError, BackendStreamBrokenError
from maru_backends.gemini import GeminiBackend
from maru_backends.gemini_chat import UNSIGNED
from support.gemini_peer import HELLO, TOLD, call, events_of, failure_of, gemini_on, piece, said, sse
from support.openai_peer import Json, Script
from support.scripted_peer import ScriptedPeer, scripted_peer

ENDING = ":streamGenerateContent"
WHOLE = sse(piece(said("Hi"), reason="STOP"))
WEATHER = Tool("get_weather", "Tells the weather.", {"type": "object", "properties": {"city": {"type": "string"}}})


@pytest.fixture
async def peer() -> AsyncIterator[ScriptedPeer]:
    """A provider that tells of its model and answers as scripted."""
    async with scripted_peer() as running:
        running.tell("/models/gemini-peer", TOLD)
        yield running


@pytest.fixture
async def backend(peer: ScriptedPeer) -> AsyncIterator[GeminiBackend]:
    """A backend of little patience on that provider."""
    opened = await gemini_on(peer)
    yield opened
    await opened.close()


def say(peer: ScriptedPeer, *pieces: Json) -> None:
    """Answer with one stream."""
    peer.play(ENDING, Script((sse(*pieces),)))


async def test_whole_answer_is_told(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """Thoughts, words, then the last bill, thinking in it, then the end."""
    bill = {
        "promptTokenCount": 300,
        "cachedContentTokenCount": 200,
        "candidatesTokenCount": 5,
        "thoughtsTokenCount": 12,
        "totalTokenCount": 317,
    }
    say(peer, piece(said("Hm.", thought=True)), piece(said("Hi ")), piece(said("there"), reason="STOP", **bill))
    assert await events_of(backend) == [
        ReasoningDelta("Hm."),
        TextDelta("Hi "),
        TextDelta("there"),
        Usage(300, 17, cached_tokens=200, reasoning_tokens=12),
        Finished("stop"),
    ]
    assert peer.asked[-1].path == "/v1beta/models/gemini-peer:streamGenerateContent"
    assert peer.asked[-1].query == {"alt": "sse"}
    assert "x-maru-stream" not in peer.asked[-1].headers


async def test_parallel_calls_come_whole(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """A call without an id gets one; STOP is the reason there, whether or not something was called."""
    calls = [call("get_weather", {"city": "서울"}, id="fc_1"), call("get_time")]
    say(peer, piece(said("Let me see."), *calls, reason="STOP"))
    *events, _, end = await events_of(backend, replace(HELLO, tools=(WEATHER,)))
    assert events[:2] == [TextDelta("Let me see."), ToolCallDelta(0, "fc_1", "get_weather", '{"city": "서울"}')]
    second = events[2]
    assert isinstance(second, ToolCallDelta)
    assert (second.index, second.name, second.arguments) == (1, "get_time", "{}")
    assert second.id
    assert end == Finished("tool_calls")


@pytest.mark.filterwarnings("ignore:.*is not a valid FinishReason")
@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("PROHIBITED_CONTENT", "content_filter"),
        ("BLOCKLIST", "content_filter"),
        ("SPII", "content_filter"),
        ("A_REASON_OF_LATER_YEARS", "stop"),
    ],
)
async def test_reasons_to_stop(peer: ScriptedPeer, backend: GeminiBackend, reason: str, expected: FinishReason) -> None:
    """Every documented one, and those to come."""
    say(peer, piece(said("Hi"), reason=reason))
    assert (await events_of(backend))[-1] == Finished(expected)


@pytest.mark.parametrize("reason", ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "OTHER"])
async def test_reasons_that_are_failures(peer: ScriptedPeer, backend: GeminiBackend, reason: str) -> None:
    """The model broke off: that is no answer."""
    say(peer, piece(said("Hi"), reason=reason))
    assert isinstance((await failure_of(backend))[1], BackendStreamBrokenError)


async def test_limited_account_is_the_operators(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """Nobody who chats can mend it."""
    say(peer, piece(reason="PUP_LIMITED_DISABLED"))
    assert isinstance((await failure_of(backend))[1], BackendSetupError)


async def test_blocked_prompt_is_filtered(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """There is no candidate then, and no finish reason."""
    blocked: Json = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 4}}
    say(peer, blocked)
    assert await events_of(backend) == [Usage(4, 0), Finished("content_filter")]


async def test_signature_goes_back_with_its_call(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """Gemini 3 refuses a call without it; one that others made gets the documented stand-in."""
    asked = replace(HELLO, tools=(WEATHER,))
    say(peer, piece(call("get_weather", {"city": "Seoul"}, id="fc_1", signature="c2lnbmVk"), reason="STOP"))
    await events_of(backend, asked)
    made = ChatMessage("assistant", (), (ToolCall("fc_1", "get_weather", "{}"), ToolCall("fc_2", "get_weather", "{}")))
    foreign = ChatMessage("assistant", (), (ToolCall("call_9", "get_weather", "{}"),))
    outputs = [ChatMessage("tool", (TextPart("rain"),), tool_call_id=name) for name in ("fc_1", "fc_2")]
    last = ChatMessage("tool", (TextPart("sun"),), tool_call_id="call_9")
    say(peer, piece(said("Rain."), reason="STOP"))
    await events_of(backend, replace(asked, messages=(*HELLO.messages, made, *outputs, foreign, last)))
    contents = cast("list[dict[str, list[Json]]]", peer.sent(ENDING)[-1]["contents"])
    assert [part.get("thoughtSignature") for part in contents[1]["parts"]] == ["c2lnbmVk", None]
    assert contents[3]["parts"][0]["thoughtSignature"] == UNSIGNED
    assert contents[2]["parts"][0]["functionResponse"] == {
        "id": "fc_1",
        "name": "get_weather",
        "response": {"output": "rain"},
    }


async def test_request_has_geminis_shape(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """What the SDK sends is what was meant."""
    say(peer, piece(said("Hi"), reason="STOP"))
    messages = (ChatMessage("system", (TextPart("Be kind."),)), *HELLO.messages)
    await events_of(backend, replace(HELLO, messages=messages, tools=(WEATHER,), reasoning_effort="low"))
    (body,) = peer.sent(ENDING)
    assert body["systemInstruction"] == {"parts": [{"text": "Be kind."}]}
    assert body["contents"] == [{"role": "user", "parts": [{"text": "Hello"}]}]
    (tool,) = cast("list[dict[str, list[Json]]]", body["tools"])
    (declared,) = tool["functionDeclarations"]
    assert declared["name"] == "get_weather"
    assert declared.get("parametersJsonSchema", declared.get("parameters_json_schema")) == WEATHER.parameters
    assert body["toolConfig"] == {"functionCallingConfig": {"mode": "AUTO"}}
    config = dict(cast("Json", body["generationConfig"]))
    wished = cast("Json", config.pop("thinkingConfig"))
    thinking = {name.replace("_", "").lower(): value for name, value in wished.items()}
    assert thinking == {"includethoughts": True, "thinkinglevel": "LOW"}  # the SDK spells nested names both ways
    assert config == {"maxOutputTokens": 65_536}


@pytest.mark.parametrize("size", [1, 7])
async def test_cut_anywhere_the_answer_is_the_same(peer: ScriptedPeer, backend: GeminiBackend, size: int) -> None:
    """Proxies cut streams inside characters."""
    data = sse(piece(said("안녕")), piece(said("하세요 \N{WAVING HAND SIGN}"), reason="STOP"))
    peer.play(ENDING, Script(tuple(data[at : at + size] for at in range(0, len(data), size))))
    words = [event.text for event in await events_of(backend) if isinstance(event, TextDelta)]
    assert "".join(words) == "안녕하세요 \N{WAVING HAND SIGN}"


async def test_count_is_asked_once(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """With all that makes the prompt: instructions and tools too."""
    peer.tell(":countTokens", {"totalTokens": 42})
    request = replace(
        HELLO, messages=(ChatMessage("system", (TextPart("Be kind."),)), *HELLO.messages), tools=(WEATHER,)
    )
    assert await backend.count_tokens(request) == 42
    assert await backend.count_tokens(request) == 42
    (body,) = peer.sent(":countTokens")
    counted = cast("Json", body["generateContentRequest"])
    assert set(counted) == {"model", "contents", "systemInstruction", "tools", "toolConfig"}
    assert counted["model"] == "models/gemini-peer"


async def test_limits_are_the_models(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """Asked once; nothing of it stands in the settings."""
    limits = await backend.limits()
    assert (limits.context_window, limits.max_output_tokens) == (1_048_576, 65_536)
    assert limits.features == {"tools", "images", "json", "effort"}
    assert await backend.limits() == limits
    assert len([asked for asked in peer.asked if asked.method == "GET"]) == 1


async def test_model_without_thinking_is_not_asked_for_it(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """It would refuse the request."""
    peer.tell("/models/gemini-peer", {**TOLD, "thinking": False})
    say(peer, piece(said("Hi"), reason="STOP"))
    await events_of(backend)
    assert peer.sent(ENDING)[0]["generationConfig"] == {"maxOutputTokens": 65_536}
    assert "effort" not in (await backend.limits()).features


async def test_server_that_tells_of_no_model_still_chats(peer: ScriptedPeer) -> None:
    """As gateways do that know this one call."""
    peer.tell("/models/gemini-peer", {"error": {"code": 404, "message": "no"}}, status=404)
    backend = await gemini_on(peer, context_window=4096)
    peer.play(ENDING, Script((WHOLE,)))
    assert (await events_of(backend))[-1] == Finished("stop")
    assert (await backend.limits()).context_window == 4096
    assert (await backend.health()).is_ready
    await backend.close()
