"""Runs one engine and takes it along when Maru ends, however Maru ends; a program of its own.

Usage: python engine_guard.py GRACE_S COMMAND...

Stdin is the rope to Maru: when it is cut (Maru closed it, crashed, or was killed), the engine gets SIGTERM and, after
the grace, everything it started gets SIGKILL: vLLM's core and worker are known to survive a SIGTERM for minutes. The
engine's output goes where ours goes; our first line names its process. Only the standard library: it starts at once.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

PID_MARK = "maru-engine-pid "
LOOK_INTERVAL_S = 0.1

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PR_SET_CHILD_SUBREAPER = 36


def main(grace_s: float, command: list[str]) -> int:
    """Run the engine until it ends or the rope is cut; its exit status, 128 + signal when it was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for Maru, which cuts the rope when it is ready
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)  # orphans of the engine become our children, so that none gets away
    engine = subprocess.Popen(  # noqa: S603 (the operator's own engine)
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_guard,  # noqa: PLW1509 (one thread only)
    )
    print(f"{PID_MARK}{engine.pid}", flush=True)  # noqa: T201 (Maru reads it)
    while engine.poll() is None and not stopped and not _is_cut(LOOK_INTERVAL_S):
        pass
    if engine.poll() is None:
        engine.terminate()
        with suppress(subprocess.TimeoutExpired):
            engine.wait(grace_s)
    _kill_all(engine)
    status = engine.wait()
    return 128 - status if status < 0 else status


def _is_cut(wait_s: float) -> bool:
    try:
        return bool(select.select([0], [], [], wait_s)[0]) and not os.read(0, 1024)
    except InterruptedError:
        return False


def _kill_all(engine: subprocess.Popen[bytes]) -> None:
    """The group first, then children that left it, until none is left."""
    with suppress(ProcessLookupError):
        os.killpg(engine.pid, signal.SIGKILL)
    engine.wait()
    for _ in range(100):
        children = _children()
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        if not children:
            return
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.02)


def _children() -> list[int]:
    try:
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except OSError:
        return []


def _die_with_guard() -> None:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _prctl(option: int, value: int) -> None:
    """Linux only; elsewhere the rope alone must do."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
