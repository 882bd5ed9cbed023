"""Which turns of the history fit into the window. Pure: sizes in, a cut out.

The cut is made rarely and deep: when the history passes the budget, the oldest whole turns go until
`retention_ratio` of the budget is left, so that the prompt's beginning stays the same for many turns and the engine's
prefix cache keeps serving it (a cut at every turn makes the engine compute about eight times as much).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from maru.protocol.items import Item, Message

RETENTION_RATIO = 0.75


class WindowTooSmallError(Exception):
    """Not even the newest turn fits."""

    def __init__(self, needed: int, budget: int) -> None:
        """Keep both sizes, in tokens."""
        super().__init__(f"the newest message needs {needed} tokens and only {budget} fit")
        self.needed = needed
        self.budget = budget


@dataclass(frozen=True, slots=True)
class TurnSize:
    """One turn of the history: the index of its first item, and its tokens."""

    first_index: int
    tokens: int


def turn_starts(items: Sequence[Item]) -> tuple[int, ...]:
    """Indices at which a turn begins: a cut is made only there, so a call never loses its output."""
    starts = [0] if items else []
    for index, item in enumerate(items[1:], start=1):
        before = items[index - 1]
        is_user = isinstance(item, Message) and item.role != "assistant"
        after_user = isinstance(before, Message) and before.role != "assistant"
        if is_user and not after_user:
            starts.append(index)
    return tuple(starts)


def first_turn_to_send(turns: Sequence[TurnSize], *, budget: int, retention_ratio: float = RETENTION_RATIO) -> int:
    """Index into `turns` of the oldest turn to send; the last turn is always sent.

    Args:
        turns: those from the cut of the turn before on, with the new input as their last, oldest first.
        budget: tokens that all sent turns together may have.
        retention_ratio: share of the budget that is left after a cut.

    Raises:
        WindowTooSmallError: the last turn alone is over the budget.
    """
    if turns[-1].tokens > budget:
        raise WindowTooSmallError(turns[-1].tokens, budget)
    total = sum(turn.tokens for turn in turns)
    if total <= budget:
        return 0
    first = 0
    while total > budget * retention_ratio and first < len(turns) - 1:
        total -= turns[first].tokens
        first += 1
    return first
