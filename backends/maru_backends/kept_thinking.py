"""What a provider signs of a tool call: it goes back with the call, as the signatures demand.

Claude signs blocks of thinking, Gemini the call itself. The seam carries no signatures, so they are kept here, in
memory, by the id of the call. Where they are lost (another server, a restart, a call that somebody else made) the
request says so and works without.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence

Json = dict[str, object]

MAX_KEPT_CALLS = 4096
MAX_KEPT_CHARS = 32_000_000


class KeptThinking:
    """The blocks before each of the latest calls; the oldest go first."""

    def __init__(self, *, max_calls: int = MAX_KEPT_CALLS, max_chars: int = MAX_KEPT_CHARS) -> None:
        """Keep as many."""
        self._blocks: OrderedDict[str, tuple[Json, ...]] = OrderedDict()
        self._max_calls = max_calls
        self._max_chars = max_chars
        self._chars = 0

    def keep(self, thinking: Mapping[str, Sequence[Json]]) -> None:
        """The blocks of one answer, by call id."""
        for call_id, blocks in thinking.items():
            self._drop(call_id)
            self._blocks[call_id] = tuple(blocks)
            self._chars += _chars(blocks)
        while self._blocks and (len(self._blocks) > self._max_calls or self._chars > self._max_chars):
            self._drop(next(iter(self._blocks)))

    def of(self, call_id: str) -> tuple[Json, ...] | None:
        """The blocks before this call, none if it was made without thinking; None: nothing is known of it."""
        return self._blocks.get(call_id)

    def _drop(self, call_id: str) -> None:
        self._chars -= _chars(self._blocks.pop(call_id, ()))


def _chars(blocks: Sequence[Json]) -> int:
    return sum(len(value) for block in blocks for value in block.values() if isinstance(value, str))
