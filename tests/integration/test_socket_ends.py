"""Sockets of the whole server that grow old, and tabs that are closed: what then becomes of their turns."""

import asyncio
from collections.abc import AsyncGenerator

import aiohttp
import pytest

from maru.store.base import NewResponse
from support.socket_server import InProcess, ask, begun, in_process, said, to_the_end, turn


@pytest.fixture
async def maru() -> AsyncGenerator[InProcess]:
    """A server of this test alone."""
    async with in_process() as server:
        yield server


async def test_an_old_socket_lets_the_running_turn_end_and_then_closes() -> None:
    """What began before its last moments is whole; what waits is told to come again."""
    async with in_process(socket_lifetime_s=4.0) as maru, maru.socket() as socket, maru.socket() as idle:
        await begun(socket, max_output_tokens=600)
        await ask(socket, "too late", store=False, stream_id="a")
        running, waiting, last = [(await to_the_end(socket))[-1] for _ in range(3)]
        assert len(said(running).split()) == 600
        assert waiting["stream_id"] == "a"
        for frame in (waiting, last, await idle.receive_json()):
            assert (frame["status"], frame["error"]["code"]) == (400, "websocket_connection_limit_reached")
        for closing in (socket, idle):
            assert (await closing.receive()).type == aiohttp.WSMsgType.CLOSE
            assert closing.close_code == 1001


async def test_a_young_socket_in_its_last_moments_begins_no_turn() -> None:
    """A turn that could not end would be lost."""
    async with in_process(socket_lifetime_s=4.0) as maru, maru.socket() as socket:
        opened_at = asyncio.get_running_loop().time()
        assert said(await turn(socket, input="early")) == "early"
        await asyncio.sleep(opened_at + 3.7 - asyncio.get_running_loop().time())
        assert (await turn(socket, input="late"))["error"]["code"] == "websocket_connection_limit_reached"


async def test_an_answer_of_a_tab_ends_with_the_tab_but_not_with_an_old_socket() -> None:
    """Both close with 1001; a page whose socket grew old opens another and follows."""
    until_closed = {"maru:detach": "until_closed"}
    async with in_process(socket_lifetime_s=5.0) as maru:
        async with maru.socket() as socket:
            await begun(socket, **until_closed)
            async for _ in socket:
                pass
            assert socket.close_code == 1001
            assert maru.running == 1
        async with maru.socket() as socket:
            await begun(socket, **until_closed)
            assert maru.running == 2
            await socket.close(code=1001)
        async with asyncio.timeout(5):
            while maru.running > 1:  # noqa: ASYNC110 (the run of another task)
                await asyncio.sleep(0.01)


async def test_a_tab_that_closes_while_its_answer_is_on_its_way_to_begin_stops_it(
    maru: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody would ever see it."""
    write, reached, goes_on = maru.store.start_response, asyncio.Event(), asyncio.Event()

    async def slowly(owner: str, new: NewResponse) -> None:
        reached.set()
        await goes_on.wait()
        await write(owner, new)

    monkeypatch.setattr(maru.store, "start_response", slowly)
    async with maru.socket() as socket:
        await ask(socket, "go", model="slow", **{"maru:detach": "until_closed"})
        await reached.wait()
        await socket.close(code=1001)
    goes_on.set()
    async with asyncio.timeout(5):
        while not maru.running:  # noqa: ASYNC110 (the run of another task)
            await asyncio.sleep(0)
        while maru.running:  # noqa: ASYNC110 (the run of another task)
            await asyncio.sleep(0.01)
