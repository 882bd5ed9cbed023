"""`maru models`: which models there are, and whether one of them does what Maru needs of it."""

from typing import Annotated

import typer

from maru.cli_options import ConfigOption, KeyOption, UrlOption, fail

HELP = (
    "The models of a running server, and checks of one of them.\n\n"
    "[bold]maru models[/bold] alone lists them. [bold]maru models test ID[/bold] asks one of them all that Maru needs, "
    "and says what to do about what fails."
)
TEST_EXAMPLE = "Example: maru models test llama    (the id of a model in maru.toml)"

models = typer.Typer(help=HELP, invoke_without_command=True, rich_markup_mode="rich")


@models.callback(help=HELP)
def list_alone(
    context: typer.Context, url: UrlOption = None, key: KeyOption = None, config: ConfigOption = None
) -> None:
    """List where no command is named."""
    if context.invoked_subcommand is None:
        list_models(url, key, config)


@models.command("list")
def list_models(url: UrlOption = None, key: KeyOption = None, config: ConfigOption = None) -> None:
    """List the models of a running server: id, backend, state, window."""
    from maru.terminal_client import ChatError
    from maru.terminal_models import show_models

    try:
        show_models(url, key, config)
    except ChatError as error:
        fail(str(error))


@models.command("test", epilog=TEST_EXAMPLE)
def check_one(
    model: Annotated[str, typer.Argument(metavar="ID", help="Id of the model in the settings.", show_default=False)],
    *,
    limit: Annotated[float, typer.Option(min=1, help="Seconds that each check may take.")] = 120,
    open_limit: Annotated[float, typer.Option(min=1, help="Seconds that loading the model may take.")] = 900,
    is_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")] = False,
    config: ConfigOption = None,
) -> None:
    """Check whether a model does what Maru needs, and how fast it is.

    Asks it some 80 short questions: are its window, template and counts
    true, does it stream and stop, call tools, keep to JSON, see images, bear
    hostile input, and how many tokens a second does it make. A check ends as
    [bold]ok[/bold], [bold]not offered[/bold] or [bold]FAILED[/bold] with what to do; the status is 1 if one failed.

    No server is needed. A model with an address is asked there as it runs;
    weights are loaded, and an engine is started, beside a server that may be
    running: stop that first where memory is short. A provider's model costs
    money: dear questions are left out.
    """
    from maru.model_checks import ChecksError, check_model

    try:
        is_good = check_model(model, config=config, limit_s=limit, open_limit_s=open_limit, is_json=is_json)
    except ChecksError as error:
        fail(str(error))
    raise typer.Exit(0 if is_good else 1)
