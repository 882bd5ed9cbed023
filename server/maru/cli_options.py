"""Options that several commands take, and how a command fails."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

DataDirOption = Annotated[
    Path | None, typer.Option(help="Folder of the database.  (default: your data folder)", show_default=False)
]
ConfigOption = Annotated[
    Path | None, typer.Option(help="Settings file.  (default: maru.toml in this folder)", show_default=False)
]
UrlOption = Annotated[
    str | None, typer.Option(envvar="MARU_URL", help="Address of the server.  (default: that of the settings)")
]
KeyOption = Annotated[
    str | None,
    typer.Option(envvar="MARU_API_KEY", help="API key; not needed on the server's machine.", show_envvar=True),
]


def fail(message: str) -> NoReturn:
    """Say what is wrong on the error stream and end with status 1."""
    # Plain words, no frame: messages are copied into searches and tickets.
    typer.echo(f"maru: {message}", err=True)
    raise typer.Exit(1)
