"""GGUF by a name on the hub, with the hub's own client against a hub on this computer."""

import asyncio
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from huggingface_hub.utils._xet_progress_reporting import XetDownloadProgressReporter

from maru_backends.base import ChatMessage, ChatRequest, Finished, Opening, TextPart
from maru_backends.errors import BackendSetupError, BackendUnavailableError
from maru_backends.gguf import GgufSettings, open_telling
from maru_backends.gguf_hub import _Progress
from support.backend_cases import tiny_gguf, tiny_model
from support.hub_peer import COMMIT, OLD_COMMIT, HubPeer

__all__ = ["tiny_gguf", "tiny_model"]  # a fixture is known where its name is
pytest.importorskip("xllamacpp")
HELLO = ChatRequest((ChatMessage("user", (TextPart("Hi"),)),), max_tokens=3)
REPOSITORY = "some-body/Tiny-GGUF"


@pytest.fixture
def hub(tiny_gguf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubPeer]:
    """With the tiny model in two sizes, what must not be fetched, and a cache that is empty."""
    weights = tiny_gguf.read_bytes()
    files = {
        "README.md": b"# Tiny",
        "evil.bin": b"no weights",
        "Tiny-Q4_K_M.gguf": weights,
        "Tiny-Q8_0.gguf": weights + b"\0" * 64,
        "mmproj-Tiny-F16.gguf": b"a projector",
        "parts/Tiny-BF16-00001-of-00002.gguf": b"one",
        "parts/Tiny-BF16-00002-of-00002.gguf": b"two",
        "Tiny-F32-00001-of-00002.gguf": b"one of two",
    }
    peer = HubPeer(REPOSITORY, {COMMIT: files, OLD_COMMIT: {"Old-Q4_K_M.gguf": weights}})
    with peer.serving():
        point_to(peer.url, monkeypatch)
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
        yield peer


