"""What the store asks of its database: in words that every database knows, and with no more reading than it needs."""

import re
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Engine

from maru.protocol.idempotency import IdempotencyKey
from maru.protocol.items import InputFile, Message
from maru.store.base import Store
from maru.store.paging import PageQuery
from maru.store.search import SearchQuery
from maru.store.shelves import NO_FOLDER, Shelf
from maru.store.sql.sqlite import open_writer
from maru.store.sql.store import open_store
from support.stores import checkpoint, finished, message, new_database, new_response, run

MOST_VALUES = 60  # more than the widest row has columns


@contextmanager
def _clauses() -> Generator[list[Any]]:
    """Everything that is said to any database meanwhile."""
    said: list[Any] = []

    def keep(_: object, clause: Any, *__: object) -> None:
        said.append(clause)

    event.listen(Engine, "before_execute", keep)
    try:
        yield said
    finally:
        event.remove(Engine, "before_execute", keep)


async def test_an_end_writes_the_row_of_its_response_once(tmp_path: Path) -> None:
    """SQLite writes the whole row again for each change of it, and a long answer's is megabytes."""
    store = open_store(new_database(tmp_path))
    owner = (await store.local_owner()).id
    made = await store.create_conversation(owner, metadata={}, title=None, items=[], now=1)
    await store.start_response(owner, new := new_response(message(), conversation_id=made.id))
    with _clauses() as said:
        await store.finish_response(owner, finished(new.id, message("a", "assistant")))
    await store.close()
    assert [str(clause).startswith("UPDATE responses") for clause in said].count(True) == 1


async def test_who_waits_for_an_end_reads_no_body(tmp_path: Path) -> None:
    """It is asked ten times a second, and a body may be megabytes."""
    store = open_store(new_database(tmp_path))
    owner = (await store.local_owner()).id
    response_id = await run(store, owner, new_response(message()))
    with _clauses() as said:
        assert not await store.is_running_for(owner, response_id)
    await store.close()
    (clause,) = said
    assert "body" not in str(clause)


async def test_every_query_is_postgresql_too(tmp_path: Path) -> None:
    """PostgreSQL comes with the same queries: none may use what only SQLite has."""
    with _clauses() as said:
        await _use_everything(new_database(tmp_path))
    assert len(said) > 50
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    compiled = [str(clause.compile(dialect=dialect)) for clause in said]
    assert any("WITH RECURSIVE" in text for text in compiled)
    assert any("FOR UPDATE" in text for text in compiled)


async def test_queries_find_responses_and_items_by_an_index(tmp_path: Path) -> None:
    """Each row of a response may be megabytes: reading all of an owner's to find one makes a long history slow."""
    url = new_database(tmp_path)
    plans = await _plans(url)
    assert len(plans) > 30
    long = "(responses|items|response_events)"
    whole = rf"SCAN {long}|SEARCH {long} .*\(owner_id=\?\)$"
    assert [plan for plan in plans if re.match(whole, plan)] == []


async def test_every_index_of_responses_serves_a_query(tmp_path: Path) -> None:
    """Every answer pays for each of them."""
    url = new_database(tmp_path)
    plans = await _plans(url)
    used = {name for plan in plans for name in re.findall(r"INDEX (ix_responses\w+)", plan)}
    engine = create_engine(url)
    with engine.connect() as connection:
        there = {row[1] for row in connection.exec_driver_sql("PRAGMA index_list(responses)")}
    engine.dispose()
    assert {name for name in there if name.startswith("ix_")} == used


async def test_no_statement_has_a_value_for_each_id(tmp_path: Path) -> None:
    """SQLite takes 32,766 of them, and a branch that is deleted may have more items. Here it takes few."""

    def take_few(connection: sqlite3.Connection, _: object) -> None:
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, MOST_VALUES)

    event.listen(Engine, "connect", take_few)
    try:
        store = open_store(new_database(tmp_path))
        owner = (await store.local_owner()).id
        many = [f"file_{number}" for number in range(2 * MOST_VALUES)]
        parts = tuple(InputFile(filename=name, file_id=name) for name in many)
        below = [message(name) for name in many]
        top = Message(id="msg_top", role="user", status="completed", content=parts)
        made = await store.create_conversation(owner, metadata={}, title=None, items=[top, *below], now=1)
        assert await store.ledgers_of(owner, many) == {}
        assert await store.files_for(owner, many) == {}
        assert (await store.delete_branch(owner, made.id, top.id)).head_id is None
        assert await store.tree_for(owner, made.id) == ()
        chain = await run(store, owner, new_response(*map(message, many)))
        await store.delete_response(owner, chain)
    finally:
        event.remove(Engine, "connect", take_few)
    await store.close()


