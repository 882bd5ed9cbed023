"""Which items a summary can stand for, and which must stay as they are. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from maru.memory.words import is_from, is_instruction
from maru.protocol.items import FunctionCall, FunctionCallOutput, Item, Reasoning


@dataclass(frozen=True, slots=True)
class Split:
    """A branch in three.

    Attributes:
        older: what a summary can stand for, oldest first.
        fixed: instructions that stand among the older items, and turns with something that is pinned.
        tail: everything after the assistant's last words, and calls whose output is among that or still to come.
    """

    older: tuple[Item, ...]
    fixed: tuple[Item, ...]
    tail: tuple[Item, ...]

    @property
    def task(self) -> Item | None:
        """The user's newest message, where it is one of the older items: it says what the tail is about."""
        if any(is_from(item, "user") for item in self.tail):
            return None
        return next((item for item in reversed(self.older) if is_from(item, "user")), None)


def split(items: Sequence[Item], pinned: frozenset[str] = frozenset()) -> Split:
    """The split of the items that are shown; thinking is in no part. `pinned` are ids."""
    items = [item for item in items if not isinstance(item, Reasoning)]
    start = _start_of_tail(items)
    stays = _in_pinned_turns(items, pinned) if pinned else [False] * len(items)
    older, fixed = list[Item](), list[Item]()
    for item, is_pinned in zip(items[:start], stays, strict=False):
        (fixed if is_pinned or is_instruction(item) else older).append(item)
    return Split(tuple(older), tuple(fixed), tuple(items[start:]))


def _in_pinned_turns(items: Sequence[Item], pinned: frozenset[str]) -> list[bool]:
    starts = [0, *(index for index, item in enumerate(items) if index and is_from(item, "user")), len(items)]
    return [
        is_pinned
        for start, end in pairwise(starts)
        for is_pinned in [any(item.id in pinned for item in items[start:end])] * (end - start)
    ]


def _start_of_tail(items: Sequence[Item]) -> int:
    start = len(items)
    while start > 0 and _is_incoming(items[start - 1]):
        start -= 1
    first_calls = _first_calls(items)
    start = min([start, *(first_calls[call_id] for call_id in _open_calls(items))])
    # From the end in one pass, the start moving on before it: this is asked of whatever order a client makes up.
    at = len(items)
    while at > start:
        at -= 1
        item = items[at]
        if isinstance(item, FunctionCallOutput):
            start = min(start, first_calls.get(item.call_id, start))
    return start


def _first_calls(items: Sequence[Item]) -> dict[str, int]:
    """Where each call was made first, by its id."""
    found: dict[str, int] = {}
    for index, item in enumerate(items):
        if isinstance(item, FunctionCall):
            found.setdefault(item.call_id, index)
    return found


def _open_calls(items: Sequence[Item]) -> set[str]:
    """Calls whose output is still to come: one that the user talked past never gets it."""
    newest = max((index for index, item in enumerate(items) if is_from(item, "user")), default=-1)
    after = items[newest + 1 :]
    answered = {item.call_id for item in after if isinstance(item, FunctionCallOutput)}
    return {item.call_id for item in after if isinstance(item, FunctionCall)} - answered


def _is_incoming(item: Item) -> bool:
    return isinstance(item, FunctionCallOutput) or is_from(item, "user") or is_instruction(item)
