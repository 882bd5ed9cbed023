"""The command line: what a stranger reads, and what is not loaded for it."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from maru import cli
from maru.identity.keys import KEY_PREFIX

runner = CliRunner()


def run(*arguments: str) -> tuple[int, str, str]:
    """Status, output and errors of a command."""
    done = runner.invoke(cli.make_app(loads_plugins=False), arguments)
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MARU_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "maru.toml").write_text('[[models]]\nid = "echo"\nbackend = "echo"\n')


def test_help_names_every_command() -> None:
    """The first thing a stranger types."""
    status, output, _ = run("--help")
    assert status == 0
    assert all(name in output for name in ("serve", "chat", "models", "export", "import", "keys", "db", "ChatGPT"))


@pytest.mark.parametrize(
    "command",
    [
        "serve",
        "chat",
        "models",
        "models list",
        "models test",
        "export",
        "import",
        "keys create",
        "keys list",
        "keys revoke",
        "db check",
        "engines list",
        "engines out",
    ],
)
def test_every_command_has_help(command: str) -> None:
    """And every option says something."""
    status, output, _ = run(*command.split(), "--help")
    assert status == 0
    assert "Usage" in output


def test_help_of_models_tells_a_stranger_what_is_there() -> None:
    """What it lists, what it checks, and that an id comes from the settings."""
    _, output, _ = run("models", "--help")
    assert all(words in output for words in ("running server", "maru models test ID", "list", "test"))
    _, output, _ = run("models", "test", "--help")
    assert all(
        words in output for words in ("ok, not offered or FAILED", "--json", "--limit", "maru models test llama")
    )


def test_help_loads_neither_torch_nor_the_server() -> None:
    """It must answer at once, also where half of the libraries are missing."""
    code = (
        "import sys, json\nsys.argv = ['maru', '--help']\nfrom maru.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(json.dumps([m for m in ('torch', 'transformers', 'fastapi', 'sqlalchemy') if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_version_is_told() -> None:
    """For bug reports."""
    status, output, _ = run("--version")
    assert (status, output.split()[0]) == (0, "maru")


def test_key_is_made_listed_and_revoked() -> None:
    """The key alone is on the output, so that a script can take it."""
    status, secret, told = run("keys", "create", "--name", "lap[b]top")
    assert status == 0
    assert secret.startswith(KEY_PREFIX)
    assert len(secret.splitlines()) == 1
    key_id = told.split()[1]
    _, listed, _ = run("keys", "list")
    assert key_id in listed
    assert "lap[b]top" in listed
    assert "active" in listed
    assert secret.strip() not in listed
    assert run("keys", "revoke", key_id)[0] == 0
    assert "revoked" in run("keys", "list")[1]


def test_unknown_key_cannot_be_revoked() -> None:
    """One line, status 1, no traceback."""
    status, _, told = run("keys", "revoke", "key_nothing")
    assert (status, told) == (1, "maru: key 'key_nothing' was not found\n")


def test_no_keys_yet() -> None:
    """The list says how to make one."""
    assert "maru keys create" in run("keys", "list")[1]


def test_database_is_made_upgraded_and_checked() -> None:
    """Each step says what it found."""
    assert "no database yet" in run("db", "check")[2]
    assert "empty" in run("db", "upgrade")[1]
    assert "as before" in run("db", "upgrade")[1]
    status, output, _ = run("db", "check")
    assert status == 0
    assert "sound" in output


def test_wrong_setting_stops_the_start(tmp_path: Path) -> None:
    """With the sentence alone."""
    status, _, told = run("serve", "--port", "99999")
    assert status == 1
    assert told.startswith("maru: port = 99999, set by the flag --port, cannot be used")
    (tmp_path / "maru.toml").write_text("prot = 1")
    for command in ("serve", "models", "models list", "models test echo", "chat", "keys list", "db check"):
        status, _, told = run(*command.split())
        assert status == 1
        assert "did you mean 'port'" in told


def test_serve_hands_its_settings_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Flags reach the server; what stops its start is told in one line."""
    served: list[object] = []

    class StartError(Exception):
        pass

    def serve(settings: SimpleNamespace) -> None:
        served.append((settings.host, settings.port, settings.data_dir))
        raise StartError("the port is taken")

    monkeypatch.setitem(sys.modules, "maru.app", SimpleNamespace(serve=serve, StartError=StartError))
    monkeypatch.setattr("maru.app", sys.modules["maru.app"], raising=False)
    status, _, told = run("serve", "--host", "localhost", "--port", "9", "--data-dir", "d")
    assert served == [("localhost", 9, tmp_path / "d")]
    assert (status, told) == (1, "maru: the port is taken\n")


class _Broken:
    """An entry point of a package that is not whole."""

    name = "train"

    def load(self) -> object:
        raise ModuleNotFoundError("No module named 'torch'")


def test_broken_command_of_another_package_gives_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the help nor other commands suffer."""

    def found(group: str) -> list[_Broken]:
        assert group == "maru.commands"
        return [_Broken()]

    monkeypatch.setattr(cli, "entry_points", found)
    app = cli.make_app(loads_plugins=True)
    assert "No module named" in runner.invoke(app, ["--help"]).stdout
    done = runner.invoke(app, ["train", "house", "--epochs", "3"])
    assert done.exit_code == 1
    assert "pip install 'maru[train]'" in done.stderr
