"""How one question becomes hundreds of surface forms: a template grammar and casual style.

Decides wording, case, punctuation, greetings round a question and typos. Knows nothing of tasks or answers.

A template holds alternatives in square brackets, which nest, and slots in braces; a slot may name a pair of
Korean particles: `"[what is|what's] the capital of {x}?"`, `"{x:은/는} 어디에 있어[|요]?"`.
"""

import itertools
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from maru_training.house.families.base import Language
from maru_training.house.families.korean import with_particle
from maru_training.house.families.tables import table, texts

SLOT: Final = re.compile(r"\{(\w+)(?::([^}]*))?\}")
HELD_SLOT: Final = re.compile(r"(\{[^}]*\})")
MARKS: Final = "[|]"
END_MARKS: Final = "?.!~ "

# Shares of what people do to a sentence when they type it.
OPENER_SHARE: Final = 0.2
CLOSER_SHARE: Final = 0.08
NO_END_MARK_SHARE: Final = 0.25
ODD_END_MARK_SHARE: Final = 0.04
LOST_SPACE_SHARE: Final = 0.06
TYPO_SHARE: Final = 0.06
CAPITALISED_SHARE: Final = 0.55
AS_WRITTEN_SHARE: Final = 0.25
LOWER_SHARE: Final = 0.16


@dataclass(frozen=True, slots=True)
class Manner:
    """What may stand before and after what a person says.

    Attributes:
        name: the entry of `style.toml` that holds the openers and closers.
    """

    name: str

    def openers(self, language: Language) -> Sequence[str]:
        """Words before it, with the space or mark that follows them."""
        return _style(language, self.name, "openers")

    def closers(self, language: Language) -> Sequence[str]:
        """Words after it, with the space or mark that precedes them."""
        return _style(language, self.name, "closers")


ASKING: Final = Manner("asking")
CHATTING: Final = Manner("chatting")


def ask(
    rng: random.Random,
    language: Language,
    template: str,
    values: Mapping[str, str] | None = None,
    *,
    exact: bool = False,
    manner: Manner = ASKING,
) -> str:
    """Word a question: choose among the alternatives, fill the slots, then write it the way people type.

    Args:
        rng: the only source of choices.
        language: whose greetings, typos and spacing to use.
        template: see the module's docstring.
        values: what fills the slots.
        exact: keep the values letter by letter (for orders such as "repeat this word").
        manner: which words may stand round it.
    """
    words = wording(rng, template)
    values = values or {}
    if exact:
        return fill(casual(rng, language, words, manner), values)
    return casual(rng, language, fill(words, values), manner)


def wording(rng: random.Random, template: str) -> str:
    """One wording of a template, chosen evenly at every bracket."""
    return _tidy(_choose(rng, _parse(template)))


def wordings(template: str) -> Iterator[str]:
    """Every wording of a template; the number multiplies with each bracket."""
    return map(_tidy, _all(_parse(template)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values into the slots, with the Korean particle that fits."""
    if "{" not in text:
        return text

    def value(match: re.Match[str]) -> str:
        word = values[match[1]]
        return with_particle(word, match[2]) if match[2] else word

    return SLOT.sub(value, text)


def casual(rng: random.Random, language: Language, text: str, manner: Manner = ASKING) -> str:
    """Vary opening, close, case, punctuation, spacing and spelling; slots that are still open stay as they are."""
    if rng.random() < NO_END_MARK_SHARE:
        text = text.rstrip("?.!")
    elif rng.random() < ODD_END_MARK_SHARE:
        text += rng.choice(("?", "!", "..", "~", " "))
    if language == "ko" and rng.random() < LOST_SPACE_SHARE:
        text = _without_a_space(rng, text)
    # Beside a value that is to be copied, a further word would read as a part of it.
    if rng.random() < CLOSER_SHARE and not text.rstrip(END_MARKS).endswith("}"):
        text = text.rstrip(END_MARKS) + rng.choice(manner.closers(language))
    if rng.random() < OPENER_SHARE and not text.startswith("{"):
        text = rng.choice(manner.openers(language)) + text
    if language == "ko":
        return text
    if rng.random() < TYPO_SHARE:
        text = _with_a_typo(rng, text)
    return _cased(rng, text)


def _cased(rng: random.Random, text: str) -> str:
    draw = rng.random()
    if draw < CAPITALISED_SHARE:
        return text[:1].upper() + text[1:]
    if draw < CAPITALISED_SHARE + AS_WRITTEN_SHARE:
        return text
    change = str.lower if draw < CAPITALISED_SHARE + AS_WRITTEN_SHARE + LOWER_SHARE else str.upper
    return "".join(piece if piece.startswith("{") else change(piece) for piece in HELD_SLOT.split(text))


def _with_a_typo(rng: random.Random, text: str) -> str:
    typos = _typos()
    words = text.split(" ")
    places = [place for place, word in enumerate(words) if word in typos]
    if places:
        place = rng.choice(places)
        words[place] = rng.choice(typos[words[place]])
    return " ".join(words)


def _without_a_space(rng: random.Random, text: str) -> str:
    spaces = [place for place, letter in enumerate(text) if letter == " " and text[place - 1 : place] not in ",.!?:"]
    if not spaces:
        return text
    place = rng.choice(spaces)
    return text[:place] + text[place + 1 :]


@cache
def _style(language: Language, manner: str, key: str) -> Sequence[str]:
    return texts(table("style")[language][manner], key)


@cache
def _typos() -> Mapping[str, Sequence[str]]:
    entry = table("style")["typos"]
    return {word: texts(entry, word) for word in entry}


def _tidy(text: str) -> str:
    return text.replace("  ", " ").strip()


Sequenced = tuple[object, ...]
"""A parsed template: a string is text, a tuple of such sequences is a choice."""


@cache
def _parse(template: str) -> Sequenced:
    sequence, end = _parse_sequence(template, 0)
    if end != len(template):
        raise ValueError(f"a bracket is not balanced in {template!r}")
    return sequence


def _parse_sequence(template: str, start: int) -> tuple[Sequenced, int]:
    """Text and choices up to the end or to a mark that belongs to the choice around."""
    parts: list[object] = []
    place = start
    while place < len(template):
        if template[place] == "[":
            choice, place = _parse_choice(template, place + 1)
            parts.append(choice)
        elif template[place] in MARKS:
            break
        else:
            end = next((i for i in range(place, len(template)) if template[i] in MARKS), len(template))
            parts.append(template[place:end])
            place = end
    return tuple(parts), place


def _parse_choice(template: str, start: int) -> tuple[Sequenced, int]:
    options: list[Sequenced] = []
    place = start
    while True:
        option, place = _parse_sequence(template, place)
        options.append(option)
        if place >= len(template):
            raise ValueError(f"a bracket is never closed in {template!r}")
        if template[place] == "]":
            return tuple(options), place + 1
        place += 1


def _choose(rng: random.Random, sequence: Sequenced) -> str:
    words: list[str] = []
    for part in sequence:
        if isinstance(part, str):
            words.append(part)
        elif isinstance(part, tuple):
            words.append(_choose(rng, part[int(rng.random() * len(part))]))
    return "".join(words)


def _all(sequence: Sequenced) -> Iterator[str]:
    choices: list[list[str]] = []
    for part in sequence:
        if isinstance(part, str):
            choices.append([part])
        elif isinstance(part, tuple):
            choices.append([words for option in part for words in _all(option)])
    for pieces in itertools.product(*choices):
        yield "".join(pieces)
