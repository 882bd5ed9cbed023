"""The official `openai-agents` SDK is a client without a patch: sockets, tool loops, streams and sessions."""

from collections.abc import AsyncGenerator, Generator
from typing import Any, cast

import pytest
from agents import (
    Agent,
    OpenAIConversationsSession,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    responses_websocket_session,
    set_tracing_disabled,
)
from openai import AsyncOpenAI, NotFoundError
from openai.types.responses import ResponseTextDeltaEvent

from support.live_server import LiveServer
from support.scripted_server import scripted_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """One server for all tests here; the SDK's traces would go to OpenAI."""
    set_tracing_disabled(disabled=True)
    with scripted_server(tmp_path_factory.mktemp("scripted")) as server:
        yield server


@pytest.fixture
async def client(server: LiveServer) -> AsyncGenerator[AsyncOpenAI]:
    """The SDK's HTTP client."""
    async with AsyncOpenAI(base_url=f"{server.url}/v1", api_key="not-needed-here", max_retries=0) as client:
        yield client


@function_tool
def tide(place: str) -> str:
    """When the tide is high.

    Args:
        place: where.
    """
    return f"high at noon in {place}"


ASKING = Agent[Any](name="asking", instructions="Be brief.", model="caller", tools=[tide])


async def test_a_tool_loop_on_one_socket(server: LiveServer) -> None:
    """Two turns on the same connection; the tool's result is what the model says."""
    async with responses_websocket_session(api_key="x", base_url=f"{server.url}/v1") as session:
        first = await session.run(ASKING, "When is the tide high?")
        assert first.final_output == "high at noon in echo"
        second = await session.run(ASKING, "And tomorrow?", previous_response_id=first.last_response_id)
        assert second.final_output == "high at noon in echo"
        assert second.last_response_id != first.last_response_id


async def test_a_streamed_tool_loop(server: LiveServer) -> None:
    """What streams is the final output."""
    async with responses_websocket_session(api_key="x", base_url=f"{server.url}/v1") as session:
        result = session.run_streamed(ASKING, "When is the tide high?")
        said = ""
        kinds: list[str] = []
        async for event in result.stream_events():
            if event.type == "raw_response_event" and isinstance(event.data, ResponseTextDeltaEvent):
                said += event.data.delta
            elif event.type == "run_item_stream_event":
                kinds.append(event.name)
        assert said == result.final_output == "high at noon in echo"
        assert kinds == ["tool_called", "tool_output", "message_output_created"]


async def test_a_conversation_of_the_server_goes_through_a_run(client: AsyncOpenAI) -> None:
    """`conversation_id` sends only what is new; the server keeps the rest."""
    conversation = await client.conversations.create()
    agent = ASKING.clone(model=OpenAIResponsesModel("caller", client))
    result = await Runner.run(agent, "When is the tide high?", conversation_id=conversation.id)
    assert result.final_output == "high at noon in echo"
    kept = [item.type async for item in client.conversations.items.list(conversation.id, order="asc")]
    assert kept == ["message", "function_call", "function_call_output", "message"]


async def test_a_session_from_birth_to_death(client: AsyncOpenAI) -> None:
    """Every call of `OpenAIConversationsSession`: pages, chunks of twenty, pop, clear."""
    session = OpenAIConversationsSession(openai_client=client)
    assert await session.get_items() == []
    lines: Any = [{"role": "user", "content": f"line {number}"} for number in range(45)]
    await session.add_items(lines)
    found = [cast("Any", item)["content"][0]["text"] for item in await session.get_items()]
    assert found == [f"line {number}" for number in range(45)]
    newest = [cast("Any", item)["content"][0]["text"] for item in await session.get_items(limit=2)]
    assert newest == ["line 43", "line 44"]
    popped = await session.pop_item()
    assert cast("Any", popped)["content"][0]["text"] == "line 44"
    assert len(await session.get_items()) == 44
    id_ = session.session_id
    await session.clear_session()
    with pytest.raises(NotFoundError):
        await client.conversations.retrieve(id_)


async def test_a_session_is_the_memory_of_a_run(client: AsyncOpenAI) -> None:
    """Whole turns go in, tool calls with their outputs, and come back as the next turn's input."""
    session = OpenAIConversationsSession(openai_client=client)
    agent = ASKING.clone(model=OpenAIResponsesModel("caller", client))
    for _ in range(2):
        result = await Runner.run(agent, "When is the tide high?", session=cast("Any", session))
        assert result.final_output == "high at noon in echo"
    kinds = [cast("Any", item).get("type") for item in await session.get_items()]
    assert kinds == ["message", "function_call", "function_call_output", "message"] * 2
