"""F1: one of two servers on a data folder is killed; the other goes on and gives what the dead one left its end."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from faults.client import Transport
from faults.history import longest_silence_s
from faults.scene import Scene, crowd
from support.live_server import LiveServer, free_port

ENDED_WITHIN_S = 3.0  # a server looks for dead ones once a second, and so does a follower
STUTTER_S = 1.0
TRANSPORTS: tuple[Transport, ...] = ("socket", "sse")


@pytest.fixture
async def second(here: Scene) -> AsyncGenerator[LiveServer]:
    """Another server on the same folder."""
    first = here.stage.server
    server = LiveServer(first.folder, first.config, free_port())
    await asyncio.to_thread(server.start)
    yield server
    await asyncio.to_thread(server.stop)


async def test_others_go_on_when_a_server_is_killed(here: Scene, second: LiveServer) -> None:
    """Its clients come to the other server for the end; those of the other one notice nothing."""
    first = here.stage.server
    conversation = (await here.client("maker").call("POST", "/v1/conversations", {}))["id"]
    hit = [here.client(f"hit by {kind}", [first.url, second.url], transport=kind) for kind in TRANSPORTS]
    spared = here.client("spared", [second.url])
    async with crowd(
        hit[0].ask(here.prompt(words=2000), conversation=conversation),
        hit[1].ask(here.prompt(words=2000)),
        spared.ask(here.prompt(words=500)),
    ):
        await here.until_answers(3)
        ids = [story.id for story in here.stories if story.legs[0].client != "spared"]
        async with crowd(*(here.client("watcher", [second.url]).follow(id_) for id_ in ids)):
            await here.pause(0, 3)
            here.crash(first)
    (crash,) = here.history.crashes
    killed = [story for story in here.stories if story.id in ids]
    assert {story.status for story in killed} <= {"incomplete", "failed"}  # without a word kept it failed
    assert len(killed) == len(hit)
    assert max(story.ended_at for story in killed) < crash + ENDED_WITHIN_S
    (went_on,) = (story for story in here.stories if story.id not in ids)
    assert went_on.status == "completed"
    assert longest_silence_s(went_on.legs, crash, min(went_on.ended_at, crash + ENDED_WITHIN_S)) < STUTTER_S
    await spared.ask(here.prompt(words=5), conversation=conversation)
    await here.judge(spared)
    await asyncio.to_thread(first.start)
