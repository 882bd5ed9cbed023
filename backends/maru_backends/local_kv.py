"""Keys and values of attention: the batch of running answers, and the prefixes kept between turns.

Knows tensors, not tokens' meaning and not scheduling. Axes: B rows, H heads, T positions, D head size.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache, CacheLayerMixin, DynamicCache

FIRST_ROWS = 4
FIRST_POSITIONS = 256
# Computing a few tokens again is cheaper than looking after them.
SHORTEST_PREFIX = 16
MOST_PREFIXES = 64


@dataclass(frozen=True, slots=True)
class KvBlock:
    """Keys and values of one sequence, one pair of H x T x D a layer."""

    layers: tuple[tuple[Tensor, Tensor], ...]

    @property
    def length(self) -> int:
        """Positions held."""
        return int(self.layers[0][0].shape[1]) if self.layers else 0

    @property
    def size_bytes(self) -> int:
        """Memory of all layers."""
        return sum(t.numel() * t.element_size() for pair in self.layers for t in pair)

    def head(self, length: int) -> "KvBlock":
        """The first positions, as views."""
        return KvBlock(tuple((k[:, :length], v[:, :length]) for k, v in self.layers))

    def as_cache(self) -> DynamicCache:
        """A cache of batch 1 that starts with this block and never writes into it."""
        cache: Any = DynamicCache()
        for index, (keys, values) in enumerate(self.layers):
            cache.update(keys.unsqueeze(0), values.unsqueeze(0), index)
        made: DynamicCache = cache
        return made


def block_of(cache: DynamicCache) -> KvBlock:
    """The only row of a cache of batch 1."""
    layers: list[Any] = list(cache.layers)
    return KvBlock(tuple((layer.keys[0], layer.values[0]) for layer in layers))


class SlotLayer(CacheLayerMixin):  # a hook of transformers that has no types
    """One layer of the running batch: row b writes at its own position, all rows read up to the longest."""

    is_sliding = False

    def __init__(self, slots: "Slots") -> None:
        """The slots say which rows and positions the present step is about."""
        super().__init__()  # type: ignore[no-untyped-call] # pyright: ignore[reportUnknownMemberType] # no types there
        self._slots = slots
        self.slot_keys = torch.empty(0)
        self.slot_values = torch.empty(0)

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Nothing to do: rows are made when a sequence joins."""

    def make_room(self, like: tuple[Tensor, Tensor], rows: int, positions: int) -> None:
        """Grow to that many rows and positions, keeping what is there."""
        self.slot_keys = _grown(self.slot_keys, like[0], rows, positions)
        self.slot_values = _grown(self.slot_values, like[1], rows, positions)

    def update(self, key_states: Tensor, value_states: Tensor, *_: object, **__: object) -> tuple[Tensor, Tensor]:
        """Write one new position a row; give every row's keys and values up to the longest row."""
        rows, positions, longest = self._slots.rows, self._slots.positions, self._slots.longest
        count = key_states.shape[0]
        self.slot_keys[rows, :, positions] = key_states[:, :, 0]
        self.slot_values[rows, :, positions] = value_states[:, :, 0]
        return self.slot_keys[:count, :, :longest], self.slot_values[:count, :, :longest]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Keys in view, and their first position."""
        del query_length
        return self._slots.longest, 0

    def get_seq_length(self) -> int:
        """Positions written before this step, in the longest row."""
        return self._slots.longest - 1

    def get_max_length(self) -> int:
        """No bound of its own."""
        return -1


class Slots:
    """The running batch: rows 0 to n-1 are one answer each, without holes.

    Attributes:
        cache: what the model is given.
        lengths: positions of each row.
        rows, positions: where this step writes, one of each for every answer.
        longest: keys in view of this step.
    """

    def __init__(self) -> None:
        """Empty; memory is taken when the first sequence joins."""
        self._layers: list[SlotLayer] = []
        layers: Any = self._layers
        self.cache = Cache(layers=layers)
        self.lengths: list[int] = []
        self.rows = torch.empty(0, dtype=torch.long)
        self.positions = torch.empty(0, dtype=torch.long)
        self.longest = 0
        self._rows = 0
        self._positions = 0

    def join(self, block: KvBlock) -> None:
        """Add a sequence as the last row."""
        row, length = len(self.lengths), block.length
        self._make_room(block, row + 1, length + 1)
        for layer, (keys, values) in zip(self._layers, block.layers, strict=True):
            layer.slot_keys[row, :, :length] = keys
            layer.slot_values[row, :, :length] = values
        self.lengths.append(length)

    def begin_step(self) -> None:
        """Give every row one more position, which the model is about to write."""
        longest = max(self.lengths) + 1
        if longest > self._positions:
            self._make_room(self._block(0, 0), len(self.lengths), longest)
        device = self._layers[0].slot_keys.device
        self.rows = torch.arange(len(self.lengths), device=device)
        self.positions = torch.tensor(self.lengths, device=device)
        self.longest = longest
        self.lengths = [length + 1 for length in self.lengths]

    def copy_out(self, row: int) -> KvBlock:
        """A row's sequence, in memory of its own."""
        block = self._block(row, self.lengths[row])
        return KvBlock(tuple((k.clone(), v.clone()) for k, v in block.layers))

    def leave(self, row: int) -> None:
        """Remove a row; the last row takes its place."""
        last = len(self.lengths) - 1
        length = self.lengths.pop()
        if row != last:
            self.lengths[row] = length
            for layer in self._layers:
                layer.slot_keys[row, :, :length] = layer.slot_keys[last, :, :length]
                layer.slot_values[row, :, :length] = layer.slot_values[last, :, :length]
        if not self.lengths:  # an idle engine holds no memory
            self._layers.clear()
            self._rows = self._positions = 0

    def _block(self, row: int, length: int) -> KvBlock:
        return KvBlock(
            tuple((layer.slot_keys[row, :, :length], layer.slot_values[row, :, :length]) for layer in self._layers)
        )

    def _make_room(self, like: KvBlock, rows: int, positions: int) -> None:
        if rows <= self._rows and positions <= self._positions:
            return
        self._rows = max(self._rows, FIRST_ROWS) if rows <= max(self._rows, FIRST_ROWS) else 2 * self._rows
        while self._positions < positions:
            self._positions = max(FIRST_POSITIONS, 2 * self._positions)
        while len(self._layers) < len(like.layers):
            self._layers.append(SlotLayer(self))
        for layer, pair in zip(self._layers, like.layers, strict=True):
            layer.make_room(pair, self._rows, self._positions)


