"""Engines that are opened in a thread: a thread cannot be stopped, so what comes too late is closed where it came.

Nor is the same opened once more before that: two of them may not have room in memory.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

LOOK_INTERVAL_S = 0.2
WAITING = "It waits for an earlier loading of the same model, which nobody wants any more, to end."

T = TypeVar("T")
Tell = Callable[[str], None]

logger = logging.getLogger(__name__)


class NotWantedError(Exception):
    """Whoever waited for the engine has gone: what opens it ends."""


async def opened_in_thread(
    open_: Callable[[Tell], T], close: Callable[[T], None], *, of: object = None, tell: Tell = lambda _: None
) -> T:
    """What `open_` makes in a thread; whoever is cancelled meanwhile has it closed by `close`, as soon as it is there.

    Neither needs the event loop, which may have ended by then.

    Args:
        open_: is given `tell`, which raises `NotWantedError` once nobody waits any more: call it between two steps.
        close: ends what was made.
        of: what is opened, such as settings; one that nobody wants any more ends before an equal one begins.
        tell: takes one sentence for people each time that it is further.
    """
    opening = _Opening(open_, close, of, tell)
    # Not one of the loop's few threads: a download may take hours, and answers need those.
    thread = ThreadPoolExecutor(1, "maru-opening")
    try:
        return await asyncio.get_running_loop().run_in_executor(thread, opening.run)
    except asyncio.CancelledError:
        if opening.left():
            await asyncio.to_thread(opening.close_all)
        raise
    finally:
        thread.shutdown(wait=False)


class _Opening(Generic[T]):
    """One engine that is being opened; used by two threads."""

    def __init__(self, open_: Callable[[Tell], T], close: Callable[[T], None], of: object, tell: Tell) -> None:
        self._open = open_
        self._close = close
        self.of = of
        self._tell = tell
        self._changing = threading.Lock()
        self._is_wanted = True
        self._has_begun = False
        self.has_ended = threading.Event()
        self._made: list[T] = []

    def run(self) -> T:
        with self._changing:
            if not self._is_wanted:
                raise NotWantedError
            self._has_begun = True
        try:
            self._wait_for_earlier()
            made = self._open(self._told)
            with self._changing:
                self._made.append(made)
                is_late = not self._is_wanted
            if is_late:
                logger.info("an engine that nobody wants any more is closed")
                self.close_all()
            return made
        finally:
            self.has_ended.set()
            with _keeping:
                _unwanted.discard(self)

    def _told(self, progress: str) -> None:
        if not self._is_wanted:
            raise NotWantedError
        self._tell(progress)

    def _wait_for_earlier(self) -> None:
        with _keeping:
            earlier = [one for one in _unwanted if self.of is not None and one.of == self.of]
        for one in earlier:
            self._told(WAITING)
            while not one.has_ended.wait(LOOK_INTERVAL_S):
                self._told(WAITING)

    def left(self) -> bool:
        """Nobody wants it any more; whether it is there already."""
        with self._changing:
            self._is_wanted = False
            if self._has_begun and not self.has_ended.is_set():
                with _keeping:
                    _unwanted.add(self)
            return bool(self._made)

    def close_all(self) -> None:
        while True:
            with self._changing:
                if not self._made:
                    return
                made = self._made.pop()
            try:
                self._close(made)
            except Exception:  # an engine's outer edge; nobody waits for it any more
                logger.exception("an engine that came too late did not close cleanly")


_keeping = threading.Lock()
_unwanted: set[_Opening[Any]] = set()  # they run, and nobody waits for them
