"""What no honest client sends, against one server: a proper error or close each time, and the server goes on.

The server's memory and connections are looked at when all is over.
"""

import asyncio
import json
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from maru.protocol.requests import CreateRequest
from support.echo_models import ECHO, LONG, counting
from support.hostile_frames import ANSWERED, ANY, IGNORED, NOTHING, WRONG, Hostile, every_frame
from support.live_server import LiveServer, live_server
from support.raw_socket import (
    BINARY,
    TEXT,
    RawSocket,
    connected,
    frame,
    handshake,
    open_sockets,
    opened,
    resident_kib,
)

TERMINAL = frozenset({"response.completed", "response.incomplete", "response.failed", "error"})
LONGEST_MESSAGE = 600
GROWTH_MIB = 40  # 17 were measured
CASES = list(every_frame())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """One for all cases."""
    with live_server(tmp_path_factory.mktemp("hostile"), ECHO + counting("slow", LONG, pace=100)) as server:
        yield server


@dataclass(frozen=True, slots=True)
class Before:
    """What the server had before the first case."""

    pid: int
    kib: int
    sockets: int


@pytest.fixture(scope="module", autouse=True)
def before(server: LiveServer) -> Before:
    """Measured once the server is ready."""
    assert server.process is not None
    pid = server.process.pid
    return Before(pid, resident_kib(pid), open_sockets(pid))


async def _event(raw: RawSocket) -> Any:
    opcode, payload = await asyncio.wait_for(raw.read(), 30)
    assert opcode == TEXT, (opcode, payload)
    return json.loads(payload)


async def _end(raw: RawSocket) -> Any:
    """The last frame of the next turn."""
    while True:
        event = await _event(raw)
        if event["type"] in TERMINAL:
            return event


async def _is_alive(raw: RawSocket) -> None:
    """A good create is answered as ever, and nothing else comes before."""
    await raw.send(frame(TEXT, b'{"type": "response.create", "input": "still here", "store": false}'))
    event = await _event(raw)
    assert event["type"] == "response.created", event
    last = await _end(raw)
    assert last["type"] == "response.completed"
    assert last["response"]["output"][0]["content"][0]["text"] == "still here"


def _check_error(event: Any, case: Hostile) -> None:
    assert event["type"] == "error", event
    assert 400 <= event["status"] < 500
    error = event["error"]
    assert set(error) == {"type", "code", "message", "param"}
    assert error["code"] == case.code or case.code == ANY
    assert isinstance(error["code"], str)
    assert 0 < len(error["message"]) <= LONGEST_MESSAGE
    assert case.param is None or str(error["param"]).startswith(case.param)


def test_every_field_of_a_create_is_attacked() -> None:
    """A new field without its wrong values fails here."""
    fields = {field.alias or name for name, field in CreateRequest.model_fields.items()}
    assert fields - IGNORED == set(WRONG)
    assert len({case.sent for case in CASES}) >= 300


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_a_hostile_frame_gets_its_error_and_the_socket_lives(server: LiveServer, case: Hostile) -> None:
    """One error frame of the client's fault, or a turn that ends; the next create on the same socket is answered."""
    async with opened(server.port) as raw:
        data = case.sent.encode() if isinstance(case.sent, str) else case.sent
        await raw.send(frame(BINARY if isinstance(case.sent, bytes) else TEXT, data))
        if case.code == ANSWERED:
            assert (await _end(raw))["type"] in {"response.completed", "response.incomplete"}
        elif case.code != NOTHING:
            last = await _end(raw)
            if last["type"] == "response.failed":  # found out by the engine
                assert last["response"]["error"]["code"] == case.code
            else:
                _check_error(last, case)
        await _is_alive(raw)


@pytest.mark.parametrize("steer", ["{}", '{"input": 5}', '{"previous_response_id": ["x"]}', '{"stream_id": "a b"}'])
async def test_a_senseless_steer_is_refused_without_an_error(server: LiveServer, steer: str) -> None:
    """An error would be read as the end of the answer that runs."""
    async with opened(server.port) as raw:
        await raw.send(frame(TEXT, json.dumps({**json.loads(steer), "type": "response.steer"}).encode()))
        assert (await _event(raw))["type"] == "response.steer.failed"
        await _is_alive(raw)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "file://"}, 403),
        ({"Origin": "http://127.0.0.1.evil.example"}, 403),
        ({"Origin": "http://evil.example:{port}"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "https://127.0.0.1:{port}"}, 403),
        ({"Origin": "http://127.0.0.1:{port}@evil.example"}, 403),
        ({"Origin": "http://localhost:{port}"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Host": "evil.example:{port}"}, 403),
        ({"Host": "127.0.0.1:1"}, 403),
        ({"Host": "127.0.0.1:{port}, evil.example"}, 403),
        ({"Host": ""}, 400),
        ({"X-Forwarded-For": "127.0.0.1"}, 401),
        ({"Forwarded": "for=127.0.0.1"}, 401),
        ({"Authorization": "Basic bWFydTptYXJ1"}, 401),
        ({"Authorization": "Bearer maru_sk_wrong"}, 401),
        ({"Sec-WebSocket-Protocol": "openai-insecure-api-key.maru_sk_wrong"}, 401),
        ({"Sec-WebSocket-Protocol": "maru, openai-insecure-api-key.maru_sk_wrong"}, 401),
        ({"Sec-WebSocket-Version": "12"}, 400),
        ({"Sec-WebSocket-Key": ""}, 400),
        ({"Sec-WebSocket-Key": "short"}, 400),
        ({"Cookie": "x" * 9_000}, 431),
        ({"Cookie": "x" * 60_000}, 431),
        ({f"X-{number}": "y" for number in range(150)}, 431),
        ({"X-Bad": "a\x00b"}, 400),
        ({"X Bad": "y"}, 400),
    ],
)
async def test_a_hostile_handshake_is_refused_before_anything_is_accepted(
    server: LiveServer, headers: dict[str, str], status: int
) -> None:
    """Pages of other sites, rebound names, forged proxies, wrong keys, huge headers."""
    filled = {name: value.replace("{port}", str(server.port)) for name, value in headers.items()}
    async with connected(server.port) as raw:
        await raw.send(handshake(server.port, filled))
        assert int((await asyncio.wait_for(raw.head(), 10)).split()[1]) == status
    async with opened(server.port) as raw:
        await _is_alive(raw)


