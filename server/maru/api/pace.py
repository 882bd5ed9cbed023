"""How often one address may ask for what needs no key: so many at once, and then at a steady pace."""

from collections import OrderedDict
from collections.abc import Callable

MOST_ADDRESSES = 10_000


class Pace:
    """Counts by address; the ones that asked longest ago are forgotten first."""

    def __init__(self, clock: Callable[[], float], *, at_once: int, a_second: float) -> None:
        """`clock` tells seconds that never go back."""
        self._clock = clock
        self._at_once = at_once
        self._a_second = a_second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, address: str) -> float:
        """Count one request; 0 where it may pass, else the seconds until one would."""
        now = self._clock()
        left, since = self._left.pop(address, (float(self._at_once), now))
        left = min(float(self._at_once), left + (now - since) * self._a_second)
        passes = left >= 1
        self._left[address] = (left - 1 if passes else left, now)
        while len(self._left) > MOST_ADDRESSES:
            self._left.popitem(last=False)
        return 0.0 if passes else (1 - left) / self._a_second
