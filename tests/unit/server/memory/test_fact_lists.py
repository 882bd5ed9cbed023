"""Rules of `memory/fact_lists.py`: what counts as a fact that was told."""

import pytest

from maru.memory.fact_lists import stated, turns_with_the_one_before, without_mixed_up
from maru.protocol.items import Item
from support.responses import a_message

SAID = """Hi, my name is Anna Kim
and I'm 47; I like green tea, cooking and jazz.
내 이름은 지훈이야."""


@pytest.mark.parametrize(
    "fact",
    [
        "- Name: Anna Kim",
        "- Name: anna  kim.",
        "- Age: 47",
        "- Likes: jazz, green tea and cooking",
        "- 이름: 지훈",
        "- The user likes green tea",
        "- Their age is 47",
    ],
)
def test_what_was_said_is_kept(fact: str) -> None:
    """In any case and order, with what a particle or a full stop adds."""
    assert stated([fact], SAID) == [fact]


@pytest.mark.parametrize(
    "fact",
    [
        "- Name: Hannah",
        "- Name: Ann",
        "- Age: 4",
        "- Name:",
        "- Likes: jazz, tennis",
        "- 이름: 지우",
        "- jazz",
        "- likes: jazz",
        "- ---: jazz",
        "- green tea and so on",
        "- green tea, cooking and jazz",
        "- n n n n",
        "- 없음음음음",
    ],
)
def test_what_was_not_said_is_left_out(fact: str) -> None:
    """Small models tell of people they have never met, and of rows of words."""
    assert stated([fact], SAID) == []


def test_the_order_stays() -> None:
    """It is the order first told."""
    assert stated(["- Age: 47", "- City: Rome", "- Name: Anna"], SAID) == ["- Age: 47", "- Name: Anna"]


def test_a_value_told_of_two_things_changes_neither() -> None:
    """A small model mixes up what stands side by side; what is new, or the same as before, is kept."""
    known = ["- Seat: 7728", "- City: Rome"]
    assert without_mixed_up(["- Seat: 4785", "- Locker: 4785"], known) == ["- Locker: 4785"]
    assert without_mixed_up(["- City: rome", "- Mother's city: Rome"], known) == [
        "- City: rome",
        "- Mother's city: Rome",
    ]
    assert without_mixed_up(["- Seat: 12", "- Locker: 4785"], known) == ["- Seat: 12", "- Locker: 4785"]
    assert without_mixed_up(["- The user sings", "- The user hums"], known) == ["- The user sings", "- The user hums"]


def test_each_turn_is_read_with_the_one_before() -> None:
    """What only says "no, Mina" says nothing alone; no item is left out."""
    items: list[Item] = [a_message("before", "assistant")]
    for number in range(3):
        items += [a_message(f"u{number}"), a_message(f"a{number}", "assistant")]
    assert turns_with_the_one_before(items) == [items[0:3], items[0:5], items[3:7]]
    assert turns_with_the_one_before(items[1:3]) == [items[1:3]]
    assert turns_with_the_one_before(items[:1]) == [items[:1]]
    assert turns_with_the_one_before([]) == []