def _grown(old: Tensor, like: Tensor, rows: int, positions: int) -> Tensor:
    heads, _, size = like.shape
    grown = torch.zeros(rows, heads, positions, size, dtype=like.dtype, device=like.device)
    if old.numel():
        grown[: old.shape[0], :, : old.shape[2]] = old
    return grown


@dataclass(frozen=True, slots=True)
class _Prefix:
    session_id: str
    tokens: tuple[int, ...]
    block: KvBlock


class PrefixStore:
    """What was computed for recent conversations, so that a new turn computes only what is new.

    Shared within one session only: were it shared between people, the count of cached tokens would tell one of them
    what another has written. Bounded by memory; the conversation that rested longest goes first.
    """

    def __init__(self, most_bytes: int) -> None:
        """With 0 bytes nothing is kept."""
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[int, _Prefix] = OrderedDict()
        self._next_key = 0

    def find(self, session_id: str | None, tokens: Sequence[int]) -> KvBlock | None:
        """The longest kept start of these tokens, the last token never included (it must be computed)."""
        best_key, best_length = -1, SHORTEST_PREFIX - 1
        for key, prefix in self._kept.items():
            if prefix.session_id == session_id:
                length = min(_common_length(prefix.tokens, tokens), len(tokens) - 1)
                if length > best_length:
                    best_key, best_length = key, length
        if best_key < 0:
            return None
        self._kept.move_to_end(best_key)
        return self._kept[best_key].block.head(best_length)

    def keep(self, session_id: str | None, tokens: Sequence[int], block: KvBlock) -> None:
        """Keep a computed sequence; what it continues is replaced by it."""
        if session_id is None or block.length < SHORTEST_PREFIX or block.size_bytes > self._most_bytes:
            return
        new = _Prefix(session_id, tuple(tokens), block)
        for key, old in list(self._kept.items()):
            if old.session_id == session_id and new.tokens[: len(old.tokens)] == old.tokens:
                self._drop(key)
        self._kept[self._next_key] = new
        self._next_key += 1
        self._bytes += block.size_bytes
        while self._bytes > self._most_bytes or len(self._kept) > MOST_PREFIXES:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: int) -> None:
        self._bytes -= self._kept.pop(key).block.size_bytes


def _common_length(one: Sequence[int], other: Sequence[int]) -> int:
    for index, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return index
    return min(len(one), len(other))
