"""The template grammar and the casual style."""

import random

import pytest

from maru_training.house.families.phrasing import CHATTING, ask, casual, fill, wording, wordings


def test_brackets_nest() -> None:
    """A choice inside a choice keeps templates short."""
    assert set(wordings("a [b|c [d|e]]!")) == {"a b!", "a c d!", "a c e!"}


def test_an_empty_choice_leaves_one_space() -> None:
    """Leaving out a word must not leave a hole."""
    assert set(wordings("the [|main] language")) == {"the language", "the main language"}


def test_a_drawn_wording_is_one_of_all_wordings() -> None:
    """The check of the splits enumerates; training draws: both must speak of the same set."""
    template = "[what is|what's] the [|official ]currency of {x}?"
    rng = random.Random(1)
    assert {wording(rng, template) for _ in range(200)} == set(wordings(template))


def test_slots_take_the_particle_that_fits() -> None:
    """A wrong particle reads as broken Korean."""
    assert fill("{x:은/는} {y:을/를} {x:으로/로}", {"x": "서울", "y": "나무"}) == "서울은 나무를 서울로"


@pytest.mark.parametrize("template", ["a [b", "a ]b"])
def test_an_open_bracket_is_an_error(template: str) -> None:
    """A slip in a table must stop the run, not end up in the data."""
    with pytest.raises(ValueError, match="bracket"):
        wording(random.Random(1), template)


def test_exact_values_keep_their_letters_and_stand_alone() -> None:
    """What is to be repeated must not gain a "please" or lose its case."""
    rng = random.Random(2)
    for _ in range(500):
        said = ask(rng, "en", "[repeat|say]: {w}", {"w": "aBcD"}, exact=True)
        assert said.rstrip("?.!~ ").endswith(": aBcD"), said


def test_style_varies_the_same_words() -> None:
    """People open, close and misspell the same question in many ways."""
    rng = random.Random(3)
    said = {casual(rng, "en", "what is the capital of France?") for _ in range(2000)}
    assert len(said) > 200
    assert {"What is the capital of France?", "what is the capital of france?"} <= said


def test_small_talk_is_not_dressed_as_a_question() -> None:
    """Nobody says "quick question: good night"."""
    rng = random.Random(4)
    assert not any("question" in casual(rng, "en", "good night", CHATTING) for _ in range(2000))
