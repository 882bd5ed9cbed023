"""The event log of one run: appended once, read by any number of followers, each at its own pace.

Followers keep a position and nothing else, so a slow one costs nothing and never slows the run: it is its transport's
duty to give up on it (a send deadline), and it may come back with the number it saw last.
"""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Sequence
from operator import attrgetter
from typing import Protocol

from maru.protocol.events import TERMINAL_TYPES, Event

_number_of = attrgetter("sequence_number")


class Followed(Protocol):
    """The events of one response, wherever they are."""

    def follow(self, starting_after: int = -1, *, heartbeat_s: float | None = None) -> AsyncIterator[Sequence[Event]]:
        """Every event with a higher number, in batches of what is there, then the live ones, until the end.

        With `heartbeat_s`, an empty batch is yielded after each such silence.
        """
        ...


class EventLog:
    """Numbered events from 0; the terminal event is the last.

    There is no gap but one: where a crash or a sleep took the run from its server, the numbers that a client may have
    seen and that are lost are jumped over (`recovery.py`).
    """

    def __init__(self, events: Sequence[Event] = ()) -> None:
        """Start with these events."""
        self._events: list[Event] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._is_closed = False
        self.append(events)

    @property
    def is_closed(self) -> bool:
        """Whether the terminal event is in."""
        return self._is_closed

    @property
    def size(self) -> int:
        """Number of events."""
        return len(self._events)

    @property
    def last_number(self) -> int:
        """Number of the newest event; -1 while there is none."""
        return self._events[-1].sequence_number if self._events else -1

    def after(self, number: int) -> Sequence[Event]:
        """All events so far with a higher number."""
        # Not by index: a number is jumped over where events were lost, and a follower may name one that is to come.
        return self._events[bisect_right(self._events, number, key=_number_of) :]

    def append(self, events: Sequence[Event]) -> None:
        """Add events and wake whoever waits; after the terminal event nothing may follow."""
        if not events:
            return
        self._events.extend(events)
        self._is_closed = events[-1].type in TERMINAL_TYPES
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def follow(
        self, starting_after: int = -1, *, heartbeat_s: float | None = None
    ) -> AsyncIterator[Sequence[Event]]:
        """See `Followed.follow`."""
        seen = starting_after
        while True:
            if batch := self.after(seen):
                seen = batch[-1].sequence_number
                yield batch
            elif self._is_closed:
                return
            else:
                future = asyncio.get_running_loop().create_future()
                self._waiting.append(future)
                if heartbeat_s is None:
                    await future
                elif not (await asyncio.wait([future], timeout=heartbeat_s))[0]:
                    yield ()
