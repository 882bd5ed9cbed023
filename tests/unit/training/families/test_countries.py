"""The facts of countries and their wordings."""

import random

import pytest

from maru_training.house.families.base import Language
from maru_training.house.families.countries import country_names, facts, rows
from maru_training.house.families.country_questions import RELATIONS, Relation, general_frames, nouns, own_frames
from maru_training.house.families.phrasing import wordings
from maru_training.house.families.unknown import Unknown

LEAST_WORDINGS = 200
LEAST_HELD_OUT_FRAMES = 3

each_language = pytest.mark.parametrize("language", ["en", "ko"])
each_relation = pytest.mark.parametrize("relation", RELATIONS)


@pytest.mark.parametrize(
    ("language", "relation", "subject", "answer"),
    [
        ("en", "capital", "France", "The capital of France is Paris."),
        ("en", "capital_of", "Tokyo", "Tokyo is the capital of Japan."),
        ("en", "capital", "the United States", "The capital of the United States is Washington, D.C."),
        ("en", "currency", "Switzerland", "The currency of Switzerland is the Swiss franc."),
        ("en", "languages", "Canada", "The main languages of Canada are English and French."),
        ("en", "name", "South Korea", "South Korea in Korean is 대한민국."),
        ("ko", "capital", "프랑스", "프랑스의 수도는 파리입니다."),
        ("ko", "capital_of", "서울", "서울은 대한민국의 수도입니다."),
        ("ko", "languages", "캐나다", "캐나다의 주요 언어는 영어와 프랑스어입니다."),
        ("ko", "name", "독일", "독일은 영어로 Germany입니다."),
        ("ko", "continent", "브라질", "브라질은 남아메리카에 있습니다."),
    ],
)
def test_known_facts_are_stated_in_one_form(language: Language, relation: Relation, subject: str, answer: str) -> None:
    """One form of reply for each relation is what a small model can learn well."""
    assert answer in {fact.answer for fact in facts(language, relation) if fact.subjects[0] == subject}


@each_language
@each_relation
def test_every_relation_has_about_a_hundred_facts(language: Language, relation: Relation) -> None:
    """Fewer would be a toy, many more would not fit into six million weights."""
    assert 90 <= len(facts(language, relation)) <= 130


@each_language
@each_relation
def test_a_question_has_one_answer(language: Language, relation: Relation) -> None:
    """Two countries under one name, or one capital of two, could not be learnt."""
    subjects = [subject for fact in facts(language, relation) for subject in fact.subjects]
    assert len(subjects) == len(set(subjects))


@each_language
@each_relation
def test_training_asks_in_hundreds_of_wordings(language: Language, relation: Relation) -> None:
    """With three to six wordings the prototype did not understand a further one."""
    phrases = sum(1 for noun in nouns(language, relation) for _ in wordings(noun))
    general = sum(1 for frame in general_frames(language, relation, "train") for _ in wordings(frame))
    own = sum(1 for frame in own_frames(language, relation, "train") for _ in wordings(frame))
    assert phrases * general + own >= LEAST_WORDINGS


@each_language
@each_relation
def test_frames_are_held_out_for_each_relation(language: Language, relation: Relation) -> None:
    """The evaluation asks in wordings that this relation never showed."""
    for frames in (general_frames, own_frames):
        held_out = {words for frame in frames(language, relation, "held_out") for words in wordings(frame)}
        train = {words for frame in frames(language, relation, "train") for words in wordings(frame)}
        assert len(frames(language, relation, "held_out")) >= LEAST_HELD_OUT_FRAMES
        assert not held_out & train


def test_a_country_that_does_not_exist_is_not_one_that_does() -> None:
    """To say "I have not heard of France" would be a lesson in forgetting."""
    rng = random.Random(1)
    replies = {turn.assistant for _ in range(3000) for turn in Unknown().turns(rng, "en", "train")}
    unheard = {reply.removesuffix(".").rpartition(" of ")[2].casefold() for reply in replies if "heard of" in reply}
    assert len(unheard) > 500
    assert not unheard & country_names("en")


def test_every_country_has_both_names_and_a_language() -> None:
    """The two languages teach the same world."""
    for row in rows():
        assert row["en"]["name"]
        assert row["ko"]["name"]
        assert len(row["en"]["languages"]) == len(row["ko"]["languages"]) in {1, 2}
