"""Rules of `maru/turns/log.py`."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from maru.protocol.events import Event
from maru.turns.log import EventLog


def _numbered(first: int, count: int, *, closes: bool = False) -> list[Event]:
    kinds = ["response.output_text.delta"] * count
    if closes:
        kinds[-1] = "response.completed"
    return [Event(first + index, kind, str(first + index)) for index, kind in enumerate(kinds)]


async def _seen_by(log: EventLog, starting_after: int) -> list[int]:
    return [event.sequence_number async for batch in log.follow(starting_after) for event in batch]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=12), st.lists(st.integers(-1, 30), min_size=1, max_size=6))
def test_every_follower_gets_every_later_event_once_and_in_order(pieces: list[int], starts: list[int]) -> None:
    """Whenever it comes, from whatever number: what all others got."""

    async def scenario() -> None:
        log = EventLog()
        total = sum(pieces)
        early = [asyncio.create_task(_seen_by(log, start)) for start in starts]
        number = 0
        for index, piece in enumerate(pieces):
            log.append(_numbered(number, piece, closes=index == len(pieces) - 1))
            number += piece
            await asyncio.sleep(0)
        for follower, start in zip(early, starts, strict=True):
            expected = list(range(start + 1, total))
            assert await follower == expected
            assert await _seen_by(log, start) == expected

    asyncio.run(scenario())


async def test_numbers_that_were_lost_are_jumped_over() -> None:
    """Whoever saw some of them gets what comes after the jump."""
    log = EventLog([*_numbered(0, 3), *_numbered(1_000, 2, closes=True)])
    assert await _seen_by(log, -1) == [0, 1, 2, 1_000, 1_001]
    for seen in (2, 3, 500, 999):
        assert await _seen_by(log, seen) == [1_000, 1_001]
    assert await _seen_by(log, 1_000) == [1_001]


async def test_a_follower_that_leaves_disturbs_nobody() -> None:
    """Closing a tab must not end the answer for another tab."""
    log = EventLog()
    leaving, staying = (asyncio.create_task(_seen_by(log, -1)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.sleep(0)
    log.append(_numbered(0, 3, closes=True))
    assert await staying == [0, 1, 2]


async def test_silence_is_marked_when_asked_for() -> None:
    """A proxy must not think that the connection is dead during a slow prefill."""
    log = EventLog()
    follower = log.follow(heartbeat_s=0.001)
    assert await anext(follower) == ()
    log.append(_numbered(0, 1, closes=True))
    batches = [batch async for batch in follower]
    assert [event.sequence_number for batch in batches for event in batch] == [0]
