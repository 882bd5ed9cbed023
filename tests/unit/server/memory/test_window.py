"""Rules of `maru/memory/window.py`."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maru.memory.window import Block, KeepAll, Turn, WindowTooSmallError, cut_of, next_cut, sent_tokens, turn_starts
from maru.protocol.items import FunctionCall, FunctionCallOutput, Item
from support.responses import a_message

BLOCK = Block(0.75)
ratios = st.floats(0.05, 1)
turns_that_fit = st.lists(st.tuples(st.integers(1, 50), st.integers(0, 9)), min_size=1, max_size=40)


def _turns_of(tokens: list[int], *, pinned: frozenset[int] = frozenset()) -> list[Turn]:
    return [Turn(size, size if index in pinned else 0) for index, size in enumerate(tokens)]


@given(turns_that_fit, ratios)
def test_what_is_sent_fits_with_everything_that_is_protected(drawn: list[tuple[int, int]], ratio: float) -> None:
    """No request may ever exceed the window; the question itself and what is pinned are never cut."""
    pinned = frozenset(index for index, (_, chance) in enumerate(drawn) if chance == 0)
    turns = _turns_of([size for size, _ in drawn], pinned=pinned)
    needed = sum(turn.kept for turn in turns[:-1]) + turns[-1].tokens
    budget = needed + 60
    first = cut_of(turns, Block(ratio), budget=budget)
    assert 0 <= first < len(turns)
    assert needed <= sent_tokens(turns, first) <= budget


@given(turns_that_fit, ratios, st.integers(60, 200))
def test_the_cut_is_the_same_however_often_it_was_asked_for(
    drawn: list[tuple[int, int]], ratio: float, budget: int
) -> None:
    """After a restart, on another server and for a client that keeps the history itself: or the prefix would move."""
    turns, policy, first = _turns_of([size for size, _ in drawn]), Block(ratio), 0
    for end in range(1, len(turns) + 1):
        moved = cut_of(turns[:end], policy, budget=budget, kept_from=first)
        assert moved >= first
        assert moved == cut_of(turns[:end], policy, budget=budget)
        first = moved


@given(st.lists(st.integers(1, 30), min_size=20, max_size=60))
def test_the_cut_moves_rarely(tokens: list[int]) -> None:
    """The prompt's beginning must stay the same between cuts, or the engine's prefix cache is of no use."""
    budget, first, cuts = 200, 0, 0
    for end in range(1, len(tokens) + 1):
        moved = cut_of(_turns_of(tokens[:end]), BLOCK, budget=budget, kept_from=first)
        cuts += moved > first
        first = moved
    # A cut frees a quarter of the budget, so about one is due for each such amount of new text.
    assert cuts <= sum(tokens) / (budget / 4) + 1


@pytest.mark.parametrize("tokens", [[5, 80], [80, 5, 80]])
def test_a_turn_that_cannot_fit_is_an_error(tokens: list[int]) -> None:
    """The engine must never be the one who finds out."""
    with pytest.raises(WindowTooSmallError) as caught:
        cut_of(_turns_of(tokens), BLOCK, budget=50)
    assert (caught.value.newest, caught.value.budget) == (80, 50)


def test_an_old_turn_that_could_not_fit_ends_no_conversation() -> None:
    """Another model with a larger window answered it."""
    assert cut_of(_turns_of([5, 80, 5, 5]), BLOCK, budget=50) == 2


def test_pins_that_fill_the_window_are_an_error() -> None:
    """What somebody pinned is not left out in silence."""
    with pytest.raises(WindowTooSmallError) as caught:
        cut_of(_turns_of([40, 5, 20], pinned=frozenset({0})), BLOCK, budget=50)
    assert (caught.value.needed, caught.value.newest) == (60, 20)


def test_keep_all_cuts_nothing() -> None:
    """Whoever chose it wants to be told instead."""
    assert cut_of(_turns_of([20, 20]), KeepAll(), budget=50) == 0
    with pytest.raises(WindowTooSmallError) as caught:
        cut_of(_turns_of([20, 20, 20]), KeepAll(), budget=50)
    assert caught.value.needed == 60


def test_sliding_cuts_as_little_as_it_must() -> None:
    """For whoever wants to see as much as fits, at the engine's cost."""
    assert cut_of(_turns_of([20, 20, 20]), Block(1.0), budget=50) == 1