async def _plans(url: str) -> list[str]:
    """What SQLite does for each statement of the store, one line for each table that it looks into."""
    said: dict[str, Any] = {}

    def keep(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        said[statement] = parameters[0] if isinstance(parameters, list) else parameters

    event.listen(Engine, "before_cursor_execute", keep)
    try:
        await _use_everything(url)
    finally:
        event.remove(Engine, "before_cursor_execute", keep)
    engine = open_writer(url)  # which knows the functions of our triggers
    with engine.connect() as connection:
        plans = [
            str(row[3])
            for statement, parameters in said.items()
            if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH"))
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    engine.dispose()
    return plans


async def _use_everything(url: str) -> None:
    store = open_store(url)
    owner = (await store.local_owner()).id
    key = await store.create_key(owner, name="k", secret_hash="h", prefix="p", now=1)
    await store.user_by_key_hash("h", now=1)
    await store.revoke_key(owner, key.id, now=2)
    await store.keys_of(owner)
    first = message()
    made = await store.create_conversation(owner, metadata={}, title="t", items=[first], now=1)
    await store.append_items(owner, made.id, [message()], now=2)
    named = IdempotencyKey("k", "f")
    await store.open_lease("srv", lease_until=1)
    await store.renew_lease("srv", lease_until=2)
    new = new_response(message(), parent_id=first.id, conversation_id=made.id, idempotency_key=named, server_id="srv")
    await store.start_response(owner, new)
    await store.keyed_response_for(owner, "k", now=100)
    await store.checkpoint("srv", [checkpoint(new.id), checkpoint("resp_other")])
    await store.ask_to_stop(owner, new.id)
    await store.stop_marks("srv")
    for lease in await store.leases():
        await store.take_lease(lease)
    await store.finish_response(owner, finished(new.id, message("a", "assistant")))
    await store.is_running_for(owner, new.id)
    await store.log_of(owner, new.id, starting_after=3)
    chain = await run(store, owner, new_response(message()), message("b", "assistant"))
    for order in ("asc", "desc"):
        await store.conversations_of(owner, PageQuery(1, "asc" if order == "asc" else "desc", made.id))
    await _list_every_shelf(store, owner)
    await store.update_conversation(owner, made.id, now=3, title="u", head_id=first.id, shelf=Shelf(is_pinned=True))
    await store.tree_for(owner, made.id)
    await store.item_for(owner, made.id, first.id)
    await store.item_for(owner, None, first.id)
    await store.branch_for(owner, first.id)
    await store.response_input_for(owner, chain)
    await store.running_responses_of(owner, made.id)
    await store.responses_of(owner, made.id)
    await store.whole_for(owner, made.id)
    await store.abandoned_responses()
    await _search(store, owner, made.id, first.id)
    await store.delete_item(owner, made.id, first.id)
    await store.delete_response(owner, chain)
    await store.delete_conversation(owner, made.id)
    await store.close()


async def _list_every_shelf(store: Store, owner: str) -> None:
    for shelf in (Shelf(is_pinned=True, is_archived=True), Shelf(is_pinned=False, is_archived=False)):
        await store.conversations_of(owner, PageQuery(), shelf)
    folder = await store.create_folder(owner, "f", now=1)
    await store.rename_folder(owner, folder.id, "g")
    for one in (folder.id, NO_FOLDER):
        page, _ = await store.conversations_of(owner, PageQuery(), Shelf(folder_id=one))
    await store.update_conversation(owner, page[0].id, now=1, shelf=Shelf(folder_id=folder.id))
    await store.folders_of(owner)
    await store.remove_folder(owner, folder.id)


async def _search(store: Store, owner: str, *after: str) -> None:
    for one in after:
        await store.search(owner, SearchQuery(("hi", "hello", "!"), after=one))
        await store.index_some()
