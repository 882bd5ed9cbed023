"""The service over hosted models: a tool call and its output through Maru, with what the provider signed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from maru.protocol.items import FunctionCall
from maru.protocol.response import Response
from maru_backends.claude import ClaudeSettings
from maru_backends.gemini import GeminiSettings
from support import claude_peer, gemini_peer
from support.openai_peer import Script
from support.scripted_peer import ScriptedPeer, scripted_peer
from support.service import Service, service, text_of

TOOL = {
    "type": "function",
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}


@pytest.fixture
async def peer() -> AsyncIterator[ScriptedPeer]:
    """Both providers at one address."""
    async with scripted_peer() as running:
        running.tell("/v1/models/claude-peer", claude_peer.told())
        running.tell("/count_tokens", {"input_tokens": 42})
        running.tell("/models/gemini-peer", gemini_peer.TOLD)
        running.tell(":countTokens", {"totalTokens": 42})
        yield running


@pytest.fixture
async def maru(peer: ScriptedPeer) -> AsyncIterator[Service]:
    """Maru with a model of each."""
    async with service(
        claude=ClaudeSettings(base_url=peer.base_url, model="claude-peer"),
        gemini=GeminiSettings(base_url=f"{peer.base_url}/v1beta", model="gemini-peer"),
    ) as running:
        yield running


async def called_and_answered(maru: Service, model: str, play_answer: Any) -> tuple[Response, Response]:
    """A question that ends in a call, and the call's output."""
    wishes = {"model": model, "tools": [TOOL], "reasoning": {"effort": "high"}}
    first = await maru.ask(input="How is the weather in Seoul?", **wishes)
    call = next(item for item in first.output if isinstance(item, FunctionCall))
    play_answer()
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}
    return first, await maru.ask(input=[output], previous_response_id=first.id, **wishes)


def kinds(response: Response) -> list[str]:
    """What an answer is made of."""
    return [type(item).__name__ for item in response.output]


async def test_claude_calls_a_tool_and_gets_its_thinking_back(peer: ScriptedPeer, maru: Service) -> None:
    """The signed block stands before the call in the second request."""
    thought = claude_peer.thinking(0, "Let me look.", "sig-1")
    call = claude_peer.call(1, "toolu_1", "get_weather", '{"city": "Seoul"}')
    first = claude_peer.sse(claude_peer.start(), *thought, *call, *claude_peer.ended("tool_use"))
    second = claude_peer.sse(claude_peer.start(), *claude_peer.text(0, "It rains."), *claude_peer.ended())
    peer.play("/v1/messages", Script((first,)))
    asked, answered = await called_and_answered(maru, "claude", lambda: peer.play("/v1/messages", Script((second,))))
    assert (kinds(asked), asked.status) == (["Reasoning", "FunctionCall"], "completed")
    assert text_of(answered) == "It rains."
    assert answered.usage is not None
    assert (answered.usage.input_tokens, answered.usage.output_tokens) == (25, 15)
    assert "'signature': 'sig-1'" in str(peer.sent("/v1/messages")[-1]["messages"])
    assert peer.sent("/v1/messages")[-1]["thinking"] == {"type": "adaptive", "display": "summarized"}


async def test_gemini_calls_a_tool_and_gets_its_signature_back(peer: ScriptedPeer, maru: Service) -> None:
    """The signature stands beside the call in the second request."""
    call = gemini_peer.call("get_weather", {"city": "Seoul"}, id="fc_1", signature="c2lnbmVk")
    first = gemini_peer.sse(
        gemini_peer.piece(gemini_peer.said("Let me look.", thought=True)), gemini_peer.piece(call, reason="STOP")
    )
    second = gemini_peer.sse(gemini_peer.piece(gemini_peer.said("It rains."), reason="STOP"))
    peer.play(":streamGenerateContent", Script((first,)))
    asked, answered = await called_and_answered(
        maru, "gemini", lambda: peer.play(":streamGenerateContent", Script((second,)))
    )
    assert (kinds(asked), asked.status) == (["Reasoning", "FunctionCall"], "completed")
    assert text_of(answered) == "It rains."
    assert "'thoughtSignature': 'c2lnbmVk'" in str(peer.sent(":streamGenerateContent")[-1]["contents"])


async def test_overloaded_provider_fails_the_answer_in_words(peer: ScriptedPeer, maru: Service) -> None:
    """Nothing of the provider's address or key is in them."""
    broken = claude_peer.sse(
        claude_peer.start(),
        claude_peer.opened(0, type="text", text=""),
        claude_peer.more(0, type="text_delta", text="Half an"),
        claude_peer.failed("overloaded_error", "Overloaded"),
    )
    peer.play("/v1/messages", Script((broken,)))
    response = await maru.ask(model="claude", input="Hello")
    assert response.status == "failed"
    assert response.error is not None
    assert response.error.message == "The engine is busy; try again shortly."
    assert text_of(response) == "Half an"
