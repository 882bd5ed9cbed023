"""Names of countries that do not exist, one split each."""

import random
from collections.abc import Sequence
from functools import cache
from typing import Final

from maru_training.house.families.base import Language, Split
from maru_training.house.families.countries import country_names
from maru_training.house.families.korean import CODAS, HANGUL_FIRST
from maru_training.house.families.splits import split_of
from maru_training.house.families.tables import table, texts

# Places of the letters in a Hangul block; the common ones only, so that a name can be read aloud.
MIDDLES: Final = 21
FIRST_CONSONANTS: Final = (0, 2, 3, 5, 6, 7, 9, 11, 12, 14, 15, 16, 17, 18)
MIDDLE_VOWELS: Final = (0, 1, 4, 5, 6, 8, 13, 17, 18, 20)
LAST_CONSONANTS: Final = (0, 0, 0, 0, 4, 8, 16, 21)
SHORTEST: Final = 3


def invented_name(rng: random.Random, language: Language, split: Split) -> str:
    """A name of no known country, never the same in both splits."""
    while True:
        name = _english_name(rng) if language == "en" else _korean_name(rng)
        if split_of(name) == split and name.casefold() not in country_names(language):
            return name


def _english_name(rng: random.Random) -> str:
    sounds = (rng.choice(_sounds(part)) for _ in range(rng.randint(1, 2)) for part in ("starts", "vowels", "closes"))
    name = "".join(sounds) + rng.choice(_sounds("ends"))
    return (name if len(name) >= SHORTEST else f"{name}oria").capitalize()


def _korean_name(rng: random.Random) -> str:
    return "".join(_syllable(rng) for _ in range(rng.randint(2, 3))) + rng.choice(_sounds("korean_ends"))


def _syllable(rng: random.Random) -> str:
    first, middle, last = (rng.choice(choice) for choice in (FIRST_CONSONANTS, MIDDLE_VOWELS, LAST_CONSONANTS))
    return chr(HANGUL_FIRST + (first * MIDDLES + middle) * CODAS + last)


@cache
def _sounds(part: str) -> Sequence[str]:
    return texts(table("invented_names"), part)
