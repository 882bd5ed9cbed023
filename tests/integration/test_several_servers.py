"""Several servers on one data folder: each sees, follows and stops what another runs, and ends what a dead one left."""

import asyncio
import signal
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from support.echo_models import LONG, counting
from support.followers import (
    TERMINAL,
    create_stream,
    delta,
    follow_by_http,
    follow_by_socket,
    kind,
    next_event,
    number,
    refused_by_socket,
    response_in,
)
from support.live_server import LiveServer, free_port

MODELS = counting("slow", LONG, pace=50, context_window=200_000) + counting("steady", 100, pace=50)
GONE_WITHIN_S = 30  # of a server that only hangs; the promise of docs/operations.md and some room


@asynccontextmanager
async def _servers(folder: Path) -> AsyncGenerator[tuple[LiveServer, LiveServer]]:
    servers = (LiveServer(folder, MODELS, free_port()), LiveServer(folder, MODELS, free_port()))
    try:
        for server in servers:
            await asyncio.to_thread(server.start)
        yield servers
    finally:
        for server in servers:
            await asyncio.to_thread(server.stop)


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncGenerator[tuple[LiveServer, LiveServer]]:
    """Two servers on one folder."""
    async with _servers(tmp_path) as servers:
        yield servers


@asynccontextmanager
async def _clients(*servers: LiveServer) -> AsyncGenerator[list[aiohttp.ClientSession]]:
    timeout = aiohttp.ClientTimeout(120)
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(aiohttp.ClientSession(one.url, timeout=timeout)) for one in servers]


async def _json(session: aiohttp.ClientSession, method: str, path: str, **body: Any) -> Any:
    async with session.request(method, path, json=body or None) as answer:
        return await answer.json()


class _Creator:
    """Reads the stream it created, until that ends or breaks off."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self._has_begun = asyncio.Event()

    async def create(self, session: aiohttp.ClientSession, **body: Any) -> None:
        create = {"input": "go", "model": "slow", "stream": True, "background": True, **body}
        try:
            async with session.post("/v1/responses", json=create) as answer:
                while (event := await next_event(answer)) is not None:
                    self.events.append(event)
                    if len(self.events) > 60:  # more than a second: there was a checkpoint
                        self._has_begun.set()
        except (aiohttp.ClientError, asyncio.IncompleteReadError):
            pass

    async def begun(self) -> str:
        """Its response's id, when it has said a good deal."""
        await self._has_begun.wait()
        return str(response_in(self.events[0])["id"])


async def _ended(session: aiohttp.ClientSession, response_id: str, within_s: float) -> Any:
    async with asyncio.timeout(within_s):
        while (response := await _json(session, "GET", f"/v1/responses/{response_id}"))["status"] == "in_progress":  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.2)
    return response


async def test_another_server_follows_what_one_runs(pair: tuple[LiveServer, LiveServer]) -> None:
    """By both transports, the same bytes; and it finds it in the conversation."""
    async with _clients(*pair) as (one, other):
        conversation = (await _json(one, "POST", "/v1/conversations", metadata={}))["id"]
        creating = asyncio.create_task(create_stream(one, input="go", model="steady", conversation=conversation))
        async with asyncio.timeout(20):
            while not (running := (await _json(other, "GET", f"/v1/conversations/{conversation}/tree"))["running"]):  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.05)
        follows = [
            follow(other, running[0], after) for after in (-1, 5) for follow in (follow_by_http, follow_by_socket)
        ]
        refused = await _json(other, "POST", "/v1/responses", input="me too", conversation=conversation)
        followed = await asyncio.gather(*follows)
        live = await creating
        assert kind(live[-1]) == "response.completed"
        assert followed == [live, live, live[6:], live[6:]]
        assert refused["error"]["code"] == "conversation_locked"


