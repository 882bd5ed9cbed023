"""An engine that is opened in a thread is closed where nobody waits for it any more."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from maru_backends.thread_opening import WAITING, Tell, opened_in_thread


async def test_what_comes_in_time_is_handed_over() -> None:
    """And not closed."""
    closed: list[str] = []
    assert await opened_in_thread(lambda _: "engine", closed.append) == "engine"
    assert closed == []


async def test_what_comes_too_late_is_closed() -> None:
    """It would keep its memory for ever, beside the one that is opened next."""
    begun, may_go_on, is_closed = threading.Event(), threading.Event(), threading.Event()

    def open_(_: Tell) -> str:
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

    def open_(_: Tell) -> str:
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


async def test_what_is_opened_for_hours_keeps_no_answer_waiting() -> None:
    """Prompts are written in the loop's few threads."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    begun, may_go_on = threading.Event(), threading.Event()

    def open_(_: Tell) -> str:
        begun.set()
        may_go_on.wait(60)
        return "engine"

    opening = asyncio.create_task(opened_in_thread(open_, lambda _: None))
    try:
        while not begun.is_set():  # noqa: ASYNC110 (a thread tells it)
            await asyncio.sleep(0.01)
        async with asyncio.timeout(20):
            assert await asyncio.to_thread(lambda: "prompt") == "prompt"
    finally:
        may_go_on.set()
        assert await opening == "engine"


async def test_the_same_is_opened_once_at_a_time() -> None:
    """Two of it may not have room; what is another does not wait, and what is unwanted ends at its next step."""
    begun, may_go_on = threading.Event(), threading.Event()
    order: list[str] = []

    def first(tell: Tell) -> str:
        begun.set()
        may_go_on.wait(30)
        order.append("first goes on")
        tell("It is further.")
        return "first"

    def second(_: Tell) -> str:
        order.append("second begins")
        return "second"

    told: list[str] = []
    opening = asyncio.create_task(opened_in_thread(first, order.append, of="model", tell=told.append))
    assert await asyncio.to_thread(begun.wait, 30)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert await opened_in_thread(second, order.append, of="another") == "second"
    waiting: list[str] = []
    again = asyncio.create_task(opened_in_thread(second, order.append, of="model", tell=waiting.append))
    while not waiting:  # noqa: ASYNC110 (it is told in a thread)
        await asyncio.sleep(0.01)
    assert set(waiting) == {WAITING}
    assert order == ["second begins"]
    may_go_on.set()
    assert await again == "second"
    assert order == ["second begins", "first goes on", "second begins"]
    assert not told


async def test_what_waits_may_be_left_too() -> None:
    """As what loads may."""
    begun, may_go_on = threading.Event(), threading.Event()

    def first(_: Tell) -> str:
        begun.set()
        may_go_on.wait(30)
        return "first"

    for turn in range(3):
        waiting: list[str] = []
        opening = asyncio.create_task(opened_in_thread(first, lambda _: None, of="m", tell=waiting.append))
        while not begun.is_set() or (turn and not waiting):  # noqa: ASYNC110 (as above)
            await asyncio.sleep(0.01)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
    may_go_on.set()
    assert await opened_in_thread(first, lambda _: None, of="m") == "first"
