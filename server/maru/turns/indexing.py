"""Keeps what is said quick to find, behind the answers: a little at a time, and less often while answers run."""

import asyncio
import logging
from collections.abc import Callable

from maru.store.base import Store, StoreError

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
PAUSE_S = 0.02  # between two parts, so that others come to write
PAUSE_WHILE_ANSWERING_S = 0.5


class Indexing:
    """One per process; the servers of one store may do the same work side by side."""

    def __init__(self, store: Store, is_answering: Callable[[], bool]) -> None:
        """Prepare; `open` begins."""
        self._store = store
        self._is_answering = is_answering
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._keep(), name="indexing")

    async def close(self) -> None:
        """Stop; what is left is indexed after the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _keep(self) -> None:
        while True:  # noqa: ASYNC110 (it works between the pauses)
            await asyncio.sleep(await self._pause_after_some())

    async def _pause_after_some(self) -> float:
        """Index a part; how long to wait before the next, in seconds."""
        try:
            is_more_left = await self._store.index_some()
        except StoreError as error:
            logger.warning("what was said could not be indexed, and is slower to find meanwhile: %s", error)
            return LOOK_EVERY_S
        except Exception:  # a task's outer edge: an item that cannot be read must not end it
            logger.exception("indexing broke")
            return LOOK_EVERY_S
        if not is_more_left:
            return LOOK_EVERY_S
        return PAUSE_WHILE_ANSWERING_S if self._is_answering() else PAUSE_S
