"""Builds the page of `ui/` into `server/maru/static`, and only when it is stale.

`make` and the wheel's build hook (`hatch_build.py`) both start this file, so a page is built in one way. Stale means:
the digest of the sources differs from the stamp that the last build left beside its result.

    python deploy/build_ui.py            build when stale
    python deploy/build_ui.py --state    print fresh, stale, skipped or absent
    python deploy/build_ui.py --install  only install the page's tools, those of its tests too

MARU_SKIP_UI=1 leaves the page out (the API works without it); MARU_SYSTEM_NODE=1 uses the Node on PATH.
"""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import node

ROOT = Path(__file__).resolve().parent.parent
UI = ROOT / "ui"
STATIC = ROOT / "server" / "maru" / "static"
STAMP = STATIC / ".stamp"
SOURCE_FOLDERS = ("src", "public", "scripts")
SOURCE_FILES = ("index.html", "*.json", "*.ts")


def main() -> None:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(description="Builds the page when it is stale.")
    parser.add_argument("--state", action="store_true", help="only print fresh, stale, skipped or absent")
    parser.add_argument("--install", action="store_true", help="only install the page's tools, tests included")
    wanted = parser.parse_args()
    state = page_state()
    if wanted.state:
        print(state)
    elif state in {"absent", "skipped"}:
        print(f"page: {state}, nothing to build")
    elif wanted.install:
        install(with_tests=True)
    elif state == "stale":
        build()


def page_state() -> str:
    """`fresh`, `stale`, `skipped` (MARU_SKIP_UI=1) or `absent` (this tree carries no page sources)."""
    if os.environ.get("MARU_SKIP_UI") == "1":
        return "skipped"
    if not (UI / "package-lock.json").exists():
        return "absent"
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == source_digest():
        return "fresh"
    return "stale"


def source_digest() -> str:
    """SHA-256 over the path and content of every file that the page is built from."""
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        digest.update(path.relative_to(UI).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def install(*, with_tests: bool) -> None:
    """Install exactly what the lock file says, unless it is there already."""
    if _is_installed(with_tests=with_tests):
        return
    words = ["npm", "--prefix", str(UI), "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    _run(words if with_tests else [*words, "--omit=dev"])


def build() -> None:
    """Build the page and leave the stamp beside it."""
    print("page: building (about a minute the first time)", flush=True)
    digest = source_digest()
    STAMP.unlink(missing_ok=True)
    install(with_tests=False)
    _run(["npm", "--prefix", str(UI), "run", "--silent", "build"])
    if not (STATIC / "index.html").exists():
        sys.exit(f"page: the build left no {STATIC.relative_to(ROOT)}/index.html")
    STAMP.write_text(digest, encoding="utf-8")


def _sources() -> Iterator[Path]:
    for folder in SOURCE_FOLDERS:
        yield from (path for path in (UI / folder).rglob("*") if path.is_file())
    for pattern in SOURCE_FILES:
        yield from UI.glob(pattern)


def _is_installed(*, with_tests: bool) -> bool:
    # npm writes this file last, so an interrupted install counts as none.
    record = UI / "node_modules" / ".package-lock.json"
    lock = UI / "package-lock.json"
    if not record.exists() or record.stat().st_mtime < lock.stat().st_mtime:
        return False
    manifest: dict[str, dict[str, str]] = json.loads((UI / "package.json").read_text(encoding="utf-8"))
    names = [*manifest.get("dependencies", {}), *(manifest.get("devDependencies", {}) if with_tests else {})]
    return all((UI / "node_modules" / name).exists() for name in names)


def _run(words: list[str]) -> None:
    try:
        trouble = node.run_quietly(words)
    except node.NoNodeError as error:
        sys.exit(f"page: {error}")
    if trouble is not None:
        sys.exit(f"{trouble}\npage: `{' '.join(words)}` failed, see above")


if __name__ == "__main__":
    main()
