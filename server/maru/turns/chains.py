"""Histories that only one connection knows: its newest responses, stored or not (digest section 10). Pure."""

from collections import OrderedDict
from dataclasses import dataclass

import msgspec

from maru.memory.ledger import Ledger
from maru.protocol.items import Item

MAX_LOCAL_CHAINS = 8
MAX_LOCAL_BYTES = 64 * 2**20

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class History:
    """What came before this turn.

    Attributes:
        items: oldest first.
        leaf_id: the stored item to go on from; None: a new root.
        has_title: False for a conversation that nobody has named yet.
        pinned: ids of items that the window never cuts.
        answered_by: the responses that the newest items belong to, the newest first.
        ledger: what the newest of them was shown, where no store tells.
    """

    items: tuple[Item, ...] = ()
    leaf_id: str | None = None
    has_title: bool = True
    pinned: frozenset[str] = frozenset()
    answered_by: tuple[str, ...] = ()
    ledger: Ledger | None = None


@dataclass(frozen=True, slots=True)
class _Chain:
    history: History
    unstored: tuple[Item, ...]
    lane: str | None


class LocalChains:
    """The newest responses of one connection, bounded in number and in bytes; dies with the connection."""

    def __init__(self, max_bytes: int = MAX_LOCAL_BYTES) -> None:
        """Start empty; `max_bytes` bounds the kept items as JSON, each counted once however many chains share it."""
        self._max_bytes = max_bytes
        self._chains: OrderedDict[str, _Chain] = OrderedDict()
        # By identity, because chains share their items; a number cannot be taken by another item while its own lives.
        self._uses: dict[int, int] = {}
        self._bytes_of: dict[int, int] = {}
        self._bytes = 0

    def get(self, response_id: str) -> History | None:
        """History up to and including this response."""
        chain = self._chains.get(response_id)
        return None if chain is None else chain.history

    def keep(
        self, response_id: str, history: History, *, unstored: tuple[Item, ...] = (), lane: str | None = None
    ) -> None:
        """Remember a response, forgetting the oldest ones over the bounds; one over them alone is not remembered.

        Args:
            response_id: the response.
            history: everything up to and including it.
            unstored: its own items, where no store has them.
            lane: the lane it was made in.
        """
        self.evict(response_id)
        self._chains[response_id] = _Chain(history, unstored, lane)
        self._hold(history.items)
        while len(self._chains) > MAX_LOCAL_CHAINS or self._bytes > self._max_bytes:
            self.evict(next(iter(self._chains)))

    def unstored(self) -> dict[str, Item]:
        """Items of the remembered responses that are in no store, by id."""
        return {item.id: item for chain in self._chains.values() for item in chain.unstored}

    def continuation_failed(self, response_id: str, lane: str | None) -> None:
        """Forget a response because a turn that continued it failed; a fork into another lane harms nobody else's."""
        chain = self._chains.get(response_id)
        if chain is not None and chain.lane == lane:
            self.evict(response_id)

    def evict(self, response_id: str) -> None:
        """Forget a response."""
        if (chain := self._chains.pop(response_id, None)) is not None:
            self._release(chain.history.items)

    def _hold(self, items: tuple[Item, ...]) -> None:
        for item in items:
            key = id(item)
            self._uses[key] = self._uses.get(key, 0) + 1
            if self._uses[key] == 1:
                self._bytes_of[key] = len(_encode(item))
                self._bytes += self._bytes_of[key]

    def _release(self, items: tuple[Item, ...]) -> None:
        for item in items:
            key = id(item)
            self._uses[key] -= 1
            if not self._uses[key]:
                del self._uses[key]
                self._bytes -= self._bytes_of.pop(key)
