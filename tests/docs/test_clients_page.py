"""`docs/clients.md` is run, block by block, against a real server on scripted models."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from node import NoNodeError, command

from support.live_server import LiveServer, live_server
from support.pages import ROOT, blocks, page

PAGE = page("docs/clients.md")
# The tool's result, or the last words said: whoever reads the page sees the model's own answer in their place.
MODELS = '[[models]]\nid = "house"\nbackend = "echo"\nscript = "tool"\n'
DEADLINE_S = 120

PYTHON = blocks(PAGE, "python")
SCRIPTS = blocks(PAGE, "js")
SHELL = blocks(PAGE, "sh")
SAID_BY_PYTHON = (
    "What is my name?",
    "Tell me about the sea.",
    "What is my name?",
    " the sea.",
    "My name is Jihoon.\nWhat is my name?\n",
    "The key is under the mat.",
    "high at noon in echo",
    "What is my name?",
)
SAID_BY_SCRIPTS = ("What is my name?\nTell me about the sea.", "Hello!")
SAID_BY_SHELL = ('"text":"Hello!"', "data: [DONE]", '"content":"Hello!"', '"type":"response.completed"')


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """One server for every example."""
    with live_server(tmp_path_factory.mktemp("clients"), MODELS) as server:
        yield server


def test_every_example_has_its_expected_words() -> None:
    """A new example must be judged too."""
    lengths = [len(found) for found in (PYTHON, SCRIPTS, SHELL)]
    assert lengths == [len(SAID_BY_PYTHON), len(SAID_BY_SCRIPTS), len(SAID_BY_SHELL)]


@pytest.mark.parametrize(("program", "said"), list(zip(PYTHON, SAID_BY_PYTHON, strict=False)))
def test_python(server: LiveServer, program: str, said: str) -> None:
    """`openai` and `openai-agents`, each in a program of its own."""
    assert said in _run([sys.executable, "-W", "error::SyntaxWarning", "-c", _on(server, program)], dict(os.environ))


@pytest.mark.parametrize(("program", "said"), list(zip(SCRIPTS, SAID_BY_SCRIPTS, strict=False)))
def test_javascript(server: LiveServer, program: str, said: str, tmp_path: Path) -> None:
    """In the Node of the project, with the page's `openai` package."""
    packages = ROOT / "ui" / "node_modules"
    if not (packages / "openai").is_dir():
        pytest.skip("ui/node_modules is missing; `make test` installs it")
    (tmp_path / "node_modules").symlink_to(packages, target_is_directory=True)
    script = tmp_path / "example.mjs"
    script.write_text(_on(server, program), encoding="utf-8")
    environment = dict(os.environ)
    try:
        node = command("node", environment)
    except NoNodeError as error:
        pytest.skip(str(error))
    assert said in _run([*node, str(script)], environment)


@pytest.mark.parametrize(("line", "said"), list(zip(SHELL, SAID_BY_SHELL, strict=False)))
def test_shell(server: LiveServer, line: str, said: str) -> None:
    """`curl` and `websocat`; the second stays connected until it is stopped."""
    tool = "websocat" if "websocat" in line else "curl"
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    if shutil.which(tool, path=environment["PATH"]) is None:
        pytest.skip(f"{tool} is not installed on this machine, and no package of the tests brings it here")
    shell = ["sh", "-c", _on(server, line)]
    if tool == "curl":
        assert said in _run(shell, environment)
        return
    with subprocess.Popen(shell, stdout=subprocess.PIPE, env=environment, text=True, start_new_session=True) as client:
        assert client.stdout is not None
        heard = next((frame for frame in client.stdout if said in frame), None)
        os.killpg(client.pid, signal.SIGTERM)
    assert heard is not None


def _on(server: LiveServer, program: str) -> str:
    return program.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")


def _run(words: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        words, env=environment, timeout=DEADLINE_S, capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
