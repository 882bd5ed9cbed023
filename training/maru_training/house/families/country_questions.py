"""Which wordings ask for which fact of a country, by split; `countries.py` knows the facts.

Every relation holds out general frames that other relations show, and frames of its own that training never shows.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, Literal

from maru_training.house.families.base import Language, Split
from maru_training.house.families.tables import table, texts

Relation = Literal["capital", "capital_of", "currency", "languages", "name", "continent"]

RELATIONS: Final[Sequence[Relation]] = ("capital", "capital_of", "currency", "languages", "name", "continent")
HELD_OUT_EVERY: Final = 8


@cache
def nouns(language: Language, relation: Relation) -> Sequence[str]:
    """The noun phrases of a relation, such as "the capital of {x}"."""
    return texts(_entry(language)[relation], "nouns")


@cache
def general_frames(language: Language, relation: Relation, split: Split) -> Sequence[str]:
    """The frames round a noun phrase {n} that a relation shows in training, or those it holds out."""
    first = 1 + RELATIONS.index(relation)
    frames = texts(_entry(language), "general")
    return tuple(
        frame for place, frame in enumerate(frames) if (place % HELD_OUT_EVERY == first) == (split == "held_out")
    )


@cache
def own_frames(language: Language, relation: Relation, split: Split) -> Sequence[str]:
    """The whole questions of a relation, with {x} for the country or capital."""
    return texts(_entry(language)[relation], "own" if split == "train" else "held_out")


def _entry(language: Language) -> dict[str, dict[str, list[str]]]:
    entry: dict[str, dict[str, list[str]]] = table("country_questions")[language]
    return entry
