"""What only a database must hold: schema and migrations, power and processes that go, full disks, other writers."""

import asyncio
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine

from maru.protocol.idempotency import IdempotencyKey
from maru.store import migrate as migrations
from maru.store.base import Store, StoreError, StoreFullError
from maru.store.migrate import SchemaError, migrate, revision_of
from maru.store.paging import PageQuery
from maru.store.sql import sqlite
from maru.store.sql.schema import REVISION, metadata
from maru.store.sql.sqlite import faults_of, sqlite_url
from maru.store.sql.store import open_store
from support.stores import finished, message, new_database, new_response


def _is_of_the_metadata(name: str | None, *_: object) -> bool:
    """Whether it is no part of the index of pieces, which is SQLite's own kind of table."""
    return not str(name).startswith("item_pieces")


async def test_migrations_make_what_the_tables_say(tmp_path: Path) -> None:
    """A column added to the code alone would break the first start after an update."""
    url = sqlite_url(tmp_path / "maru.sqlite3")
    await migrate(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        opts = {"compare_type": True, "include_name": _is_of_the_metadata}
        differences = compare_metadata(MigrationContext.configure(connection, opts=opts), metadata)
    engine.dispose()
    assert differences == []
    assert ScriptDirectory(str(Path(migrations.__file__).parent / "migrations")).get_heads() == [REVISION]


async def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    """Every start does it."""
    file = tmp_path / "new" / "folder" / "maru.sqlite3"
    assert revision_of(sqlite_url(file)) is None
    await migrate(sqlite_url(file))
    before = file.read_bytes()
    await migrate(sqlite_url(file))
    assert file.read_bytes() == before
    assert revision_of(sqlite_url(file)) == REVISION
    assert faults_of(sqlite_url(file)) == ()


FIRST_VERSION = """
INSERT INTO users VALUES ('user_1', 'owner', 1, 1);
INSERT INTO responses (id, owner_id, status, model, created_at, request, body, input_leaf_id, output_leaf_id) VALUES
    ('resp_ended', 'user_1', 'completed', 'house', 1, '{}', '{}', 'msg_1', 'msg_1'),
    ('resp_running', 'user_1', 'in_progress', 'house', 2, '{}', '{}', NULL, NULL);
INSERT INTO items (owner_id, id, response_id, created_at, payload)
    VALUES ('user_1', 'msg_1', 'resp_ended', 1,
        '{"type": "message", "id": "msg_1", "role": "user", "status": "completed", "content": []}');
"""


async def test_database_of_the_first_version_is_brought_up_with_all_it_holds(tmp_path: Path) -> None:
    """Migrations only add; what ran under a version without leases has no server, and is ended like after a crash."""
    file = tmp_path / "maru.sqlite3"
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent / "migrations"))
    engine = sqlite.open_writer(sqlite_url(file))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    assert revision_of(sqlite_url(file)) == "0001"
    with sqlite3.connect(file) as old:
        old.executescript(FIRST_VERSION)
    old.close()
    await migrate(sqlite_url(file))
    store = open_store(sqlite_url(file))
    owner = (await store.local_owner()).id
    ended = await store.response_for(owner, "resp_ended")
    assert (ended.status, ended.server_id, ended.is_stop_asked, ended.is_streamed) == ("completed", None, False, True)
    assert [stored.response_id for stored in await store.response_input_for(owner, "resp_ended")] == ["resp_ended"]
    assert await store.log_of(owner, "resp_ended", starting_after=-1) == ()
    assert [response.id for _, response in await store.abandoned_responses()] == ["resp_running"]
    await store.start_response(owner, new_response(message(), idempotency_key=IdempotencyKey("k", "f")))
    await store.close()
    assert faults_of(sqlite_url(file)) == ()


async def test_two_starts_at_once_migrate_once(tmp_path: Path) -> None:
    """Two servers on one folder by mistake."""
    url = sqlite_url(tmp_path / "maru.sqlite3")
    await asyncio.gather(*(migrate(url) for _ in range(4)))
    assert revision_of(url) == REVISION


