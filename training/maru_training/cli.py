"""The commands `maru train` and `maru eval`: options in, files and a table out.

`maru` finds the two apps as entry points of the group `maru.commands`. Heavy libraries are imported only when a
command runs, so that `--help` answers at once.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from maru_training.house.model import Shape

RUN_FOLDER: Final = Path("runs/house")

train = typer.Typer(help="Train models.", no_args_is_help=True)
evaluate = typer.Typer(help="Examine models.", no_args_is_help=True)


@train.callback()
def _train() -> None:
    """Train models."""


@evaluate.callback()
def _evaluate() -> None:
    """Examine models."""


@train.command("house")
def train_house(
    folder: Annotated[
        Path, typer.Option(help="Folder of the run: tokenizer, checkpoint, log. An interrupted run goes on from it.")
    ] = RUN_FOLDER,
    tokens: Annotated[
        float | None, typer.Option(help="Tokens to train on, in millions; the recipe's number if left out.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes of one core each whose gradients are averaged; at most one per core.")
    ] = 1,
    seed: Annotated[int, typer.Option(help="Of the start and the data.")] = 1,
    stop_after: Annotated[
        float | None, typer.Option(help="Stop with a checkpoint after so many minutes; the same command goes on.")
    ] = None,
    publish: Annotated[
        Path | None, typer.Option(help="When the run is complete, write the model's Hugging Face folder here.")
    ] = None,
    device: Annotated[
        str, typer.Option(help='Where to compute: "cpu", or "cuda" for one NVIDIA GPU with a recipe of larger steps.')
    ] = "cpu",
    smoke: Annotated[
        bool, typer.Option("--smoke", help="The same run in small, about a minute: proves the pipeline.")
    ] = False,
) -> None:
    """Train the house model from scratch on generated conversations.

    Needs no data: everything it reads is made on the fly from the seed. Minutes on a GPU, hours on two free cores.
    """
    from maru_training.house.recipe import full, small
    from maru_training.house.start_run import run

    wanted_tokens = None if tokens is None else int(tokens * 1e6)
    recipe = small(seed=seed) if smoke else full(seed=seed, tokens=wanted_tokens, on_gpu=device != "cpu")
    stop_after_s = None if stop_after is None else stop_after * 60
    progress = run(recipe, folder, workers=workers, stop_after_s=stop_after_s, device=device)
    done, wanted = progress.tokens / 1e6, recipe.tokens / 1e6
    typer.echo(f"{done:.2f} of {wanted:.2f} million tokens, {progress.cpu_s / 60:.1f} CPU minutes a worker")
    if publish is not None and progress.tokens >= recipe.tokens:
        publish_run(folder, recipe.shape, publish)
        typer.echo(f"published: {publish}")


@train.command("publish")
def publish_command(
    folder: Annotated[Path, typer.Option(help="Folder of the run.")] = RUN_FOLDER,
    to: Annotated[Path, typer.Option(help="The model's folder to write.")] = Path("house_model"),
) -> None:
    """Write the newest checkpoint of a full-size run as a Hugging Face folder, whether or not the run is complete."""
    from maru_training.house.model import Shape

    publish_run(folder, Shape(), to)
    typer.echo(f"published: {to}")


@evaluate.command("house")
def evaluate_house(
    folder: Annotated[Path | None, typer.Option(help="Model to examine; the one in the package if left out.")] = None,
    items: Annotated[int, typer.Option(min=1, help="Held-out items per cell and language.")] = 200,
    seed: Annotated[int, typer.Option(help="Of the items; the same seed asks the same.")] = 0,
    cell: Annotated[list[str] | None, typer.Option(help="Ask only cells whose name contains this; repeatable.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the scores as JSON here.")] = None,
    replies: Annotated[Path | None, typer.Option(help="Write every item with its reply here, one JSON a line.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail when a cell is below its floor.")] = False,
) -> None:
    """Examine the house model on held-out items and print the share of right replies per task and language.

    Wordings, names, values, topics and passages are those that training never shows. Replies are greedy, so two
    runs with one seed give the same table. A few minutes on one core.
    """
    from maru_training.house import evaluation
    from maru_training.house.exam import CELLS

    chosen = [c for c in CELLS if not cell or any(part in c.name for part in cell)]
    answered = evaluation.examine(folder or shipped_model(), count=items, seed=seed, cells=chosen)
    results = evaluation.scores(answered, chosen)
    typer.echo(evaluation.table(results))
    if replies is not None:
        evaluation.write_replies(answered, replies)
    if report is not None:
        evaluation.write_report(results, report, seed=seed)
    if strict and not all(score.is_reached for score in results):
        raise typer.Exit(1)


def shipped_model() -> Path:
    """The folder of the model in the package."""
    import maru_backends

    return Path(maru_backends.__path__[0]) / "house_model"


def publish_run(folder: Path, shape: "Shape", target: Path) -> None:
    """Write the newest checkpoint of a run as a Hugging Face folder."""
    from maru_training.house.loop import TOKENIZER, load_masters
    from maru_training.house.publish import publish

    publish(load_masters(folder), shape, folder / TOKENIZER, target)
