"""Brings a database to the schema of this code, or says why that cannot be.

Alembic is imported only when there is something to do: a start with an up-to-date database does not pay for it.
"""

import asyncio
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from maru.store.base import StoreError, StoreFullError
from maru.store.sql.schema import REVISION
from maru.store.sql.sqlite import file_of, is_full, open_writer

_FOLDER = Path(__file__).parent / "migrations"


class SchemaError(StoreError):
    """The database cannot be used by this version of Maru."""


async def migrate(url: str) -> None:
    """`upgrade`, off the event loop."""
    await asyncio.to_thread(upgrade, url)


def upgrade(url: str) -> None:
    """Bring the database to this code's schema in one transaction; makes the file and its folder where missing.

    Raises:
        SchemaError: the database is newer than this code, or no database of Maru.
        StoreFullError: it cannot be written.
        StoreError: it cannot be opened.
    """
    file = file_of(url)
    try:
        # Conversations are private: other accounts of the machine must not read them.
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        message = f"the database {str(file)!r} cannot be made: {error.strerror}; choose another folder with --data-dir"
        raise StoreError(message) from error
    engine = open_writer(url)
    try:
        with engine.begin() as connection:
            bring_up(connection, str(file))
    except DBAPIError as error:
        message = f"the database {str(file)!r} cannot be used: {error.orig}"
        raise (StoreFullError if is_full(error) else StoreError)(message) from error
    finally:
        engine.dispose()


def revision_of(url: str) -> str | None:
    """The schema that the database has now; None while it is missing or empty.

    Raises:
        SchemaError: it is no database of Maru.
        StoreError: it cannot be opened.
    """
    file = file_of(url)
    if not file.exists():
        return None
    engine = open_writer(url)
    try:
        with engine.connect() as connection:
            return _revision(connection, str(file))
    except DBAPIError as error:
        message = f"the database {str(file)!r} cannot be used: {error.orig}"
        raise StoreError(message) from error
    finally:
        engine.dispose()


def _revision(connection: Connection, name: str) -> str | None:
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if "alembic_version" not in tables:
        message = f"{name!r} is a database of another program; choose another folder with --data-dir"
        raise SchemaError(message)
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def bring_up(connection: Connection, name: str) -> None:
    """Bring a database to this code's schema in the transaction of this connection.

    Args:
        connection: a writer's.
        name: of the database, as an error tells it.

    Raises:
        SchemaError: the database is newer than this code, or no database of Maru.
    """
    now = _revision(connection, name)
    if now == REVISION:
        return
    from alembic import command  # noqa: PLC0415 (costs a quarter of a second and 10 MB, seldom needed)
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if now is not None and now not in known:
        message = (
            f"the database {name!r} was written by a newer Maru (its schema is {now!r}, this version knows up to "
            f"{REVISION!r}); install that version again, or restore a backup made before it"
        )
        raise SchemaError(message)
    command.upgrade(config, "head")