async def test_others_of_the_machine_cannot_read_it(tmp_path: Path) -> None:
    """Conversations are private."""
    file = tmp_path / "data" / "maru.sqlite3"
    await migrate(sqlite_url(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


async def test_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    """Going back a version must not damage what the newer one wrote."""
    url = new_database(tmp_path)
    with sqlite3.connect(tmp_path / "maru.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(SchemaError, match=r"newer Maru .*'9999'.*restore a backup"):
        await migrate(url)
    assert revision_of(url) == "9999"


async def test_database_of_another_program_is_refused(tmp_path: Path) -> None:
    """A wrong --data-dir must not add our tables to it."""
    with sqlite3.connect(tmp_path / "theirs.db") as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(SchemaError, match="another program"):
        await migrate(sqlite_url(tmp_path / "theirs.db"))


async def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """With its name in the sentence."""
    (tmp_path / "notes.txt").write_text("this is a long text and not a database at all " * 50)
    with pytest.raises(StoreError, match=r"notes\.txt.*not a database"):
        await migrate(sqlite_url(tmp_path / "notes.txt"))


async def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreError, match="choose another folder"):
        await migrate(sqlite_url(tmp_path / "data" / "maru.sqlite3"))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "postgresql://db/maru"])
def test_url_without_a_file_is_refused(url: str) -> None:
    """The sentence shows what to write."""
    with pytest.raises(StoreError, match="sqlite:///"):
        open_store(url)


async def test_second_start_finds_everything(tmp_path: Path) -> None:
    """Also the answer that was running, so that it can be ended."""
    url = new_database(tmp_path)
    store = open_store(url)
    owner = (await store.local_owner()).id
    made = await store.create_conversation(owner, metadata={}, title="kept", items=[message()], now=1)
    running = new_response(message(), parent_id=made.head_id, conversation_id=made.id)
    await store.start_response(owner, running)
    await store.close()
    again = open_store(url)
    assert (await again.local_owner()).id == owner
    assert (await again.conversation_for(owner, made.id)).title == "kept"
    assert [one.id for _, one in await again.abandoned_responses()] == [running.id]
    await again.close()


KILLED = """
import asyncio, os, signal, sys
from maru.store.sql.store import open_store
from support.stores import checkpoint, message, new_response
async def main():
    store = open_store(sys.argv[1])
    owner = (await store.local_owner()).id
    new = new_response(message("acknowledged"), id_="resp_killed")
    await store.start_response(owner, new)
    await store.checkpoint(None, [checkpoint(new.id, b'"words so far"')])
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


async def test_killed_process_loses_nothing_it_was_told_is_kept(tmp_path: Path) -> None:
    """F2: the message, and the words up to the last checkpoint."""
    url = new_database(tmp_path)
    support = str(Path(__file__).parents[2])
    code = f"import sys; sys.path.append({support!r})\n{KILLED}"
    done = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", code, url], check=False)
    assert done.returncode == -9
    store = open_store(url)
    ((owner, response),) = await store.abandoned_responses()
    assert response.body == b'"words so far"'
    assert len(await store.response_input_for(owner, "resp_killed")) == 1
    assert await store.finish_response(owner, finished("resp_killed"))
    await store.close()
    assert faults_of(url) == ()


def _limit_pages(monkeypatch: pytest.MonkeyPatch, limit: dict[str, int]) -> None:
    """Let every connection's database grow to that many pages only: SQLite then says what it says on a full disk."""
    original = sqlite._engine

    def limited(url: str, pragma: str, **options: Any) -> Engine:
        engine = original(url, pragma, **options)

        def at_checkout(connection: Any, *_: object) -> None:
            connection.execute(f"PRAGMA max_page_count={limit['pages']}").close()

        event.listen(engine, "checkout", at_checkout)
        return engine

    monkeypatch.setattr(sqlite, "_engine", limited)


async def _fill(store: Store, owner: str, conversation_id: str) -> None:
    for _ in range(100):
        await store.append_items(owner, conversation_id, [message("x" * 9_000)], now=2)


