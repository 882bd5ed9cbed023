"""Commands that work on the data folder without a running server: API keys and the database's schema."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from maru.cli_options import ConfigOption, DataDirOption, fail

if TYPE_CHECKING:
    from pathlib import Path

    from maru.settings import Settings
    from maru.store.base import Store
    from maru.store.people import ApiKey

T = TypeVar("T")
WIDTH = 200  # columns of a list

keys = typer.Typer(help="API keys: who may use the server from elsewhere.", no_args_is_help=True)
database = typer.Typer(help="The database's schema.", no_args_is_help=True)


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Option(help="What the key is for, to know it again.")] = "unnamed",
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a key and show it, once."""
    from maru.identity.keys import make_key

    new = make_key()

    async def create(store: "Store") -> "ApiKey":
        owner = await store.local_owner()
        return await store.create_key(
            owner.id, name=name, secret_hash=new.secret_hash, prefix=new.prefix, now=int(time.time())
        )

    key = with_store(create, data_dir, config)
    # The key alone goes to the output, so that `export MARU_API_KEY=$(maru keys create)` works.
    typer.echo(f"Key {key.id} ({name}). Only its hash is kept: copy the key now, it cannot be shown again.", err=True)
    typer.echo(new.secret)


@keys.command("list")
def list_keys(data_dir: DataDirOption = None, config: ConfigOption = None) -> None:
    """List all keys, newest first."""

    async def read(store: "Store") -> "tuple[ApiKey, ...]":
        return await store.keys_of((await store.local_owner()).id)

    found = with_store(read, data_dir, config)
    if not found:
        typer.echo("There are no keys yet. Make one with: maru keys create")
        return

    from rich.console import Console
    from rich.table import Column, Table

    headings = ("Id", "Name", "Begins with", "Made", "Last used", "State")
    table = Table(*(Column(heading, no_wrap=True) for heading in headings), box=None)
    for key in found:
        state = "active" if key.revoked_at is None else f"revoked {_day(key.revoked_at)}"
        row = (key.id, key.name, f"{key.prefix}...", _day(key.created_at), _day(key.last_used_at), state)
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    # A cut id could not be copied: in a narrow terminal lines wrap instead.
    Console(width=WIDTH, soft_wrap=True).print(table)


@keys.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(help="Id of the key, as maru keys list shows it.")],
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Take a key away; it opens nothing from now on."""

    async def revoke(store: "Store") -> "ApiKey":
        owner = await store.local_owner()
        return await store.revoke_key(owner.id, key, now=int(time.time()))

    revoked = with_store(revoke, data_dir, config)
    typer.echo(f"Key {revoked.id} ({revoked.name}) opens nothing any more.")


@database.command("upgrade")
def upgrade_database(data_dir: DataDirOption = None, config: ConfigOption = None) -> None:
    """Bring the database to this version's schema. The server does so by itself when it starts."""
    from maru.store.base import StoreError
    from maru.store.migrate import revision_of, upgrade

    url = settings_of(data_dir, config).database_url
    try:
        before = revision_of(url)
        upgrade(url)
        now = revision_of(url)
    except StoreError as error:
        fail(str(error))
    typer.echo(f"The schema is {now} as before." if before == now else f"The schema was {before or 'empty'}, is {now}.")


@database.command("check")
def check_database(data_dir: DataDirOption = None, config: ConfigOption = None) -> None:
    """Say whether the database fits this version and is sound. Ends with 1 if not."""
    from maru.store.base import StoreError
    from maru.store.migrate import revision_of
    from maru.store.sql.schema import REVISION
    from maru.store.sql.sqlite import faults_of

    url = settings_of(data_dir, config).database_url
    try:
        now = revision_of(url)
        if now is None:
            fail("there is no database yet; it is made by maru serve or maru db upgrade")
        faults = faults_of(url)
    except StoreError as error:
        fail(str(error))
    if faults:
        fail("the database is damaged, restore a backup: " + "; ".join(faults))
    if now != REVISION:
        fail(f"the schema is {now}, this version needs {REVISION}; run: maru db upgrade")
    typer.echo(f"The database is sound and has this version's schema ({REVISION}).")


def with_store(work: "Callable[[Store], Awaitable[T]]", data_dir: "Path | None", config: "Path | None") -> T:
    """Result of work on the store of these settings; a server may be running on it at the same time."""
    from maru.store.base import StoreError
    from maru.store.migrate import migrate
    from maru.store.sql.store import open_store

    url = settings_of(data_dir, config).database_url

    async def run() -> T:
        await migrate(url)
        store = open_store(url)
        try:
            return await work(store)
        finally:
            await store.close()

    try:
        return asyncio.run(run())
    except StoreError as error:
        fail(str(error))


def settings_of(data_dir: "Path | None", config: "Path | None") -> "Settings":
    """The settings that hold with these flags; says what is wrong with them and ends where something is."""
    from maru.settings import SettingsError, load_settings

    try:
        return load_settings({"data_dir": data_dir, "config": config})
    except SettingsError as error:
        fail(str(error))


def _day(time_s: int | None) -> str:
    return "never" if time_s is None else datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
