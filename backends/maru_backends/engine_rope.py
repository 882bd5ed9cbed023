"""Ends processes that would outlive Maru, should it be killed; a program of its own.

Usage: python engine_rope.py PID...

Stdin is the rope to Maru: when it is cut, however Maru ended, the processes get SIGKILL. `engine_guard.py` does the
same for an engine that it starts itself; here a library has started them. Only the standard library, only Linux.
"""

import os
import signal
import sys
from contextlib import suppress


def main(pids: list[int]) -> None:
    """Hold the processes, wait for the rope to be cut, end what is left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for Maru, which cuts the rope when it is ready
    held: list[int] = []
    for pid in pids:
        with suppress(ProcessLookupError):
            held.append(os.pidfd_open(pid))  # a number alone may be another process by then
    while os.read(0, 1024):
        pass
    for process in held:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(process, signal.SIGKILL)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]])