async def test_full_disk_refuses_writing_and_heals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F8: new messages are refused clearly, reading works, and space that comes back is used without a restart."""
    limit = {"pages": 90}
    _limit_pages(monkeypatch, limit)
    store = open_store(new_database(tmp_path))
    owner = (await store.local_owner()).id
    made = await store.create_conversation(owner, metadata={}, title=None, items=[message()], now=1)
    with pytest.raises(StoreFullError, match="free space"):
        await _fill(store, owner, made.id)
    kept = await store.tree_for(owner, made.id)
    assert 0 < len(kept) < 100
    refused = new_response(message("y" * 20_000), parent_id=made.head_id, conversation_id=made.id)
    with pytest.raises(StoreFullError):
        await store.start_response(owner, refused)
    assert await store.running_responses_of(owner, made.id) == ()
    assert await store.is_healthy()
    limit["pages"] = 100_000
    await store.start_response(owner, refused)
    assert len(await store.tree_for(owner, made.id)) == len(kept) + 1
    await store.close()


async def test_read_only_database_refuses_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder mounted read-only, or another owner's; who has a key may still read."""
    original = sqlite._engine
    store = open_store(new_database(tmp_path))
    owner = (await store.local_owner()).id
    await store.create_key(owner, name="k", secret_hash="h", prefix="p", now=1)
    await store.close()

    def read_only(url: str, _: str, **options: Any) -> Engine:
        return original(url, "query_only=ON", **options)

    monkeypatch.setattr(sqlite, "_engine", read_only)
    store = open_store(sqlite_url(tmp_path / "maru.sqlite3"))
    with pytest.raises(StoreFullError):
        await store.create_conversation(owner, metadata={}, title=None, items=[], now=1)
    assert await store.conversations_of(owner, PageQuery()) == ((), False)
    user = await store.user_by_key_hash("h", now=500)
    assert user is not None
    await store.close()


async def test_other_writer_is_waited_for(tmp_path: Path) -> None:
    """F7: `maru keys create`, a backup or a curious person hold the lock for a moment; reading goes on."""
    store = open_store(new_database(tmp_path))
    owner = (await store.local_owner()).id
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        connection = sqlite3.connect(tmp_path / "maru.sqlite3", isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        held.set()
        release.wait(20)
        connection.execute("COMMIT")
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(20)
    writing = asyncio.create_task(store.create_conversation(owner, metadata={}, title=None, items=[], now=1))
    started = time.monotonic()
    assert await store.conversations_of(owner, PageQuery()) == ((), False)
    assert time.monotonic() - started < sqlite.BUSY_TIMEOUT_S / 2
    assert not writing.done()
    release.set()
    assert (await writing).created_at == 1
    thread.join()
    await store.close()


async def test_lock_that_is_never_released_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait has an end, and nothing half-written stays behind it."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_S", 0.05)
    store = open_store(new_database(tmp_path))
    owner = (await store.local_owner()).id
    other = sqlite3.connect(tmp_path / "maru.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        await store.create_conversation(owner, metadata={}, title=None, items=[message()], now=1)
    other.execute("ROLLBACK")
    other.close()
    await store.create_conversation(owner, metadata={}, title=None, items=[message()], now=1)
    assert len((await store.conversations_of(owner, PageQuery()))[0]) == 1
    await store.close()


async def test_unhealthy_when_the_database_cannot_be_read(tmp_path: Path) -> None:
    """Without its tables."""
    store = open_store(sqlite_url(tmp_path / "empty.sqlite3"))
    assert not await store.is_healthy()
    await store.close()


async def test_a_ranking_that_is_made_between_two_reads_is_no_trouble(tmp_path: Path) -> None:
    """Its answers were read before it was there, so it is shown the next time."""
    store = open_store(new_database(tmp_path))
    owner = (await store.local_owner()).id
    question, *answers = message("why?"), message("a", "assistant"), message("b", "assistant")
    made = await store.create_conversation(owner, metadata={}, title=None, items=[question, *answers], now=1)
    ranking = await store.rank(owner, made.id, question.id, [[answer.id] for answer in answers], now=2)
    with sqlite3.connect(tmp_path / "maru.sqlite3") as connection:
        connection.execute("DELETE FROM ranked_answers")
    connection.close()
    assert (await store.feedback_of(owner, made.id)).rankings == ()
    assert (await store.rank(owner, made.id, question.id, [[answer.id] for answer in answers], now=3)).id == ranking.id
    assert len((await store.feedback_of(owner, made.id)).rankings) == 1
    await store.close()
