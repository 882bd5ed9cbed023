"""Schemas are read one after the other: what becomes of those that wait."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from maru_backends import schema_thread
from maru_backends.errors import BackendBusyError, BackendUnavailableError
from maru_backends.schema_thread import SchemaThread


@pytest.fixture
def thread() -> Iterator[SchemaThread]:
    """One that ends with the test."""
    made = SchemaThread("schemas of a test")
    yield made
    made.close()


async def test_who_waits_as_it_closes_is_told_so(thread: SchemaThread) -> None:
    """And is not taken for one that was cancelled."""
    begun, may_go_on = threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        may_go_on.wait(60)
        return "read"

    first = asyncio.ensure_future(thread.run(slow, param="tools"))
    assert await asyncio.to_thread(begun.wait, 60)
    second = asyncio.ensure_future(thread.run(str, param="tools"))
    gone = asyncio.ensure_future(thread.run(str, param="tools"))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    thread.close()
    with pytest.raises(BackendUnavailableError, match="closed"):
        await second
    may_go_on.set()
    assert await first == "read"
    with pytest.raises(BackendUnavailableError, match="closed"):
        await thread.run(str, param="tools")


async def test_who_began_late_is_not_the_slow_one(thread: SchemaThread, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time went by behind the schema of another: the same may be asked again."""
    monkeypatch.setattr(schema_thread, "TIMEOUT_S", 2.0)
    first_may_go_on, second_may_go_on = threading.Event(), threading.Event()
    first = asyncio.ensure_future(thread.run(lambda: first_may_go_on.wait(60), param="tools"))
    second = asyncio.ensure_future(thread.run(lambda: second_may_go_on.wait(60), param="tools"))
    await asyncio.sleep(1.5)
    first_may_go_on.set()
    with pytest.raises(BackendBusyError):
        await second
    second_may_go_on.set()
    await asyncio.gather(first, return_exceptions=True)
