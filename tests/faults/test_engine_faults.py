"""F3 to F6: an engine that is killed, that a request kills, that stands still, that leaves without a word."""

import asyncio
import signal
import time
from contextlib import suppress

from faults.history import longest_silence_s
from faults.scene import Scene, crowd

NOTICED_WITHIN_S = 1.0
STALL_NOTICED_WITHIN_S = 3.0 + 2.0  # the setting, and two ticks of the watchdog
BACK_WITHIN_S = 30.0


async def test_killed_engine_is_noticed_at_once_and_comes_back(here: Scene) -> None:
    """F3: every answer it was busy with ends in an error within a second, with the words that were shown."""
    people = [here.client(f"person {number}") for number in range(3)]
    async with crowd(*(person.ask(here.prompt(words=1000)) for person in people)):
        await here.until_answers(3)
        await here.pause(0, 2)
        killed_at = time.monotonic()
        here.stage.engine.send(signal.SIGKILL)
    assert [story.status for story in here.stories] == ["failed"] * 3
    assert max(story.ended_at for story in here.stories) < killed_at + NOTICED_WITHIN_S
    await asyncio.to_thread(here.stage.engine.start)
    await _is_back(here)
    await here.judge()


async def test_request_that_kills_the_engine_is_tried_once_more_at_most(here: Scene) -> None:
    """F4: an engine that is started again at once must not be killed again and again by the same request."""
    keeper = asyncio.create_task(_keep_alive(here))
    others = here.client("other").ask(here.prompt(words=1000))
    async with crowd(others):
        await here.until_answers(1)
        await here.pause(0, 1)
        await here.client("killer").ask(here.prompt(words=100, die=here.chance.randint(0, 3)))
    assert [story.status for story in here.stories] == ["failed", "failed"]
    await _is_back(here)
    keeper.cancel()
    with suppress(asyncio.CancelledError):
        await keeper
    await here.judge()


async def test_engine_that_stands_still_harms_nobody_else(here: Scene) -> None:
    """F5: the watchdog ends what waits for it, others go on, and no word comes when the engine wakes up."""
    sleeper, other = here.client("sleeper"), here.client("other")
    async with crowd(sleeper.ask(here.prompt(words=1000)), other.ask(here.prompt(words=300), model="steady")):
        await here.until_answers(2)
        await here.pause(0, 1)
        stopped_at = time.monotonic()
        here.stage.engine.send(signal.SIGSTOP)
        try:
            await asyncio.sleep(STALL_NOTICED_WITHIN_S + 1)
        finally:
            here.stage.engine.send(signal.SIGCONT)
    slept, went_on = here.stories
    assert slept.status == "failed"
    assert slept.ended_at < stopped_at + STALL_NOTICED_WITHIN_S
    assert went_on.status == "completed"
    assert longest_silence_s(went_on.legs, stopped_at, min(went_on.ended_at, stopped_at + 4)) < 1
    await _is_back(here)
    await here.judge()


async def test_stream_that_ends_without_a_reason_is_a_failure(here: Scene) -> None:
    """F6: status 200 and the end of file: asked once more before the first word, an honest end after it."""
    before, after = here.client("before"), here.client("after", transport="sse")
    cut = here.chance.randint(1, 40)
    await asyncio.gather(
        before.ask(here.prompt(words=50, cut=0)),
        after.ask(here.prompt(words=50, cut=cut)),
    )
    assert {story.legs[0].client: story.status for story in here.stories} == {"before": "completed", "after": "failed"}
    assert {len(story.words_at) for story in here.stories} == {50, cut}
    await here.judge()


async def _is_back(here: Scene) -> None:
    """The next answer is whole, soon enough."""
    async with asyncio.timeout(BACK_WITHIN_S):
        while True:
            await here.client("next").ask(here.prompt(words=5))
            if here.stories[-1].status == "completed":
                return


async def _keep_alive(here: Scene) -> None:
    while True:
        with suppress(AssertionError):  # it was killed again before it was ready
            await asyncio.to_thread(here.stage.mend)
        await asyncio.sleep(0.05)
