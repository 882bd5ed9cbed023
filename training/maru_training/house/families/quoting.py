"""Answers quoted out of numbered passages, or "the sources do not say".

The person's message holds passages, each opened by `[n] ` on a line of its own, and a question before or
after them. The reply is the one sentence that answers, word for word, then ` [n]`. What is asked may be
missing for three reasons: the place is not there, the place is there but not that fact of it, or both.
"""

import random
from dataclasses import dataclass
from typing import Final

from maru_training.house.families.base import Language, Split, Turn
from maru_training.house.families.phrasing import fill, wording
from maru_training.house.families.quoting_words import Relation, choices, layouts, missing, place_types, relations
from maru_training.house.families.splits import split_of
from maru_training.house.families.values import value

MISSING_SHARE: Final = 0.3
TWO_QUESTIONS_SHARE: Final = 0.3


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of a passage: what it speaks of, and its words."""

    subject: str
    relation: Relation
    text: str


@dataclass(frozen=True, slots=True)
class Quoting:
    """Questions about passages given in the same message."""

    name: str = "quoting"

    def turns(self, rng: random.Random, language: Language, split: Split) -> list[Turn]:
        """One message with passages and a question, sometimes a second question about the same passages."""
        passages = _passages(rng, language, split)
        text = "\n".join(
            f"[{number}] {' '.join(s.text for s in passage)}" for number, passage in enumerate(passages, 1)
        )
        asked, reply, right = _question(rng, language, split, passages)
        layout = rng.choice(layouts(language))
        turns = [Turn(_lay_out(rng, layout, text, asked), reply, must_contain=right)]
        if split == "train" and rng.random() < TWO_QUESTIONS_SHARE:
            asked, reply, right = _question(rng, language, split, passages)
            turns.append(Turn(_sentence(rng, asked), reply, must_contain=right, recalls=True))
        return turns


def _passages(rng: random.Random, language: Language, split: Split) -> list[list[Statement]]:
    """Two to five passages of one to three sentences; now and then two speak of the same place."""
    passages: list[list[Statement]] = []
    subjects: list[str] = []
    used: set[tuple[str, int]] = set()
    for _ in range(rng.choice((1, 2, 2, 3, 3, 3, 4, 5))):
        again = bool(subjects) and rng.random() < 0.12
        subject = rng.choice(subjects) if again else _subject(rng, language, split)
        subjects.append(subject)
        free = [r for r in range(len(relations(language))) if (subject, r) not in used]
        chosen = rng.sample(free, k=min(len(free), rng.choice((1, 1, 1, 2, 2, 3))))
        used |= {(subject, number) for number in chosen}
        passages.append([_statement(rng, language, split, subject, relations(language)[r]) for r in chosen])
    return passages


def _statement(rng: random.Random, language: Language, split: Split, subject: str, relation: Relation) -> Statement:
    values = {"s": subject, "v": _value(rng, relation.kind, language, split)}
    text = fill(rng.choice(relation.tells), values)
    return Statement(subject, relation, text[:1].upper() + text[1:])


def _question(
    rng: random.Random, language: Language, split: Split, passages: list[list[Statement]]
) -> tuple[str, str, tuple[str, ...]]:
    """A question, its reply, and what a right reply contains."""
    told = [(number, said) for number, passage in enumerate(passages, 1) for said in passage]
    if rng.random() >= MISSING_SHARE:
        number, said = rng.choice(told)
        return _ask(rng, said.relation, said.subject, split), f"{said.text} [{number}]", (said.text, f"[{number}]")
    known = {said.subject: {s.relation for _, s in told if s.subject == said.subject} for _, said in told}
    partly = [place for place, told_of in known.items() if len(told_of) < len(relations(language))]
    subject = rng.choice(partly) if partly and rng.random() < 0.5 else _subject(rng, language, split)
    relation = rng.choice([r for r in relations(language) if r not in known.get(subject, set())])
    return _ask(rng, relation, subject, split), missing(language), (missing(language),)


def _ask(rng: random.Random, relation: Relation, subject: str, split: Split) -> str:
    template = rng.choice(relation.asks) if split == "train" else relation.held_out_ask
    return fill(wording(rng, template), {"s": subject})


def _subject(rng: random.Random, language: Language, split: Split) -> str:
    """A place with a made-up name; its name as a whole belongs to the split."""
    while True:
        kind = "name" if rng.random() < 0.6 else "city"
        name = value(rng, kind, language, "train").title() if language == "en" else value(rng, kind, language, "train")
        place = f"{name} {rng.choice(place_types(language))}"
        if split_of(place) == split:
            return f"the {place[:1].upper()}{place[1:]}" if language == "en" else place


def _value(rng: random.Random, kind: str, language: Language, split: Split) -> str:
    match kind:
        case "year":
            return str(rng.randint(1200, 2025))
        case "price":
            return str(rng.randint(1, 60) * (1 if language == "en" else 500))
        case "hour":
            hour = rng.randint(5, 12)
            return f"{hour} o'clock" if language == "en" else f"{hour}시"
        case "day" | "material":
            return rng.choice(choices(language, kind))
        case _:
            return value(rng, kind, language, split)


def _lay_out(rng: random.Random, layout: str, passages: str, asked: str) -> str:
    before, _, after = layout.partition("{q}?")
    question = _sentence(rng, asked) if not before.endswith(": ") else asked + "?"
    return f"{before}{question}{after}".replace("{p}", passages)


def _sentence(rng: random.Random, asked: str) -> str:
    text = asked[:1].upper() + asked[1:] if rng.random() < 0.75 else asked
    return text if rng.random() < 0.1 else f"{text}?"
