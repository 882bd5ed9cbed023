"""The lines that people copy do what the page says."""

import contextlib
import io
from pathlib import Path

import pytest

from maru.settings import load_settings
from support.live_server import live_server
from support.pages import blocks, page

MODEL = '[[models]]\nid = "house"\nbackend = "echo"\n'


def test_python_of_the_readme_runs(tmp_path: Path) -> None:
    """The first program anybody writes against Maru is this one; the model is a fake, the rest is real."""
    program = blocks(page("README.md"), "python")[0]
    printed = io.StringIO()
    with live_server(tmp_path, MODEL) as server, contextlib.redirect_stdout(printed):
        exec(program.replace("http://127.0.0.1:8000", server.url), {})  # noqa: S102 (our own page)
    assert "What is my name?" in printed.getvalue()


@pytest.mark.parametrize(
    ("name", "index"),
    [("README.md", 0), ("docs/operations.md", 0), ("docs/operations.md", 1)],
)
def test_example_settings_are_accepted(name: str, index: int, tmp_path: Path) -> None:
    """A server must start with the lines of the page."""
    (tmp_path / "maru.toml").write_text(blocks(page(name), "toml")[index], encoding="utf-8")
    assert load_settings({}, {}, tmp_path).models
