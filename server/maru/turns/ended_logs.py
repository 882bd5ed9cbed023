"""Events of ended runs that are in no store: a client that lost its connection may still come back for them."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from maru.turns.log import EventLog

KEPT_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class EndedLog:
    """The whole log of one run.

    Attributes:
        owner: whose run it was.
        log: closed.
        is_streamed: the client asked for events.
    """

    owner: str
    log: EventLog
    is_streamed: bool


class EndedLogs:
    """The newest ones, bounded in time and in bytes."""

    def __init__(self, keep_s: float, max_bytes: int = KEPT_BYTES, clock: Callable[[], float] = time.monotonic) -> None:
        """Start empty; `clock` tells seconds and never goes back."""
        self._keep_s = keep_s
        self._max_bytes = max_bytes
        self._clock = clock
        self._logs: OrderedDict[str, tuple[EndedLog, float, int]] = OrderedDict()  # with the time of its end, and size
        self._bytes = 0

    def keep(self, response_id: str, ended: EndedLog) -> None:
        """Keep one that ended now, and forget what is too old or too much, the oldest first."""
        size = sum(len(event.data) for event in ended.log.after(-1))
        self._logs[response_id] = (ended, self._clock(), size)
        self._bytes += size
        self.forget_old()

    def find(self, owner: str, response_id: str) -> EndedLog | None:
        """That of a response, if it is this owner's."""
        ended, _, _ = self._logs.get(response_id, (None, 0.0, 0))
        return ended if ended is not None and ended.owner == owner else None

    def forget_old(self) -> None:
        """Forget what nobody came back for."""
        oldest = self._clock() - self._keep_s
        while self._logs:
            _, ended_at, size = next(iter(self._logs.values()))
            if ended_at > oldest and self._bytes <= self._max_bytes:
                return
            self._logs.popitem(last=False)
            self._bytes -= size
