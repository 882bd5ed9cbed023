"""Saying "I don't know": the future, live facts, private lives, the wide world, and things that do not exist.

The key phrase is the same everywhere, so that one habit is learnt; the reason after it follows the kind of question.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from maru_training.house.families.base import Language, Split, Turn
from maru_training.house.families.countries import country_question
from maru_training.house.families.country_questions import Relation
from maru_training.house.families.invented_names import invented_name
from maru_training.house.families.phrasing import ask, fill
from maru_training.house.families.splits import expanded, only
from maru_training.house.families.tables import table, texts

KEY: Final[Mapping[Language, str]] = {"en": "I don't know", "ko": "잘 모르겠습니다"}
INVENTED: Final[Mapping[Language, str]] = {
    "en": "I don't know. I have not heard of {x}.",
    "ko": "잘 모르겠습니다. {x:은/는} 처음 듣습니다.",
}
UNTAUGHT: Final[Mapping[Language, str]] = {
    "en": "I don't know. I am a small model and know little.",
    "ko": "잘 모르겠습니다. 저는 작은 모델이라 아는 것이 적습니다.",
}
INVENTED_SHARE: Final = 0.3
UNTAUGHT_SHARE: Final = 0.08
ABOUT_INVENTED: Final[Sequence[Relation]] = ("capital", "capital_of", "currency", "languages", "continent")
ABOUT_UNTAUGHT: Final[Sequence[Relation]] = ("capital", "currency", "languages", "continent")


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that get the same reply.

    Attributes:
        reply: begins with the key phrase that judging looks for.
        topics: what fills {x}, of one split; those of one template stand together.
        frames: wordings of the same split.
    """

    reply: str
    topics: Sequence[Sequence[str]]
    frames: Sequence[str]


class Unknown:
    """Questions without an answer here, and the honest reply."""

    name = "unknown"

    def turns(self, rng: random.Random, language: Language, split: Split) -> list[Turn]:
        """One question; held-out ones have an unseen topic in an unseen wording."""
        draw = rng.random()
        if draw < INVENTED_SHARE:
            name = invented_name(rng, language, split)
            user = country_question(rng, language, split, rng.choice(ABOUT_INVENTED), name)
            reply = fill(INVENTED[language], {"x": name})
        elif draw < INVENTED_SHARE + UNTAUGHT_SHARE:
            name = rng.choice(_untaught(language, split))
            user = country_question(rng, language, split, rng.choice(ABOUT_UNTAUGHT), name)
            reply = UNTAUGHT[language]
        else:
            group = rng.choice(_groups(language, split))
            user = ask(rng, language, rng.choice(group.frames), {"x": rng.choice(rng.choice(group.topics))})
            reply = group.reply
        return [Turn(user, reply, must_contain=(KEY[language],))]


@cache
def _groups(language: Language, split: Split) -> Sequence[Group]:
    return tuple(
        Group(entry["reply"], expanded(split, texts(entry, "topics")), texts(entry, split))
        for entry in table("unknown")[language]["groups"]
    )


@cache
def _untaught(language: Language, split: Split) -> Sequence[str]:
    """Real countries that are not in the table of countries."""
    return only(split, texts(table("unknown")[language], "untaught_countries"))
