"""Commands that take all conversations out of the data folder, and others into it; the server may run meanwhile."""

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maru.cli_data import settings_of, with_store
from maru.cli_options import ConfigOption, DataDirOption, fail

if TYPE_CHECKING:
    from maru.protocol.imports import Outcome
    from maru.store.base import Store


def export_all(
    file: Annotated[Path, typer.Argument(help="File to write, for example maru.jsonl; it must not be there yet.")],
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Write all conversations into one file, which [bold]maru import[/bold] and the page read again."""
    from maru.moving.export import export_lines

    async def write(store: "Store") -> int:
        owner = await store.local_owner()
        count = 0
        with file.open("xb") as written:
            async for line in export_lines(store, owner.id, now=int(time.time())):
                written.write(line)
                count += line.startswith(b'{"object":"maru.conversation"')
        return count

    try:
        count = with_store(write, data_dir, config)
    except FileExistsError:
        fail(f"{str(file)!r} is there already; name another file")
    except OSError as error:
        fail(f"{str(file)!r} cannot be written: {error.strerror}")
    typer.echo(f"{count} conversations are in {file}.")


def import_file(
    file: Annotated[Path, typer.Argument(help="JSON, JSON lines or a zip of such.")],
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Take in the conversations of ChatGPT, Claude, Open WebUI, LibreChat or another Maru.

    What is here already is not made twice. Ends with 1 where something could not be read.
    """
    from maru.media.reader import Reader
    from maru.moving.arrivals import arrivals
    from maru.moving.keeping import Keeping
    from maru.moving.pending import Pending

    settings = settings_of(data_dir, config)

    async def read(store: "Store") -> "Counter[Outcome]":
        owner = await store.local_owner()
        counts: Counter[Outcome] = Counter()
        with file.open("rb") as upload:
            size, now = file.stat().st_size, int(time.time())
            reader = Reader(settings.picture_bounds)
            pending = Pending(settings.data_dir, most_file_bytes=settings.max_file_bytes)
            most_bytes = settings.max_files_bytes
            keeping = Keeping(store, reader, owner.id, pending, most_bytes=most_bytes, now=now)
            coming = arrivals(store, owner.id, upload, keeping=keeping, name=file.name, size=size, now=now)
            async for one in coming:
                counts[one.outcome] += 1
                if one.outcome == "failed":
                    typer.echo(f"{one.file}, number {one.number}: {one.why} {one.detail or ''}".rstrip(), err=True)
        return counts

    try:
        counts = with_store(read, data_dir, config)
    except OSError as error:
        fail(f"{str(file)!r} cannot be read: {error.strerror}")
    told = f"{counts['imported']} imported, {counts['skipped']} here already or empty, {counts['failed']} not readable."
    typer.echo(told)
    if counts["failed"]:
        raise typer.Exit(1)
