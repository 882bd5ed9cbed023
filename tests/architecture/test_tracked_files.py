"""What is committed works anywhere: no address of a package registry, no path of somebody's machine."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Put together here, so that this file does not break its own rule.
REGISTRIES = [".".join(name) for name in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))]
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|root|home|Users)/[\w.-]+/?[\w.-]*")


def _tracked() -> list[Path]:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_registry_is_named() -> None:
    """A mirror or another registry must serve as well; package managers know their own addresses."""
    found = [f"{path.relative_to(ROOT)}: {host}" for path in _tracked() for host in REGISTRIES if host in _text(path)]
    assert found == []


def test_no_machine_path_is_named() -> None:
    """A path that exists on one machine only breaks on every other."""
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in _tracked()
        for match in MACHINE_PATH.finditer(_text(path))
    ]
    assert found == []
