"""Runs a piece of work on the right connection: reads side by side, writes one at a time.

Knows threads and transactions; knows no table. What is special about SQLite is in `sqlite.py`.

A piece of work is a plain function that gets a connection. It runs in a thread as a whole, because the asyncio way
sends every statement to a thread and back four times: a turn (start, checkpoint, end) cost 8.8 ms of CPU that way and
costs 3.4 ms this way. The same functions serve an asyncio driver through `AsyncConnection.run_sync`, which is how
PostgreSQL will come.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from maru.store.base import StoreError, StoreFullError

T = TypeVar("T")
Work = Callable[[Connection], T]


@dataclass(frozen=True, slots=True)
class Engines:
    """Three ways into one database.

    Attributes:
        reader: many connections, none of which can write.
        writer: what it commits survives a power cut.
        light_writer: what it commits survives a killed process, not a power cut; costs no wait for the disk.
        reads_at_once: connections of the reader.
        is_full: whether this error means that nothing can be written now.
    """

    reader: Engine
    writer: Engine
    light_writer: Engine
    reads_at_once: int
    is_full: Callable[[DBAPIError], bool]


class Database:
    """Runs work in transactions; one instance serves all tasks of one event loop.

    Work that has begun is brought to its end even when the asking task is cancelled, so that no transaction is ever
    torn apart in the middle.
    """

    def __init__(self, engines: Engines) -> None:
        """Use these engines until `close`."""
        self._engines = engines
        self._readers = ThreadPoolExecutor(engines.reads_at_once, thread_name_prefix="store-read")
        # One thread: one writer at a time without a lock, in the order of asking.
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-write")

    async def read(self, work: Work[T]) -> T:
        """Result of work that only reads."""
        return await self._in_thread(self._readers, self._reading, work)

    async def write(self, work: Work[T]) -> T:
        """Result of work in one transaction, on the disk when this returns."""
        return await self._in_thread(self._writer, self._writing(self._engines.writer), work)

    async def write_lightly(self, work: Work[T]) -> T:
        """Result of work in one transaction that a power cut may undo."""
        return await self._in_thread(self._writer, self._writing(self._engines.light_writer), work)

    async def close(self) -> None:
        """Wait for work under way, then close every connection."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        for threads in (self._readers, self._writer):
            threads.shutdown()
        for engine in (self._engines.reader, self._engines.light_writer, self._engines.writer):
            engine.dispose()

    def _reading(self, work: Work[T]) -> T:
        with self._engines.reader.connect() as connection:
            return work(connection)

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
