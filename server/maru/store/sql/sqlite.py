"""Everything that is true of SQLite alone: how it is opened, how long it waits, how a full disk shows.

WAL lets readers go on while one writes. `synchronous=FULL` waits for the disk at each commit (some milliseconds),
NORMAL does not; both leave a sound database behind a power cut.
"""

import sqlite3
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from maru.store.base import StoreError
from maru.store.sql import sqlite_pieces
from maru.store.sql.database import READER_OPTIONS, Engines

BUSY_TIMEOUT_S = 10.0
WAL_LIMIT_BYTES = 64 * 2**20

_FULL_CODES = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY})
# With a full disk the shared-memory file beside the log cannot grow either, which SQLite reports as an IO error.
_FULL_IO_CODES = frozenset(
    {sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMMAP}
)
_PRIMARY_CODE = 0xFF


def sqlite_url(file: Path) -> str:
    """URL of a database in this file, as `database_url` takes it."""
    return URL.create("sqlite", database=str(file)).render_as_string()


def open_engines(url: str) -> Engines:
    """Reader, writer and light writer on one database file; connects at first use.

    Raises:
        StoreError: the URL names no SQLite file.
    """
    return Engines(
        reader=_reader(url),
        writer=open_writer(url),
        light_writer=_writer(url, "NORMAL"),
        begin_snapshot="BEGIN",
        is_full=is_full,
    )


def open_writer(url: str) -> Engine:
    """One connection whose transactions take the write lock at once and are on the disk when committed."""
    return _writer(url, "FULL")


def is_full(error: DBAPIError) -> bool:
    """Whether the disk or its quota is full, or the database may only be read."""
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return code in _FULL_IO_CODES or code & _PRIMARY_CODE in _FULL_CODES


def file_of(url: str) -> Path:
    """The database's file.

    Raises:
        StoreError: the URL names no SQLite file.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        message = f"{parsed.render_as_string()!r} names no SQLite file; write sqlite:///folder/maru.sqlite3"
        raise StoreError(message)
    return Path(str(parsed.database))


def faults_of(url: str) -> tuple[str, ...]:
    """What SQLite's own check finds wrong with the file; reads all of it.

    Raises:
        StoreError: it cannot be opened.
    """
    engine = _reader(url)
    try:
        with engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
            orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    except DBAPIError as error:
        message = f"the database {str(file_of(url))!r} cannot be used: {error.orig}"
        raise StoreError(message) from error
    finally:
        engine.dispose()
    faults = [str(line) for line in found if line != "ok"]
    return (*faults, *(f"a row of {row[0]} points to nothing" for row in orphans))


def _reader(url: str) -> Engine:
    return _engine(url, "query_only=ON", **READER_OPTIONS)


def _writer(url: str, synchronous: Literal["FULL", "NORMAL"]) -> Engine:
    engine = _engine(url, f"synchronous={synchronous}", pool_size=1)

    # A deferred transaction that reads first cannot wait for the lock: it fails at once when another process writes.
    def begin_immediately(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "begin", begin_immediately)
    return engine


def _engine(url: str, pragma: str, **options: Any) -> Engine:  # noqa: ANN401 (options of create_engine)
    file_of(url)
    engine = create_engine(
        make_url(url).set(drivername="sqlite+pysqlite"),
        max_overflow=0,
        # The driver's own idea of transactions leaves DDL and reads outside of them.
        connect_args={"isolation_level": None, "timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
        **options,
    )

    def set_up(connection: Any, _: object) -> None:  # noqa: ANN401 (a driver's connection has no type of its own)
        cursor = connection.cursor()
        for statement in ("journal_mode=WAL", "foreign_keys=ON", f"journal_size_limit={WAL_LIMIT_BYTES}", pragma):
            cursor.execute(f"PRAGMA {statement}")
        cursor.close()
        sqlite_pieces.register(connection)

    event.listen(engine, "connect", set_up)
    return engine
