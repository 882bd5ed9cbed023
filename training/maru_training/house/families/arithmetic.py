"""Small sums that the model answers from memory: to 20, tables to 12, and the divisions they hold.

Operand pairs are the same in both splits (they are a table to memorise); wordings are held out.
The reply always writes the sum in digits, so that every wording leads to the same line.
"""

import random
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, Literal

from maru_training.house.families.base import Language, Split, Turn
from maru_training.house.families.phrasing import ask, fill
from maru_training.house.families.tables import table, texts

Operation = Literal["plus", "minus", "times", "divided"]

LARGEST_SUM: Final = 20
LARGEST_FACTOR: Final = 12
SIGNS: Final[Mapping[Operation, str]] = {"plus": "+", "minus": "-", "times": "x", "divided": "/"}
TYPED_SIGNS: Final[Mapping[Operation, Sequence[str]]] = {
    "plus": ("+",),
    "minus": ("-",),
    "times": ("x", "*", "×"),
    "divided": ("/", "÷"),
}
# Sums and differences have more pairs than the tables; each pair is to be seen about as often.
OPERATIONS: Final[Sequence[Operation]] = (
    "plus",
    "plus",
    "plus",
    "minus",
    "minus",
    "minus",
    "times",
    "times",
    "divided",
)
OWN_SHARE: Final = 0.3
DIGIT_SHARE: Final = 0.6
SIGN_FORMS: Final = 2  # the first short forms hold a sign: 3 + 4, 3+4
COUNTED: Final = ("개", "명", "apples")  # counted things are written in digits

ENGLISH: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
ENGLISH_TENS: Final = ("", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
KOREAN: Final = ("영", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구")


class Arithmetic:
    """Sums and differences to 20, tables to 12 and the divisions they hold."""

    name = "arithmetic"

    def turns(self, rng: random.Random, language: Language, split: Split) -> list[Turn]:
        """One small sum; wordings are held out, operand pairs are not."""
        operation = rng.choice(OPERATIONS)
        left, right, result = operands(rng, operation)
        template = _template(rng, language, split, operation)
        shorts = _wordings(language, operation, "short")
        place = int(rng.random() * len(shorts))
        digits = place < SIGN_FORMS or any(unit in template for unit in COUNTED) or rng.random() < DIGIT_SHARE
        values = {
            "a": str(left) if digits else spelt(language, left),
            "b": str(right) if digits else spelt(language, right),
            "s": rng.choice(TYPED_SIGNS[operation]),
        }
        values["e"] = fill(shorts[place], values)
        return [Turn(ask(rng, language, template, values), f"{left} {SIGNS[operation]} {right} = {result}")]


def operands(rng: random.Random, operation: Operation) -> tuple[int, int, int]:
    """Two operands and the result; no result is negative or has a rest."""
    if operation in {"plus", "minus"}:
        # Two different cuts through 0..21 leave every pair of parts equally likely.
        first, second = sorted(rng.sample(range(LARGEST_SUM + 2), 2))
        left, right = first, second - first - 1
        total = left + right
        return (left, right, total) if operation == "plus" else (total, left, right)
    left = rng.randint(1, LARGEST_FACTOR)
    right = rng.randint(1, LARGEST_FACTOR)
    return (left, right, left * right) if operation == "times" else (left * right, left, right)


def spelt(language: Language, number: int) -> str:
    """A number from 0 to 144 in words."""
    return english_number(number) if language == "en" else korean_number(number)


def english_number(number: int) -> str:
    """A number from 0 to 199 in English words."""
    if number < len(ENGLISH):
        return ENGLISH[number]
    hundreds, rest = divmod(number, 100)
    if hundreds:
        return "one hundred" + (f" and {english_number(rest)}" if rest else "")
    tens, ones = divmod(number, 10)
    return ENGLISH_TENS[tens] + (f"-{ENGLISH[ones]}" if ones else "")


def korean_number(number: int) -> str:
    """A number from 0 to 199 in Sino-Korean words."""
    if number == 0:
        return KOREAN[0]
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    words = "백" if hundreds else ""
    if tens:
        words += ("" if tens == 1 else KOREAN[tens]) + "십"
    return words + (KOREAN[ones] if ones else "")


def _template(rng: random.Random, language: Language, split: Split, operation: Operation) -> str:
    if split == "held_out":
        return rng.choice(_wordings(language, None, "held_out"))
    if rng.random() < OWN_SHARE:
        return rng.choice(_wordings(language, operation, "own"))
    return rng.choice(_wordings(language, None, "general"))


@cache
def _wordings(language: Language, operation: Operation | None, key: str) -> Sequence[str]:
    entry = table("arithmetic")[language]
    return texts(entry[operation] if operation else entry, key)
