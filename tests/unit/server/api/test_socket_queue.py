"""Rules of `maru/api/socket_queue.py`."""

import asyncio

import pytest

from maru.api.socket_queue import MAX_WAITING, Create, Refused, TurnQueue
from maru.protocol.errors import ApiError, invalid
from maru.protocol.requests import CreateRequest


def _create(stream_id: str | None = None, size: int = 10) -> Create:
    return Create(CreateRequest(stream_id=stream_id), size)


async def test_frames_are_taken_in_the_order_they_came() -> None:
    """An error must not overtake the answer that was asked for before it."""
    queue = TurnQueue(1_000)
    entries: list[Create | Refused] = [_create(), Refused(invalid("no", None), None), _create()]
    for entry in entries:
        queue.put(entry)
    assert [await queue.take() for _ in entries] == entries


async def test_whoever_takes_waits_for_the_next_frame() -> None:
    """A socket rests most of its life."""
    queue = TurnQueue(1_000)
    taking = asyncio.create_task(queue.take())
    await asyncio.sleep(0)
    assert not taking.done()
    queue.put(entry := _create())
    assert await taking is entry


async def test_the_number_that_waits_is_bounded() -> None:
    """And the error says what to do."""
    queue = TurnQueue(1_000_000)
    for _ in range(MAX_WAITING):
        queue.put(_create())
    with pytest.raises(ApiError, match="Read the answers") as caught:
        queue.put(Refused(invalid("no", None), None))
    assert (caught.value.status, caught.value.code) == (429, "too_many_requests")
    await queue.take()
    queue.put(_create())


async def test_the_bytes_that_wait_are_bounded_and_one_frame_always_fits() -> None:
    """32 frames of 34 MB would be a gigabyte a socket."""
    queue = TurnQueue(100)
    queue.put(_create(size=150))
    with pytest.raises(ApiError):
        queue.put(_create(size=1))
    queue.put(Refused(invalid("no", None), None))
    await queue.take()
    queue.put(_create(size=60))
    queue.put(_create(size=40))
    with pytest.raises(ApiError):
        queue.put(_create(size=1))


async def test_the_longest_waiting_create_is_cancelled_first() -> None:
    """Each stop means one turn; those of other lanes go on."""
    queue = TurnQueue(1_000)
    first, other, second = _create("a"), _create("b"), _create("a")
    for entry in (Refused(invalid("no", None), "a"), first, other, second):
        queue.put(entry)
    queue.cancel_first("a")
    assert [entry.is_cancelled for entry in (first, other, second)] == [True, False, False]
    queue.cancel_first("a")
    queue.cancel_first("c")
    assert [entry.is_cancelled for entry in (first, other, second)] == [True, False, True]
    queue.cancel_first(None)
    assert other.is_cancelled


async def test_after_the_end_what_waits_is_still_taken() -> None:
    """Everybody who asked gets a frame."""
    queue = TurnQueue(1_000)
    queue.put(entry := _create())
    queue.end()
    assert [await queue.take(), await queue.take()] == [entry, None]
    queue = TurnQueue(1_000)
    taking = asyncio.create_task(queue.take())
    await asyncio.sleep(0)
    queue.end()
    assert await taking is None
