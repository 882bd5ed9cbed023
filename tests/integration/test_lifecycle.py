"""What survives a stop, a crash and a client that leaves: on the real server, with signals."""

import asyncio
import json
import signal
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from support.echo_models import SLOW
from support.live_server import LiveServer, free_port


@pytest.fixture
def server(tmp_path: Path) -> Generator[LiveServer]:
    """A server of its own, whose model counts for ever."""
    server = LiveServer(tmp_path, SLOW, free_port())
    server.start()
    yield server
    server.stop()


@asynccontextmanager
async def _session(server: LiveServer) -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(server.url, timeout=aiohttp.ClientTimeout(20)) as session:
        yield session


async def _begin(socket: aiohttp.ClientWebSocketResponse, **create: Any) -> tuple[str, str]:
    """Start an answer and read it for a while; its response id and the words so far."""
    await socket.send_json({"type": "response.create", "input": "go", **create})
    response_id, words = "", ""
    while len(words) < 1_000:
        event = await socket.receive_json()
        assert event["type"] != "error", event
        if event["type"] == "response.created":
            response_id = event["response"]["id"]
        words += event.get("delta", "")
    return response_id, words


async def _json(session: aiohttp.ClientSession, path: str, **body: Any) -> Any:
    async with session.request("POST" if body else "GET", path, json=body or None) as answer:
        return await answer.json()


async def test_after_kill_9_the_words_of_the_last_second_are_there(server: LiveServer) -> None:
    """Rule 3: acknowledged words are on disk, and nothing stays `in_progress`."""
    async with _session(server) as session:
        conversation = await _json(session, "/v1/conversations", metadata={})
        async with session.ws_connect("/v1/responses") as socket:
            response_id, words = await _begin(socket, conversation=conversation["id"])
            server.send(signal.SIGKILL)
    server.start()
    async with _session(server) as session:
        tree = await _json(session, f"/v1/conversations/{conversation['id']}/tree")
        assert tree["running"] == []
        question, answer = tree["items"]
        assert question["content"][0]["text"] == "go"
        kept = answer["content"][0]["text"]
        assert kept
        assert (words + kept).startswith(kept)
        # 50 words a second, about 10 characters each: less than two seconds may be missing.
        assert len(words) - len(kept) < 1_200
        response = await _json(session, f"/v1/responses/{response_id}")
        assert response["status"] == "incomplete"
        assert await _begin_again(session, conversation["id"])


async def _begin_again(session: aiohttp.ClientSession, conversation: str) -> str:
    async with session.ws_connect("/v1/responses") as socket:
        return (await _begin(socket, conversation=conversation))[1]


async def test_a_clean_stop_tells_everybody(server: LiveServer) -> None:
    """The running answer ends as incomplete, then the socket closes with 1012, and a second start finds all."""
    async with _session(server) as session, session.ws_connect("/v1/responses") as socket:
        response_id, _ = await _begin(socket)
        stopping = asyncio.create_task(asyncio.to_thread(server.send, signal.SIGTERM))
        terminal: dict[str, Any] = {}
        async for message in socket:
            event = json.loads(message.data)
            if event["type"] == "response.incomplete":
                terminal = event["response"]
        assert terminal["incomplete_details"] == {"reason": "maru:interrupted"}
        assert socket.close_code == 1012
        await stopping
    server.start()
    async with _session(server) as session:
        response = await _json(session, f"/v1/responses/{response_id}")
        assert response == terminal


async def test_a_plain_answer_ends_with_its_socket_and_a_detached_one_goes_on(server: LiveServer) -> None:
    """Rule 4: closing is how a plain request is stopped; `maru:detach` is how it is not."""
    async with _session(server) as session:
        async with session.ws_connect("/v1/responses") as socket:
            plain, _ = await _begin(socket)
        async with session.ws_connect("/v1/responses") as socket:
            detached, _ = await _begin(socket, **{"maru:detach": True})
        assert await _ends_as(session, plain, "cancelled")
        assert (await _json(session, f"/v1/responses/{detached}"))["status"] == "in_progress"
        async with session.post(f"/v1/responses/{detached}/cancel") as answer:
            assert (await answer.json())["status"] == "cancelled"


async def test_a_plain_http_request_is_stopped_when_its_client_leaves(server: LiveServer) -> None:
    """The engine must not work for nobody, over SSE and plain JSON alike."""
    async with _session(server) as session:
        conversation = (await _json(session, "/v1/conversations", metadata={}))["id"]
        for stream in (True, False):
            body = {"input": "go", "stream": stream, "conversation": conversation}
            with pytest.raises(asyncio.TimeoutError):
                async with asyncio.timeout(0.5), session.post("/v1/responses", json=body) as answer:
                    await answer.read()
            async with asyncio.timeout(5):
                while (await _json(session, f"/v1/conversations/{conversation}/tree"))["running"]:  # noqa: ASYNC110 (another process)
                    await asyncio.sleep(0.05)


async def test_a_follower_gets_the_same_bytes_from_any_number(server: LiveServer) -> None:
    """Rule 1: another tab sees what the first one sees."""
    async with _session(server) as session, session.ws_connect("/v1/responses") as first:
        await first.send_json({"type": "response.create", "input": "go"})
        seen = [(await first.receive()).data for _ in range(40)]
        response_id = json.loads(seen[0])["response"]["id"]
        for after in (-1, 0, 3, 20):
            async with session.ws_connect("/v1/responses") as second:
                follow = {"type": "maru:response.follow", "response_id": response_id, "starting_after": after}
                await second.send_json(follow)
                assert [(await second.receive()).data for _ in range(39 - after)] == seen[after + 1 :]
        async with session.get(f"/v1/responses/{response_id}", params={"stream": "true", "starting_after": 9}) as sse:
            line = (await sse.content.readuntil(b"\n\n")).decode()
            assert line == f"event: response.output_text.delta\ndata: {seen[10]}\n\n"


async def _ends_as(session: aiohttp.ClientSession, response_id: str, status: str) -> bool:
    async with asyncio.timeout(5):
        while (found := (await _json(session, f"/v1/responses/{response_id}"))["status"]) == "in_progress":  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return bool(found == status)