def point_to(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `HF_ENDPOINT` does, which the client reads when it is imported."""
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", url)
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)


async def loaded(source: str, revision: str | None = None) -> list[str]:
    """Open it, have it say something, close it; what was told meanwhile."""
    told: list[str] = []
    backend = await open_telling(GgufSettings(source=source, revision=revision, threads=1), Opening(told.append))
    try:
        assert isinstance([event async for event in backend.stream(HELLO)][-1], Finished)
    finally:
        await backend.close()
    return told


@pytest.mark.parametrize("wanted", ["Q4_K_M", "q4_k_m", "Tiny-Q4_K_M.gguf"])
async def test_the_one_file_is_fetched_and_kept(hub: HubPeer, wanted: str) -> None:
    """By its name or its quantisation; a second time it is here."""
    told = await loaded(f"{REPOSITORY}:{wanted}")
    assert hub.fetched() == ["Tiny-Q4_K_M.gguf"]
    assert "The model is being fetched from the hub (0%)." in told
    assert "The model is being fetched from the hub (100%)." in told
    await loaded(f"{REPOSITORY}:{wanted}")
    assert hub.fetched() == ["Tiny-Q4_K_M.gguf"]


async def test_what_was_fetched_serves_without_the_hub(hub: HubPeer, caplog: pytest.LogCaptureFixture) -> None:
    """Ill, or not to be reached."""
    source = f"{REPOSITORY}:Q4_K_M"
    await loaded(source)
    hub.is_ill = True
    await loaded(source)
    assert "the files that were fetched before are used" in caplog.text
    with pytest.raises(BackendUnavailableError, match="does not answer as it should"):
        await loaded(f"{REPOSITORY}:Q8_0")


async def test_page_in_place_of_the_hub_is_no_end(hub: HubPeer) -> None:
    """Such as that of a network which wants a login: what was fetched serves, what was not is asked for again."""
    source = f"{REPOSITORY}:Q4_K_M"
    await loaded(source)
    for page in (b"<html>Log in</html>", b"{}", b"[1]"):
        hub.page = page
        await loaded(source)
        with pytest.raises(BackendUnavailableError, match="does not answer as it should"):
            await loaded(f"{REPOSITORY}:Q8_0")


def test_download_asks_at_every_piece_whether_it_is_wanted() -> None:
    """One percent may take minutes, and how much there is may not be known."""
    for total in (0, 10**12):
        told: list[str] = []
        bar = _Progress(told.append, total).bar()()
        before = len(told)
        for _ in range(3):
            bar.update(1)
        assert len(told) == before + 3


def test_bytes_that_come_in_pieces_of_other_files_are_counted_once() -> None:
    """As the public hub sends them: the client counts them as they come, and again as they are written."""
    told: list[str] = []
    client: Any = XetDownloadProgressReporter(
        reconstruction_desc="", total=100, log_level=logging.INFO, tqdm_class=_Progress(told.append, 100).bar()
    )
    so_far = SimpleNamespace(total_bytes=100, total_bytes_completion_rate=None, total_transfer_bytes_completion_rate=1)
    with client:
        for came, written in ((20, 0), (40, 30)):
            so_far.total_transfer_bytes_completed, so_far.total_bytes_completed = came, written
            before = len(told)
            client.update_progress(so_far)
            assert len(told) > before
    assert told[-1] == "The model is being fetched from the hub (30%)."


async def test_hub_that_cannot_be_reached_is_told(hub: HubPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one plain sentence; it is tried again, unless the operator forbade to ask."""
    point_to("http://127.0.0.1:1", monkeypatch)
    with pytest.raises(BackendUnavailableError, match=r"^The hub cannot be reached[^.]*\.$"):
        await loaded(f"{REPOSITORY}:Q4_K_M")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(BackendSetupError, match="HF_HUB_OFFLINE forbids"):
        await loaded(f"{REPOSITORY}:Q4_K_M")
    assert not hub.asked


async def test_revision_is_pinned(hub: HubPeer) -> None:
    """By its commit or its tag."""
    for revision in (OLD_COMMIT, "v1"):
        await loaded(f"{REPOSITORY}:Q4_K_M", revision)
    assert hub.fetched() == ["Old-Q4_K_M.gguf"]
    with pytest.raises(BackendSetupError, match="no such revision"):
        await loaded(f"{REPOSITORY}:Q4_K_M", "v9")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (REPOSITORY, "Several models of the repository are meant; name one file of: Tiny-F32"),
        (
            f"{REPOSITORY}:Q2_K",
            "no such model; name one file of: .*, Tiny-Q4_K_M.gguf, Tiny-Q8_0.gguf, parts/Tiny-BF16",
        ),
        (f"{REPOSITORY}:evil.bin", "no such model"),
        (f"{REPOSITORY}:F32", "holds 1 of the 2 parts"),
        ("no-body/nothing", "no such repository"),
    ],
)
async def test_what_is_not_there_is_told_and_nothing_is_fetched(hub: HubPeer, source: str, reason: str) -> None:
    """With what is there, for the operator."""
    with pytest.raises(BackendSetupError) as told:
        await loaded(source)
    assert "hub" in str(told.value)
    assert re.search(reason, told.value.for_operator)
    assert not hub.fetched()


async def test_parts_are_fetched_together(hub: HubPeer) -> None:
    """And lie side by side, where llama.cpp looks for them."""
    with pytest.raises(BackendSetupError, match="does not begin with GGUF"):  # these parts are none
        await loaded(f"{REPOSITORY}:BF16")
    assert hub.fetched() == ["parts/Tiny-BF16-00001-of-00002.gguf", "parts/Tiny-BF16-00002-of-00002.gguf"]


async def test_download_that_nobody_wants_any_more_ends(hub: HubPeer) -> None:
    """And another one of the same waits for that."""
    hub.may_send.clear()
    told: list[str] = []
    settings = GgufSettings(source=f"{REPOSITORY}:Q4_K_M", threads=1)
    opening = asyncio.create_task(open_telling(settings, Opening(told.append)))
    while not hub.fetched():  # noqa: ASYNC110 (the hub tells it in no other way)
        await asyncio.sleep(0.01)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    again = asyncio.create_task(loaded(settings.source))
    await asyncio.sleep(0)
    hub.may_send.set()
    assert "The model is being fetched from the hub (100%)." in await again
    assert "The weights are being loaded." not in told
