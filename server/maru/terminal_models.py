"""`maru models`: what a running server can be asked, as a table."""

import asyncio
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from maru.terminal_client import Client, server_url


def show_models(url: str | None, key: str | None, config: Path | None) -> None:
    """Print the models of a running server.

    Raises:
        ChatError: no server answers, or it refuses.
    """
    found = asyncio.run(_models(server_url(url, config), key))
    console = Console(soft_wrap=True)
    console.print(table_of(found))
    for model in found:
        if model.get("maru:detail"):
            console.print(f"{escape(model['id'])}: {escape(model['maru:detail'])}")


def table_of(models: list[dict[str, Any]]) -> Table:
    """One row a model; what a server does not tell is a dash."""
    table = Table("Model", "Backend", "State", "Window", "Default", box=None)
    for model in models:
        window = model.get("maru:context_window")
        table.add_row(
            escape(model["id"]),
            escape(model.get("maru:backend") or "-"),
            escape(model.get("maru:state") or "-"),
            "-" if window is None else f"{window:,}",
            "yes" if model.get("maru:default") else "",
        )
    return table


async def _models(url: str, key: str | None) -> list[dict[str, Any]]:
    async with Client(url, key) as client:
        found: list[dict[str, Any]] = (await client.get("/v1/models"))["data"]
        return found