async def test_a_follow_of_another_server_gets_its_last_frame(pair: tuple[LiveServer, LiveServer]) -> None:
    """Also one from a number that never comes, or of what is deleted meanwhile; silence would be waited on for ever."""
    async with _clients(*pair) as (one, other):
        creators = _Creator(), _Creator()
        models = ("steady", "slow")
        creating = [
            asyncio.create_task(creator.create(one, model=model))
            for creator, model in zip(creators, models, strict=True)
        ]
        ending, deleted = [await creator.begun() for creator in creators]
        beyond = [asyncio.create_task(refused_by_socket(other, ending, after)) for after in (10**6, 10**12)]
        by_http = asyncio.create_task(follow_by_http(other, ending, 10**6))
        of_deleted = asyncio.create_task(refused_by_socket(other, deleted, 10**6))
        await asyncio.sleep(0.2)  # they are followed by now
        assert (await _json(other, "DELETE", f"/v1/responses/{deleted}"))["deleted"]
        await asyncio.gather(*creating)
        assert await asyncio.gather(*beyond) == [(400, "invalid_value")] * 2
        assert await by_http == []
        # It is stopped before it is deleted; what the other server finds first is chance.
        assert await of_deleted in {(400, "invalid_value"), (404, "events_not_kept")}


async def test_a_stop_reaches_the_other_server(pair: tuple[LiveServer, LiveServer]) -> None:
    """The engine is free within seconds, the caller gets the end, and a second stop the same."""
    async with _clients(*pair) as (one, other):
        creator = _Creator()
        creating = asyncio.create_task(creator.create(one))
        response_id = await creator.begun()
        asked_at = time.monotonic()
        stopped = await _json(other, "POST", f"/v1/responses/{response_id}/cancel")
        assert stopped["status"] == "cancelled"
        assert time.monotonic() - asked_at < 5
        await creating
        assert response_in(creator.events[-1]) == stopped
        assert await follow_by_http(other, response_id, -1) == creator.events
        for session in (one, other):
            assert await _json(session, "POST", f"/v1/responses/{response_id}/cancel") == stopped
        by_frame = _Creator()
        creating = asyncio.create_task(by_frame.create(one))
        async with other.ws_connect("/v1/responses") as socket:
            await socket.send_json({"type": "response.cancel", "response_id": await by_frame.begun()})
            await creating
        assert response_in(by_frame.events[-1])["status"] == "cancelled"


async def test_a_request_that_is_repeated_to_another_server_runs_once(pair: tuple[LiveServer, LiveServer]) -> None:
    """A proxy may send the repeat anywhere; it waits for the same answer, plain or as a stream."""
    async with _clients(*pair) as sessions:
        body = {"input": "go", "model": "steady"}
        for key, how, read in (
            ("plain", {}, aiohttp.ClientResponse.json),
            ("stream", {"stream": True}, aiohttp.ClientResponse.text),
        ):

            async def ask(session: aiohttp.ClientSession, *, key: str = key, how: Any = how, read: Any = read) -> Any:
                headers = {"Idempotency-Key": key}
                async with session.post("/v1/responses", json={**body, **how}, headers=headers) as answer:
                    assert answer.status == 200, await answer.text()
                    return await read(answer)

            first = asyncio.create_task(ask(sessions[0]))
            await asyncio.sleep(0.5)
            assert await ask(sessions[1]) == await first


async def test_a_deletion_stops_what_the_other_server_runs(pair: tuple[LiveServer, LiveServer]) -> None:
    """Of a response, and of a conversation in which one runs."""
    async with _clients(*pair) as (one, other):
        conversation = (await _json(one, "POST", "/v1/conversations", metadata={}))["id"]
        creators = _Creator(), _Creator()
        creating = [
            asyncio.create_task(creators[0].create(one)),
            asyncio.create_task(creators[1].create(one, conversation=conversation)),
        ]
        deleted, inside = await creators[0].begun(), await creators[1].begun()
        assert (await _json(other, "DELETE", f"/v1/responses/{deleted}"))["deleted"]
        assert (await _json(other, "DELETE", f"/v1/conversations/{conversation}"))["deleted"]
        await asyncio.gather(*creating)
        assert [response_in(creator.events[-1])["status"] for creator in creators] == ["cancelled", "cancelled"]
        assert "error" in await _json(one, "GET", f"/v1/responses/{deleted}")
        assert (await _json(other, "GET", f"/v1/responses/{inside}"))["status"] == "cancelled"


