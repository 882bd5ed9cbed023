"""The event log of one run: appended once, read by any number of followers, each at its own pace.

Followers keep a position and nothing else, so a slow one costs nothing and never slows the run: it is its transport's
duty to give up on it (a send deadline), and it may come back with the number it saw last.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence

from maru.protocol.events import TERMINAL_TYPES, Event


class EventLog:
    """Numbered events from 0 without a gap; the terminal event is the last."""

    def __init__(self) -> None:
        """Start empty."""
        self._events: list[Event] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """Whether the terminal event is in."""
        return self._is_closed

    @property
    def size(self) -> int:
        """Number of events."""
        return len(self._events)

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
        """Every event with a higher number, in batches of what is there, then the live ones, until the end.

        With `heartbeat_s`, an empty batch is yielded after each such silence.
        """
        position = starting_after + 1
        while True:
            if position < len(self._events):
                batch = self._events[position:]
                position += len(batch)
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
