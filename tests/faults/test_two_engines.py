"""One of two engines of a model is killed: no answer hangs, and nobody waits for it to come back."""

import asyncio
import signal
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from random import Random

import pytest

from faults.client import Client
from faults.scene import Scene, crowd, scene, stage
from support.live_server import free_port
from support.paced_engine import PacedEngine, paced_engine

NOTICED_WITHIN_S = 5.0
NO_WAIT_S = 5.0
BACK_WITHIN_S = 10.0
PEOPLE = 20
PAIR = """
[[models]]
id = "pair"
backend = "vllm"
base_url = ["{first}", "{second}"]
"""


@pytest.fixture
async def pair(tmp_path: Path, chance: Random) -> AsyncGenerator[tuple[Scene, tuple[PacedEngine, PacedEngine]]]:
    """A server whose model `pair` is served by two engines."""
    with paced_engine(tmp_path, free_port()) as first, paced_engine(tmp_path, free_port()) as second:
        models = PAIR.format(first=first.base_url, second=second.base_url)
        with stage(tmp_path, "", models) as alone:
            async with scene(alone, chance) as here:
                yield here, (first, second)


async def _home(people: list[Client], here: Scene, engines: tuple[PacedEngine, PacedEngine]) -> dict[str, int]:
    """Each person's conversation and which of the engines it was answered by."""
    homes: dict[str, int] = {}
    for person in people:
        conversation = (await person.call("POST", "/v1/conversations", {}))["id"]
        await person.ask(here.prompt(words=2), model="pair", conversation=conversation)
        (homes[conversation],) = (
            number for number, engine in enumerate(engines) if conversation in {call.session for call in engine.calls()}
        )
    return homes


async def test_the_next_turn_goes_to_the_other_engine(
    pair: tuple[Scene, tuple[PacedEngine, PacedEngine]],
) -> None:
    """Answers that were cut end honestly with their words; those of the other engine are whole."""
    here, engines = pair
    people = [here.client(f"person {number}") for number in range(PEOPLE)]
    homes = await _home(people, here, engines)
    assert set(homes.values()) == {0, 1}
    begun = len(here.stories)
    turns = zip(people, homes, strict=True)
    async with crowd(
        *(person.ask(here.prompt(words=250), model="pair", conversation=conversation) for person, conversation in turns)
    ):
        await here.until_answers(begun + PEOPLE)
        await here.pause(0, 2)
        killed_at = time.monotonic()
        engines[0].send(signal.SIGKILL)
    cut = [story for story in here.stories[begun:] if story.status == "failed"]
    # A few may have gone to the other engine, where their own had far more to do.
    assert len(cut) == sum("words=250" in call.prompt for call in engines[0].calls())
    assert 0 < len(cut) < PEOPLE
    assert max(story.ended_at for story in cut) < killed_at + NOTICED_WITHIN_S
    assert all(story.words_at for story in cut)
    assert [story.status for story in here.stories[begun:]].count("completed") == PEOPLE - len(cut)
    asked_at, begun = time.monotonic(), len(here.stories)
    again = zip(people, homes, strict=True)
    await asyncio.gather(
        *(person.ask(here.prompt(words=2), model="pair", conversation=conversation) for person, conversation in again)
    )
    after = here.stories[begun:]
    assert [story.status for story in after] == ["completed"] * PEOPLE
    assert max(story.words_at[0][0] for story in after) < asked_at + NO_WAIT_S
    await asyncio.to_thread(engines[0].start)
    await _comes_home(here, people, homes, engines[0])


async def _comes_home(here: Scene, people: list[Client], homes: dict[str, int], engine: PacedEngine) -> None:
    person, conversation = next(
        (person, conversation) for person, (conversation, home) in zip(people, homes.items(), strict=True) if home == 0
    )
    before = len(engine.calls())
    async with asyncio.timeout(BACK_WITHIN_S):
        while len(engine.calls()) == before:
            await person.ask(here.prompt(words=2), model="pair", conversation=conversation)
            assert here.stories[-1].status == "completed"
