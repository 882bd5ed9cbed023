"""An engine that is opened in a thread is closed where nobody waits for it any more."""

import asyncio
import threading

import pytest

from maru_backends.thread_opening import opened_in_thread


async def test_what_comes_in_time_is_handed_over() -> None:
    """And not closed."""
    closed: list[str] = []
    assert await opened_in_thread(lambda: "engine", closed.append) == "engine"
    assert closed == []


async def test_what_comes_too_late_is_closed() -> None:
    """It would keep its memory for ever, beside the one that is opened next."""
    begun, may_go_on, is_closed = threading.Event(), threading.Event(), threading.Event()

    def open_() -> str:
        begun.set()
        may_go_on.wait(30)
        return "engine"

    def close(_: str) -> None:
        is_closed.set()
        raise OSError

    opening = asyncio.create_task(opened_in_thread(open_, close))
    assert await asyncio.to_thread(begun.wait, 30)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert not is_closed.is_set()
    may_go_on.set()
    assert await asyncio.to_thread(is_closed.wait, 30)


async def test_what_came_as_one_left_is_closed() -> None:
    """The thread is done, and the loop has not looked yet."""
    done, closed = threading.Event(), list[str]()

    def open_() -> str:
        done.set()
        return "engine"

    opening = asyncio.create_task(opened_in_thread(open_, closed.append))
    await asyncio.sleep(0)
    assert done.wait(30)  # the loop stands still meanwhile
    while not opening.done() and not closed:
        opening.cancel()
        await asyncio.sleep(0.01)
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert closed == ["engine"]
