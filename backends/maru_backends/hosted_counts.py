"""How many tokens prompts have, kept so that each is asked for once."""

from collections import OrderedDict

REMEMBERED_COUNTS = 20_000


class KnownCounts:
    """The counts of the latest prompts, by a key of their content; the oldest go first."""

    def __init__(self, *, max_counts: int = REMEMBERED_COUNTS) -> None:
        """Keep as many."""
        self._counts: OrderedDict[bytes, int] = OrderedDict()
        self._max_counts = max_counts

    def get(self, key: bytes) -> int | None:
        """The count, where it is known."""
        return self._counts.get(key)

    def keep(self, key: bytes, count: int) -> int:
        """Remember it, and give it back."""
        self._counts[key] = count
        if len(self._counts) > self._max_counts:
            self._counts.popitem(last=False)
        return count
