"""An engine whose parallel tool calls cross: what the official SDK reads out of both APIs."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI
from openai.lib.responses_websocket import ResponsesWebSocketAccumulator
from openai.types.chat import ChatCompletionFunctionToolParam
from openai.types.responses import FunctionToolParam, Response, ResponseFunctionToolCall

from support.live_server import LiveServer, free_port
from support.openai_peer import Json, Script, delta, finish, openai_peer, sse, usage

MODEL = """
[[models]]
id = "peer"
backend = "openai"
base_url = "{base_url}"
model = "peer"
"""
TOOL: FunctionToolParam = {
    "type": "function",
    "name": "look_up",
    "description": None,
    "parameters": {"type": "object"},
    "strict": False,
}
CHAT_TOOL: ChatCompletionFunctionToolParam = {"type": "function", "function": {"name": "look_up"}}
CALLED = [("call_0", '{"word": "a"}'), ("call_1", '{"word": "b"}')]


def _piece(index: int, arguments: str, **first: str) -> Json:
    return delta(tool_calls=[{"index": index, "function": {"arguments": arguments, **first}, **_named(index, first)}])


def _named(index: int, first: dict[str, str]) -> dict[str, str]:
    return {"id": f"call_{index}", "type": "function"} if first else {}


CROSSED = sse(
    _piece(0, "", name="look_up"),
    _piece(1, "", name="look_up"),
    _piece(0, '{"word"'),
    _piece(1, '{"word": "b"'),
    _piece(1, "}"),
    _piece(0, ': "a"}'),
    finish("tool_calls"),
    usage(10, 20),
    "[DONE]",
)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[AsyncOpenAI]:
    """The SDK before a server whose engine answers with crossed calls."""
    async with openai_peer() as peer:
        peer.play(Script((CROSSED,)))
        server = LiveServer(tmp_path, MODEL.format(base_url=peer.base_url), free_port())
        await asyncio.to_thread(server.start)
        try:
            base_url = f"{server.url}/v1"
            async with AsyncOpenAI(base_url=base_url, api_key="not-needed-here", max_retries=0, timeout=60) as client:
                yield client
        finally:
            await asyncio.to_thread(server.stop)


def _calls(response: Response) -> list[tuple[str, str]]:
    return [(item.call_id, item.arguments) for item in response.output if isinstance(item, ResponseFunctionToolCall)]


async def test_crossed_calls_are_whole_for_every_client(client: AsyncOpenAI) -> None:
    """The SDK runs the tools of whatever it put together itself, so the pieces must be right, not the end alone."""
    create: dict[str, Any] = {"model": "peer", "input": "look up two words"}
    async with client.responses.stream(**create, tools=[TOOL]) as stream:
        assert _calls(await stream.get_final_response()) == CALLED
    async with client.responses.connect() as connection:
        await connection.response.create(**create, tools=[TOOL])
        folder = ResponsesWebSocketAccumulator()
        async for event in connection:
            folder.add_event(event)
            if event.type in {"response.completed", "response.failed", "error"}:
                break
        assert [(item.call_id, item.arguments) for item in folder.snapshot().output] == CALLED
        assert _calls(folder.get_final_response()) == CALLED
    chat: Any = {"model": "peer", "messages": [{"role": "user", "content": "hi"}], "tools": [CHAT_TOOL]}
    async with client.chat.completions.stream(**chat) as chunks:
        message = (await chunks.get_final_completion()).choices[0].message
    assert [(call.id, call.function.arguments) for call in message.tool_calls or ()] == CALLED
