"""`kill -9` at random moments under load, again and again on one data folder; set MARU_KILLS for more than a few."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

from support.followers import TERMINAL, follow_by_http, follow_by_socket, kind, next_event
from support.histories import History, judge
from support.live_server import LiveServer, free_port

KILLS = int(os.environ.get("MARU_KILLS", "3"))
CLIENTS = 6
LONGEST_LIFE_S = 4.0
MODELS = """
[[models]]
id = "quick"
backend = "echo"
script = "count"
tokens = 30
pace_tokens_per_s = 200

[[models]]
id = "slow"
backend = "echo"
script = "count"
tokens = 5000
pace_tokens_per_s = 100
context_window = 200000
"""
BROKEN_OFF = (aiohttp.ClientError, asyncio.IncompleteReadError, ConnectionError)


@asynccontextmanager
async def _client(server: LiveServer) -> AsyncGenerator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(120)
    async with aiohttp.ClientSession(server.url, timeout=timeout) as session:
        yield session


async def _by_http(session: aiohttp.ClientSession, history: History, create: dict[str, Any]) -> None:
    async with session.post("/v1/responses", json={**create, "stream": True, "background": True}) as answer:
        assert answer.status == 200, await answer.text()
        while (event := await next_event(answer)) is not None:
            history.saw(event)


async def _by_socket(session: aiohttp.ClientSession, history: History, create: dict[str, Any]) -> None:
    async with session.ws_connect("/v1/responses") as socket:
        await socket.send_json({"type": "response.create", **create})
        async for message in socket:
            assert kind(message.data) != "error", message.data
            history.saw(message.data)
            if kind(message.data) in TERMINAL:
                return


async def _ask_on_and_on(
    session: aiohttp.ClientSession, conversation: str, chance: random.Random, histories: list[History]
) -> None:
    """One client in its own conversation, until the server is gone."""
    with suppress(*BROKEN_OFF):
        while True:
            histories.append(history := History())
            create = {"input": "go", "model": chance.choice(("quick", "quick", "slow")), "conversation": conversation}
            await chance.choice((_by_http, _by_socket))(session, history, create)


async def _judge_all(session: aiohttp.ClientSession, histories: list[History]) -> None:
    for history in histories:
        for follow in (follow_by_http, follow_by_socket):
            async with session.get(f"/v1/responses/{history.id}") as answer:
                assert answer.status == 200
                judge(history, await follow(session, history.id, -1), await answer.json())


async def _judge_conversation(session: aiohttp.ClientSession, conversation: str) -> None:
    """It is whole, and goes on."""
    async with session.get(f"/v1/conversations/{conversation}/tree") as answer:
        tree = await answer.json()
    assert tree["running"] == []
    parents = [item["maru:parent"] for item in tree["items"]]
    assert parents == [None, *(item["id"] for item in tree["items"][:-1])]
    create = {"input": "still there?", "model": "quick", "conversation": conversation}
    async with session.post("/v1/responses", json=create) as answer:
        assert (await answer.json())["status"] == "completed"


async def test_whenever_it_is_killed_nothing_acknowledged_is_lost_and_nothing_stays_open(tmp_path: Path) -> None:
    """F2, and the invariants of what every client saw, over all lives of the server."""
    chance = random.Random(2024)
    server = LiveServer(tmp_path, MODELS, free_port())
    await asyncio.to_thread(server.start)
    conversations: list[str] = []
    ended: list[History] = []
    try:
        async with _client(server) as session:
            for _ in range(CLIENTS):
                async with session.post("/v1/conversations", json={}) as answer:
                    conversations.append((await answer.json())["id"])
        for _ in range(KILLS):
            histories: list[History] = []
            async with _client(server) as session:
                asking = [
                    asyncio.create_task(_ask_on_and_on(session, conversation, chance, histories))
                    for conversation in conversations
                ]
                await asyncio.sleep(chance.uniform(0.05, LONGEST_LIFE_S))
                await asyncio.to_thread(server.send, signal.SIGKILL)
                await asyncio.gather(*asking)
            await asyncio.to_thread(server.start)
            ended += [history for history in histories if history.events]
            async with _client(server) as session:
                await _judge_all(session, ended)
                for conversation in conversations:
                    await _judge_conversation(session, conversation)
        assert len(ended) > KILLS
        ends = {kind(history.whole[-1]) for history in ended if history.whole}
        assert {"response.completed", "response.incomplete"} <= ends
    finally:
        await asyncio.to_thread(server.stop)
