"""Whoever does not read costs little, holds nothing up and is dropped: on the real server, over real TCP buffers."""

import asyncio
import json
import socket
from collections.abc import Generator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from support.echo_models import counting
from support.live_server import LiveServer, live_server
from support.raw_socket import CLOSE, PING, TEXT, RawSocket, frame, handshake, open_sockets, opened, resident_kib, text

DEADLINE_S = 3
WORDS = 30_000  # as events far more than the kernel buffers of one connection hold
CONFIG = f"send_deadline_s = {DEADLINE_S}\n" + counting("flood", WORDS, context_window=1_000_000)
READERS = 10
MIB = 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """A server that gives its readers three seconds."""
    with live_server(tmp_path_factory.mktemp("flood"), CONFIG) as server:
        yield server


async def _read_all(session: aiohttp.ClientSession, frame_: dict[str, Any]) -> list[str]:
    """The events that this frame leads to, as they came."""
    events: list[str] = []
    async with session.ws_connect("/v1/responses", max_msg_size=0) as socket:
        await socket.send_json(frame_)
        async for message in socket:
            events.append(message.data)
            if json.loads(message.data)["type"] == "response.completed":
                break
    return events


async def _create_without_reading(raw: RawSocket) -> str:
    """Ask for a long answer that goes on by itself, and read no more than its id."""
    await raw.send(text(json.dumps({"type": "response.create", "input": "go", "maru:detach": True})))
    _, created = await raw.read()
    response_id: str = json.loads(created)["response"]["id"]
    return response_id


async def test_a_reader_that_stops_holds_neither_the_run_nor_others(
    server: LiveServer, session: aiohttp.ClientSession
) -> None:
    """The run comes to its end, a second reader gets all of it, and the first may come back for the rest."""
    async with opened(server.port) as raw:
        response_id = await _create_without_reading(raw)
        follow = {"type": "maru:response.follow", "response_id": response_id}
        events = await _read_all(session, follow)
    numbers = [json.loads(event)["sequence_number"] for event in events]
    assert numbers == list(range(WORDS + 8))
    async with session.get(f"/v1/responses/{response_id}") as answer:
        response = await answer.json()
    assert response["status"] == "completed"
    assert len(response["output"][0]["content"][0]["text"].split()) == WORDS
    assert await _read_all(session, {**follow, "starting_after": WORDS - 100}) == events[WORDS - 99 :]


async def test_readers_that_stop_cost_little_and_are_dropped(
    server: LiveServer, session: aiohttp.ClientSession
) -> None:
    """Less than a MiB each, and the server's side is closed although they never read again.

    The log itself, which is read from the store for the first of them, is there once for all.
    """
    async with opened(server.port) as raw:
        response_id = await _create_without_reading(raw)
    follow = {"type": "maru:response.follow", "response_id": response_id}
    await _read_all(session, follow)
    sockets = open_sockets(server.pid)
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(opened(server.port))
        await first.send(text(json.dumps(follow)))
        await first.read()
        first.writer.transport.pause_reading()  # type: ignore[attr-defined]
        before_kib = resident_kib(server.pid)
        raws = [await stack.enter_async_context(opened(server.port)) for _ in range(READERS)]
        for raw in raws:
            raw.writer.transport.pause_reading()  # type: ignore[attr-defined]
            await raw.send(text(json.dumps(follow)))
        highest_kib = 0
        async with asyncio.timeout(60):
            while open_sockets(server.pid) > sockets or not highest_kib:
                await asyncio.sleep(0.2)
                highest_kib = max(highest_kib, resident_kib(server.pid))
        assert highest_kib - before_kib < READERS * MIB
    assert f"read nothing for {DEADLINE_S} s" in server.log


async def test_a_dropped_reader_that_reads_on_is_told(server: LiveServer) -> None:
    """1013 behind what it had not read: SDKs connect again on it, and may follow."""
    async with opened(server.port) as raw:
        await _create_without_reading(raw)
        raw.writer.transport.pause_reading()  # type: ignore[attr-defined]
        async with asyncio.timeout(60):
            dropped = server.log.count("read nothing")
            while server.log.count("read nothing") == dropped:  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.05)
        raw.writer.transport.resume_reading()  # type: ignore[attr-defined]
        numbers: list[int] = []
        opcode, payload = await raw.read()
        while opcode != CLOSE:
            if opcode == TEXT:
                numbers.append(json.loads(payload)["sequence_number"])
            opcode, payload = await raw.read()
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) < WORDS
        assert int.from_bytes(payload[:2], "big") == 1013
        assert b"follow" in payload[2:]


async def test_pings_that_nobody_reads_the_answers_of_cost_nothing(server: LiveServer) -> None:
    """Each pong would wait in memory; the newest is enough, and it comes when the peer reads again."""
    before_kib = resident_kib(server.pid)
    flood = frame(PING, b"x" * 125) * 1_000
    async with opened(server.port) as raw:
        raw.writer.transport.pause_reading()  # type: ignore[attr-defined]
        for _ in range(120):
            await raw.send(flood)
        assert resident_kib(server.pid) - before_kib < 4 * MIB
        await raw.send(frame(PING, b"last"))
        raw.writer.transport.resume_reading()  # type: ignore[attr-defined]
        async with asyncio.timeout(30):
            while (await raw.read())[1] != b"last":
                pass


async def test_a_reader_that_is_slow_but_steady_is_not_dropped(server: LiveServer) -> None:
    """A long answer on a thin line takes its time; only who takes nothing is given up."""
    loop, dropped = asyncio.get_running_loop(), server.log.count("read nothing")
    with socket.socket() as thin:
        thin.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        thin.setblocking(False)  # noqa: FBT003 (its only parameter)
        await loop.sock_connect(thin, ("127.0.0.1", server.port))
        # Each of its first events repeats the instructions: one write that takes longer than the deadline.
        create = json.dumps({"type": "response.create", "input": "go", "instructions": "x" * 9_000_000, "store": False})
        await loop.sock_sendall(thin, handshake(server.port))
        assert b" 101 " in await loop.sock_recv(thin, 1024)
        await loop.sock_sendall(thin, text(create))
        ends_at = loop.time() + 2.5 * DEADLINE_S
        while loop.time() < ends_at:
            assert await loop.sock_recv(thin, 32 * 1024)
            await asyncio.sleep(0.2)
    assert server.log.count("read nothing") == dropped
