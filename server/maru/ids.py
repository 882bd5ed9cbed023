"""Names of things: time-ordered, unguessable, and in order of making within one process.

Better than UUIDv7 for two reasons. Its usual implementations count up within a millisecond, so that someone who made
an id at that moment has only 32 random bits left to guess; here 80 bits are fresh in every id. And a clock that is set
back does not turn the order round.
"""

import secrets
import threading
import time
from collections.abc import Callable

_COUNTER_BITS = 16
_RANDOM_BYTES = 10


class IdMaker:
    """Makes ids that sort in the order of making; safe to share between threads."""

    def __init__(self, clock_ns: Callable[[], int] = time.time_ns) -> None:
        """Take the time from `clock_ns`, in nanoseconds since 1970."""
        self._clock_ns = clock_ns
        self._last_stamp = 0
        self._lock = threading.Lock()

    def make(self, prefix: str) -> str:
        """Id like `resp_` and 36 hex digits: 48 bits of milliseconds, 16 of a counter, 80 random ones."""
        now = self._clock_ns() // 1_000_000 << _COUNTER_BITS
        with self._lock:
            # Counting on from the last stamp, not from the clock, keeps the order when the clock stands or goes back.
            self._last_stamp = stamp = max(now, self._last_stamp + 1)
        return f"{prefix}_{stamp:016x}{secrets.token_hex(_RANDOM_BYTES)}"


_maker = IdMaker()


def new_id(prefix: str) -> str:
    """A new id, e.g. `new_id("conv")`; prefixes in use: resp, msg, fc, rs, conv, user, key, and those of items."""
    return _maker.make(prefix)
