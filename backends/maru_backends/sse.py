"""Server-sent events out of bytes, wherever the chunks were cut; knows nothing of sockets or of what the data means.

Follows the WHATWG grammar and forgives what engines get wrong: a missing blank line at the very end, broken UTF-8.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_EVENT_BYTES = 4 * 1024 * 1024

_LINE_END = re.compile(rb"\r\n|\r|\n")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event; `name` is empty where the server gave none, data lines are joined by line feeds."""

    data: str
    name: str = ""


class EventTooLargeError(ValueError):
    """A server sends an event without end; reading on would fill the memory."""


class SseParser:
    """Collects chunks of one stream; cutting the same bytes differently never changes the events."""

    def __init__(self, *, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        """Bound one event, its unfinished line included, to `max_event_bytes`."""
        self._max_event_bytes = max_event_bytes
        self._unfinished: list[bytes] = []  # pieces of a line whose end has not come; joined once, not per chunk
        self._unfinished_bytes = 0
        self._after_carriage_return = False
        self._at_start = True
        self._name = ""
        self._data: list[bytes] = []
        self._event_bytes = 0

    def feed(self, chunk: bytes) -> Iterator[ServerSentEvent]:
        """Yield the events that this chunk completes; take them all before the next chunk.

        Raises:
            EventTooLargeError: after the events before the one that is too large.
        """
        if self._after_carriage_return and chunk:
            # A line feed that comes first belongs to the carriage return that ended the chunk before.
            chunk = chunk.removeprefix(b"\n")
            self._after_carriage_return = False
        if not chunk:
            return
        lines = _LINE_END.split(chunk)
        self._after_carriage_return = chunk.endswith(b"\r")
        rest = lines.pop()
        if lines:
            lines[0] = self._take_unfinished() + lines[0]
        for line in lines:
            event = self._line_ended(line)
            if event is not None:
                yield event
        self._unfinished.append(rest)
        self._unfinished_bytes += len(rest)
        self._check_size(self._unfinished_bytes)

    def end(self) -> Iterator[ServerSentEvent]:
        """Yield the event that the end of the stream cut off from its blank line, if there is one.

        The standard drops it; engines that forget the last blank line would lose their finish reason.
        """
        event = self._line_ended(self._take_unfinished())
        if event is None:
            event = self._line_ended(b"")
        if event is not None:
            yield event

    def _take_unfinished(self) -> bytes:
        line = b"".join(self._unfinished)
        self._unfinished.clear()
        self._unfinished_bytes = 0
        return line

    def _check_size(self, line_bytes: int) -> None:
        if self._event_bytes + line_bytes > self._max_event_bytes:
            raise EventTooLargeError(f"an event is larger than {self._max_event_bytes} bytes")

    def _line_ended(self, line: bytes) -> ServerSentEvent | None:
        self._check_size(len(line))
        if self._at_start:
            line = line.removeprefix(_BYTE_ORDER_MARK)
            self._at_start = False
        if not line:
            return self._event_ended()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._event_bytes += len(line)
        elif field == b"event":
            self._name = value.decode(errors="replace")
        return None

    def _event_ended(self) -> ServerSentEvent | None:
        name, data = self._name, self._data
        self._name, self._data, self._event_bytes = "", [], 0
        if not data:
            return None
        return ServerSentEvent(b"\n".join(data).decode(errors="replace"), name)
