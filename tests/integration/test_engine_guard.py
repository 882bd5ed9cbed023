"""The guard of engines: whatever happens to Maru, nothing that an engine started stays behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from maru_backends import engine_guard

# An engine that will not die: it ignores SIGTERM, and so does its worker, which has left its process group.
STUBBORN = r"""
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
os.write(1, f"up {os.getpid()}\n".encode())
time.sleep(600)
"""
MAIN = """
import subprocess, sys
guard = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)
guard.wait()
"""
Guard = subprocess.Popen[bytes]
GUARD = [sys.executable, "-I", "-S", engine_guard.__file__]


def started(command: list[str]) -> tuple[Guard, list[int]]:
    """A process and the three that its guard starts: as named in the guard's first line and by themselves."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    lines = [process.stdout.readline().decode().split() for _ in range(3)]
    assert lines[0][0] == engine_guard.PID_MARK.strip()
    return process, [int(line[1]) for line in lines]


def all_gone(pids: list[int], within_s: float = 20.0) -> bool:
    """Whether none of these processes is left, soon enough."""
    deadline = time.monotonic() + within_s
    while any(_is_alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def cut_rope(guard: Guard) -> None:
    """What Maru does, and what happens by itself when it dies."""
    assert guard.stdin is not None
    guard.stdin.close()


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="the guard's strongest means are Linux's")
@pytest.mark.parametrize(
    "end",
    [cut_rope, Guard.terminate, Guard.kill],
    ids=["rope cut", "asked to end", "killed"],
)
def test_stubborn_engine_dies_with_its_guard(end: Callable[[Guard], None]) -> None:
    """The first is Maru's way; a killed guard takes at least the engine itself along."""
    guard, pids = started([*GUARD, "0.2", sys.executable, "-c", STUBBORN])
    with guard:
        end(guard)
        guard.wait(20)
        killed = guard.returncode == -signal.SIGKILL
        assert all_gone(pids[:1] if killed else pids)
    for pid in pids[1:]:
        if killed and _is_alive(pid):
            os.kill(pid, signal.SIGKILL)


def test_engine_dies_when_maru_is_killed() -> None:
    """No signal handler of ours runs then: the rope breaks by itself."""
    maru, pids = started([sys.executable, "-c", MAIN, *GUARD, "0.2", sys.executable, "-c", STUBBORN])
    with maru:
        maru.kill()
        assert all_gone(pids)


def test_engine_may_end_in_its_own_time() -> None:
    """A running stream is finished within the grace."""
    polite = (
        "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(7)); print('up', flush=True); time.sleep(60)"
    )
    with Guard([*GUARD, "30", sys.executable, "-c", polite], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as guard:
        assert guard.stdout is not None
        assert {guard.stdout.readline()[:2] for _ in range(2)} == {b"ma", b"up"}
        cut_rope(guard)
        assert guard.wait(10) == 7


def test_engines_own_end_is_passed_on() -> None:
    """The supervisor reads the cause from it."""
    for code, status in (("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", 137)):
        with subprocess.Popen([*GUARD, "1", sys.executable, "-c", code], stdin=subprocess.PIPE) as guard:
            assert guard.wait(20) == status
