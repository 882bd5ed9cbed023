"""Rules of `maru_backends/think_tags.py`."""

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maru_backends.base import ReasoningDelta, TextDelta
from maru_backends.think_tags import ThinkTagReader


def _read(pieces: Sequence[str], *, is_opened: bool = False) -> tuple[str, str]:
    """The thinking and the answer."""
    reader = ThinkTagReader(is_opened=is_opened)
    events = [event for piece in pieces for event in reader.read(piece)] + [*reader.end()]
    assert all(event.text for event in events)
    thinking = "".join(event.text for event in events if isinstance(event, ReasoningDelta))
    return thinking, "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize(
    ("text", "is_opened", "thinking", "answer"),
    [
        ("<think>hm</think>Yes", False, "hm", "Yes"),
        ("\n<think>\nhm\n</think>\n\nYes", False, "hm\n", "Yes"),
        ("<think></think>Yes", False, "", "Yes"),
        ("hm</think>Yes", True, "hm", "Yes"),
        ("<think>hm</think>Yes", True, "hm", "Yes"),
        ("Yes", False, "", "Yes"),
        (" Yes", False, "", " Yes"),
        ("<thin", False, "", "<thin"),
        ("Use the tag <think>x</think>.", False, "", "Use the tag <think>x</think>."),
        ("<think>a</think>b<think>c</think>", False, "a", "b<think>c</think>"),
        ("<think>cut off </thi", False, "cut off </thi", ""),
        ("cut", True, "cut", ""),
        ("", False, "", ""),
        ("   ", False, "", "   "),
    ],
)
def test_thinking_is_what_stands_in_the_first_tags(text: str, is_opened: bool, thinking: str, answer: str) -> None:  # noqa: FBT001 (a table)
    """Whole, or letter by letter."""
    assert _read([text] if text else [], is_opened=is_opened) == (thinking, answer)
    assert _read(list(text), is_opened=is_opened) == (thinking, answer)


@given(
    st.lists(st.sampled_from(["<think>", "</think>", "<", "think", "/", ">", " ", "x", "yes"])),
    st.booleans(),
    st.data(),
)
def test_where_the_pieces_are_cut_changes_nothing(parts: list[str], is_opened: bool, data: st.DataObject) -> None:  # noqa: FBT001 (drawn)
    """Engines cut where they like."""
    text = "".join(parts)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)))) | {0, len(text)})
    pieces = [text[a:b] for a, b in itertools.pairwise(cuts)]
    assert _read(pieces, is_opened=is_opened) == _read(list(text), is_opened=is_opened)


def test_closing_tag_is_awaited_until_it_comes() -> None:
    """What an answer is held to does not hold for the thinking before it."""
    reader = ThinkTagReader(is_opened=True)
    for text, awaits in (("", True), ("Hm. </th", True), ("ink>", False), ("\n", False), ("{}", False)):
        list(reader.read(text))
        assert reader.awaits_closing == awaits
    assert not ThinkTagReader(is_opened=False).awaits_closing
