"""Facts of well-known countries, asked in hundreds of ways; the answer always has the same form.

Facts: names, currencies and languages from Unicode CLDR, capitals from GeoNames, see `data/countries.json`.
Capitals of disputed status, currencies that changed lately and countries on two continents are left out.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, TypedDict, assert_never

from maru_training.house.families.base import Language, Split, Turn
from maru_training.house.families.country_questions import RELATIONS, Relation, general_frames, nouns, own_frames
from maru_training.house.families.korean import with_particle
from maru_training.house.families.phrasing import ask, fill, wording
from maru_training.house.families.tables import text

CANONICAL_SHARE: Final = 0.75
OWN_SHARE: Final = 0.5


class Names(TypedDict):
    """A country in one language; an empty text is a fact that is not taught."""

    name: str
    aliases: list[str]
    capital: str
    currency: str
    languages: list[str]
    continent: str


class Row(TypedDict):
    """One line of the table."""

    code: str
    en: Names
    ko: Names


@dataclass(frozen=True, slots=True)
class Fact:
    """What is asked about, under any of its names, and the reply.

    Attributes:
        subjects: names that a question may use; the first is the one in the reply.
        answer: the whole reply.
        pieces: what a right reply has in it.
    """

    subjects: tuple[str, ...]
    answer: str
    pieces: tuple[str, ...]


class Countries:
    """Capital, country of a capital, currency, language, name in the other language, continent."""

    name = "countries"

    def turns(self, rng: random.Random, language: Language, split: Split) -> list[Turn]:
        """One question about one country; the facts are the same in both splits, the wordings never."""
        relation = rng.choice(RELATIONS)
        fact = rng.choice(facts(language, relation))
        place = 0 if rng.random() < CANONICAL_SHARE else int(rng.random() * len(fact.subjects))
        user = country_question(rng, language, split, relation, fact.subjects[place])
        return [Turn(user, fact.answer, must_contain=fact.pieces)]


def country_question(rng: random.Random, language: Language, split: Split, relation: Relation, subject: str) -> str:
    """Ask for one fact of a country or capital; half of the frames are general, half the relation's own."""
    if rng.random() < OWN_SHARE:
        frame = rng.choice(own_frames(language, relation, split))
        return ask(rng, language, frame, {"x": subject})
    noun = fill(wording(rng, rng.choice(nouns(language, relation))), {"x": subject})
    return ask(rng, language, rng.choice(general_frames(language, relation, split)), {"n": noun})


@cache
def facts(language: Language, relation: Relation) -> Sequence[Fact]:
    """Every fact of one relation that the model is taught."""
    return tuple(fact for row in rows() if (fact := _fact(language, relation, row)) is not None)


@cache
def rows() -> Sequence[Row]:
    """The table of countries, in the order of the file."""
    rows: list[Row] = json.loads(text("countries.json"))
    return rows


def country_names(language: Language) -> frozenset[str]:
    """Every name of a known country, lower-cased, without an English article."""
    return frozenset(
        name.lower().removeprefix("the ")
        for row in rows()
        for name in (row[language]["name"], *row[language]["aliases"])
    )


def _fact(language: Language, relation: Relation, row: Row) -> Fact | None:
    here = row[language]
    names = (here["name"], *here["aliases"])
    match relation:
        case "capital":
            subjects, value = names, here["capital"]
        case "capital_of":
            subjects, value = (here["capital"],), here["name"] if here["capital"] else ""
        case "currency":
            subjects, value = names, here["currency"]
        case "languages":
            subjects, value = names, _listed(language, here["languages"])
        case "name":
            subjects, value = names, row["ko" if language == "en" else "en"]["name"]
        case "continent":
            subjects, value = names, here["continent"]
        case _:
            assert_never(relation)
    if not value:
        return None
    sentence = english(relation, subjects[0], value) if language == "en" else korean(relation, subjects[0], value)
    pieces = tuple(here["languages"]) if relation == "languages" else (value,)
    return Fact(subjects, sentence, pieces)


def english(relation: Relation, subject: str, value: str) -> str:
    """The one sentence that states a fact in English."""
    match relation:
        case "capital":
            sentence = f"The capital of {subject} is {value}."
        case "capital_of":
            sentence = f"{subject} is the capital of {value}."
        case "currency":
            sentence = f"The currency of {subject} is the {value}."
        case "languages":
            some = "languages of {} are {}" if " and " in value else "language of {} is {}"
            sentence = f"The main {some.format(subject, value)}."
        case "name":
            sentence = f"{subject} in Korean is {value}."
        case "continent":
            sentence = f"{subject} is in {value}."
        case _:
            assert_never(relation)
    return (sentence[:1].upper() + sentence[1:]).replace("D.C..", "D.C.")


def korean(relation: Relation, subject: str, value: str) -> str:
    """The one sentence that states a fact in Korean."""
    match relation:
        case "capital":
            return f"{subject}의 수도는 {value}입니다."
        case "capital_of":
            return f"{with_particle(subject, '은/는')} {value}의 수도입니다."
        case "currency":
            return f"{subject}의 통화는 {value}입니다."
        case "languages":
            return f"{subject}의 주요 언어는 {value}입니다."
        case "name":
            return f"{with_particle(subject, '은/는')} 영어로 {value}입니다."
        case "continent":
            return f"{with_particle(subject, '은/는')} {value}에 있습니다."
        case _:
            assert_never(relation)


def _listed(language: Language, names: Sequence[str]) -> str:
    if language == "en":
        return " and ".join(names)
    first, *others = names
    return f"{with_particle(first, '과/와')} {others[0]}" if others else first
