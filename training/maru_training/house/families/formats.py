"""Doing exactly what is ordered with given words: repeating, listing, counting, JSON, letter case.

Values are as wide as the vocabulary, so that the model learns to copy and not to remember.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal, assert_never

from maru_training.house.families.base import Language, Split, Turn
from maru_training.house.families.countries import facts
from maru_training.house.families.korean import with_particle
from maru_training.house.families.phrasing import ask
from maru_training.house.families.tables import table, texts
from maru_training.house.families.values import value

Listing = Literal["bullets", "numbered", "commas", "lines", "reverse", "count", "first", "last"]
WordTask = Literal["repeat", "times", "upper", "lower"]
Task = Literal[Listing, WordTask, "json", "one_word"]

SHAPES: Final[tuple[Task, ...]] = ("repeat", "times", "bullets", "numbered", "commas", "lines", "json", "one_word")
PLACES: Final[tuple[Task, ...]] = ("reverse", "count", "first", "last")
# What form an answer has, and which items of a list are meant: two abilities, each with a cell of its own.
IN_SHAPE: Final[dict[Language, tuple[Task, ...]]] = {"en": SHAPES, "ko": SHAPES}
BY_PLACE: Final[dict[Language, tuple[Task, ...]]] = {"en": PLACES, "ko": PLACES}
TASKS: Final[dict[Language, tuple[Task, ...]]] = {"en": SHAPES + PLACES, "ko": SHAPES + PLACES}
# Orders that need a count of what was said already, and in Korean the other lists too: learnt last, with further turns.
COUNTED: Final[dict[Language, tuple[Task, ...]]] = {
    "en": ("times", "reverse", "count", "commas", "numbered"),
    "ko": ("times", "reverse", "count", "commas", "numbered", "bullets", "lines", "last", "json"),
}
# Apart from the others: a token hides its letters, so that this is learnt word by word and not by copying.
LETTER_CASE: Final[dict[Language, tuple[Task, ...]]] = {"en": ("upper", "lower"), "ko": ()}
KINDS: Final = ("word", "word", "word", "food", "animal", "colour", "job", "name", "city")
LONGEST_LIST: Final = 5
MOST_TIMES: Final = 5
SPELT_SHARE: Final = 0.5
TWO_WORDS_SHARE: Final = 0.2
COMMAS_SHARE: Final = 0.5
LAST_WITH_AND_SHARE: Final = 0.35
KOREAN_COUNTERS: Final = ("", "한", "두", "세", "네", "다섯", "여섯")
ENGLISH_NUMBERS: Final = ("zero", "one", "two", "three", "four", "five", "six")
PAIR_FORMS: Final = ("{} {}", "{}: {}", "{} = {}", "{}={}")
MOST_PAIRS: Final = 3


@dataclass(frozen=True, slots=True)
class Formats:
    """One order with its exact result.

    Attributes:
        tasks: of each language; a language without any is asked the usual ones.
    """

    name: str = "formats"
    tasks: Mapping[Language, tuple[Task, ...]] = field(default_factory=lambda: TASKS)

    def turns(self, rng: random.Random, language: Language, split: Split) -> list[Turn]:
        """One order; held-out ones have unseen wordings and unseen values."""
        task = rng.choice(self.tasks[language] or TASKS[language])
        values, reply = _filled(rng, language, split, task)
        return [Turn(ask(rng, language, rng.choice(orders(language, task, split)), values, exact=True), reply)]


@cache
def orders(language: Language, task: Task, split: Split) -> Sequence[str]:
    """The wordings of a task."""
    return texts(table("formats")[language][task], split)


def shaped(task: Listing, items: Sequence[str]) -> str:
    """The items in the form that the task orders."""
    match task:
        case "bullets":
            shape = "\n".join(f"- {item}" for item in items)
        case "numbered":
            shape = "\n".join(f"{place}. {item}" for place, item in enumerate(items, start=1))
        case "commas":
            shape = ", ".join(items)
        case "lines":
            shape = "\n".join(items)
        case "reverse":
            shape = ", ".join(reversed(items))
        case "count":
            shape = str(len(items))
        case "first":
            shape = items[0]
        case "last":
            shape = items[-1]
        case _:
            assert_never(task)
    return shape


def listed(rng: random.Random, language: Language, items: Sequence[str]) -> str:
    """The items as people write them in a sentence."""
    draw = rng.random()
    if draw < COMMAS_SHARE or len(items) == 1:
        return ", ".join(items)
    if draw < COMMAS_SHARE + LAST_WITH_AND_SHARE:
        *others, second, last = items
        if language == "en":
            return f"{', '.join([*others, second])} and {last}"
        return f"{', '.join([*others, with_particle(second, '과/와')])} {last}"
    return " ".join(items) if all(" " not in item for item in items) else " / ".join(items)


def _filled(rng: random.Random, language: Language, split: Split, task: Task) -> tuple[dict[str, str], str]:
    """What fills the slots of a task, and the right reply."""
    match task:
        case "json":
            return _pairs(rng, language, split)
        case "one_word":
            fact = rng.choice(facts(language, "capital"))
            country = fact.subjects[0]
            return {"t": f"the capital of {country}" if language == "en" else f"{country}의 수도"}, fact.pieces[0]
        case "repeat" | "times" | "upper" | "lower":
            return _word(rng, language, split, task)
        case _:
            items = _items(rng, language, split, least=1 if task == "count" else 2)
            return {"items": listed(rng, language, items)}, shaped(task, items)


def _word(rng: random.Random, language: Language, split: Split, task: WordTask) -> tuple[dict[str, str], str]:
    word = value(rng, rng.choice(KINDS), language, split)
    match task:
        case "repeat":
            if rng.random() < TWO_WORDS_SHARE:
                word = f"{word} {value(rng, 'word', language, split)}"
            return {"w": word}, word
        case "times":
            times = rng.randint(2, MOST_TIMES)
            number = ENGLISH_NUMBERS[times] if language == "en" and rng.random() < SPELT_SHARE else str(times)
            return {"w": word, "n": number, "c": KOREAN_COUNTERS[times]}, " ".join([word] * times)
        case "upper":
            return {"w": rng.choice((word.lower(), word.lower(), word.capitalize()))}, word.upper()
        case "lower":
            return {"w": rng.choice((word.upper(), word.capitalize()))}, word.lower()
        case _:
            assert_never(task)


def _items(rng: random.Random, language: Language, split: Split, *, least: int) -> list[str]:
    """Different values of one kind, at least so many."""
    kind = rng.choice(KINDS)
    number = rng.randint(least, LONGEST_LIST)
    items: dict[str, None] = {}
    while len(items) < number:
        items[value(rng, kind, language, split)] = None
    return list(items)


def _pairs(rng: random.Random, language: Language, split: Split) -> tuple[dict[str, str], str]:
    keys = rng.sample(_keys(language), rng.randint(1, MOST_PAIRS))
    fields = {key: value(rng, kind, language, split) for key, kind in keys}
    form = rng.choice(PAIR_FORMS)
    pairs = ", ".join(form.format(key, told) for key, told in fields.items())
    return {"pairs": pairs}, json.dumps(fields, ensure_ascii=False)


@cache
def _keys(language: Language) -> Sequence[tuple[str, str]]:
    """Keys of JSON objects, each with the kind of value it takes."""
    return tuple(table("formats")[language]["keys"].items())
