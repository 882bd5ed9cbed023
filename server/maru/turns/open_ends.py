"""Ends that are still to be written because the store could not do it; tried again every second.

A start whose commit was reported as failed may be on the disk all the same: it gets an end here as well, since its
conversation would stay locked for as long as this server holds its lease.
"""

import logging
from collections.abc import Awaitable, Callable
from functools import partial

from maru.store.base import Store, StoreFullError
from maru.turns.recovery import end_one
from maru.turns.run import Run

logger = logging.getLogger(__name__)


class OpenEnds:
    """What one server owes its store."""

    def __init__(self, store: Store) -> None:
        """Nothing yet."""
        self._store = store
        self._runs: dict[str, Run] = {}
        self._doubtful: dict[str, str] = {}  # owners

    def add_run(self, run: Run) -> None:
        """Its end could not be written."""
        self._runs[run.id] = run

    def add_doubtful(self, response_id: str, owner: str) -> None:
        """It is not known whether its start was written; nobody runs it."""
        self._doubtful[response_id] = owner

    def run(self, response_id: str) -> Run | None:
        """The run of this response, whose end is known here and nowhere else."""
        return self._runs.get(response_id)

    def drop(self, response_id: str) -> None:
        """Its response was deleted."""
        self._runs.pop(response_id, None)

    async def write(self) -> None:
        """Try each once more.

        Raises:
            StoreFullError: nothing can be written.
        """
        for run in tuple(self._runs.values()):
            if await _is_done(run.id, run.save):
                self._runs.pop(run.id, None)
        for response_id, owner in tuple(self._doubtful.items()):
            if await _is_done(response_id, partial(end_one, self._store, owner, response_id)):
                del self._doubtful[response_id]


async def _is_done(response_id: str, write: Callable[[], Awaitable[None]]) -> bool:
    try:
        await write()
    except StoreFullError:
        raise
    except Exception:  # one that can never be written must not keep the others from it
        logger.exception("the end of response %s could not be written; the next second tries again", response_id)
        return False
    return True
