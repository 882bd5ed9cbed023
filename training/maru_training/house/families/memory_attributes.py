"""The facts a person may tell, from `memory_en.toml` and `memory_ko.toml`.

Some have wordings of their own, the others come of a pattern and a noun. In a pattern `<noun>` is a blank for the
noun and `<noun:은/는>` for the noun with the particle that fits; the slots in braces stay open for `phrasing.py`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from maru_training.house.families.base import Language
from maru_training.house.families.korean import with_particle
from maru_training.house.families.memory_wording import Attribute, Phrasings, phrasings
from maru_training.house.families.tables import table, texts

BLANK: Final = re.compile(r"<(\w+)(?::([^>]*))?>")


@cache
def own(language: Language) -> Sequence[Attribute]:
    """Facts that are told in many ways: those with wordings of their own, the name first, then the favourites."""
    words = table(f"memory_{language}")
    favourite = words["favourite"]
    plurals = favourite.get("plurals", {})  # Korean patterns have no plural
    return (
        *(_attribute(entry, entry["kind"], {}) for entry in words["own"]),
        *(
            _attribute(favourite, kind, {"noun": noun, "plural": plurals.get(noun, f"{noun}s")})
            for noun, kind in favourite["nouns"].items()
        ),
    )


@cache
def free(language: Language) -> Sequence[Attribute]:
    """Facts that any noun after "my" can name: those of people and pets, then all others."""
    plain = table(f"memory_{language}")["plain"]
    nouns = (*_nouns_of_others(plain["others"]), *plain["nouns"].items())
    return tuple(_attribute(plain, kind, {"noun": noun}) for noun, kind in nouns)


def _nouns_of_others(others: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What people and pets have, such as "sister's name", each with the kind of its value."""
    people, pets = texts(others, "people"), texts(others, "pets")
    for owners, had in (((*people, *pets), others["of_all"]), (people, others["of_people"])):
        for who in owners:
            for what, kind in had.items():
                yield _filled(others["noun"], {"who": who, "what": what}), kind


def _attribute(entry: dict[str, Any], kind: str, blanks: Mapping[str, str]) -> Attribute:
    return Attribute(
        kind=kind,
        noun=_filled(entry["noun"], blanks),
        reply=_filled(entry["reply"], blanks),
        tells=_filled_phrasings(entry["tells"], blanks),
        asks=_filled_phrasings(entry["asks"], blanks),
        embedded=_filled_phrasings(entry["embedded"], blanks),
    )


def _filled_phrasings(entry: dict[str, Any], blanks: Mapping[str, str]) -> Phrasings:
    pattern = phrasings(entry)
    return Phrasings(
        train=tuple(_filled(template, blanks) for template in pattern.train),
        held_out=tuple(_filled(template, blanks) for template in pattern.held_out),
    )


def _filled(pattern: str, blanks: Mapping[str, str]) -> str:
    """Write the words into the blanks.

    Raises:
        KeyError: there is no word for a blank.
    """

    def word(match: re.Match[str]) -> str:
        found = blanks[match[1]]
        return with_particle(found, match[2]) if match[2] else found

    return BLANK.sub(word, pattern)