def test_a_cut_is_made_where_a_summary_ends() -> None:
    """So that nothing is left out for which nothing stands."""
    turns = _turns_of([10] * 6)
    assert cut_of(turns, BLOCK, budget=50) == 3
    assert cut_of(turns, BLOCK, budget=50, summarised=[2]) == 2
    assert cut_of(turns[:5], BLOCK, budget=50, summarised=[2]) == 0


def test_of_several_summaries_the_first_that_will_do_is_the_cut() -> None:
    """A model with a smaller window may have left one that reaches much further than this one needs."""
    turns = _turns_of([10] * 100)
    alone = cut_of(turns, BLOCK, budget=600)
    assert 40 <= alone < 60
    assert cut_of(turns, BLOCK, budget=600, summarised=[20, 45, 60, 90]) <= 60
    assert cut_of(turns[:61], BLOCK, budget=600, summarised=[1, 20, 45]) == 1
    assert cut_of(turns[:61], BLOCK, budget=600, summarised=[20, 45]) == 20


def test_of_a_turn_a_part_may_be_kept() -> None:
    """Its instructions, where it has some."""
    turns = [Turn(20, 5), Turn(20, 5), Turn(20)]
    assert cut_of(turns, BLOCK, budget=50) == 2
    assert sent_tokens(turns, 2) == 30


def test_a_long_branch_is_cut_in_no_time() -> None:
    """A client may send megabytes of tiny turns; the work grows with the turns, not with their square."""
    looked_at = 0

    class Counting(Block):
        def first_turn(self, turns: Sequence[Turn], *, budget: int, kept_from: int) -> int:
            nonlocal looked_at
            looked_at += len(turns)
            return super().first_turn(turns, budget=budget, kept_from=kept_from)

    turns = _turns_of([10] * 20_000)
    assert cut_of(turns, Counting(0.75), budget=1000) > 19_800
    assert looked_at < 100_000


@given(st.lists(st.integers(1, 12), min_size=3, max_size=12))
def test_the_next_cut_is_foreseen(tokens: list[int]) -> None:
    """Its summary is made ahead; a cut that goes less deep wastes nothing."""
    budget, turns = 200, _turns_of(tokens)
    foreseen = next_cut(turns, BLOCK, budget=budget, first=0)
    grown = list(turns)
    while sent_tokens(grown, 0) <= budget:
        grown.append(Turn(12))
    assert 1 <= foreseen <= cut_of(grown, BLOCK, budget=budget)


def test_a_call_and_its_output_are_one_turn_with_the_question() -> None:
    """Providers refuse an output whose call was cut away, whatever stands between the two."""
    call = FunctionCall(id="fc_1", call_id="call_1", name="f", arguments="{}", status="completed")
    output = FunctionCallOutput(id="fo_1", call_id="call_1", output="4", status="completed")
    items: list[Item] = [a_message("a"), call, output, a_message("b", "assistant"), a_message("c"), a_message("d")]
    assert turn_starts(items) == (0, 4)
    between: list[Item] = [a_message("a"), call, a_message("x"), a_message("y", "developer"), output, a_message("c")]
    assert turn_starts(between) == (0, 5)


def test_instructions_before_a_question_are_a_turn_of_their_own() -> None:
    """They are kept when the question is cut."""
    items: list[Item] = [
        a_message("s", "system"),
        a_message("d", "developer"),
        a_message("q"),
        a_message("a", "assistant"),
        a_message("s", "system"),
        a_message("q"),
        a_message("a", "assistant"),
        a_message("s", "system"),
        a_message("a", "assistant"),
        a_message("q"),
        a_message("s", "developer"),
    ]
    assert turn_starts(items) == (0, 2, 4, 5, 9)


def test_a_message_that_was_never_answered_is_a_turn_of_its_own() -> None:
    """It may have been too long to be, and must not take the next one with it."""
    items: list[Item] = [a_message("a"), a_message("b"), a_message("c"), a_message("d")]
    assert turn_starts(items, before=2) == (0, 1, 2)
    assert turn_starts(items) == (0,)
