"""Which slot computes which conversation."""

import asyncio

from maru_backends.gguf_slots import Seat, Slots


async def used(slots: Slots, session: str | None) -> Seat:
    """One answer, computed at once."""
    async with slots.taken(session) as seat:
        return seat


async def test_session_comes_back_to_its_own_slot() -> None:
    """What it computed is there."""
    slots = Slots(2)
    first = await used(slots, "a")
    assert not first.is_own
    assert await used(slots, "b") != first
    assert await used(slots, "a") == Seat(first.slot, is_own=True)


async def test_nobody_gets_what_another_computed() -> None:
    """The slot that rested longest is taken over, and its former session begins anew."""
    slots = Slots(2)
    old = await used(slots, "a")
    await used(slots, "b")
    assert await used(slots, "c") == Seat(old.slot, is_own=False)
    assert not (await used(slots, "a")).is_own
    assert not (await used(slots, None)).is_own
    assert not (await used(slots, None)).is_own


async def test_more_than_there_are_wait() -> None:
    """And are counted meanwhile; whoever goes away waits no more."""
    slots = Slots(1)
    async with slots.taken("a"):
        waiting = [asyncio.create_task(used(slots, name)) for name in ("b", "c")]
        await asyncio.sleep(0)
        assert slots.waiting == 2
        waiting[0].cancel()
        await asyncio.gather(waiting[0], return_exceptions=True)
        assert slots.waiting == 1
    assert await waiting[1] == Seat(0, is_own=False)
    assert slots.waiting == 0
