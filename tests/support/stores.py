"""Stores for tests, and short ways to make what is put into them."""

import shutil
import time
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from maru.ids import new_id
from maru.protocol.idempotency import IdempotencyKey
from maru.protocol.items import InputText, Item, Message, MessageRole, OutputText
from maru.store.base import Checkpoint, FinishedResponse, LogPiece, NewResponse, Store, StoredItem
from maru.store.in_memory import InMemoryStore
from maru.store.migrate import upgrade
from maru.store.sql import postgresql
from maru.store.sql.database import Database
from maru.store.sql.server_locks import ServerLocks
from maru.store.sql.sqlite import sqlite_url
from maru.store.sql.store import SqlStore, open_store
from support.postgresql import has_postgresql, new_postgresql

KINDS = ("in_memory", "sqlite")
EVERY_KIND = (*KINDS, *(("postgresql",) if has_postgresql() else ()))


@cache
def _empty_database() -> Path:
    # Alembic takes a tenth of a second: once is enough, every test copies the file.
    file = Path(mkdtemp(prefix="maru-test-")) / "empty.sqlite3"
    upgrade(sqlite_url(file))
    return file


def new_database(folder: Path) -> str:
    """URL of a fresh database in this folder."""
    file = folder / "maru.sqlite3"
    shutil.copyfile(_empty_database(), file)
    return sqlite_url(file)


def new_store(kind: str, folder: Path) -> Store:
    """A fresh store of one of `EVERY_KIND`; of PostgreSQL one at a time."""
    match kind:
        case "in_memory":
            return InMemoryStore()
        case "postgresql":
            locks = ServerLocks(folder / "servers")
            return SqlStore(Database(postgresql.open_engines(new_postgresql())), locks, time.time)
        case _:
            return open_store(new_database(folder))


def is_on_postgresql(store: Store) -> bool:
    """Whether it is one that `new_store` made on PostgreSQL."""
    return isinstance(store, SqlStore) and store._database._engines.reader.dialect.name == "postgresql"


def message(text: str = "hi", role: MessageRole = "user", *, id_: str | None = None) -> Message:
    """A whole message."""
    part = OutputText(text=text, annotations=()) if role == "assistant" else InputText(text=text)
    return Message(id=id_ or new_id("msg"), role=role, status="completed", content=(part,))


def new_response(
    *inputs: Item,
    parent_id: str | None = None,
    conversation_id: str | None = None,
    created_at: int = 100,
    id_: str | None = None,
    title: str | None = None,
    idempotency_key: IdempotencyKey | None = None,
    server_id: str | None = None,
) -> NewResponse:
    """A response about to run."""
    return NewResponse(
        id=id_ or new_id("resp"),
        created_at=created_at,
        status="in_progress",
        model="house",
        body=b'{"status":"in_progress"}',
        parent_id=parent_id,
        input_items=inputs,
        conversation_id=conversation_id,
        previous_response_id=None,
        title=title,
        idempotency_key=idempotency_key,
        server_id=server_id,
    )


def checkpoint(response_id: str, body: bytes = b"{}", *, first_number: int = 0, packed: bytes = b"") -> Checkpoint:
    """How far a response is."""
    return Checkpoint(response_id, body, LogPiece(first_number, packed))


def finished(
    response_id: str,
    *outputs: Item,
    completed_at: int | None = 200,
    packed_log: bytes = b"log",
    server_id: str | None = None,
    ledger: bytes | None = None,
) -> FinishedResponse:
    """The good end of a response."""
    body = b'{"status":"completed"}'
    return FinishedResponse(response_id, "completed", completed_at, body, outputs, packed_log, server_id, ledger)


async def run(store: Store, owner: str, new: NewResponse, *outputs: Item) -> str:
    """Start and finish a response; its id."""
    await store.start_response(owner, new)
    await store.finish_response(owner, finished(new.id, *outputs))
    return new.id


def ids(stored: tuple[StoredItem, ...]) -> list[str]:
    """Ids of items, in order."""
    return [one.item.id for one in stored]
