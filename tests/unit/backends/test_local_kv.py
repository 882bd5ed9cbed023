"""Keys and values: rows move without mixing, kept prefixes stay with their session."""

from typing import Any

import pytest
import torch

from maru_backends.local_kv import FIRST_POSITIONS, MOST_PREFIXES, SHORTEST_PREFIX, KvBlock, PrefixStore, Slots

LONG = tuple(range(2 * SHORTEST_PREFIX))


def block(length: int, mark: float = 0.0) -> KvBlock:
    """Two layers of one head and size 2, every number the mark."""
    return KvBlock(tuple((torch.full((1, length, 2), mark), torch.full((1, length, 2), -mark)) for _ in range(2)))


def step(slots: Slots, *marks: float) -> None:
    """Write one position a row, as a model does."""
    slots.begin_step()
    written = torch.tensor(marks, dtype=torch.float32).reshape(-1, 1, 1, 1).expand(-1, 1, 1, 2)
    cache: Any = slots.cache
    for layer in range(2):
        cache.update(written, -written, layer)


def marks_of(slots: Slots, row: int) -> list[float]:
    """The keys of a row's first layer."""
    return [float(number) for number in slots.copy_out(row).layers[0][0][0, :, 0]]


def test_rows_keep_their_own_numbers() -> None:
    """Rows of different lengths write at different places."""
    slots = Slots()
    slots.join(block(3, 1.0))
    slots.join(block(1, 2.0))
    step(slots, 10.0, 20.0)
    assert marks_of(slots, 0) == [1, 1, 1, 10]
    assert marks_of(slots, 1) == [2, 20]


def test_last_row_takes_the_place_of_one_that_leaves() -> None:
    """The batch has no holes."""
    slots = Slots()
    for mark in (1.0, 2.0, 3.0):
        slots.join(block(2, mark))
    slots.leave(0)
    assert [marks_of(slots, row) for row in range(2)] == [[3, 3], [2, 2]]
    slots.leave(1)
    step(slots, 30.0)
    assert marks_of(slots, 0) == [3, 3, 30]


def test_growing_keeps_what_is_there() -> None:
    """More rows and more positions than there was room for."""
    slots = Slots()
    for row in range(9):
        slots.join(block(FIRST_POSITIONS - 1, float(row)))
    step(slots, *range(9))
    step(slots, *range(9))
    assert all(marks_of(slots, row) == [row] * (FIRST_POSITIONS + 1) for row in range(9))


def test_idle_slots_hold_no_memory() -> None:
    """A server rests most of the day."""
    slots = Slots()
    slots.join(block(2, 1.0))
    slots.leave(0)
    assert len(slots.cache.layers) == 0
    slots.join(block(2, 5.0))
    assert marks_of(slots, 0) == [5, 5]


def test_known_start_is_found_without_its_last_token() -> None:
    """The last token must be computed, else there are no logits."""
    store = PrefixStore(10**6)
    store.keep("s", LONG, block(len(LONG)))
    same = store.find("s", LONG)
    longer = store.find("s", (*LONG, 1000, 1001))
    other_end = store.find("s", (*LONG[:20], 1000, 1001))
    assert same is not None
    assert longer is not None
    assert other_end is not None
    assert (same.length, longer.length, other_end.length) == (len(LONG) - 1, len(LONG), 20)


@pytest.mark.parametrize("session", ["other", None])
def test_sessions_do_not_share(session: str | None) -> None:
    """The count of cached tokens would tell one person what another wrote."""
    store = PrefixStore(10**6)
    store.keep("s", LONG, block(len(LONG)))
    store.keep(None, LONG, block(len(LONG)))
    assert store.find(session, (*LONG, 1)) is None


def test_short_starts_are_not_worth_it() -> None:
    """Nor kept, nor used."""
    store = PrefixStore(10**6)
    store.keep("s", LONG[: SHORTEST_PREFIX - 1], block(SHORTEST_PREFIX - 1))
    assert store.find("s", LONG) is None


def test_longer_conversation_replaces_its_start() -> None:
    """Both would cost twice."""
    size = block(len(LONG)).size_bytes
    store = PrefixStore(3 * size)
    store.keep("s", LONG, block(len(LONG)))
    store.keep("s", (*LONG, 7, 7), block(len(LONG) + 2))
    store.keep("t", LONG, block(len(LONG)))
    assert store.find("s", (*LONG, 9)) is not None
    assert store.find("t", (*LONG, 9)) is not None


def test_longest_resting_goes_first() -> None:
    """Memory is bounded; a used conversation is not the longest resting."""
    store = PrefixStore(2 * block(len(LONG)).size_bytes)
    store.keep("a", LONG, block(len(LONG)))
    store.keep("b", LONG, block(len(LONG)))
    store.find("a", (*LONG, 1))
    store.keep("c", LONG, block(len(LONG)))
    assert store.find("a", (*LONG, 1)) is not None
    assert store.find("b", (*LONG, 1)) is None


def test_number_of_prefixes_is_bounded() -> None:
    """Looking through them costs time."""
    store = PrefixStore(10**9)
    for number in range(MOST_PREFIXES + 1):
        store.keep(f"s{number}", LONG, block(len(LONG)))
    assert store.find("s0", (*LONG, 1)) is None
    assert store.find("s1", (*LONG, 1)) is not None


def test_nothing_is_kept_without_memory() -> None:
    """0 turns it off."""
    store = PrefixStore(0)
    store.keep("s", LONG, block(len(LONG)))
    assert store.find("s", (*LONG, 1)) is None
