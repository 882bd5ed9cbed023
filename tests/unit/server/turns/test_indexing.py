"""What was said is indexed in the background, part by part, and trouble does not end it."""

import asyncio
from typing import Any

import pytest

from maru.store.base import StoreError
from maru.turns import indexing
from maru.turns.indexing import Indexing


class Parts:
    """A store that has so many parts to index, of which some fail."""

    def __init__(self, *outcomes: str | Exception) -> None:
        """Each call gives one outcome; after the last, nothing is left."""
        self.outcomes = list(outcomes)
        self.is_done = asyncio.Event()

    async def index_some(self) -> bool:
        """See `SearchStore.index_some`."""
        if not self.outcomes:
            self.is_done.set()
            return False
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome == "more"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "LOOK_EVERY_S", 0.001)


async def test_everything_is_indexed_whatever_fails(caplog: pytest.LogCaptureFixture) -> None:
    """A full disk heals; an item that cannot be read is told in the log."""
    store: Any = Parts("more", StoreError("full"), "all", ValueError("odd"), "more")
    work = Indexing(store, lambda: False)
    work.open()
    await asyncio.wait_for(store.is_done.wait(), 5)
    await work.close()
    assert "full" in caplog.text
    assert "indexing broke" in caplog.text


async def test_answers_come_first() -> None:
    """While answers run, parts are far between."""
    store: Any = Parts("more", "more", "all")
    assert await Indexing(store, lambda: True)._pause_after_some() == indexing.PAUSE_WHILE_ANSWERING_S
    assert await Indexing(store, lambda: False)._pause_after_some() == indexing.PAUSE_S
    assert await Indexing(store, lambda: False)._pause_after_some() == indexing.LOOK_EVERY_S


async def test_closing_before_opening_is_nothing() -> None:
    """A server that never came up."""
    store: Any = Parts()
    await Indexing(store, lambda: False).close()
