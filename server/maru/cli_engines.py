"""Commands for what serves the models of a running server: look, take out, put back, start again."""

from pathlib import Path
from typing import Annotated

import typer

from maru.cli_options import ConfigOption, KeyOption, UrlOption, fail

engines = typer.Typer(help="What serves the models of a running server.", no_args_is_help=True)

ModelArgument = Annotated[str, typer.Argument(help="Id of the model, as maru engines list shows it.")]
EngineOption = Annotated[str | None, typer.Option(help="Which of the several engines of the model: its address.")]
DrainOption = Annotated[
    float | None, typer.Option("--drain", min=0, help="Seconds for running answers.  (default: the server's drain_s)")
]


@engines.command("list")
def list_engines(url: UrlOption = None, key: KeyOption = None, config: ConfigOption = None) -> None:
    """Show every engine, how much it has to do, and how much of the prompts its cache has served."""
    from maru.terminal_client import ChatError
    from maru.terminal_engines import show_engines

    try:
        show_engines(url, key, config)
    except ChatError as error:
        fail(str(error))


@engines.command("out")
def take_out(
    model: ModelArgument,
    engine: EngineOption = None,
    drain: DrainOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    config: ConfigOption = None,
) -> None:
    """Take an engine out of service: answers on it end, none begins, then it is stopped.

    An adapter is unloaded, and the engine goes on. One of several engines is only given nothing new.
    """
    _order("take_out", {"model": model, "engine": engine, "drain_s": drain}, (url, key, config))


@engines.command("in")
def take_in(
    model: ModelArgument,
    engine: EngineOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    config: ConfigOption = None,
) -> None:
    """Put an engine back into service that was taken out, or that failed."""
    _order("take_in", {"model": model, "engine": engine}, (url, key, config))


@engines.command("restart")
def restart(
    model: ModelArgument,
    drain: DrainOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    config: ConfigOption = None,
) -> None:
    """Let answers end, stop an engine and start it again; who asks meanwhile waits."""
    _order("restart", {"model": model, "drain_s": drain}, (url, key, config))


def _order(action: str, body: dict[str, object], where: tuple[str | None, str | None, Path | None]) -> None:
    from maru.terminal_client import ChatError
    from maru.terminal_engines import order

    try:
        is_well = order(action, {name: value for name, value in body.items() if value is not None}, where)
    except ChatError as error:
        fail(str(error))
    if not is_well:
        raise typer.Exit(1)
