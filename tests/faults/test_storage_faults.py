"""F7 and F8: a database that somebody else holds, and a disk that is full."""

import asyncio
import os
import sqlite3
import subprocess
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

import pytest

from faults.history import Json, longest_silence_s
from faults.scene import Scene, Stage, crowd, scene, stage
from faults.stories import refusal_of, response_id_of

LOCK_S = 5.0
STUTTER_S = 1.0
DISK = "16m"  # several times the write-ahead log, which is moved into the database at 4 MB
MESSAGE = "x" * 100_000  # as instructions: a create of it fills the disk in a few dozen
MANY = 200


@contextmanager
def _locked(database: Path) -> Generator[None]:
    connection = sqlite3.connect(database, timeout=30, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


async def test_locked_database_is_waited_for_and_no_stream_stutters(here: Scene) -> None:
    """F7: a backup holds the lock for five seconds; what is asked meanwhile is answered after it."""
    viewer, late = here.client("viewer"), here.client("late")
    async with crowd(viewer.ask(here.prompt(words=400))):
        await here.until_answers(1)
        await here.pause(0, 1)
        begin = time.monotonic()
        with _locked(here.stage.database):
            asked = asyncio.create_task(late.ask(here.prompt(words=5)))
            await asyncio.sleep(LOCK_S)
        end = time.monotonic()
        assert response_id_of(await asked) is not None
    assert longest_silence_s(here.stories[0].legs, begin, end) < STUTTER_S
    assert [story.status for story in here.stories] == ["completed", "completed"]
    await here.judge()


@pytest.fixture(scope="module")
def small_stage(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    """A server whose data lies on a disk of its own, which is small."""
    folder = tmp_path_factory.mktemp("small")
    data = folder / "data"
    data.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(data)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("a small disk can be mounted by root only, on Linux")
    try:
        with stage(folder) as small:
            yield small
    finally:
        subprocess.run(["umount", str(data)], check=True)


@pytest.fixture
async def on_small_disk(small_stage: Stage, chance: Random) -> AsyncGenerator[Scene]:
    """A round on the small disk."""
    async with scene(small_stage, chance) as round_:
        yield round_


async def test_full_disk_refuses_clearly_and_heals(on_small_disk: Scene) -> None:
    """F8: creates are refused, reading and streams go on, and nothing needs a restart when there is space again."""
    here, filler = on_small_disk, on_small_disk.stage.database.with_name("filler")
    viewer, writer = here.client("viewer"), here.client("writer")
    conversation = await writer.call("POST", "/v1/conversations", {})
    path = f"/v1/conversations/{conversation['id']}"
    try:
        async with crowd(viewer.ask(here.prompt(words=200))):
            await here.until_answers(1)
            await here.pause(0, 1)
            _fill(filler)
            full_at = time.monotonic()
            await _write_until_refused(here)
            refused_at = time.monotonic()
            assert len((await writer.call("GET", f"{path}/tree"))["items"]) == 0
            await asyncio.sleep(0.5)
            filler.unlink()
        story = here.stories[0]
        # Its end has to wait for the disk, its words have not.
        last_word_at, _ = story.words_at[-1]
        assert longest_silence_s(story.legs, full_at, min(refused_at, last_word_at)) < STUTTER_S
        assert story.status == "completed"
        await writer.ask(here.prompt(words=5), conversation=conversation["id"])
        assert here.stories[-1].status == "completed"
        await here.judge()
    finally:
        filler.unlink(missing_ok=True)
        await _delete_all(here)


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(b"\0" * 4096)


async def _write_until_refused(here: Scene) -> None:
    # What the log beside the database has room for already is still taken, and then must be kept.
    for _ in range(MANY):
        prompt = here.prompt(words=1)
        asked: Json = {"instructions": MESSAGE, "input": prompt, "metadata": {"prompt": prompt}, "maru:detach": True}
        leg = await here.client("writer", silence_s=5).leg({"type": "response.create", **asked})
        if (code := refusal_of(leg)) is not None:
            assert code == "storage_full", leg.frames[0].data
            return
    pytest.fail(f"{MANY} creates found room on a full disk of {DISK}")


async def _delete_all(here: Scene) -> None:
    for story in here.stories:
        await here.client("cleaner").call("DELETE", f"/v1/responses/{story.id}")
