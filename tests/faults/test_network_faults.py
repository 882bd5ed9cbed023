"""F11, F12 and F17: clients that never read, a cable that is pulled, a network that delays, splits, cuts and resets."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Coroutine, Generator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from random import Random
from typing import Any

import aiohttp
import pytest

from faults.history import Leg, longest_silence_s
from faults.scene import Scene, Stage, crowd, scene, stage
from faults.stories import response_id_of
from support.bad_network import FarMachine, Link, bad_network, far_machine
from support.raw_socket import open_sockets, opened, resident_kib, text

LINKS = {
    "slow": Link(delay_s=0.2),
    "byte by byte": Link(piece_bytes=1),
    "closes": Link(most_bytes=12_000),
    "resets": Link(most_bytes=12_000, is_reset=True),
}
SILENT = 5
DROPPED_WITHIN_S = 10.0
SHARED_WITHIN_S = 0.5
CLIENT_KIB = 1024
PINGS = """
host = "0.0.0.0"
ping_interval_s = 1
ping_timeout_s = 1
"""
ATTACHED: dict[str, Any] = {"maru:detach": False}
NOTICED_WITHIN_S = 1.0 + 1.0 + 1.0  # the two settings, and a second for a busy machine
STUTTER_S = 1.0


async def test_bad_network_corrupts_nothing(here: Scene) -> None:
    """F17: each client goes on where it was, over the socket and over server-sent events."""
    # With a key, because without one the server knows its own address only.
    traveller = here.client("traveller", owner="traveller", key=here.stage.add_owner())
    async with AsyncExitStack() as stack:
        asks: list[Coroutine[Any, Any, Leg]] = []
        for name, link in LINKS.items():
            url = await stack.enter_async_context(bad_network(here.stage.server.port, link, here.chance))
            prompt = here.prompt(words=150, pace=100)
            asks.append(replace(traveller, name=f"socket {name}", urls=[url]).ask(prompt))
            prompt = here.prompt(words=150, pace=100)
            asks.append(replace(traveller, name=f"sse {name}", urls=[url], transport="sse").ask(prompt))
        async with crowd(*asks):
            pass
    # A connection may end before its client hears that an answer was begun; that answer must be whole all the same.
    assert {story.status for story in here.stories} == {"completed"}
    assert len(here.stories) >= len(LINKS)
    assert len(here.history.legs) > 2 * len(LINKS)
    await here.judge(traveller)


async def test_clients_that_never_read_are_dropped_and_harm_nobody(here: Scene) -> None:
    """F11: they cost little memory while they hang, and are gone soon."""
    server = here.stage.server
    flood = await here.client("flood").ask(here.prompt(words=4000), model="flood")
    response_id = response_id_of(flood)
    viewer = here.client("viewer")
    async with crowd(viewer.ask(here.prompt(words=300), model="steady")), AsyncExitStack() as stack:
        await here.until_answers(2)
        sockets = open_sockets(server.pid)
        # The first brings the log into memory, which all the others share.
        await _hang(stack, server.port, response_id)
        await asyncio.sleep(SHARED_WITHIN_S)
        before_kib, highest_kib, begin = resident_kib(server.pid), 0, time.monotonic()
        for _ in range(SILENT):
            await _hang(stack, server.port, response_id)
        async with asyncio.timeout(DROPPED_WITHIN_S):
            while not highest_kib or open_sockets(server.pid) > sockets:
                highest_kib = max(highest_kib, resident_kib(server.pid))
                await asyncio.sleep(0.1)
        assert highest_kib - before_kib < SILENT * CLIENT_KIB
        legs = [leg for leg in here.history.legs if leg.client == "viewer"]
        assert longest_silence_s(legs, begin, min(time.monotonic(), begin + 4)) < STUTTER_S
    await here.judge()


async def _hang(stack: AsyncExitStack, port: int, response_id: str | None) -> None:
    """Ask for much more than the kernel's buffers hold, and read nothing of it."""
    raw = await stack.enter_async_context(opened(port))
    raw.writer.transport.pause_reading()  # type: ignore[attr-defined]
    for _ in range(12):
        await raw.send(text(json.dumps({"type": "maru:response.follow", "response_id": response_id})))


@pytest.fixture(scope="module")
def far() -> Generator[FarMachine]:
    """Another machine, as far as TCP can tell."""
    with ExitStack() as stack:
        try:
            machine = stack.enter_context(far_machine())
        except OSError as error:
            pytest.skip(f"no second machine can be made: {error}")
        yield machine


@pytest.fixture(scope="module")
def open_stage(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    """A server that other machines can reach and that pings often."""
    with stage(tmp_path_factory.mktemp("open"), PINGS) as opened_stage:
        yield opened_stage


@pytest.fixture
async def within_reach(far: FarMachine, open_stage: Stage, chance: Random) -> AsyncGenerator[Scene]:
    """A round with a server that the far machine reaches."""
    far.plug_cable()
    async with scene(open_stage, chance) as round_:
        yield round_


async def test_pulled_cable_is_noticed_and_the_engine_freed(within_reach: Scene, far: FarMachine) -> None:
    """F12: nobody says good-bye, so the pings must tell; a detached answer goes on and is read later."""
    here = within_reach
    near = here.client("near", key=here.stage.add_owner(), owner="somebody")
    connector = aiohttp.TCPConnector(limit=0, force_close=True, socket_factory=far.tcp_socket)
    async with aiohttp.ClientSession(connector=connector) as session:
        urls = [f"http://{far.address_here}:{here.stage.server.port}"]
        away = replace(near, name="away", urls=urls, session=session, silence_s=3.0)
        plain, detached = here.prompt(words=1000), here.prompt(words=300)
        async with crowd(
            near.ask(here.prompt(words=200)),
            away.ask(plain, **ATTACHED),
            replace(away, name="patient").ask(detached),
        ):
            await here.until_answers(3)
            await here.pause(0, 1)
            far.pull_cable()
            pulled_at = time.monotonic()
            try:
                freed_at = await _freed(here, plain)
            finally:
                far.plug_cable()
        assert freed_at < pulled_at + NOTICED_WITHIN_S
    status = {story.prompt: story.status for story in here.stories}
    assert (status[plain], status[detached]) == ("cancelled", "completed")
    await here.judge(near)


async def _freed(here: Scene, prompt: str) -> float:
    """When the engine was told to stop."""
    async with asyncio.timeout(30):
        while True:
            (call,) = (call for call in here.stage.engine.calls() if call.prompt == prompt)
            if call.ended_at is not None and call.ended_at < float("inf"):
                return call.ended_at
            await asyncio.sleep(0.05)
