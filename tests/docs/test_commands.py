"""Commands that the prose names exist, and commands that exist are named."""

import re
import tomllib

import pytest
from typer.testing import CliRunner

from maru.cli import make_app
from support.pages import ROOT, blocks, page, pages

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, flags=re.MULTILINE))
LISTED = set(re.findall(r"^([a-z-]+):.*?## ", MAKEFILE, flags=re.MULTILINE))
SUBCOMMAND = re.compile(r"(?:^|/| )maru ((?!maru)[a-z]+(?: [a-z]+)?)", flags=re.MULTILINE)
PROSE = {path.name: path.read_text(encoding="utf-8") for path in pages()}


def test_readme_opens_with_the_two_commands() -> None:
    """Whoever reads nothing else reads these two."""
    first = blocks(page("README.md"), "sh")[0]
    assert re.findall(r"^make (\w+)", first, flags=re.MULTILINE) == ["run", "test"]


def test_named_make_targets_exist() -> None:
    """A command that is not there is the worst first impression."""
    named = {
        name for text in PROSE.values() for name in re.findall(r"(?:^|`)make ([a-z][a-z-]*)", text, flags=re.MULTILINE)
    }
    assert named <= TARGETS


def test_make_targets_are_explained() -> None:
    """A command nobody knows is not used."""
    assert [name for name in sorted(LISTED) if f"`make {name}`" not in PROSE["CONTRIBUTING.md"]] == []


def _named_subcommands() -> set[str]:
    """`keys create` for each `maru keys create` in code: inline, or in a block for the shell."""
    code = [line for text in PROSE.values() for line in (*re.findall(r"`(.*?)`", text), *blocks(text, "sh"))]
    return {name for line in code for name in SUBCOMMAND.findall(line)}


@pytest.mark.parametrize("words", sorted(_named_subcommands()))
def test_named_subcommands_exist(words: str) -> None:
    """The same for the program itself."""
    done = CliRunner().invoke(make_app(loads_plugins=True), [*words.split(), "--help"])
    assert done.exit_code == 0, done.output


def test_example_settings_are_toml() -> None:
    """The lines people copy must at least be read."""
    for text in PROSE.values():
        for block in blocks(text, "toml"):
            tomllib.loads(block)


@pytest.mark.parametrize("name", sorted(PROSE))
def test_python_examples_compile(name: str) -> None:
    """The lines people copy must at least be Python."""
    for block in blocks(PROSE[name], "python"):
        compile(block, name, "exec")
