"""Policies of the window that others bring, found as installed packages are found."""

import importlib
from collections.abc import Generator
from pathlib import Path

import pytest
from pydantic import ValidationError

from maru.memory.counting import Counter
from maru.memory.fitting import FitOrder, Fitter
from maru.memory.view import View
from maru.memory_settings import MemorySettings, policy_names
from maru_backends.base import ChatRequest
from support.responses import a_message
from support.scripted_backend import ScriptedBackend

PLUGIN = '''
class Newest:
    """Keeps nothing but the newest turn."""

    summarises = False

    def __init__(self, ratio):
        self.ratio = ratio

    def first_turn(self, turns, *, budget, kept_from):
        return len(turns) - 1
'''


@pytest.fixture
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """A distribution with an entry point, as pip leaves one."""
    (tmp_path / "maru_newest.py").write_text(PLUGIN)
    info = tmp_path / "maru_newest-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: maru-newest\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[maru.memory]\nnewest = maru_newest:Newest\nblock = maru_newest:Newest\n")
    monkeypatch.syspath_prepend(tmp_path)  # pyright: ignore[reportUnknownMemberType]
    importlib.invalidate_caches()
    yield
    importlib.invalidate_caches()


@pytest.mark.usefixtures("_installed")
async def test_an_installed_policy_cuts() -> None:
    """By its name in the settings; a plug-in cannot take the place of one of ours."""
    assert policy_names()[-1] == "newest"
    assert policy_names().count("block") == 1
    items = [a_message("word " * 60, role, f"msg_{n}_{role}") for n in range(38) for role in ("user", "assistant")]
    view = View(tuple(items), (a_message("last", "user", "msg_last"),))
    left_out: dict[str, int] = {}
    for policy in ("newest", "block"):
        fitter = Fitter(Counter(), {"m": MemorySettings(policy=policy)})
        order = FitOrder("m", ChatRequest(()), None, view, may_cut=True)
        left_out[policy] = (await fitter.fit(ScriptedBackend(lambda _: "", 1024), order)).report.items_left_out
    # It cuts deeper at each cut that the branch would have met while it grew, the last of which is some turns ago.
    assert left_out["newest"] > left_out["block"] > 0


def test_a_policy_that_nobody_brings_is_refused() -> None:
    """By its name, with those that there are."""
    with pytest.raises(ValidationError, match="there are: block, sliding, keep-all, summarise"):
        MemorySettings(policy="newest")
