"""`/v1/responses` through real sockets, on echo models: what plain clients see of it."""

from collections.abc import AsyncGenerator, Generator
from typing import Any

import aiohttp
import pytest

from support.live_server import LiveServer, live_server

ECHO = """
[[models]]
id = "echo"
backend = "echo"

[[models]]
id = "slow"
backend = "echo"
script = "count"
tokens = 100000
pace_tokens_per_s = 50
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """A server with one model that answers at once and one that counts for ever."""
    with live_server(tmp_path_factory.mktemp("echo"), ECHO) as server:
        yield server


@pytest.fixture
async def session(server: LiveServer) -> AsyncGenerator[aiohttp.ClientSession]:
    """A client of it."""
    async with aiohttp.ClientSession(server.url, timeout=aiohttp.ClientTimeout(20)) as session:
        yield session


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
