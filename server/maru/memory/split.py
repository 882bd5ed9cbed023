"""Which items a summary can stand for, and which must stay as they are. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from maru.memory.words import is_from
from maru.protocol.items import FunctionCall, FunctionCallOutput, Item, Reasoning


@dataclass(frozen=True, slots=True)
class Split:
    """A branch in three.

    Attributes:
        older: what a summary can stand for, oldest first.
        fixed: instructions that stand among the older items.
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


def split(items: Sequence[Item]) -> Split:
    """The split of the items that are shown; thinking is in no part."""
    items = [item for item in items if not isinstance(item, Reasoning)]
    start = _start_of_tail(items)
    older = [item for item in items[:start] if not is_from(item, "system", "developer")]
    fixed = [item for item in items[:start] if is_from(item, "system", "developer")]
    return Split(tuple(older), tuple(fixed), tuple(items[start:]))


def _start_of_tail(items: Sequence[Item]) -> int:
    start = len(items)
    while start > 0 and _is_incoming(items[start - 1]):
        start -= 1
    open_calls = _open_calls(items)
    while True:
        needed = open_calls | {item.call_id for item in items[start:] if isinstance(item, FunctionCallOutput)}
        calls = (i for i, item in enumerate(items) if isinstance(item, FunctionCall) and item.call_id in needed)
        first = min(calls, default=start)
        if first >= start:
            return start
        start = first


def _open_calls(items: Sequence[Item]) -> set[str]:
    """Calls whose output is still to come: one that the user talked past never gets it."""
    newest = max((index for index, item in enumerate(items) if is_from(item, "user")), default=-1)
    after = items[newest + 1 :]
    answered = {item.call_id for item in after if isinstance(item, FunctionCallOutput)}
    return {item.call_id for item in after if isinstance(item, FunctionCall)} - answered


def _is_incoming(item: Item) -> bool:
    return isinstance(item, FunctionCallOutput) or is_from(item, "user", "system", "developer")
