"""`maru engines`: what serves the models of a running server, as a table; and its coming and going, step by step."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from maru.terminal_client import Client, server_url

POLL_S = 0.5
_PASSING = frozenset({"loading", "draining"})

Found = Mapping[str, Any]


def show_engines(url: str | None, key: str | None, config: Path | None) -> None:
    """Print the engines of a running server.

    Raises:
        ChatError: no server answers, or it refuses.
    """
    found = asyncio.run(_engines(server_url(url, config), key))
    console = Console(soft_wrap=True)
    console.print(table_of(found))
    for engine in found:
        if engine["detail"]:
            console.print(f"{escape(name_of(engine))}: {escape(engine['detail'])}")


def order(action: str, body: Mapping[str, object], where: tuple[str | None, str | None, Path | None]) -> bool:
    """Have something done with an engine and tell of it until that is done.

    Args:
        action: last word of the call's path.
        body: what the call takes; `model` and perhaps `engine` name what is told of.
        where: address, key and settings file that lead to the server.

    Returns:
        Whether the engine is as it was wanted, or has not failed at least.

    Raises:
        ChatError: no server answers, or it refuses.
    """
    url, key, config = where
    return asyncio.run(_order(server_url(url, config), key, action, body))


def table_of(engines: list[dict[str, Any]]) -> Table:
    """One row an engine; what it does not tell is a dash."""
    table = Table("Model", "Engine", "State", "Answers", "Running", "Waiting", "Memory", "From cache", box=None)
    for engine in engines:
        load: dict[str, Any] = engine["load"] or {}
        table.add_row(
            escape(engine["model"]),
            escape(engine["engine"] or engine["backend"]),
            engine["state"],
            str(engine["answers"]),
            _shown(load.get("running")),
            _shown(load.get("waiting")),
            _share(load.get("cache_used"), 1),
            _share(load.get("prefix_hits"), load.get("prefix_queries")),
        )
    return table


def name_of(engine: Found) -> str:
    """The model, with the engine where it has several."""
    return str(engine["model"]) if engine["engine"] is None else f"{engine['model']} on {engine['engine']}"


def step_of(engine: Found) -> str:
    """Where an engine is, as a line."""
    running = f" ({engine['answers']} running)" if engine["state"] == "draining" else ""
    detail = f": {engine['detail']}" if engine["detail"] else ""
    return f"{name_of(engine)} is {engine['state']}{running}{detail}"


def _shown(figure: object) -> str:
    return "-" if figure is None else str(figure)


def _share(part: float | None, whole: float | None) -> str:
    return "-" if part is None or not whole else f"{part / whole:.0%}"


async def _engines(url: str, key: str | None) -> list[dict[str, Any]]:
    async with Client(url, key) as client:
        found: list[dict[str, Any]] = (await client.get("/v1/engines"))["data"]
        return found


async def _order(url: str, key: str | None, action: str, body: Mapping[str, object]) -> bool:
    console, told = Console(soft_wrap=True), ""
    async with Client(url, key) as client:
        found = await client.post(f"/v1/engines/{action}", body)
        while True:
            engine = _wanted(found["data"], body)
            if (step := step_of(engine)) != told:
                told = step
                console.print(escape(step))
            if engine["state"] not in _PASSING:
                return bool(engine["state"] != "failed")
            await asyncio.sleep(POLL_S)
            found = await client.get("/v1/engines")


def _wanted(engines: list[dict[str, Any]], body: Mapping[str, object]) -> dict[str, Any]:
    its = [engine for engine in engines if engine["model"] == body["model"]]
    return next((engine for engine in its if engine["engine"] == body.get("engine")), its[0])
