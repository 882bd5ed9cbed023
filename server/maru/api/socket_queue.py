"""What waits for its turn on one socket, in order: creates, and errors that must not overtake an answer."""

import asyncio
from collections import deque
from dataclasses import dataclass

from maru.protocol.errors import ApiError
from maru.protocol.requests import CreateRequest

MAX_WAITING = 32


@dataclass(slots=True)
class Create:
    """A create that was read, from a frame of this size; `is_cancelled`: it is stopped as soon as it begins."""

    request: CreateRequest
    size_bytes: int
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A frame that could not be read; its error waits its turn, or it would be taken for the end of another."""

    error: ApiError
    stream_id: str | None


class TurnQueue:
    """First in, first out; bounded in number and in bytes."""

    def __init__(self, max_bytes: int) -> None:
        """Hold frames of `max_bytes` together; one alone may be of any size."""
        self._max_bytes = max_bytes
        self._waiting: deque[Create | Refused] = deque()
        self._bytes = 0
        self._changed = asyncio.Event()
        self._has_ended = False

    def put(self, entry: Create | Refused) -> None:
        """Let one more wait.

        Raises:
            ApiError: too much waits already.
        """
        size = _size(entry)
        is_too_large = size > 0 and self._bytes > 0 and self._bytes + size > self._max_bytes
        if len(self._waiting) >= MAX_WAITING or is_too_large:
            message = (
                f"At most {MAX_WAITING} frames of {self._max_bytes} bytes together can wait on a socket. "
                "Read the answers before sending more, or use another socket."
            )
            raise ApiError(429, message, code="too_many_requests", type_="rate_limit_error")
        self._waiting.append(entry)
        self._bytes += size
        self._changed.set()

    async def take(self) -> Create | Refused | None:
        """The one that waited longest; None after `end`, once nothing waits any more."""
        while not self._waiting:
            if self._has_ended:
                return None
            self._changed.clear()
            await self._changed.wait()
        entry = self._waiting.popleft()
        self._bytes -= _size(entry)
        return entry

    def cancel_first(self, stream_id: str | None) -> None:
        """Cancel the create that waits longest, of this lane if one is given; it still gets its turn, to end it."""
        for entry in self._waiting:
            if isinstance(entry, Create) and not entry.is_cancelled and stream_id in {None, entry.request.stream_id}:
                entry.is_cancelled = True
                return

    def end(self) -> None:
        """Nothing will be put in any more."""
        self._has_ended = True
        self._changed.set()


def _size(entry: Create | Refused) -> int:
    return entry.size_bytes if isinstance(entry, Create) else 0
