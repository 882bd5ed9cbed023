"""How one question becomes hundreds of surface forms: a template grammar and casual style.

Decides wording, case, punctuation, greetings round a question and typos. Knows nothing of tasks or answers.

A template holds alternatives in square brackets, which nest, and slots in braces; a slot may name a pair of
Korean particles: `"[what is|what's] the capital of {x}?"`, `"{x:은/는} 어디에 있어[|요]?"`.
"""

import itertools
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from maru_training.house.families.base import Language
from maru_training.house.families.korean import with_particle

SLOT: Final = re.compile(r"\{(\w+)(?::([^}]*))?\}")
HELD_SLOT: Final = re.compile(r"(\{[^}]*\})")

TYPOS: Final = {
    "the": ("teh", "hte", "th"),
    "what": ("waht", "wht", "wat"),
    "what's": ("whats", "wats"),
    "is": ("si", "iz"),
    "of": ("fo", "off"),
    "tell": ("tel", "tlel"),
    "you": ("yuo", "u"),
    "are": ("ar", "r"),
    "please": ("plese", "pls", "plz"),
    "which": ("wich", "whcih"),
    "country": ("contry", "coutry"),
    "capital": ("captial", "capitol"),
    "currency": ("curency", "currancy"),
    "language": ("langauge", "languge"),
    "know": ("konw", "kno"),
    "how": ("hwo", "hw"),
    "can": ("cna", "cn"),
    "your": ("yor", "ur"),
    "for": ("fro", "fr"),
    "and": ("adn", "nad"),
    "who": ("hwo", "wo"),
    "want": ("wnat", "wan"),
}

OPENERS: Final[Mapping[Language, Sequence[str]]] = {
    "en": (
        "hey, ", "hi, ", "hello, ", "ok, ", "okay, ", "so, ", "well, ", "please, ", "Maru, ", "hey Maru, ",
        "quick question: ", "question: ", "one question, ", "next, ", "now, ", "and ", "alright, ", "um, ",
        "hmm, ", "tell me, ", "sorry, ", "one more thing: ", "just curious, ", "by the way, ", "also, ",
    ),
    "ko": (
        "저기, ", "저기요, ", "마루야, ", "마루, ", "혹시 ", "그럼 ", "그러면 ", "음, ", "있잖아, ", "질문! ",
        "질문 있어요. ", "질문 하나. ", "하나만 물을게. ", "궁금한 게 있는데, ", "근데 ", "그런데 ", "자, ",
        "안녕, ", "다음 질문. ", "아 참, ", "또 ", "이번에는 ", "미안한데 ", "죄송한데 ",
    ),
}
CLOSERS: Final[Mapping[Language, Sequence[str]]] = {
    "en": (" please", ", please", " thanks", ", thanks", " thank you", " Maru", ", Maru", " :)", " pls"),
    "ko": (" 부탁해", " 부탁해요", " 고마워", " 부탁드려요", " ㅎㅎ", " ㅋㅋ", " 마루야", " 감사합니다", " ^^"),
}


def ask(
    rng: random.Random,
    language: Language,
    template: str,
    values: Mapping[str, str] | None = None,
    *,
    exact: bool = False,
) -> str:
    """Word a question: choose among the alternatives, fill the slots, then write it the way people type.

    Args:
        rng: the only source of choices.
        language: whose greetings, typos and spacing to use.
        template: see the module's docstring.
        values: what fills the slots.
        exact: keep the values letter by letter (for orders such as "repeat this word").
    """
    text = wording(rng, template).replace("  ", " ").strip()
    values = values or {}
    if exact:
        return fill(casual(rng, language, text, before_filling=True), values)
    return casual(rng, language, fill(text, values))


def wording(rng: random.Random, template: str) -> str:
    """One wording of a template, chosen evenly at every bracket."""
    return _choose(rng, _parse(template))


