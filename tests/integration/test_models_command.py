"""`maru models test` as an operator uses it: a report in words, one for programs, a status, and always an end."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from maru_backends.checks.run import CHECKS
from support.live_server import LiveServer, live_server

MARU = [sys.executable, "-m", "maru", "models"]
TIMEOUT_S = 240
CONFIG = """
[[models]]
id = "good"
backend = "echo"

[[models]]
id = "broken"
backend = "echo"
script = "break"

[[models]]
id = "silent"
backend = "echo"
script = "stall"
tokens = 1

[[models]]
id = "away"
backend = "openai"
base_url = "http://127.0.0.1:9/v1"
model = "away"
context_window = 2048
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings with a good model and some bad ones."""
    file = tmp_path / "maru.toml"
    file.write_text(CONFIG)
    return file


def output_of(config: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What `maru models test` prints."""
    command = [*MARU, "test", *words, "--config", str(config)]
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def report(config: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """Status and report for programs."""
    done = output_of(config, *words, "--json")
    found: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, found


def test_good_model_has_a_report_in_words(config: Path) -> None:
    """Every check in its line, the speeds in a table, and what it comes to."""
    done = output_of(config, "good")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Checking good (echo)")
    for check in CHECKS:
        assert any(line.startswith("ok ") and f" {check.name} " in line for line in lines), check.name
    assert "Streams at once" in done.stdout
    assert lines[-1] == f"{len(CHECKS) + 2} ok, 0 not offered, 0 FAILED."


def test_good_model_has_a_report_for_programs(config: Path) -> None:
    """Figures under names with their unit."""
    status, found = report(config, "good")
    assert (status, found["ok"], found["model"], found["not_run"]) == (0, True, "good", [])
    checks = {check["name"]: check for check in found["checks"]}
    assert checks["window"]["figures"] == {"tokens": 8192}
    assert checks["speed"]["figures"]["tokens_per_s_1"] > 0
    assert {check["state"] for check in found["checks"]} == {"ok"}


@pytest.mark.parametrize(
    ("model", "words"), [("broken", "broke off"), ("silent", "longer than 5 s"), ("away", "cannot be reached")]
)
def test_bad_model_fails_and_ends(config: Path, model: str, words: str) -> None:
    """A script can rely on the status; what could not be seen any more is named."""
    done = output_of(config, model, "--limit", "5")
    assert done.returncode == 1, done.stdout
    assert "FAILED" in done.stdout
    assert words in done.stdout
    assert "Not run: speed." in done.stdout
    status, found = report(config, model, "--limit", "5")
    assert (status, found["ok"]) == (1, False)
    assert "speed" in found["not_run"]


def test_model_that_is_not_there_is_told_with_those_that_are(config: Path) -> None:
    """One line, no traceback."""
    done = output_of(config, "god")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "maru: there is no model 'god' in the settings; there are: good, broken, silent, away\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with the same models."""
    with live_server(tmp_path_factory.mktemp("models"), CONFIG) as running:
        yield running


@pytest.mark.parametrize("words", [[], ["list"]])
def test_models_of_a_server_are_listed(server: LiveServer, words: list[str]) -> None:
    """With or without the word: id, backend, state and window."""
    done = subprocess.run(
        [*MARU, *words, "--url", server.url], capture_output=True, text=True, timeout=TIMEOUT_S, check=True
    )
    (row,) = [line.split() for line in done.stdout.splitlines() if line.split()[:1] == ["good"]]
    assert row == ["good", "echo", "ready", "8,192", "yes"]
