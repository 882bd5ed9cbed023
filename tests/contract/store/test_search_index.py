"""The index of SQLite: that it is used, filled from an older database, and keeps nothing of what is gone."""

import sqlite3
from pathlib import Path

import pytest

from maru.store.base import Store
from maru.store.search import SearchQuery
from maru.store.sql import sqlite_pieces
from maru.store.sql.store import open_store
from support.stores import message, new_database


def _rows(folder: Path, match: str) -> list[int]:
    """Rows of the index, as it is on the disk."""
    connection = sqlite3.connect(folder / "maru.sqlite3")
    rows = connection.execute("SELECT rowid FROM item_pieces WHERE item_pieces MATCH ? ORDER BY rowid", (match,))
    found = [row[0] for row in rows]
    connection.close()
    return found


async def _index(store: Store) -> int:
    """Index everything; how many parts it took."""
    parts = 1
    while await store.index_some():
        parts += 1
    return parts


async def test_items_are_indexed_part_by_part(tmp_path: Path) -> None:
    """No write holds up the answers for long, and what is indexed is not indexed again."""
    store = open_store(new_database(tmp_path))
    owner = (await store.local_owner()).id
    await store.create_conversation(
        owner, metadata={}, title=None, items=[message(f"마루 {n}") for n in range(70)], now=1
    )
    assert _rows(tmp_path, '"마루"') == []
    assert await _index(store) == 3
    assert len(_rows(tmp_path, '"마루"')) == 70
    assert await _index(store) == 1
    assert len(_rows(tmp_path, '"마루"')) == 70
    await store.close()


async def test_nothing_of_what_was_deleted_stays_in_the_index(tmp_path: Path) -> None:
    """Neither one message nor a conversation's, nor does a number that is given again bring it back."""
    store = open_store(new_database(tmp_path))
    owner = (await store.local_owner()).id
    first, second, third = message("마루 하나"), message("마루 둘"), message("마루 셋")
    made = await store.create_conversation(owner, metadata={}, title=None, items=[first, second, third], now=1)
    await _index(store)
    await store.delete_item(owner, made.id, second.id)
    assert _rows(tmp_path, '"마루"') == [1, 3]
    await store.delete_item(owner, made.id, third.id)
    assert _rows(tmp_path, '"마루"') == [1]
    await store.append_items(owner, made.id, [message("other")], now=2)
    await _index(store)
    assert _rows(tmp_path, '"oth"') == [2]
    assert _rows(tmp_path, '"셋"*') == []
    await store.delete_conversation(owner, made.id)
    assert _rows(tmp_path, '"마루"*') == _rows(tmp_path, '"oth"') == []
    await store.close()


async def test_what_is_not_indexed_yet_can_be_deleted(tmp_path: Path) -> None:
    """Taking out what is not in would break the index."""
    store = open_store(new_database(tmp_path))
    owner = (await store.local_owner()).id
    made = await store.create_conversation(owner, metadata={}, title=None, items=[message("마루")], now=1)
    await store.delete_conversation(owner, made.id)
    kept = await store.create_conversation(owner, metadata={}, title=None, items=[message("마루 둘")], now=1)
    await _index(store)
    hits, _ = await store.search(owner, SearchQuery(("마루",)))
    assert [hit.id for hit in hits] == [kept.head_id]
    await store.close()


def _cut_otherwise(text: str) -> set[str]:
    return {f"new{text}"}


async def test_an_index_of_other_pieces_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an update that cuts them in another way; meanwhile everything is found by reading."""
    store = open_store(new_database(tmp_path))
    owner = (await store.local_owner()).id
    await store.create_conversation(owner, metadata={}, title=None, items=[message("마루")], now=1)
    await _index(store)
    monkeypatch.setattr(sqlite_pieces, "VERSION", sqlite_pieces.VERSION + 1)
    monkeypatch.setattr(sqlite_pieces, "pieces_of", _cut_otherwise)
    assert len((await store.search(owner, SearchQuery(("마",))))[0]) == 1
    await _index(store)
    assert _rows(tmp_path, '"마루"') == []
    assert _rows(tmp_path, '"new마루"') == [1]
    await store.close()
