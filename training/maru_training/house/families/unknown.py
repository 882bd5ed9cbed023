"""Saying "I don't know": the future, live facts, private lives, the wide world, and things that do not exist.

The key phrase is the same everywhere, so that one habit is learnt; the reason after it follows the kind of question.
"""

import random
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from maru_training.house.families.base import Language, Split, Turn
from maru_training.house.families.countries import country_names, template
from maru_training.house.families.country_questions import NOUNS, Relation
from maru_training.house.families.phrasing import ask, fill, wording
from maru_training.house.families.splits import only, split_of
from maru_training.house.families.unknown_topics import GROUPS, Group
from maru_training.house.families.unknown_world import WORLD_GROUPS

KEY: Final[Mapping[Language, str]] = {"en": "I don't know", "ko": "잘 모르겠습니다"}
NAMED: Final[Mapping[Language, str]] = {
    "en": "I don't know. I have not heard of {x}.",
    "ko": "잘 모르겠습니다. {x:은/는} 처음 듣습니다.",
}
INVENTED_SHARE: Final = 0.3
ABOUT: Final[Sequence[Relation]] = ("capital", "capital_of", "currency", "languages", "continent")

STARTS: Final = ("", "b", "br", "d", "dr", "f", "g", "gl", "h", "j", "k", "kr", "l", "m", "n", "p", "pl", "qu", "r", "s", "st", "t", "tr", "v", "w", "x", "y", "z", "zr")
VOWELS: Final = ("a", "e", "i", "o", "u", "oo", "ai", "ee", "ua")
CLOSES: Final = ("", "", "n", "r", "l", "s", "x", "m", "k", "t", "nd", "rt", "sh", "th")
ENDS: Final = ("ia", "land", "stan", "nia", "a", "o", "ax", "orb", "att", "os", "um", "ville", "ora", "eth", "", "ica", "burg", "ton")
KOREAN_ENDS: Final = ("니아", "란드", "스탄", "리아", "국", "토스", "타", "로", "비아", "나라", "", "도", "아", "르크", "시아", "마르")
HANGUL_FIRST: Final = 0xAC00
FIRST_CONSONANTS: Final = (0, 2, 3, 5, 6, 7, 9, 11, 12, 14, 15, 16, 17, 18)
MIDDLE_VOWELS: Final = (0, 1, 4, 5, 6, 8, 13, 17, 18, 20)
LAST_CONSONANTS: Final = (0, 0, 0, 0, 4, 8, 16, 21)


class Unknown:
    """Questions without an answer here, and the honest reply."""

    name = "unknown"

    def turns(self, rng: random.Random, language: Language, split: Split) -> list[Turn]:
        """One question; held-out ones have an unseen topic in an unseen wording."""
        if rng.random() < INVENTED_SHARE:
            user, reply = _invented(rng, language, split)
        else:
            user, reply = _topic(rng, language, split)
        return [Turn(user, reply, must_contain=(KEY[language],))]


def _topic(rng: random.Random, language: Language, split: Split) -> tuple[str, str]:
    group, topics = rng.choice(_groups(language, split))
    frame = rng.choice(group.frames if split == "train" else group.held_out)
    return ask(rng, language, frame, {"x": rng.choice(topics)}), group.reply


@cache
def _groups(language: Language, split: Split) -> Sequence[tuple[Group, Sequence[str]]]:
    return tuple((group, only(split, group.topics)) for group in (*GROUPS[language], *WORLD_GROUPS[language]))


def _invented(rng: random.Random, language: Language, split: Split) -> tuple[str, str]:
    """A country question about a country that does not exist."""
    name = invented_name(rng, language, split)
    relation = rng.choice(ABOUT)
    noun = fill(wording(rng, rng.choice(NOUNS[language][relation])), {"x": name})
    user = ask(rng, language, template(rng, language, relation, split), {"x": name, "n": noun}, exact=True)
    return user, fill(NAMED[language], {"x": name})


def invented_name(rng: random.Random, language: Language, split: Split) -> str:
    """A name of no known country, never the same in both splits."""
    while True:
        name = _english_name(rng) if language == "en" else _korean_name(rng)
        if split_of(name) == split and name.lower() not in country_names(language):
            return name


def _english_name(rng: random.Random) -> str:
    syllables = (rng.choice(STARTS) + rng.choice(VOWELS) + rng.choice(CLOSES) for _ in range(rng.randint(1, 2)))
    name = "".join(syllables) + rng.choice(ENDS)
    return name.capitalize() if len(name) > 2 else name.capitalize() + "oria"  # noqa: PLR2004


def _korean_name(rng: random.Random) -> str:
    syllables = (
        chr(HANGUL_FIRST + (rng.choice(FIRST_CONSONANTS) * 21 + rng.choice(MIDDLE_VOWELS)) * 28 + rng.choice(LAST_CONSONANTS))
        for _ in range(rng.randint(2, 3))
    )
    return "".join(syllables) + rng.choice(KOREAN_ENDS)
