"""Doing exactly what is ordered with given words: repeating, listing, counting, JSON, letter case.

Values are as wide as the vocabulary, so that the model learns to copy and not to remember.
"""

import json
import random
from typing import Final

from maru_training.house.families.base import Language, Split, Turn
from maru_training.house.families.countries import facts
from maru_training.house.families.format_orders import HELD_OUT, TRAIN, Task
from maru_training.house.families.korean import with_particle
from maru_training.house.families.phrasing import ask
from maru_training.house.families.values import value

LISTED: Final[tuple[Task, ...]] = ("bullets", "numbered", "commas", "lines", "reverse", "count", "first", "last")
TASKS: Final[dict[Language, tuple[Task, ...]]] = {
    "en": ("repeat", "times", *LISTED, "json", "upper", "lower", "one_word"),
    "ko": ("repeat", "times", *LISTED, "json", "one_word"),
}
KINDS: Final = ("word", "word", "word", "food", "animal", "colour", "job", "name", "city")
LONGEST_LIST: Final = 6
MOST_TIMES: Final = 6
KOREAN_COUNTERS: Final = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱")
ENGLISH_NUMBERS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven")
KEYS: Final[dict[Language, tuple[tuple[str, str], ...]]] = {
    "en": (("name", "name"), ("city", "city"), ("food", "food"), ("colour", "colour"), ("animal", "animal"), ("job", "job"), ("age", "number"), ("word", "word"), ("title", "word"), ("code", "code"), ("count", "number")),
    "ko": (("이름", "name"), ("도시", "city"), ("음식", "food"), ("색", "colour"), ("동물", "animal"), ("직업", "job"), ("나이", "number"), ("단어", "word"), ("제목", "word"), ("번호", "code"), ("name", "name"), ("city", "city")),
}
CASES: Final = (str.lower, str.lower, str.capitalize, str.upper)


class Formats:
    """One order with its exact result."""

    name = "formats"

    def turns(self, rng: random.Random, language: Language, split: Split) -> list[Turn]:
        """One order; held-out ones have unseen wordings and unseen values."""
        task = rng.choice(TASKS[language])
        values, reply = _filled(rng, language, split, task)
        template = rng.choice((TRAIN if split == "train" else HELD_OUT)[language][task])
        return [Turn(ask(rng, language, template, values, exact=True), reply)]


def _filled(rng: random.Random, language: Language, split: Split, task: Task) -> tuple[dict[str, str], str]:
    """What fills the slots of a task, and the right reply."""
    if task in LISTED:
        items = _items(rng, language, split, least=1 if task == "count" else 2)
        return {"items": listed(rng, language, items)}, shaped(task, items)
    if task == "json":
        return _json(rng, language, split)
    if task == "one_word":
        fact = rng.choice(facts(language, "capital"))
        thing = f"the capital of {fact.subjects[0]}" if language == "en" else f"{fact.subjects[0]}의 수도"
        return {"t": thing}, fact.pieces[0]
    word = value(rng, rng.choice(KINDS), language, split)
    if task == "times":
        times = rng.randint(2, MOST_TIMES)
        number = ENGLISH_NUMBERS[times] if language == "en" and rng.random() < 0.5 else str(times)  # noqa: PLR2004
        return {"w": word, "n": number, "c": KOREAN_COUNTERS[times]}, " ".join([word] * times)
    if task == "upper":
        return {"w": rng.choice(CASES)(word)}, word.upper()
    if task == "lower":
        return {"w": rng.choice(CASES[2:])(word)}, word.lower()
    if rng.random() < 0.2:  # noqa: PLR2004
        word = f"{word} {value(rng, 'word', language, split)}"
    return {"w": word}, word


def shaped(task: Task, items: list[str]) -> str:
    """The items in the form that the task orders."""
    match task:
        case "bullets":
            return "\n".join(f"- {item}" for item in items)
        case "numbered":
            return "\n".join(f"{place}. {item}" for place, item in enumerate(items, start=1))
        case "lines":
            return "\n".join(items)
        case "reverse":
            return ", ".join(reversed(items))
        case "count":
            return str(len(items))
        case "first":
            return items[0]
        case "last":
            return items[-1]
        case _:
            return ", ".join(items)


def listed(rng: random.Random, language: Language, items: list[str]) -> str:
    """The items as people write them in a sentence."""
    draw = rng.random()
    if draw < 0.5 or len(items) == 1:  # noqa: PLR2004
        return ", ".join(items)
    if draw < 0.85:  # noqa: PLR2004
        *others, last = items
        if language == "en":
            return f"{', '.join(others)} and {last}"
        return f"{', '.join(others[:-1] + [with_particle(others[-1], '과/와')])} {last}"
    return " ".join(items) if all(" " not in item for item in items) else " / ".join(items)


def _items(rng: random.Random, language: Language, split: Split, *, least: int) -> list[str]:
    kind = rng.choice(KINDS)
    number = rng.randint(least, LONGEST_LIST)
    return list(dict.fromkeys(value(rng, kind, language, split) for _ in range(number)))


def _json(rng: random.Random, language: Language, split: Split) -> tuple[dict[str, str], str]:
    keys = rng.sample(KEYS[language], rng.randint(1, 3))
    fields = {key: value(rng, kind, language, split) for key, kind in keys}
    pattern = rng.choice(("{} {}", "{}: {}", "{} = {}", "{}={}"))
    pairs = ", ".join(pattern.format(key, text) for key, text in fields.items())
    return {"pairs": pairs}, json.dumps(fields, ensure_ascii=False)
