"""`/v1/responses` through real sockets, on echo models: what plain clients see of it."""

from collections.abc import AsyncGenerator, Generator
from typing import Any

import aiohttp
import pytest
from openai import OpenAI
from openai.lib.responses_websocket import ResponsesWebSocketAccumulator
from openai.types.responses import ResponseCreatedEvent, ResponseSteerFailedEvent

from support.echo_models import ECHO, SLOW
from support.live_server import LiveServer, live_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """A server with one model that answers at once and one that counts for ever."""
    with live_server(tmp_path_factory.mktemp("echo"), ECHO + SLOW) as server:
        yield server


async def _post(session: aiohttp.ClientSession, path: str, **body: Any) -> tuple[int, Any]:
    async with session.post(path, json=body) as answer:
        return answer.status, await answer.json()


async def _turn(socket: aiohttp.ClientWebSocketResponse, **create: Any) -> Any:
    """The last event of one answer on a socket."""
    await socket.send_json({"type": "response.create", **create})
    while True:
        event = await socket.receive_json()
        if event["type"] in {"response.completed", "response.incomplete", "response.failed", "error"}:
            return event


async def test_a_reference_is_answered_like_the_item_itself(session: aiohttp.ClientSession) -> None:
    """SDKs replay their history by reference."""
    _, first = await _post(session, "/v1/responses", input="what was said")
    reference = {"type": "item_reference", "id": first["maru:input"][0]}
    status, second = await _post(session, "/v1/responses", input=[reference])
    assert (status, second["output"][0]["content"][0]["text"]) == (200, "what was said")
    async with session.get(f"/v1/responses/{second['id']}/input_items") as answer:
        (item,) = (await answer.json())["data"]
    assert item["id"] == second["maru:input"][0]
    assert item["content"] == [{"type": "input_text", "text": "what was said"}]


async def test_references_fill_a_conversation_too(session: aiohttp.ClientSession) -> None:
    """The same input items are taken everywhere."""
    _, first = await _post(session, "/v1/responses", input="what was said")
    items = [{"type": "item_reference", "id": first["output"][0]["id"]}]
    status, conversation = await _post(session, "/v1/conversations", items=items)
    assert status == 200
    status, added = await _post(session, f"/v1/conversations/{conversation['id']}/items", items=items)
    assert (status, added["data"][0]["role"]) == (200, "assistant")
    status, refused = await _post(session, "/v1/conversations", items=[{"type": "item_reference", "id": "msg_gone"}])
    assert (status, refused["error"]["param"]) == (404, "items[0].id")


async def test_a_missing_item_is_not_found(session: aiohttp.ClientSession) -> None:
    """With the id and the place of the reference."""
    status, body = await _post(session, "/v1/responses", input=[{"type": "item_reference", "id": "msg_gone"}])
    assert status == 404
    assert body["error"]["code"] == "item_not_found"
    assert body["error"]["param"] == "input[0].id"
    assert "msg_gone" in body["error"]["message"]


async def test_an_unstored_item_is_known_to_its_own_socket_only(session: aiohttp.ClientSession) -> None:
    """`store: false` leaves nothing for anybody else."""
    async with session.ws_connect("/v1/responses") as mine, session.ws_connect("/v1/responses") as other:
        first = (await _turn(mine, input="between us", store=False))["response"]
        create = {"input": [{"type": "item_reference", "id": first["maru:input"][0]}], "store": False}
        again = (await _turn(mine, **create))["response"]
        assert again["output"][0]["content"][0]["text"] == "between us"
        refused = await _turn(other, **create)
        assert (refused["status"], refused["error"]["code"]) == (404, "item_not_found")


async def test_a_steer_is_refused_and_the_answer_goes_on(session: aiohttp.ClientSession) -> None:
    """Also a broken one: no `error` frame may come while an answer runs."""
    async with session.ws_connect("/v1/responses") as socket:
        await socket.send_json({"type": "response.create", "model": "slow", "input": "go", "stream_id": "lane"})
        response_id = (await socket.receive_json())["response"]["id"]
        await socket.send_json({"type": "response.steer", "input": "faster", "previous_response_id": response_id})
        await socket.send_json({"type": "response.steer"})
        first, second = [event async for event in _events(socket, "response.steer.failed", 2)]
        assert first["error"]["code"] == second["error"]["code"] == "steering_not_supported"
        assert first["steer"] == {"input": "faster", "previous_response_id": response_id}
        assert second["steer"] == {"input": None, "previous_response_id": None}
        assert (first["sequence_number"], second["sequence_number"]) == (0, 1)
        assert (first["stream_id"], second.get("stream_id")) == ("lane", None)
        assert [event["type"] async for event in _events(socket, "response.output_text.delta", 5)]
        await socket.send_json({"type": "response.cancel"})
        (last,) = [event async for event in _events(socket, "response.incomplete", 1)]
        assert last["response"]["status"] == "cancelled"


def test_the_sdk_reads_a_refused_steer(server: LiveServer) -> None:
    """Its type for the event, and its strict folder of events into a response, take it in the middle of an answer."""
    with (
        OpenAI(base_url=f"{server.url}/v1", api_key="not-needed-here", max_retries=0) as client,
        client.responses.connect() as connection,
    ):
        connection.response.create(model="slow", input="go", max_output_tokens=40)
        created = connection.recv()
        assert isinstance(created, ResponseCreatedEvent)
        connection.response.steer(input="faster", previous_response_id=created.response.id)
        folder = ResponsesWebSocketAccumulator()
        folder.add_event(created)
        missing = {"response.steer.failed", "response.incomplete"}
        while missing:
            event = connection.recv()
            folder.add_event(event)
            missing.discard(event.type)
            if isinstance(event, ResponseSteerFailedEvent):
                failed = ResponseSteerFailedEvent.model_validate(event.model_dump())
                assert failed.error.code == "steering_not_supported"
                assert (failed.steer.input, failed.steer.previous_response_id) == ("faster", created.response.id)
        assert len(folder.snapshot().output_text.split()) == 40


async def _events(socket: aiohttp.ClientWebSocketResponse, kind: str, count: int) -> AsyncGenerator[Any]:
    """So many events of one kind; what comes between is passed over, unless it is an error."""
    while count:
        event = await socket.receive_json()
        assert event["type"] != "error", event
        if event["type"] == kind:
            count -= 1
            yield event


async def test_an_answer_tells_how_long_it_took(session: aiohttp.ClientSession) -> None:
    """In the answer and in the tree, also for one that was stopped; not while it runs."""
    _, conversation = await _post(session, "/v1/conversations")
    _, answer = await _post(session, "/v1/responses", model="echo", input="hi", conversation=conversation["id"])
    timing = answer["maru:timing"]
    assert 0 <= timing["first_token_ms"] <= timing["total_ms"]
    assert timing["thinking_ms"] == 0
    async with session.ws_connect("/v1/responses") as socket:
        await socket.send_json(
            {"type": "response.create", "model": "slow", "input": "hi", "conversation": conversation["id"]}
        )
        created = await socket.receive_json()
        assert created["response"]["maru:timing"] is None
        await socket.send_json({"type": "response.cancel", "response_id": created["response"]["id"]})
        while (event := await socket.receive_json())["type"] != "response.incomplete":
            pass
        assert event["response"]["maru:timing"]["total_ms"] >= 0
    async with session.get(f"/v1/conversations/{conversation['id']}/tree") as tree:
        told = (await tree.json())["responses"]
    assert told[answer["id"]]["maru:timing"] == timing
