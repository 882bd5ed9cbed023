"""Quoting out of numbered passages."""

import random

import pytest

from maru_training.house.families import quoting
from maru_training.house.families.base import Language
from maru_training.house.families.phrasing import wordings
from maru_training.house.families.quoting import Quoting, Statement
from maru_training.house.families.quoting_words import missing, relations

LANGUAGES: tuple[Language, ...] = ("en", "ko")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_quote_stands_word_for_word_in_the_passage_it_names(language: Language) -> None:
    """A quote that is not in the source is worse than no quote."""
    rng = random.Random(1)
    for _ in range(300):
        turn = Quoting().turns(rng, language, "held_out")[0]
        if turn.assistant == missing(language):
            continue
        sentence, _, number = turn.assistant.rpartition(" ")
        line = next(line for line in turn.user.splitlines() if line.startswith(number))
        assert sentence in line


@pytest.mark.parametrize("language", LANGUAGES)
def test_some_questions_have_no_answer(language: Language) -> None:
    """A model that was never shown a missing answer makes one up."""
    rng = random.Random(1)
    replies = [Quoting().turns(rng, language, "train")[0].assistant for _ in range(300)]
    assert 0.2 < replies.count(missing(language)) / len(replies) < 0.4


@pytest.mark.parametrize("language", LANGUAGES)
def test_held_out_questions_are_never_trained_on(language: Language) -> None:
    """The exam asks in other words than training."""
    for relation in relations(language):
        trained = {text for template in relation.asks for text in wordings(template)}
        assert relation.held_out_ask not in trained


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_place_of_which_everything_is_said_leaves_something_to_ask(
    language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It happens once in thirty million tokens, and ended a run."""
    everything = [[Statement("Here", relation, "This is so.") for relation in relations(language)]]

    def passages(*_: object) -> list[list[Statement]]:
        return everything

    monkeypatch.setattr(quoting, "_passages", passages)
    rng = random.Random(1)
    replies = {Quoting().turns(rng, language, "train")[0].assistant for _ in range(50)}
    assert replies == {"This is so. [1]", missing(language)}