def wordings(template: str) -> Iterator[str]:
    """Every wording of a template; the number multiplies with each bracket."""
    return _all(_parse(template))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values into the slots, with the Korean particle that fits."""
    if "{" not in text:
        return text

    def value(match: re.Match[str]) -> str:
        word = values[match[1]]
        return with_particle(word, match[2]) if match[2] else word

    return SLOT.sub(value, text)


def casual(rng: random.Random, language: Language, text: str, *, before_filling: bool = False) -> str:
    """Vary opening, close, case, punctuation, spacing and spelling; slots stay as they are."""
    if rng.random() < 0.22:
        text = rng.choice(OPENERS[language]) + text
    if rng.random() < 0.25:
        text = text.rstrip("?.!")
    elif rng.random() < 0.05:
        text += rng.choice(("?", "!", "..", "~", " "))
    # After a value that is to be copied, a closing word would read as a part of it.
    if rng.random() < 0.1 and not (before_filling and text.rstrip("?.!").endswith("}")):
        text = text.rstrip("?.!") + rng.choice(CLOSERS[language])
    if language == "ko":
        return _korean_spacing(rng, text) if rng.random() < 0.08 else text
    if rng.random() < 0.06:
        text = _typo(rng, text)
    return _english_case(rng, text, before_filling=before_filling)


def _english_case(rng: random.Random, text: str, *, before_filling: bool) -> str:
    draw = rng.random()
    if draw < 0.55:
        return text[:1].upper() + text[1:]
    if draw < 0.8:
        return text
    change = str.lower if draw < 0.96 else str.upper
    if not before_filling:
        return change(text)
    return "".join(piece if piece.startswith("{") else change(piece) for piece in HELD_SLOT.split(text))


def _typo(rng: random.Random, text: str) -> str:
    words = text.split(" ")
    places = [place for place, word in enumerate(words) if word in TYPOS]
    if places:
        place = rng.choice(places)
        words[place] = rng.choice(TYPOS[words[place]])
    return " ".join(words)


def _korean_spacing(rng: random.Random, text: str) -> str:
    spaces = [place for place, letter in enumerate(text) if letter == " " and text[place - 1 : place] not in ",.!?:"]
    if not spaces:
        return text
    place = rng.choice(spaces)
    return text[:place] + text[place + 1 :]


@cache
def _parse(template: str) -> tuple[object, ...]:
    """Nested sequences: a string is text, a tuple of sequences is a choice."""
    sequence, end = _parse_sequence(template, 0, nested=False)
    if end != len(template):
        message = f"unbalanced bracket at {end} in {template!r}"
        raise ValueError(message)
    return sequence


def _parse_sequence(template: str, start: int, *, nested: bool) -> tuple[tuple[object, ...], int]:
    parts: list[object] = []
    place = start
    while place < len(template):
        letter = template[place]
        if letter == "[":
            choice, place = _parse_choice(template, place + 1)
            parts.append(choice)
        elif nested and letter in "|]":
            break
        else:
            end = place
            stops = "[|]" if nested else "["
            while end < len(template) and template[end] not in stops:
                end += 1
            parts.append(template[place:end])
            place = end
    return tuple(parts), place


def _parse_choice(template: str, start: int) -> tuple[tuple[tuple[object, ...], ...], int]:
    options: list[tuple[object, ...]] = []
    place = start
    while True:
        option, place = _parse_sequence(template, place, nested=True)
        options.append(option)
        if place >= len(template):
            message = f"bracket never closed in {template!r}"
            raise ValueError(message)
        if template[place] == "]":
            return tuple(options), place + 1
        place += 1


def _choose(rng: random.Random, sequence: tuple[object, ...]) -> str:
    words: list[str] = []
    for part in sequence:
        if isinstance(part, str):
            words.append(part)
        elif isinstance(part, tuple):
            words.append(_choose(rng, part[int(rng.random() * len(part))]))
    return "".join(words)


def _all(sequence: tuple[object, ...]) -> Iterator[str]:
    choices: list[list[str]] = []
    for part in sequence:
        if isinstance(part, str):
            choices.append([part])
        elif isinstance(part, tuple):
            choices.append([text for option in part for text in _all(option)])
    for pieces in itertools.product(*choices):
        yield "".join(pieces)
