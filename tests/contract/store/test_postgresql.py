"""What only PostgreSQL must hold: the rest of the suite runs on it as on every store."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from maru.store.search import SearchQuery
from maru.store.sql import postgresql
from maru.store.sql.schema import metadata
from support.postgresql import has_postgresql, new_postgresql, postgresql_url
from support.stores import message, new_store

MOST_VALUES = 65_535
"""That a statement may have."""

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not has_postgresql(), reason="no PostgreSQL here: apt-get install postgresql"),
]


def _is_of_the_metadata(name: str | None, *_: object) -> bool:
    """Whether it is no part of the index of pieces, which is of a type of PostgreSQL's own."""
    return "item_pieces" not in str(name)


def test_migrations_make_what_the_tables_say() -> None:
    """A type or a constraint that SQLite reads in its own way would be another one here."""
    engine = postgresql.open_writer(new_postgresql())
    with engine.connect() as connection:
        opts = {"compare_type": True, "include_name": _is_of_the_metadata}
        differences = compare_metadata(MigrationContext.configure(connection, opts=opts), metadata)
    engine.dispose()
    assert differences == []


async def test_more_ids_are_asked_for_than_a_statement_has_values(tmp_path: Path) -> None:
    """A branch that is deleted may have as many items."""
    store = new_store("postgresql", tmp_path)
    owner = (await store.local_owner()).id
    many = [f"resp_{number}" for number in range(MOST_VALUES + 10)]
    assert await store.ledgers_of(owner, many) == {}
    assert await store.files_for(owner, many) == {}
    await store.close()


async def test_what_is_deleted_leaves_the_index(tmp_path: Path) -> None:
    """And what is in it is found by it."""
    store = new_store("postgresql", tmp_path)
    owner = (await store.local_owner()).id
    first, second = message("마루 하나"), message("마루 둘")
    made = await store.create_conversation(owner, metadata={}, title=None, items=[first, second], now=1)
    while await store.index_some():
        pass
    assert [hit.id for hit in (await store.search(owner, SearchQuery(("마루",))))[0]] == [second.id, first.id]
    await store.delete_item(owner, made.id, second.id)
    await store.close()
    engine = postgresql.open_writer(postgresql_url())
    with engine.connect() as connection:
        (pieces,) = connection.execute(text("SELECT CAST(pieces AS text) FROM item_pieces")).scalars()
    engine.dispose()
    assert "하나" in pieces


def test_errors_are_told_apart() -> None:
    """A broken constraint, a statement that is none, and a database that may not be written."""
    engines = postgresql.open_engines(new_postgresql())
    wrong = text("INSERT INTO search_progress VALUES (1, 0, 0)")
    with engines.writer.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(wrong)
    with engines.writer.connect() as connection, pytest.raises(DBAPIError) as broken:
        connection.execute(text("SELECT nothing"))
    with engines.reader.connect() as connection, pytest.raises(DBAPIError) as refused:
        connection.execute(wrong)
    assert not engines.is_full(broken.value)
    assert not isinstance(broken.value, IntegrityError)
    assert engines.is_full(refused.value)
    for engine in (engines.reader, engines.writer, engines.light_writer):
        engine.dispose()
