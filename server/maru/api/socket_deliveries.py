"""What one socket carries beside the turn that runs: followed runs and detached turns."""

import asyncio
import logging
from collections.abc import Coroutine

from fastapi import WebSocketDisconnect

logger = logging.getLogger(__name__)


class Deliveries:
    """Tasks that send to one socket, until they end or it does."""

    def __init__(self) -> None:
        """None yet."""
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """How many go on."""
        return len(self._tasks)

    def start(self, delivery: Coroutine[None, None, None]) -> None:
        """Let one run by itself."""
        task = asyncio.create_task(delivery, name="delivery")
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def close(self) -> None:
        """Break all off."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, WebSocketDisconnect):
            logger.error("a delivery broke", exc_info=error)
