"""Coming back to a stream at every number: while it runs, when it has ended, and after a restart (digest section 9)."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from support.echo_models import counting
from support.followers import (
    TERMINAL,
    create_stream,
    follow_by_http,
    follow_by_socket,
    kind,
    next_event,
    number,
    refused_by_http,
    refused_by_socket,
    response_in,
)
from support.live_server import LiveServer, free_port
from support.openai_peer import OpenAIPeer, Script, delta, finish, openai_peer, sse, usage

MODELS = """
default_model = "peer"

[[models]]
id = "peer"
backend = "openai"
base_url = "{base_url}"
model = "peer"
"""
ECHOES = counting("many", 60_000, context_window=200_000) + counting("steady", 40, pace=40)
TOOL = {"type": "function", "name": "search", "parameters": {"type": "object"}}
THOUGHT = ("생각", "해 보면…", " 🤔", " so")
SAID = ("안녕", "하세요! ", "👩‍👩‍👧", "‍👦 naïve ", "\n\n\t", '"quoted" ', "\\u0041 ", "\u2028\u2029", "𝕬", "é", "끝")
ARGUMENTS = ('{"query": "', "서울 ", "🏙️", '\\n\\"x\\""', "}")


def _call(index: int, arguments: str, **first: Any) -> dict[str, Any]:
    function = {"arguments": arguments, **first}
    return {"tool_calls": [{"index": index, "id": f"call_{index}", "type": "function", "function": function}]}


PIECES = (
    *(sse(delta(reasoning_content=text)) for text in THOUGHT),
    *(sse(delta(text)) for text in SAID),
    sse(delta(**_call(0, "", name="search"))),
    *(sse(delta(**_call(0, text))) for text in ARGUMENTS),
)
END = sse(usage(10, 20), finish("tool_calls"), "[DONE]")
CREATE: dict[str, Any] = {"input": "무엇?", "tools": [TOOL]}


@asynccontextmanager
async def _server(folder: Path) -> AsyncGenerator[tuple[LiveServer, OpenAIPeer]]:
    async with openai_peer() as peer:
        server = LiveServer(folder, MODELS.format(base_url=peer.base_url) + ECHOES, free_port())
        await asyncio.to_thread(server.start)
        try:
            yield server, peer
        finally:
            await asyncio.to_thread(server.stop)


@asynccontextmanager
async def _client(server: LiveServer) -> AsyncGenerator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(120)
    async with aiohttp.ClientSession(server.url, timeout=timeout, connector=connector) as session:
        yield session


async def _check_every_number(session: aiohttp.ClientSession, live: Sequence[str]) -> None:
    """A response that has ended: over both transports, at each number; one that it does not have is refused by both."""
    response_id = response_in(live[0])["id"]
    assert [number(event) for event in live] == list(range(len(live)))
    for after in range(-1, len(live)):
        assert await follow_by_http(session, response_id, after) == live[after + 1 :], after
        assert await follow_by_socket(session, response_id, after) == live[after + 1 :], after
    for after in (len(live), 10**12):
        assert await refused_by_http(session, response_id, after) == (400, "invalid_value")
        assert await refused_by_socket(session, response_id, after) == (400, "invalid_value")


async def test_an_ended_stream_is_the_same_from_every_number_also_after_a_restart(tmp_path: Path) -> None:
    """Thinking, text of many bytes a letter, a call: what was streamed live, byte for byte, whoever asks."""
    async with _server(tmp_path) as (server, peer):
        peer.play(Script((*PIECES, END)))
        async with _client(server) as session:
            live = await create_stream(session, **CREATE)
            kinds = {kind(event) for event in live}
            assert {"response.reasoning_text.delta", "response.output_text.delta", "response.completed"} <= kinds
            assert "response.function_call_arguments.delta" in kinds
            await _check_every_number(session, live)
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)
        async with _client(server) as session:
            await _check_every_number(session, live)
            async with session.delete(f"/v1/responses/{response_in(live[0])['id']}"):
                pass
            assert await follow_by_socket(session, response_in(live[0])["id"], -1) == []


async def test_a_running_stream_is_the_same_from_every_number(tmp_path: Path) -> None:
    """Many followers at once, over both transports, each to the end."""
    async with _server(tmp_path) as (server, peer), _client(server) as session:
        peer.play(Script(PIECES, then="hang"))
        create = {"stream": True, "background": True, **CREATE}
        async with session.post("/v1/responses", json=create) as answer:
            live = [await _next(answer) for _ in range(3 + len(PIECES))]
            response_id = response_in(live[0])["id"]
            for refused in (refused_by_http, refused_by_socket):
                assert await refused(session, response_id, 10**6) == (400, "invalid_value")
            numbers = range(-1, len(live))
            followers = [
                asyncio.create_task(follow(session, response_id, after))
                for after in numbers
                for follow in (follow_by_http, follow_by_socket)
            ]
            await asyncio.sleep(0.5)
            async with session.post(f"/v1/responses/{response_id}/cancel") as stopped:
                assert (await stopped.json())["status"] == "cancelled"
            while kind(live[-1]) not in TERMINAL:
                live.append(await _next(answer))
        expected = [live[after + 1 :] for after in numbers for _ in range(2)]
        assert await asyncio.gather(*followers) == expected
        await _check_every_number(session, live)


async def _next(answer: aiohttp.ClientResponse) -> str:
    event = await next_event(answer)
    assert event is not None
    return event


async def test_whoever_reads_nothing_holds_no_run_and_no_other_follower(tmp_path: Path) -> None:
    """Five megabytes of events do not fit into the buffers between server and client."""
    async with _server(tmp_path) as (server, _), _client(server) as session:
        create = {"model": "many", "input": "go", "background": True, "stream": True}
        async with session.post("/v1/responses", json=create) as answer:
            response_id = response_in(await _next(answer))["id"]
        with socket.create_connection(("127.0.0.1", server.port)) as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.sendall(f"GET /v1/responses/{response_id}?stream=true HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            events = await follow_by_socket(session, response_id, -1)
            assert kind(events[-1]) == "response.completed"
            assert [number(event) for event in events] == list(range(len(events)))
            assert len(events) > 60_000


async def test_a_creator_that_vanishes_at_the_first_event_stops_no_detached_run(tmp_path: Path) -> None:
    """Over both transports; it comes back and finds the whole stream."""
    async with _server(tmp_path) as (server, _), _client(server) as session:
        create = {"model": "steady", "input": "go"}
        async with session.post("/v1/responses", json={**create, "background": True, "stream": True}) as answer:
            by_http = await _next(answer)
            answer.close()
        async with session.ws_connect("/v1/responses") as vanishing:
            await vanishing.send_json({"type": "response.create", **create, "maru:detach": True})
            by_socket = (await vanishing.receive()).data
        for first in (by_http, by_socket):
            events = await follow_by_http(session, response_in(first)["id"], -1)
            assert events[0] == first
            assert kind(events[-1]) == "response.completed"
            assert sum(kind(event) == "response.output_text.delta" for event in events) == 40


async def test_what_was_not_streamed_is_followed_by_our_frame_only(tmp_path: Path) -> None:
    """OpenAI's call refuses it."""
    async with _server(tmp_path) as (server, _), _client(server) as session:
        async with session.post("/v1/responses", json={"model": "steady", "input": "go", "background": True}) as answer:
            response_id = (await answer.json())["id"]
        for _ in range(2):  # while it runs, and when it has ended
            params = {"stream": "true"}
            async with session.get(f"/v1/responses/{response_id}", params=params) as answer:
                assert answer.status == 400
                assert (await answer.json())["error"]["code"] == "response_not_streamed"
            events = await follow_by_socket(session, response_id, -1)
            assert [number(event) for event in events] == list(range(len(events)))
