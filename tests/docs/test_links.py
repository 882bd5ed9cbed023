"""Links within the project lead somewhere."""

import re
from pathlib import Path

import pytest

from support.pages import ROOT, anchors, page, pages, without_code

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    """A page that points nowhere stops the reader."""
    text = without_code(path.read_text(encoding="utf-8"))
    broken = [target for target in LINK.findall(text) if "://" not in target and not _exists(path, target)]
    assert broken == []


def _exists(path: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    aim = (path.parent / name).resolve() if name else path
    if not aim.exists():
        return False
    return not anchor or anchor in anchors(page(str(aim.relative_to(ROOT))))
