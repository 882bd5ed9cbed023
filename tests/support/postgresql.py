"""A PostgreSQL of the tests' own, started at the first use in a process and gone with it."""

import atexit
import os
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from pwd import getpwnam, struct_passwd
from tempfile import mkdtemp

from sqlalchemy import Engine, text

from maru.store.migrate import bring_up
from maru.store.sql.postgresql import open_writer
from maru.store.sql.schema import metadata
from maru.store.sql.sqlite_pieces import VERSION

START_S = 60
# Nothing outlives the tests, so nothing waits for the disk.
_SETTINGS = ("listen_addresses=", "fsync=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=40")
_NEVER_EMPTIED = frozenset({"search_progress"})


def has_postgresql() -> bool:
    """Whether there is one to start; where it must be there, a missing one is an error of the tests that need it."""
    if os.environ.get("MARU_REQUIRE_POSTGRES", "0") not in {"", "0"}:
        return True
    return _folder_of_programs() is not None and find_spec("pg8000") is not None


def new_postgresql() -> str:
    """URL of a database of Maru with nothing in it; the same one each time, so no two tests may use it at once."""
    with _emptier().begin() as connection:
        connection.execute(text("SELECT empty_all()"))
    return postgresql_url()


@cache
def postgresql_url() -> str:
    """URL of the database, as the last test left it."""
    url = _start()
    engine = open_writer(url)
    with engine.begin() as connection:
        bring_up(connection, "the tests'")
        connection.execute(text(_emptying()))
    engine.dispose()
    return url


@cache
def _emptier() -> Engine:
    """Stays open: to connect takes longer than to empty all tables."""
    engine = open_writer(postgresql_url())
    atexit.register(engine.dispose)
    return engine


def _emptying() -> str:
    """A function of the database, so that each test waits for one statement."""
    names = ("item_pieces", *(table.name for table in metadata.sorted_tables if table.name not in _NEVER_EMPTIED))
    deleting = "".join(f'DELETE FROM "{name}"; ' for name in names)  # noqa: S608 (tables of ours)
    # As a replica it asks for no order among the rows that go.
    return f"""
        CREATE FUNCTION empty_all() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$
        BEGIN {deleting} UPDATE search_progress SET last_seq = 0, version = {VERSION}; END $$
    """  # noqa: S608 (as above)


def _start() -> str:
    programs = _folder_of_programs()
    assert programs is not None, "the tests need PostgreSQL's `initdb` and `pg_ctl`: make test installs them"
    # Not in TMPDIR, which may be too long for a socket, or closed to the user who runs it.
    folder = Path(mkdtemp(prefix="maru-postgresql-", dir="/tmp"))
    runner = _runner(folder)
    data, log = folder / "data", folder / "log"

    def run(program: str, *arguments: str) -> None:
        # Output goes to a file: the server would keep a pipe open.
        with log.open("ab") as told:
            done = subprocess.run(
                [str(programs / program), *arguments],
                cwd=folder,
                stdout=told,
                stderr=told,
                check=False,
                user=runner and runner.pw_uid,
                group=runner and runner.pw_gid,
                extra_groups=runner and (),
            )
        assert done.returncode == 0, f"{program} ended with {done.returncode}: {log.read_text()}"

    run("initdb", f"--pgdata={data}", "--username=maru", "--auth=trust", "--locale=C", "--encoding=UTF8", "--no-sync")
    options = " ".join(f"-c {setting}" for setting in (*_SETTINGS, f"unix_socket_directories={folder}"))
    run("pg_ctl", "start", f"--pgdata={data}", f"--options={options}", "--wait", f"--timeout={START_S}")

    def stop() -> None:
        run("pg_ctl", "stop", f"--pgdata={data}", "--mode=immediate", "--wait")
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return f"postgresql://maru@/postgres?unix_sock={folder}/.s.PGSQL.5432"


def _folder_of_programs() -> Path | None:
    """Where `initdb` and `pg_ctl` lie; Debian keeps them off the PATH, by version."""
    if found := shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda file: int(file.parts[-3]))
    return versions[-1].parent if versions else None


def _runner(folder: Path) -> struct_passwd | None:
    """Who runs it, where we may not: PostgreSQL refuses root; then another user does, who gets the folder."""
    if os.geteuid() != 0:
        return None
    nobody = getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return nobody
