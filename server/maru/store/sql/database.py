"""Runs a piece of work on the right connection: reads side by side, writes one at a time.

Writes that wait while another is on its way to the disk are committed together, each behind a savepoint of its own:
the wait for the disk is the dear part, and 200 answers that begin at once would else wait 200 times.

Knows threads and transactions; knows no table. What is special about SQLite is in `sqlite.py`, about PostgreSQL in
`postgresql.py`.

A piece of work is a plain function that gets a connection. It runs in a thread as a whole, because the asyncio way
sends every statement to a thread and back four times: a turn (start, checkpoint, end) cost 8.8 ms of CPU that way and
costs 3.4 ms this way. The same functions would serve an asyncio driver through `AsyncConnection.run_sync`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from maru.store.base import StoreError, StoreFullError

MOST_TOGETHER = 64

T = TypeVar("T")
Work = Callable[[Connection], T]

READERS = 4
READER_OPTIONS: Mapping[str, Any] = {
    "pool_size": READERS,
    "isolation_level": "AUTOCOMMIT",
    "skip_autocommit_rollback": True,
    "pool_reset_on_return": None,
}
"""Autocommit saves a BEGIN and a ROLLBACK around each query; a query alone is consistent in itself."""


@dataclass(frozen=True, slots=True)
class Engines:
    """Three ways into one database.

    Attributes:
        reader: many connections, none of which can write.
        writer: what it commits survives a power cut.
        light_writer: what it commits survives a killed process, not a power cut; costs no wait for the disk.
        begin_snapshot: begins a transaction of the reader all of whose queries see the database of one moment.
        is_full: whether this error means that nothing can be written now.
    """

    reader: Engine
    writer: Engine
    light_writer: Engine
    begin_snapshot: str
    is_full: Callable[[DBAPIError], bool]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A write that waits for its turn; whoever asked may have gone away meanwhile."""

    work: Work[Any]
    done: asyncio.Future[Any]

    def succeed(self, result: object) -> None:
        if not self.done.done():
            self.done.set_result(result)

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


@dataclass(frozen=True, slots=True)
class _Broken:
    """What a work raised inside its savepoint; the works beside it are not touched."""

    error: Exception


def _each_behind(together: Sequence[_Waiting]) -> Work[list[Any]]:
    """All works in one; gives a result or `_Broken` for each. One alone needs no savepoint, and may raise."""
    if len(together) == 1:
        return lambda connection: [together[0].work(connection)]

    def one_after_another(connection: Connection) -> list[Any]:
        return [_behind_savepoint(connection, waiting.work) for waiting in together]

    return one_after_another


def _behind_savepoint(connection: Connection, work: Work[Any]) -> object:
    savepoint = connection.begin_nested()
    try:
        result = work(connection)
    except DBAPIError:  # the database's own trouble ends the whole transaction, and may have ended this savepoint too
        raise
    except Exception as error:  # noqa: BLE001 (whatever a work raises is told to its own caller and to no other)
        savepoint.rollback()
        return _Broken(error)
    savepoint.commit()
    return result


class Database:
    """Runs work in transactions; one instance serves all tasks of one event loop.

    Work that has begun is brought to its end even when the asking task is cancelled, so that no transaction is ever
    torn apart in the middle.
    """

    def __init__(self, engines: Engines) -> None:
        """Use these engines until `close`."""
        self._engines = engines
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-read")
        # One thread: one writer at a time without a lock, in the order of asking.
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-write")
        self._waiting: list[_Waiting] = []
        self._writing_all: asyncio.Task[None] | None = None

    async def read(self, work: Work[T]) -> T:
        """Result of work that only reads."""
        return await self._in_thread(self._readers, self._reading, work)

    async def read_as_one(self, work: Work[T]) -> T:
        """Result of work that only reads, and all of it as it stood at one moment: no write shows half between two."""
        return await self._in_thread(self._readers, self._reading_as_one, work)

    async def write(self, work: Work[T]) -> T:
        """Result of work that is done wholly or not at all, on the disk when this returns."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(work, loop.create_future())
        self._waiting.append(waiting)
        if self._writing_all is None:
            self._writing_all = loop.create_task(self._write_all())
        result: T = await waiting.done
        return result

    async def write_lightly(self, work: Work[T]) -> T:
        """Result of work in one transaction that a power cut may undo."""
        return await self._in_thread(self._writer, self._writing(self._engines.light_writer), work)

    async def close(self) -> None:
        """Wait for work under way, then close every connection."""
        if self._writing_all is not None:
            await asyncio.wait([self._writing_all])
        await asyncio.to_thread(self._close)

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                together, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                await self._write_together(together)
        finally:
            self._writing_all = None

    async def _write_together(self, together: Sequence[_Waiting]) -> None:
        try:
            outcomes = await self._in_thread(self._writer, self._writing(self._engines.writer), _each_behind(together))
        except Exception as error:  # noqa: BLE001 (its own where it was alone, else the database's, which is everybody's)
            for waiting in together:
                waiting.fail(error)
            return
        for waiting, outcome in zip(together, outcomes, strict=True):
            if isinstance(outcome, _Broken):
                waiting.fail(outcome.error)
            else:
                waiting.succeed(outcome)

    def _close(self) -> None:
        for threads in (self._readers, self._writer):
            threads.shutdown()
        for engine in (self._engines.reader, self._engines.light_writer, self._engines.writer):
            engine.dispose()

    def _reading(self, work: Work[T]) -> T:
        with self._engines.reader.connect() as connection:
            return work(connection)

    def _reading_as_one(self, work: Work[T]) -> T:
        with self._engines.reader.connect() as connection:
            connection.exec_driver_sql(self._engines.begin_snapshot)
            try:
                return work(connection)
            finally:
                connection.connection.rollback()  # the driver's own: SQLAlchemy knows of no transaction here

    def _writing(self, engine: Engine) -> Callable[[Work[T]], T]:
        def writing(work: Work[T]) -> T:
            with engine.begin() as connection:
                return work(connection)

        return writing

    async def _in_thread(self, threads: ThreadPoolExecutor, run: Callable[[Work[T]], T], work: Work[T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, run, work)
        except DBAPIError as error:
            reason = str(error.orig)
            if self._engines.is_full(error):
                message = f"nothing can be written: {reason}; free space on the disk of the database"
                raise StoreFullError(message) from error
            message = f"the database could not do it: {reason}"
            raise StoreError(message) from error


class SqlPart:
    """What the parts of the store on a database share."""

    def __init__(self, database: Database) -> None:
        """Work on this database."""
        self._database = database
