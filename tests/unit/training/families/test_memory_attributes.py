"""The facts a person may tell, made of wordings, patterns and nouns."""

import re
from collections.abc import Iterator

import pytest

from maru_training.house.families.base import Language
from maru_training.house.families.memory_attributes import free, own
from maru_training.house.families.memory_wording import Attribute

LANGUAGES: tuple[Language, ...] = ("en", "ko")


def _named(language: Language, noun: str) -> Attribute:
    return next(attribute for attribute in (*own(language), *free(language)) if attribute.noun == noun)


def _templates(attribute: Attribute) -> Iterator[str]:
    yield from (attribute.noun, attribute.reply)
    for part in (attribute.tells, attribute.asks, attribute.embedded):
        yield from (*part.train, *part.held_out)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_blank_is_left_open(language: Language) -> None:
    """The model would learn to write the blank."""
    for attribute in (*own(language), *free(language)):
        assert not [template for template in _templates(attribute) if re.search("[<>]", template)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_name_comes_first(language: Language) -> None:
    """It is told most often and greeted; `memory.py` takes the first."""
    assert own(language)[0].kind == "name"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_noun_names_one_fact(language: Language) -> None:
    """A question by the noun has one right answer."""
    nouns = [attribute.noun for attribute in (*own(language), *free(language))]
    assert len(set(nouns)) == len(nouns)


def test_a_pattern_is_filled_with_the_noun() -> None:
    """What is told of any noun is told of this one."""
    code = _named("en", "door code")
    assert code.kind == "code"
    assert code.reply == "Your door code is {v}."
    assert "you can note {v} as my door code" in code.tells.train


def test_people_have_more_than_pets() -> None:
    """A dog has a name and no job."""
    nouns = {attribute.noun for attribute in free("en")}
    assert {"aunt's name", "aunt's job", "dog's name"} <= nouns
    assert "dog's job" not in nouns


def test_a_plural_is_what_people_say() -> None:
    """Nobody likes one of all dishs."""
    assert "of all songs I like {v} [best|most]" in _named("en", "favourite song").tells.train
    assert "of all dishes I like {v} [best|most]" in _named("en", "favourite dish").tells.train


def test_a_korean_noun_takes_the_particle_that_fits() -> None:
    """A consonant or a vowel at its end decides, after the noun as after a value."""
    assert "내 별명은 {v:이야/야}" in _named("ko", "별명").tells.train
    assert "내 학교는 {v:이야/야}" in _named("ko", "학교").tells.train
    assert "{v:이/가} 내 별명이야" in _named("ko", "별명").tells.train
    assert "{v:이/가} 내 학교야" in _named("ko", "학교").tells.train
