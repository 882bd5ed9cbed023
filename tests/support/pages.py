"""The project's prose, as tests of docs read it."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", flags=re.DOTALL | re.MULTILINE)


def pages() -> list[Path]:
    """Every Markdown page that people read: in the root, `docs/` and `changes/`."""
    return [
        path for folder in ("", "docs", "docs/decisions", "changes") for path in sorted((ROOT / folder).glob("*.md"))
    ]


@cache
def page(name: str) -> str:
    """Text of a page, by its path from the root."""
    return (ROOT / name).read_text(encoding="utf-8")


def without_code(text: str) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", text)


def blocks(text: str, language: str) -> list[str]:
    """Contents of the fenced blocks of a language, in order."""
    return [body for name, body in _FENCE.findall(text) if name == language]


def row_names(text: str) -> set[str]:
    """What stands in backticks in headings and in the first cell of table rows: the things a page says it explains."""
    lines = without_code(text).splitlines()
    firsts = [line.split("|")[1] for line in lines if line.startswith("|")] + [li for li in lines if li.startswith("#")]
    return {name for first in firsts for name in re.findall(r"`([^`]+)`", first)}


def anchors(text: str) -> set[str]:
    """Names that a link can jump to, made from headings the way GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", without_code(text), flags=re.MULTILINE)
    kept = (re.sub(r"[^\w\s가-힣-]", "", heading.lower()) for heading in headings)
    return {re.sub(r"\s", "-", heading.strip()) for heading in kept}
