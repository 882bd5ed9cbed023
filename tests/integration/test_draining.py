"""A server that is told to stop: what runs comes to its end, and nothing new begins."""

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from support.echo_models import SLOW, counting
from support.live_server import LiveServer, free_port

SOON = counting("soon", 500, pace=50)  # ten seconds
FIRST_WORDS = 20


@asynccontextmanager
async def _serving(
    folder: Path, models: str, drain_s: float
) -> AsyncGenerator[tuple[LiveServer, aiohttp.ClientSession]]:
    server = LiveServer(folder, models, free_port(), drain_s=drain_s)
    await asyncio.to_thread(server.start)
    try:
        async with aiohttp.ClientSession(server.url, timeout=aiohttp.ClientTimeout(60)) as session:
            yield server, session
    finally:
        await asyncio.to_thread(server.stop)


async def _begun(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Start an answer and read its first words."""
    await socket.send_json({"type": "response.create", "input": "go"})
    for _ in range(FIRST_WORDS):
        event = await socket.receive_json()
        assert event["type"] != "error", event


async def _end(socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    """The terminal event of the answer that runs."""
    while True:
        event: dict[str, Any] = await socket.receive_json()
        if event["type"] in {"response.completed", "response.incomplete", "response.failed"}:
            return event


async def _until_stopping(session: aiohttp.ClientSession) -> int:
    """The status of `/readyz` once it says that the server stops."""
    while True:
        async with session.get("/readyz") as answer:
            if (await answer.json())["status"] == "stopping":
                return answer.status
        await asyncio.sleep(0.02)


async def test_what_runs_ends_whole_and_nothing_new_begins(tmp_path: Path) -> None:
    """An update of the server costs nobody an answer; a balancer sees that it goes, and sends others elsewhere."""
    async with _serving(tmp_path, SOON, drain_s=60) as (server, session):
        async with session.ws_connect("/v1/responses") as socket, session.ws_connect("/v1/responses") as other:
            await _begun(socket)
            stopping = asyncio.create_task(asyncio.to_thread(server.send, signal.SIGTERM))
            assert await _until_stopping(session) == 503
            await other.send_json({"type": "response.create", "input": "go"})
            refused = await other.receive_json()
            assert (refused["type"], refused["status"]) == ("error", 503)
            messages = [{"role": "user", "content": "go"}]
            for path, asked in {
                "completions": {"prompt": "go"},
                "chat/completions": {"messages": messages},
                "responses": {"input": "go"},
            }.items():
                async with session.post(f"/v1/{path}", json=asked) as answer:
                    assert answer.status == 503, path
                    assert "restarting" in await answer.text()
            assert (await _end(socket))["type"] == "response.completed"
            assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
            assert socket.close_code == 1012
        await stopping


async def test_what_does_not_end_in_time_keeps_its_words(tmp_path: Path) -> None:
    """A stop has an end."""
    async with (
        _serving(tmp_path, SLOW, drain_s=0.5) as (server, session),
        session.ws_connect("/v1/responses") as socket,
    ):
        await _begun(socket)
        stopping = asyncio.create_task(asyncio.to_thread(server.send, signal.SIGTERM))
        assert (await _end(socket))["type"] == "response.incomplete"
        await stopping


async def test_a_second_ctrl_c_ends_the_waiting(tmp_path: Path) -> None:
    """Whoever sits at the terminal decides; the end is as clean as without the wait."""
    async with (
        _serving(tmp_path, SLOW, drain_s=600) as (server, session),
        session.ws_connect("/v1/responses") as socket,
    ):
        await _begun(socket)
        assert server.process is not None
        server.process.send_signal(signal.SIGINT)
        await _until_stopping(session)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await _end(socket)
        stopping = asyncio.create_task(asyncio.to_thread(server.send, signal.SIGINT))
        end = await _end(socket)
        assert end["response"]["incomplete_details"] == {"reason": "maru:interrupted"}
        assert await stopping in {0, 130}  # by the order in which both presses are taken up
        assert "Waiting up to 600 s for running answers (1)" in server.log
