"""Which turns of a branch fit into the window. Pure: sizes in, a cut out.

What is sent is every turn from the cut on, and pinned turns before it. The cut is made rarely and deep: when that
passes the budget, the oldest turns go until `retention_ratio` of the budget is left, so that the prompt's beginning
stays the same for many turns and the engine's prefix cache keeps serving it (a cut at every turn makes the engine
compute about eight times as much).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

from maru.memory.words import is_from, is_instruction
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
    """One turn of a branch: its tokens, and how many of them are sent even before the cut."""

    tokens: int
    kept: int = 0


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
            sent -= turns[first].tokens - turns[first].kept
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
    starts: list[int] = []
    calls: set[str] = set()
    follows = _followed_by_question(items)
    for index, item in enumerate(items):
        if isinstance(item, FunctionCall):
            calls.add(item.call_id)
        elif isinstance(item, FunctionCallOutput):
            calls.discard(item.call_id)
        elif index and not calls and _begins_turn(items, index, before, is_followed=follows[index]):
            starts.append(index)
    return (0, *starts) if items else ()


def _followed_by_question(items: Sequence[Item]) -> list[bool]:
    """Of each item, whether what comes next, instructions aside, is a user's message."""
    follows, is_question = [False] * len(items), False
    for index in range(len(items) - 1, -1, -1):
        follows[index] = is_question
        if not is_instruction(items[index]):
            is_question = is_from(items[index], "user")
    return follows


def _begins_turn(items: Sequence[Item], index: int, before: int, *, is_followed: bool) -> bool:
    if is_from(items[index], "user"):
        return index <= before or not is_from(items[index - 1], "user")
    return is_instruction(items[index]) and is_followed and not is_instruction(items[index - 1])


def sent_tokens(turns: Sequence[Turn], first: int) -> int:
    """Tokens of what is sent with this cut."""
    return sum(turn.tokens for turn in turns[first:]) + sum(turn.kept for turn in turns[:first])


def cut_of(
    turns: Sequence[Turn], policy: Policy, *, budget: int, kept_from: int = 0, summarised: Sequence[int] = ()
) -> int:
    """Index of the first turn to send, as if the branch had grown turn by turn from the last cut on.

    That way it is the same whether the cut was remembered, or is found again after a restart or for a client that sends
    its whole history with each request.

    Args:
        turns: the whole branch, the newest turn last.
        policy: where to cut.
        budget: tokens that all that is sent may have.
        kept_from: the last cut.
        summarised: turns up to which (without them) a summary stands, in any order; a cut is made there if one will do.

    Raises:
        WindowTooSmallError: the newest turn does not fit beside what must be sent.
    """
    told = list(accumulate((turn.tokens for turn in turns), initial=0))
    kept = list(accumulate((turn.kept for turn in turns), initial=0))
    first = kept_from
    for newest in range(kept_from, len(turns)):

        def sent(at: int, end: int = newest + 1) -> int:
            return told[end] - told[at] + kept[at]

        if sent(first) <= budget:
            continue
        ready = [at for at in summarised if first < at <= newest and sent(at) <= budget]
        if ready:
            first = min(ready)
            continue
        try:
            # Only what may still go is shown to the policy, because it is asked once for each cut of a long branch.
            room = budget - kept[first]
            first += policy.first_turn(turns[first : newest + 1], budget=room, kept_from=0)
        except WindowTooSmallError as error:
            if newest == len(turns) - 1 or sent(newest) <= budget:
                raise WindowTooSmallError(error.needed + kept[first], budget, newest=error.newest) from error
            first = newest  # it was answered once, maybe by a model with a larger window
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
    growth = Turn(max(budget + 1 - sent_tokens(turns, first), 1))
    return min(policy.first_turn((*turns, growth), budget=budget, kept_from=first), len(turns) - 1)
