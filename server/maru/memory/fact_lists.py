"""Which lines of a list of facts are to be believed, and which turns one list is made of. Pure.

A small model tells of what was never said, and leaves out the more, the longer the conversation is. So it is asked
for a few turns at a time, and a line counts only when the user said what it tells.
"""

import re
from collections import Counter
from collections.abc import Sequence

from maru.memory.summary import parted
from maru.memory.words import is_from
from maru.protocol.items import Item

_ABOUT_THE_USER = re.compile(r"\b(?:users?|they|their|he|his|she|her|i|my|you|your)\b|사용자")
_PARTS = re.compile(r"\s*(?:[,;/]|\band\b)\s*")
_AROUND = " .!\"'"  # of a value, put there by the model
_WORD = re.compile(r"\w+")


def turns_with_the_one_before(items: Sequence[Item]) -> list[Sequence[Item]]:
    """Each turn together with the one before it, which tells what a correction is about."""
    if not items:
        return []
    starts = [index for index, item in enumerate(items) if is_from(item, "user")]
    edges = [0, *starts[1:], len(items)]
    return [items[start:end] for start, end in zip([0, *edges[:-2]], edges[1:], strict=True)]


def stated(facts: Sequence[str], said: str) -> list[str]:
    """Those facts that the user stated.

    Args:
        facts: lines of a list, each beginning with "- ".
        said: all that the user said.
    """
    heard = _plain(said)
    words = set(_WORD.findall(heard))
    return [fact for fact in facts if _is_stated(fact.removeprefix("- "), heard, words)]


def without_mixed_up(listed: Sequence[str], known: Sequence[str]) -> list[str]:
    """The lines of one list without those that give a new value to what is known, and the same one to something else.

    A small model that hears of one thing may tell it of two: the number of a seat that of a locker as well.
    """
    values = dict(map(parted, known))
    told = Counter(value for _, value in map(parted, listed) if value)
    return [
        line
        for line, (label, value) in zip(listed, map(parted, listed), strict=True)
        if told[value] <= 1 or values.get(label, value) == value
    ]


def _is_stated(fact: str, heard: str, words: set[str]) -> bool:
    label, colon, value = fact.partition(":")
    if colon:
        value = _plain(value).strip(_AROUND)
        # A label in small letters is a row of the user's own words: "colour: azure, code: 16708".
        is_label = label[:1].isalpha() and not label[:1].islower()
        return is_label and (_stands_in(value, heard) or all(_stands_in(part, heard) for part in _PARTS.split(value)))
    # A sentence is about the user, in the user's words and not in those alone.
    said = _WORD.findall(_plain(fact))
    own = [word for word in said if word not in words]
    return _ABOUT_THE_USER.search(_plain(fact)) is not None and 0 < len(own) < len(said)


def _stands_in(value: str, heard: str) -> bool:
    """Whether it was said word for word; 4 is not in 47, nor Ann in Anna, but 지훈 is in 지훈이야."""
    place = heard.find(value) if value else -1
    while place >= 0:
        end = place + len(value)
        if not (_joined(heard[place - 1 : place], value[0]) or _joined(value[-1], heard[end : end + 1])):
            return True
        place = heard.find(value, place + 1)
    return False


def _joined(left: str, right: str) -> bool:
    return all(letter != "" and letter.isascii() and letter.isalnum() for letter in (left, right))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