async def test_what_a_killed_server_ran_is_ended_by_the_other(pair: tuple[LiveServer, LiveServer]) -> None:
    """Nothing stays `in_progress`; a client that comes back with any number finds no number with another meaning."""
    async with _clients(*pair) as (one, other):
        conversations = [(await _json(one, "POST", "/v1/conversations", metadata={}))["id"] for _ in range(3)]
        creators = [_Creator() for _ in conversations]
        creating = [
            asyncio.create_task(creator.create(one, conversation=conversation))
            for creator, conversation in zip(creators, conversations, strict=True)
        ]
        ids = [await creator.begun() for creator in creators]
        own = _Creator()
        owning = asyncio.create_task(own.create(other))
        await own.begun()
        await asyncio.to_thread(pair[0].send, signal.SIGKILL)
        await asyncio.gather(*creating)
        for response_id, creator, conversation in zip(ids, creators, conversations, strict=True):
            response = await _ended(other, response_id, GONE_WITHIN_S)
            assert response["status"] == "incomplete"
            await _check_broken_off(other, response, creator.events)
            tree = await _json(other, "GET", f"/v1/conversations/{conversation}/tree")
            assert tree["running"] == []
            assert tree["head"] == response["output"][0]["id"]
            again = await _json(other, "POST", "/v1/responses", input="on", model="steady", conversation=conversation)
            assert again["status"] == "completed"
        stopped = await _json(other, "POST", f"/v1/responses/{response_in(own.events[0])['id']}/cancel")
        await owning
        assert response_in(own.events[-1]) == stopped
        assert len({number(event) for event in own.events}) == len(own.events)


async def _check_broken_off(session: aiohttp.ClientSession, response: Any, seen: list[str]) -> None:
    """What clients get of a response whose server died, and what its creator had seen of it."""
    whole = await follow_by_http(session, response["id"], -1)
    assert await follow_by_socket(session, response["id"], -1) == whole
    numbers = [number(event) for event in whole]
    assert numbers == sorted(set(numbers))
    kept = [event for event in whole if number(event) <= number(seen[-1])]
    assert kept == seen[: len(kept)]
    assert len(kept) > 40
    assert [kind(event) for event in whole if kind(event) in TERMINAL] == ["response.incomplete"]
    assert response_in(whole[-1]) == response
    text = "".join(delta(event) for event in whole)
    assert text == response["output"][0]["content"][0]["text"]
    for after in (number(kept[-1]), number(seen[-1])):
        assert await follow_by_http(session, response["id"], after) == whole[len(kept) :]


async def test_a_server_that_was_frozen_gives_up_what_the_other_ended(pair: tuple[LiveServer, LiveServer]) -> None:
    """F16: when it wakes, its late words change nothing, its followers get the end that stands, and it works on."""
    frozen = pair[0]
    assert frozen.process is not None
    async with _clients(*pair) as (one, other):
        creator = _Creator()
        creating = asyncio.create_task(creator.create(one))
        response_id = await creator.begun()
        frozen.process.send_signal(signal.SIGSTOP)
        stopped = await _json(other, "POST", f"/v1/responses/{response_id}/cancel")
        assert stopped["status"] == "in_progress"  # it cannot be known yet whether its server will wake
        response = await _ended(other, response_id, GONE_WITHIN_S)
        assert response["status"] == "cancelled"
        whole = await follow_by_http(other, response_id, -1)
        frozen.process.send_signal(signal.SIGCONT)
        await asyncio.wait_for(creating, 30)
        assert creator.events[-1] == whole[-1]
        numbers = [number(event) for event in creator.events]
        assert numbers == sorted(set(numbers))
        for session in (one, other):
            assert await _json(session, "GET", f"/v1/responses/{response_id}") == response
            assert await follow_by_http(session, response_id, -1) == whole
        again = await create_stream(one, input="go", model="steady")
        assert kind(again[-1]) == "response.completed"
