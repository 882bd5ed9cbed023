"""`maru models test`: runs the checks on a model of the settings and prints a report, for people or for programs."""

import json
import os
import sys
from collections import Counter
from contextlib import AsyncExitStack, closing
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from maru.engines import ModelConfig
from maru.settings import SettingsError, load_settings
from maru_backends.base import Backend, Opening
from maru_backends.checks.outcome import Result, State
from maru_backends.checks.run import CHECKS, Checking, Plan
from maru_backends.registry import plugin_for

_SHOWN: dict[State, str] = {
    "ok": "[green]ok[/green]",
    "not offered": "[dim]not offered[/dim]",
    "failed": "[bold red]FAILED[/bold red]",
}
_STATE_WIDTH = 11
_NAME_WIDTH = 17


class ChecksError(Exception):
    """Nothing could be checked; the message is one sentence."""


def check_model(model: str, *, config: Path | None, limit_s: float, open_limit_s: float, is_json: bool) -> bool:
    """Print how a model does; whether nothing failed.

    Raises:
        ChecksError: the settings are wrong, or there is no such model.
    """
    chosen, host = _chosen(model, config)

    async def open_it(closing: AsyncExitStack) -> Backend:
        return await _opened(chosen, closing, None if host is None else await _opened(host, closing))

    plan = Plan(
        open=open_it,
        limit_s=limit_s,
        open_limit_s=open_limit_s,
        is_hosted=chosen.settings.is_hosted,
    )
    checking = Checking(plan)
    report = _JsonReport(chosen) if is_json else _Report(chosen, limit_s)
    with closing(checking.results()) as results:
        for result in results:
            report.add(result)
    report.end()
    if checking.is_stuck:
        # A thread of the backend that never ends would keep this process for ever.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0 if report.is_good else 1)
    return report.is_good


class _Report:
    """Prints for people, line by line as checks end."""

    def __init__(self, model: ModelConfig, limit_s: float) -> None:
        self._console = Console(soft_wrap=True, highlight=False)
        self._results: list[Result] = []
        self._console.print(
            f"Checking {escape(model.id)} ({escape(model.backend)}): {len(CHECKS)} checks of {limit_s:g} s at most."
        )

    @property
    def is_good(self) -> bool:
        return is_good(self._results)

    def add(self, result: Result) -> None:
        self._results.append(result)
        state, outcome = _SHOWN[result.outcome.state], result.outcome
        padding = " " * (_STATE_WIDTH - len(outcome.state) + 2)
        self._console.print(f"{state}{padding}{escape(result.name):{_NAME_WIDTH}}  {escape(outcome.detail)}")

    def end(self) -> None:
        for result in self._results:
            if result.name == "speed" and result.outcome.figures:
                self._console.print()
                self._console.print(_speed_table(result))
        self._console.print()
        for left in not_run(self._results):
            self._console.print(f"Not run: {left}.")
        counted = Counter(result.outcome.state for result in self._results)
        words = f"{counted['ok']} ok, {counted['not offered']} not offered, {counted['failed']} FAILED"
        self._console.print(f"{words}.")


class _JsonReport:
    """Prints one object when all is over."""

    def __init__(self, model: ModelConfig) -> None:
        self._model = model
        self._results: list[Result] = []

    @property
    def is_good(self) -> bool:
        return is_good(self._results)

    def add(self, result: Result) -> None:
        self._results.append(result)

    def end(self) -> None:
        checks = [
            {"name": result.name, "seconds": result.seconds, **asdict(result.outcome)} for result in self._results
        ]
        report = {
            "model": self._model.id,
            "backend": self._model.backend,
            "ok": self.is_good,
            "checks": checks,
            "not_run": not_run(self._results),
        }
        print(json.dumps(report, indent=2, ensure_ascii=False))  # noqa: T201 (the report is what the command is for)


def is_good(results: list[Result]) -> bool:
    """Whether nothing failed and everything was run."""
    return all(result.outcome.state != "failed" for result in results) and not not_run(results)


def not_run(results: list[Result]) -> list[str]:
    """Names of checks that had no turn, because one before them failed."""
    run = {result.name for result in results}
    return [check.name for check in CHECKS if check.name not in run]


def _speed_table(result: Result) -> Table:
    table = Table("Streams at once", "Tokens/s", "First token", box=None)
    figures = result.outcome.figures
    for name, rate in figures.items():
        streams = name.removeprefix("tokens_per_s_")
        if streams != name:
            table.add_row(streams, f"{rate:,.1f}", f"{1000 * figures[f'first_token_s_{streams}']:,.0f} ms")
    return table


async def _opened(model: ModelConfig, closing: AsyncExitStack, host: Backend | None = None) -> Backend:
    opening = Opening(tell=lambda _: None, host=host)
    backend = await plugin_for(model.backend).opened(model.settings, opening)
    closing.push_async_callback(backend.close)
    return backend


def _chosen(model: str, config: Path | None) -> tuple[ModelConfig, ModelConfig | None]:
    """The model, and the one on whose engine it rides."""
    try:
        settings = load_settings({"config": config})
    except SettingsError as error:
        raise ChecksError(str(error)) from error
    models = {one.id: one for one in settings.models}
    if model in models:
        return models[model], models.get(models[model].settings.rides_on or "")
    ids = ", ".join(models)
    raise ChecksError(f"there is no model {model!r} in the settings; there are: {ids}")
