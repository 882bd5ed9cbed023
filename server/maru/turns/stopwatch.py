"""How long an answer took: until its first word, over its thinking, in all. Pure: the times are passed in."""

from maru.protocol.response import Timing
from maru_backends.base import BackendEvent, Finished, ReasoningDelta, Usage


class Stopwatch:
    """One run's; all times in seconds of one monotonic clock."""

    def __init__(self, now: float) -> None:
        """Start: the request was taken."""
        self._began = now
        self._first: float | None = None
        self._thinking_since: float | None = None
        self._thinking_s = 0.0

    def heard(self, event: BackendEvent, now: float) -> None:
        """The engine sent this."""
        if isinstance(event, Usage | Finished):
            return
        if self._first is None:
            self._first = now
        if isinstance(event, ReasoningDelta):
            self._thinking_since = now if self._thinking_since is None else self._thinking_since
        elif self._thinking_since is not None:
            self._thinking_s += now - self._thinking_since
            self._thinking_since = None

    def timing(self, now: float) -> Timing:
        """What it shows at the end."""
        open_s = 0.0 if self._thinking_since is None else now - self._thinking_since
        return Timing(
            first_token_ms=None if self._first is None else _ms(self._first - self._began),
            thinking_ms=_ms(self._thinking_s + open_s),
            total_ms=_ms(now - self._began),
        )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
