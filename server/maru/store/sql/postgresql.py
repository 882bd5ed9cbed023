"""Everything that is true of PostgreSQL alone: how it is opened, and how its errors are told apart.

Nothing serves from it yet: settings take a SQLite file only. The store's contract suite runs on it, so that every
query, migration and transaction is one that PostgreSQL takes too.
"""

from typing import Any, cast

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError

from maru.store.sql.database import READER_OPTIONS, Engines

_FULL_CODES = frozenset({"53100", "25006"})  # disk full; a read-only transaction, as on a standby
_INTEGRITY = "23"


def open_engines(url: str) -> Engines:
    """Reader, writer and light writer on one database; connects at first use.

    Args:
        url: `postgresql://user@host/database`, with whatever else SQLAlchemy's dialect for pg8000 takes.
    """
    return Engines(
        reader=_engine(url, "SET default_transaction_read_only = on", **READER_OPTIONS),
        writer=open_writer(url),
        light_writer=_engine(url, "SET synchronous_commit = off", pool_size=1),
        begin_snapshot="BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        is_full=is_full,
    )


def open_writer(url: str) -> Engine:
    """One connection whose transactions are on the disk when committed."""
    return _engine(url, "SET synchronous_commit = on", pool_size=1)


def is_full(error: DBAPIError) -> bool:
    """Whether the server's disk is full, or the database may only be read."""
    return _code(error.orig) in _FULL_CODES


def _engine(url: str, setting: str, **options: Any) -> Engine:  # noqa: ANN401 (options of create_engine)
    engine = create_engine(make_url(url).set(drivername="postgresql+pg8000"), max_overflow=0, **options)

    def set_up(connection: Any, _: object) -> None:  # noqa: ANN401 (a driver's connection has no type of its own)
        cursor = connection.cursor()
        cursor.execute(setting)
        cursor.close()
        connection.commit()

    event.listen(engine, "connect", set_up)
    event.listen(engine, "handle_error", _as_integrity, retval=True)
    return engine


def _as_integrity(context: ExceptionContext) -> BaseException | None:
    """A broken constraint under the name that every other driver gives it: pg8000 has one class for all errors."""
    if not isinstance(context.sqlalchemy_exception, DBAPIError) or not _code(context.original_exception).startswith(
        _INTEGRITY
    ):
        return None
    return IntegrityError(context.statement, context.parameters, context.original_exception)


def _code(error: BaseException | None) -> str:
    """The SQLSTATE of a driver's error; empty where it has none, as when the server cannot be reached."""
    told: object = error.args[0] if error is not None and error.args else None
    return str(cast("dict[str, object]", told).get("C", "")) if isinstance(told, dict) else ""
