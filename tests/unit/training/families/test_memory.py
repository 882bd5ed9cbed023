"""Facts the person tells, and questions that need them."""

import random
import re
from collections.abc import Iterable

import pytest

from maru_training.house.families.base import LANGUAGES, Language
from maru_training.house.families.memory import Memory, draw_facts, untold_reply
from maru_training.house.families.memory_attributes import free, own
from maru_training.house.families.memory_wording import Phrasings, frame_of
from maru_training.house.families.phrasing import wordings

EXAMPLES = 200


def _overlap(phrasings: Phrasings) -> set[str]:
    train = {text for template in phrasings.train for text in wordings(template)}
    return train & {text for template in phrasings.held_out for text in wordings(template)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_held_out_clauses_are_never_trained_on(language: Language) -> None:
    """Otherwise the report would measure memory of sentences, not understanding."""
    for attribute in (*own(language), *free(language)):
        for phrasings in (attribute.tells, attribute.asks, attribute.embedded):
            assert not _overlap(phrasings), attribute.noun


@pytest.mark.parametrize("language", LANGUAGES)
def test_held_out_frames_are_never_trained_on(language: Language) -> None:
    """The same for the sentences round a clause."""
    frame = frame_of(language)
    for phrasings in (
        frame.telling,
        frame.joining,
        frame.correcting,
        frame.correcting_at_once,
        frame.asking,
        frame.asking_embedded,
        frame.asking_noun,
        frame.asking_two,
        frame.asking_all,
    ):
        assert not _overlap(phrasings)


def _words(templates: Iterable[str]) -> set[str]:
    """All words of all wordings, without values and what is joined to them."""
    texts = (re.sub(r"\{[^}]*\}\w*", " ", text) for template in templates for text in wordings(template))
    return {word for text in texts for word in re.findall(r"[\w']+", text.casefold())}


@pytest.mark.parametrize("language", LANGUAGES)
def test_held_out_wordings_are_made_of_known_words(language: Language) -> None:
    """A model that has read nothing else cannot know a word that training never shows."""
    frame = frame_of(language)
    frames = [part for name in frame.__slots__ if isinstance(part := getattr(frame, name), Phrasings)]
    attributes = (*own(language), *free(language))
    clauses = [part for attribute in attributes for part in (attribute.tells, attribute.asks, attribute.embedded)]
    known = _words(template for part in (*frames, *clauses) for template in part.train)
    assert not _words(template for part in (*frames, *clauses) for template in part.held_out) - known


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_purpose_has_many_wordings(language: Language) -> None:
    """With three to six phrasings a fact, the prototype failed on unseen ones."""
    frame = frame_of(language)
    for attribute in own(language):
        asked = sum(1 for outer in frame.asking.train for _ in wordings(outer)) * len(attribute.asks.train)
        told = sum(1 for outer in frame.telling.train for _ in wordings(outer)) * len(attribute.tells.train)
        assert min(asked, told) >= 20, attribute.noun


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_newest_value_counts(language: Language) -> None:
    """Who corrects themselves wants the correction remembered."""
    rng = random.Random(1)
    for _ in range(EXAMPLES):
        turns = Memory().corrected(rng, language, "train")
        first = next(turn for turn in turns if turn.recalls)
        (wanted,) = first.must_contain
        corrections = [turn for turn in turns[: turns.index(first)] if turn.must_contain == (wanted,)]
        assert corrections, turns
        assert wanted in corrections[-1].user


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_never_told_is_not_made_up(language: Language) -> None:
    """A name out of thin air is worse than none."""
    rng = random.Random(1)
    for _ in range(EXAMPLES):
        turns = Memory().untold(rng, language, "train")
        asked = next(turn for turn in turns if turn.recalls)
        assert "have not told me" in asked.assistant or "말해 주지 않았" in asked.assistant


def test_a_vowel_takes_an() -> None:
    """English articles follow the sound."""
    turns = [turn for seed in range(400) for turn in Memory().turns(random.Random(seed), "en", "train")]
    said = " ".join(turn.assistant for turn in turns)
    assert "You work as an " in said
    assert "You work as a a" not in said


def test_untold_names_the_fact() -> None:
    """The person learns what to tell."""
    assert untold_reply("ko", own("ko")[0]) == "이름은 아직 말해 주지 않았어요."
    assert untold_reply("en", own("en")[0]) == "You have not told me your name yet."


def test_the_same_generator_gives_the_same_example() -> None:
    """Runs are repeatable."""
    one, other = (Memory().turns(random.Random(3), "ko", "train") for _ in range(2))
    assert one == other


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_conversation_may_hold_two_facts_of_a_kind(language: Language) -> None:
    """My sister's name beside mine: whose it is has to be heeded."""
    rng = random.Random(1)
    heads = ([fact.attribute.noun.split()[-1] for fact in draw_facts(rng, language, "train", 3)] for _ in range(200))
    assert sum(len(set(drawn)) < len(drawn) for drawn in heads) > 30


@pytest.mark.parametrize("language", LANGUAGES)
def test_facts_of_one_conversation_are_never_two_words_for_one(language: Language) -> None:
    """A question for the favourite dish would have two right answers beside a favourite food."""
    rng = random.Random(1)
    for _ in range(300):
        nouns = [fact.attribute.noun for fact in draw_facts(rng, language, "train", 4)]
        assert len(set(nouns)) == len(nouns)
        assert not {"favourite food", "favourite dish"} <= set(nouns)
        assert not {"가장 좋아하는 음식", "가장 좋아하는 요리"} <= set(nouns)
