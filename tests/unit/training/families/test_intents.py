"""The tables of identity and small talk."""

import re

import pytest

from maru_training.house.families.base import Language
from maru_training.house.families.intents import intents
from maru_training.house.families.phrasing import wordings

LEAST_WORDINGS = 30

each_table = pytest.mark.parametrize("name", ["identity", "small_talk"])
each_language = pytest.mark.parametrize("language", ["en", "ko"])


def bare(words: str) -> str:
    """A wording without case, marks and spaces."""
    return re.sub(r"\W", "", words.casefold())


@each_table
@each_language
def test_a_wording_belongs_to_one_intent_and_one_split(name: str, language: Language) -> None:
    """Two replies to the same words would teach neither; a held-out wording must be unseen."""
    owners: dict[str, set[tuple[str, str]]] = {}
    for intent in intents(name, language):
        for split, templates in (("train", intent.train), ("held_out", intent.held_out)):
            for template in templates:
                for words in wordings(template):
                    owners.setdefault(bare(words), set()).add((split, intent.reply))
    assert {words: found for words, found in owners.items() if len(found) > 1} == {}


@each_table
@each_language
def test_every_intent_has_many_wordings_and_some_to_ask_later(name: str, language: Language) -> None:
    """The prototype failed on unseen wordings because it had seen few."""
    few = [
        intent.reply
        for intent in intents(name, language)
        if sum(1 for template in intent.train for _ in wordings(template)) < LEAST_WORDINGS or len(intent.held_out) < 2
    ]
    assert few == []


@each_table
@each_language
def test_the_reply_has_the_pieces_that_judge_it(name: str, language: Language) -> None:
    """A reply that its own judge rejects could never score."""
    for intent in intents(name, language):
        assert intent.pieces
        assert all(piece.casefold() in intent.reply.casefold() for piece in intent.pieces)
