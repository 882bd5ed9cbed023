"""A thread of its own for schemas that strangers wrote, one after the other, and none for ever.

The event loop must go on whatever stands in one; so libraries that let go of Python's lock while they read a schema do
it here. A thread cannot be stopped: what takes too long is refused, and goes on until the library gives up.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from maru_backends.errors import BackendBusyError, BackendUnavailableError, RequestRefusedError

TIMEOUT_S = 15.0
# A chain of 1500 references overflows a thread's usual 8 MiB, which ends the process; 64000 characters hold at most
# some 6000 levels, and those were measured to take 130 MiB.
STACK_BYTES = 512 * 2**20

T = TypeVar("T")

_starting = threading.Lock()


class SchemaThread:
    """Reads schemas; may be asked by many tasks at once."""

    def __init__(self, name: str) -> None:
        """Start the thread; `name` is what it is called where threads are listed."""
        self._thread = _with_room(name)

    async def run(self, work: Callable[[], T], *, param: str) -> T:
        """Result of work on a schema; what it raises is raised.

        Args:
            work: must not need the event loop.
            param: the field of the request that the schema stands in.

        Raises:
            RequestRefusedError: it took too long.
            BackendBusyError: those of others took all the time.
            BackendUnavailableError: `close` was called.
        """
        begun: list[float] = []

        def begin() -> T:
            begun.append(time.monotonic())
            return work()

        try:
            future = asyncio.get_running_loop().run_in_executor(self._thread, begin)
        except RuntimeError as error:
            raise BackendUnavailableError("The engine was closed.") from error
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await _unless_dropped(future)
        except TimeoutError as error:
            if not begun or time.monotonic() - begun[0] < TIMEOUT_S / 2:  # it had the smaller part of the time
                raise BackendBusyError("Too many schemas wait for the engine.", retry_after_s=1) from error
            raise RequestRefusedError("The schema takes this engine too long.", param=param) from error

    def close(self) -> None:
        """End the thread when it has done what it is at."""
        self._thread.shutdown(wait=False, cancel_futures=True)


async def _unless_dropped(future: asyncio.Future[T]) -> T:
    try:
        return await future
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise BackendUnavailableError("The engine was closed.") from error  # and this task is not to end


def _with_room(name: str) -> ThreadPoolExecutor:
    """One thread with a stack that a long chain of references does not overflow."""
    with _starting:  # the size is a setting of the whole process
        before = threading.stack_size(STACK_BYTES)
        try:
            thread = ThreadPoolExecutor(1, name)
            thread.submit(lambda: None).result()
        finally:
            threading.stack_size(before)
    return thread
