"""Which turns of a branch fit into the window. Pure: sizes in, a cut out.

What is sent is every turn from the cut on, and pinned turns before it. The cut is made rarely and deep: when that
passes the budget, the oldest turns go until `retention_ratio` of the budget is left, so that the prompt's beginning
stays the same for many turns and the engine's prefix cache keeps serving it (a cut at every turn makes the engine
compute about eight times as much).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from maru.memory.words import is_from
from maru.protocol.items import FunctionCall, FunctionCallOutput, Item


class WindowTooSmallError(Exception):
    """What must be sent does not fit."""

    def __init__(self, needed: int, budget: int, *, newest: int) -> None:
        """Keep the sizes, in tokens: of all that must be sent, of what fits, and of the newest turn alone."""
        super().__init__(f"{needed} tokens must be sent and only {budget} fit")
        self.needed = needed
        self.budget = budget
        self.newest = newest


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a branch: the index of its first item, its tokens, and whether it is sent even before the cut."""

    first_index: int
    tokens: int
    is_pinned: bool = False


class Policy(Protocol):
    """Where a branch is cut when it is over its budget. Entry points of the group `maru.memory` name makers of it."""

    @property
    def summarises(self) -> bool:
        """Whether a summary takes the place of what goes."""
        ...

    def first_turn(self, turns: Sequence[Turn], *, budget: int, kept_from: int) -> int:
        """Index of the first turn that is kept; the last turn always is.

        Args:
            turns: the branch, oldest first.
            budget: tokens that all that is sent may have.
            kept_from: the cut so far, with which it is over the budget; the new one is never earlier.

        Raises:
            WindowTooSmallError: no cut would do.
        """
        ...


@dataclass(frozen=True, slots=True)
class KeepAll:
    """Never cut: what is too long is an error."""

    summarises: bool = False

    def first_turn(self, turns: Sequence[Turn], *, budget: int, kept_from: int) -> int:
        """See `Policy.first_turn`."""
        raise WindowTooSmallError(sent_tokens(turns, kept_from), budget, newest=turns[-1].tokens)


@dataclass(frozen=True, slots=True)
class Block:
    """Cut down to a share of the budget: 1.0 cuts at every turn ("sliding")."""

    retention_ratio: float
    summarises: bool = False

    def first_turn(self, turns: Sequence[Turn], *, budget: int, kept_from: int) -> int:
        """See `Policy.first_turn`."""
        first, sent = kept_from, sent_tokens(turns, kept_from)
        while first < len(turns) - 1 and sent > budget * self.retention_ratio:
            sent -= 0 if turns[first].is_pinned else turns[first].tokens
            first += 1
        if sent > budget:
            raise WindowTooSmallError(sent, budget, newest=turns[-1].tokens)
        return first


def turn_starts(items: Sequence[Item], before: int = 0) -> tuple[int, ...]:
    """Indices at which a turn begins: a cut is made only there, so a call never loses its output.

    A turn begins with a user's message; several in a row are one only within the input of one request, because before
    that the older ones were never answered, maybe because they were too long. Instructions before a message are a turn
    of their own, because they are never cut and what stands around them may be.

    Args:
        items: a branch, oldest first.
        before: how many of them are older than this request's input.
    """
    starts = [0] if items else []
    calls: set[str] = set()
    for index, item in enumerate(items):
        if isinstance(item, FunctionCall):
            calls.add(item.call_id)
        elif isinstance(item, FunctionCallOutput):
            calls.discard(item.call_id)
        elif index and not calls and _begins_turn(items, index, before):
            starts.append(index)
    return tuple(starts)


def _begins_turn(items: Sequence[Item], index: int, before: int) -> bool:
    if is_from(items[index], "user"):
        return index <= before or not is_from(items[index - 1], "user")
    if not is_instruction(items[index]) or is_instruction(items[index - 1]):
        return False
    after = next((item for item in items[index:] if not is_instruction(item)), None)
    return after is None or is_from(after, "user")


def is_instruction(item: Item) -> bool:
    """Whether it tells the model how to behave, and is never cut."""
    return is_from(item, "system", "developer")


def sent_tokens(turns: Sequence[Turn], first: int) -> int:
    """Tokens of what is sent with this cut."""
    return sum(turn.tokens for turn in turns[first:]) + sum(turn.tokens for turn in turns[:first] if turn.is_pinned)


def cut_of(turns: Sequence[Turn], policy: Policy, *, budget: int, kept_from: int = 0, ready: int = 0) -> int:
    """Index of the first turn to send, as if the branch had grown turn by turn from the last cut on.

    That way it is the same whether the cut was remembered, or is found again after a restart or for a client that sends
    its whole history with each request.

    Args:
        turns: the whole branch, the newest turn last.
        policy: where to cut.
        budget: tokens that all that is sent may have.
        kept_from: the last cut.
        ready: the first turn for which no summary stands; the next cut is made there first.

    Raises:
        WindowTooSmallError: the newest turn does not fit beside what must be sent.
    """
    first, sent = kept_from, sent_tokens(turns[: kept_from + 1], kept_from)
    for newest in range(kept_from, len(turns)):
        if newest > kept_from:
            sent += turns[newest].tokens
        if sent <= budget:
            continue
        if first < ready <= newest:
            first = ready
            sent = sent_tokens(turns[: newest + 1], first)
        if sent > budget:
            try:
                first = policy.first_turn(turns[: newest + 1], budget=budget, kept_from=first)
            except WindowTooSmallError:
                if newest == len(turns) - 1 or sent_tokens(turns[: newest + 1], newest) <= budget:
                    raise
                first = newest  # it was answered once, maybe by a model with a larger window
            sent = sent_tokens(turns[: newest + 1], first)
    return first


def next_cut(turns: Sequence[Turn], policy: Policy, *, budget: int, first: int) -> int:
    """Where the next cut will most likely be, once the branch has grown over its budget.

    Args:
        turns: the whole branch, which fits.
        policy: where to cut.
        budget: see `cut_of`.
        first: the cut now.

    Raises:
        WindowTooSmallError: there will be none.
    """
    growth = Turn(0, max(budget + 1 - sent_tokens(turns, first), 1))
    return min(policy.first_turn((*turns, growth), budget=budget, kept_from=first), len(turns) - 1)
