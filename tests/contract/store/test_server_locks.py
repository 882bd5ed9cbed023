"""On one computer a database's servers know at once which of them are gone."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from maru.store.leases import Lease
from maru.store.sql.store import open_store
from support.stores import new_database

HOLDS = """
import asyncio, sys
from maru.store.sql.store import open_store
async def main():
    await open_store(sys.argv[1]).open_lease("srv_other", lease_until=10)
    print("held", flush=True)
    sys.stdin.read()
asyncio.run(main())
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
async def test_a_killed_server_is_known_to_be_gone(tmp_path: Path, end: signal.Signals) -> None:
    """However it ended; while it lives, or only sleeps, it is not."""
    url = new_database(tmp_path)
    store = open_store(url)
    await store.open_lease("srv_own", lease_until=10)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDS, url, stdin=pipe, stdout=pipe)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"held\n"
    alive = (Lease("srv_own", 10), Lease("srv_other", 10))
    assert set(await store.leases()) == set(alive)
    process.send_signal(signal.SIGSTOP)
    assert set(await store.leases()) == set(alive)
    process.send_signal(signal.SIGCONT)
    process.send_signal(end)
    await process.communicate()
    gone = Lease("srv_other", 10, is_orphaned=True)
    assert set(await store.leases()) == {Lease("srv_own", 10), gone}
    assert await store.take_lease(gone)
    assert await store.leases() == (Lease("srv_own", 10),)
    assert [file.name for file in (tmp_path / "maru.sqlite3-servers").iterdir()] == ["srv_own"]
    await store.close()


async def test_a_server_whose_lock_cannot_be_seen_is_not_said_to_be_gone(tmp_path: Path) -> None:
    """Its lease tells, some seconds later."""
    store = open_store(new_database(tmp_path))
    (tmp_path / "maru.sqlite3-servers").write_text("no folder")
    await store.open_lease("srv_own", lease_until=10)
    assert await store.leases() == (Lease("srv_own", 10),)
    await store.close()
    again = open_store(f"sqlite:///{tmp_path / 'maru.sqlite3'}")
    assert await again.leases() == (Lease("srv_own", 10),)
    await again.close()


async def test_a_store_that_closes_lets_go(tmp_path: Path) -> None:
    """Its process may live on."""
    url = new_database(tmp_path)
    store, other = open_store(url), open_store(url)
    await store.open_lease("srv_1", lease_until=10)
    assert await other.leases() == (Lease("srv_1", 10),)
    await store.close()
    assert await other.leases() == (Lease("srv_1", 10, is_orphaned=True),)
    await other.close()
