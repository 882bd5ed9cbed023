"""The command `maru`: what can be done from a terminal. Parses and prints; the work is done elsewhere.

Nothing of the server is imported until a command needs it, so that `maru --help` answers at once.
"""

import sys
from importlib.metadata import entry_points
from typing import Annotated, Any

import typer

from maru.cli_data import database, keys
from maru.cli_engines import engines
from maru.cli_models import models
from maru.cli_moving import export_all, import_file
from maru.cli_options import ConfigOption, DataDirOption, KeyOption, UrlOption, fail

COMMANDS_GROUP = "maru.commands"
_OWN_COMMANDS = frozenset({"serve", "chat", "models", "export", "import", "keys", "db", "engines"})

HELP = (
    "Maru: a ChatGPT that you host yourself.\n\n"
    "Begin with [bold]maru serve[/bold] and open the address that it prints, or stay in the terminal with "
    "[bold]maru chat[/bold]. Settings stand in maru.toml; every command says with --help what it takes."
)


def main() -> None:
    """Run the command that the command line names."""
    arguments = sys.argv[1:]
    make_app(loads_plugins=not (arguments and arguments[0] in _OWN_COMMANDS))(prog_name="maru")


def make_app(*, loads_plugins: bool) -> typer.Typer:
    """All commands; those of other packages only where they are asked for or listed."""
    app = typer.Typer(
        help=HELP,
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_show_locals=False,  # they may hold secrets
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(help=HELP)(_everything)
    app.command()(serve)
    app.command()(chat)
    app.command("export")(export_all)
    app.command("import")(import_file)
    app.add_typer(models, name="models")
    app.add_typer(keys, name="keys")
    app.add_typer(database, name="db")
    app.add_typer(engines, name="engines")
    for point in sorted(entry_points(group=COMMANDS_GROUP), key=lambda point: point.name) if loads_plugins else ():
        try:
            app.add_typer(point.load(), name=point.name)
        except Exception as error:  # noqa: BLE001 (another package's module may raise anything while it is imported)
            _add_hint(app, point.name, error)
    return app


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.  (default: 127.0.0.1)")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.  (default: 8000)")] = None,
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Start the server; Ctrl+C stops it.

    On an address that other machines can reach, every request needs an API key: see [bold]maru keys create[/bold].
    """
    from maru.settings import SettingsError, load_settings

    try:
        settings = load_settings({"host": host, "port": port, "data_dir": data_dir, "config": config})
    except SettingsError as error:
        fail(str(error))

    from maru import app
    from maru.store.base import StoreError

    try:
        app.serve(settings)
    except (app.StartError, StoreError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None  # what a shell expects of a program that Ctrl+C ended


def chat(
    *,
    model: Annotated[str | None, typer.Option(help="Model to talk with; see maru models.")] = None,
    goes_on: Annotated[bool, typer.Option("--continue", "-c", help="Go on with the last conversation.")] = False,
    url: UrlOption = None,
    key: KeyOption = None,
    config: ConfigOption = None,
) -> None:
    """Talk with a model in the terminal.

    Starts a server for as long as it needs one, unless one is running. Ctrl+C stops an answer, Ctrl+D ends.
    """
    from maru.terminal_chat import ChatError, ChatOptions, chat_in_terminal

    try:
        chat_in_terminal(ChatOptions(model, goes_on, url, key, config))
    except ChatError as error:
        fail(str(error))


def _show_version(is_wanted: bool) -> None:  # noqa: FBT001 (typer hands the option's value over by position)
    if is_wanted:
        from importlib.metadata import version

        typer.echo(f"maru {version('maru')}")
        raise typer.Exit


def _everything(
    *,
    _: Annotated[
        bool, typer.Option("--version", help="Show the version and end.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Options of `maru` itself."""


def _add_hint(app: typer.Typer, name: str, error: Exception) -> None:
    reason = f"{type(error).__name__}: {error}".splitlines()[0]
    hint = f"Cannot be used now ({reason}). What it needs may come with: pip install 'maru[train]'"

    def explain() -> None:
        fail(hint)

    # The name and everything after it is accepted, so that `maru train house --epochs 3` gets the hint too.
    accepts_all: dict[str, Any] = {"allow_extra_args": True, "ignore_unknown_options": True}
    app.command(name, help=hint.replace("[", r"\["), context_settings=accepts_all)(explain)
