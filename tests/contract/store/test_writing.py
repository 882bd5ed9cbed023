"""Writes that wait together: what is wrong with their connection is told to each."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from maru.store.sql.database import Database
from maru.store.sql.store import open_store
from support.stores import new_database


async def test_nobody_waits_for_a_write_that_broke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever broke, also what is no trouble of the database; the next write is tried again."""
    store = open_store(new_database(tmp_path))
    owner = (await store.local_owner()).id

    def breaks(*_: object) -> None:
        raise RuntimeError("broken")

    def writing(*_: object) -> Callable[..., None]:
        return breaks

    writes = [store.create_conversation(owner, metadata={}, title=None, items=(), now=1) for _ in range(2)]
    with monkeypatch.context() as patched:
        patched.setattr(Database, "_writing", writing)
        async with asyncio.timeout(5):
            failed = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(error) for error in failed] == [RuntimeError, RuntimeError]
    assert await store.create_conversation(owner, metadata={}, title=None, items=(), now=1)
    await store.close()