async def test_headers_are_too_long_before_their_end_has_come(server: LiveServer) -> None:
    """The answer must not hang on how the network cuts them."""
    async with connected(server.port) as raw:
        await raw.send(handshake(server.port, {"Cookie": "x" * 60_000})[:20_000])
        head = await asyncio.wait_for(raw.head(), 10)
        assert int(head.split()[1]) == 431
        assert json.loads(await raw.reader.read())["error"]["code"] == "invalid_handshake"
    async with opened(server.port) as raw:
        await _is_alive(raw)


@pytest.mark.parametrize(
    ("offered", "answered"),
    [
        ("maru", "maru"),
        ("maru, openai-insecure-api-key.anything", "maru"),
        (", ".join(f"p{n}" for n in range(900)), "p0"),
    ],
)
async def test_one_of_the_offered_subprotocols_is_answered(server: LiveServer, offered: str, answered: str) -> None:
    """A browser hangs up otherwise."""
    async with connected(server.port) as raw:
        await raw.send(handshake(server.port, {"Sec-WebSocket-Protocol": offered}))
        head = await raw.head()
        assert f"\r\nSec-WebSocket-Protocol: {answered}\r\n" in head
        await _is_alive(raw)


async def test_a_socket_may_close_at_any_byte(server: LiveServer) -> None:
    """In the handshake, in a frame, behind a create: nobody is hurt."""
    create = frame(TEXT, b'{"type": "response.create", "model": "slow", "input": "go", "store": false}')
    whole = handshake(server.port) + create
    for cut in range(0, len(whole), 9):
        async with connected(server.port) as raw:
            await raw.send(whole[:cut])
    async with opened(server.port) as raw:
        await _is_alive(raw)


async def test_a_slow_handshake_is_as_good_as_a_quick_one(server: LiveServer) -> None:
    """A byte at a time; how long it may take is a test of its own."""
    async with connected(server.port) as raw:
        for byte in handshake(server.port):
            await raw.send(bytes([byte]))
        assert " 101 " in await raw.head()
        await _is_alive(raw)


async def test_two_creates_at_once_in_one_conversation(server: LiveServer) -> None:
    """On one socket they take turns; on another one the second is told to wait."""
    async with aiohttp.ClientSession(server.url) as session, session.post("/v1/conversations", json={}) as answer:
        conversation = (await answer.json())["id"]
    go = {"type": "response.create", "model": "slow", "input": "go", "conversation": conversation}
    async with opened(server.port) as first, opened(server.port) as second:
        await first.send(frame(TEXT, json.dumps(go).encode()))
        assert (await _event(first))["type"] == "response.created"
        for _ in range(3):
            await second.send(frame(TEXT, json.dumps(go).encode()))
            assert (await _end(second))["error"]["code"] == "conversation_locked"
        await first.send(frame(TEXT, json.dumps({**go, "model": "echo", "input": "next"}).encode()))
        await first.send(frame(TEXT, b'{"type": "response.cancel"}'))
        assert (await _end(first))["response"]["status"] == "cancelled"
        assert (await _end(first))["response"]["output"][0]["content"][0]["text"] == "next"


async def test_afterwards_memory_and_connections_are_as_before(server: LiveServer, before: Before) -> None:
    """All of it leaves nothing behind: no socket, no run, no traceback, no word of a fault of ours."""
    async with asyncio.timeout(15):
        while open_sockets(before.pid) > before.sockets:  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.1)
    async with aiohttp.ClientSession(server.url) as session, session.get("/v1/conversations") as answer:
        conversations = (await answer.json())["data"]
        for one in conversations:
            async with session.get(f"/v1/conversations/{one['id']}/tree") as tree:
                assert (await tree.json())["running"] == []
    assert resident_kib(before.pid) - before.kib < GROWTH_MIB * 1024
    assert "Traceback" not in server.log
    assert " ERROR " not in server.log
