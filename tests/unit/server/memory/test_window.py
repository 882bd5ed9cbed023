"""Rules of `maru/memory/window.py`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maru.memory.window import TurnSize, WindowTooSmallError, first_turn_to_send, turn_starts
from maru.protocol.items import FunctionCall, FunctionCallOutput, Item
from support.responses import a_message

sizes = st.lists(st.integers(1, 50), min_size=1, max_size=30)


def _turns_of(tokens: list[int]) -> list[TurnSize]:
    return [TurnSize(index, size) for index, size in enumerate(tokens)]


@given(sizes, st.integers(50, 400))
def test_what_is_sent_fits_and_ends_with_the_newest_turn(tokens: list[int], budget: int) -> None:
    """No request may ever exceed the window, and the question itself is never cut."""
    first = first_turn_to_send(_turns_of(tokens), budget=budget)
    assert sum(tokens[first:]) <= budget
    assert 0 <= first < len(tokens)


@given(st.lists(st.integers(1, 30), min_size=20, max_size=60))
def test_the_cut_moves_rarely(tokens: list[int]) -> None:
    """The prompt's beginning must stay the same between cuts, or the engine's prefix cache is of no use."""
    budget, kept_from, cuts = 200, 0, 0
    for end in range(1, len(tokens) + 1):
        cut = first_turn_to_send(_turns_of(tokens[kept_from:end]), budget=budget)
        cuts += cut > 0
        kept_from += cut
    # A cut frees a quarter of the budget, so about one is due for each such amount of new text.
    assert cuts <= sum(tokens) / (budget / 4) + 1


def test_a_turn_that_cannot_fit_is_an_error() -> None:
    """The engine must never be the one who finds out."""
    with pytest.raises(WindowTooSmallError) as caught:
        first_turn_to_send(_turns_of([5, 80]), budget=50)
    assert (caught.value.needed, caught.value.budget) == (80, 50)


def test_a_call_and_its_output_are_one_turn_with_the_question() -> None:
    """Providers refuse an output whose call was cut away."""
    call = FunctionCall(id="fc_1", call_id="call_1", name="f", arguments="{}", status="completed")
    output = FunctionCallOutput(id="fo_1", call_id="call_1", output="4", status="completed")
    items: list[Item] = [a_message("a"), call, output, a_message("b", "assistant"), a_message("c"), a_message("d")]
    assert turn_starts(items) == (0, 4)
