"""Engines that are opened in a thread: a thread cannot be stopped, so what comes too late is closed where it came."""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

logger = logging.getLogger(__name__)


async def opened_in_thread(open_: Callable[[], T], close: Callable[[T], None]) -> T:
    """What `open_` makes in a thread; whoever is cancelled meanwhile has it closed by `close`, as soon as it is there.

    Neither needs the event loop, which may have ended by then.
    """
    opening = _Opening(open_, close)
    try:
        return await asyncio.to_thread(opening.run)
    except asyncio.CancelledError:
        if opening.left():
            await asyncio.to_thread(opening.close_all)
        raise


class _Opening(Generic[T]):
    """One engine that is being opened; used by two threads."""

    def __init__(self, open_: Callable[[], T], close: Callable[[T], None]) -> None:
        self._open = open_
        self._close = close
        self._changing = threading.Lock()
        self._is_wanted = True
        self._made: list[T] = []

    def run(self) -> T:
        if not self._is_wanted:
            raise asyncio.CancelledError
        made = self._open()
        with self._changing:
            self._made.append(made)
            is_late = not self._is_wanted
        if is_late:
            logger.info("an engine that nobody wants any more is closed")
            self.close_all()
        return made

    def left(self) -> bool:
        """Nobody wants it any more; whether it is there already."""
        with self._changing:
            self._is_wanted = False
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
