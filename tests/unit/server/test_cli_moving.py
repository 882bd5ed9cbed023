"""All conversations out of a data folder by a command, and into another one."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from maru import cli
from support.foreign_exports import CLAUDE, JsonObject, array_of, long_chatgpt

runner = CliRunner()
BAD: JsonObject = {"mapping": {}}


def run(*arguments: str) -> tuple[int, str, str]:
    """Status, output and errors of a command."""
    done = runner.invoke(cli.make_app(loads_plugins=False), arguments)
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "maru.toml").write_text('[[models]]\nid = "echo"\nbackend = "echo"\n')
    (tmp_path / "c.json").write_bytes(b"".join(array_of([long_chatgpt(1, 4, "한 잔"), CLAUDE, BAD])))


def test_a_file_comes_in_and_everything_goes_out_and_into_another_folder() -> None:
    """What could not be read is told, and the status says so; sent again, nothing is made twice."""
    status, told, problems = run("import", "c.json", "--data-dir", "one")
    assert (status, told) == (1, "2 imported, 0 here already or empty, 1 not readable.\n")
    assert problems == "c.json, number 3: damaged it has no id\n"
    assert run("import", "c.json", "--data-dir", "one")[1].startswith("0 imported, 2 here already")
    assert run("export", "all.jsonl", "--data-dir", "one") == (0, "2 conversations are in all.jsonl.\n", "")
    assert len(Path("all.jsonl").read_bytes().splitlines()) == 3
    assert run("import", "all.jsonl", "--data-dir", "two")[:2] == (
        0,
        "2 imported, 0 here already or empty, 0 not readable.\n",
    )


def test_no_file_is_written_over_and_none_is_missed() -> None:
    """One line, status 1, no traceback."""
    status, _, told = run("export", "c.json", "--data-dir", "one")
    assert (status, "is there already" in told) == (1, True)
    status, _, told = run("import", "nothing.json", "--data-dir", "one")
    assert (status, "cannot be read" in told) == (1, True)
