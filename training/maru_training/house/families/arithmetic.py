"""Small sums that the model answers from memory: to 20, tables to 12, and their divisions.

Operand pairs are the same in both splits (they are a table to memorise); wordings are held out.
The reply always writes the sum in digits, so that every wording leads to the same line.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from maru_training.house.families.base import Language, Split, Turn
from maru_training.house.families.phrasing import ask, fill

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
# Two of three draws go to the larger tables, so that each fact is seen about as often.
OPERATIONS: Final[Sequence[Operation]] = ("plus", "plus", "minus", "minus", "times", "times", "divided")

ENGLISH: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
ENGLISH_TENS: Final = ("", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
KOREAN: Final = ("영", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구")

DIGIT_SHARE: Final = 0.6
OWN_SHARE: Final = 0.3
SIGN_FORMS: Final = 2  # the first forms in SHORT hold a sign: 3 + 4, 3+4
UNITS: Final = ("개", "명", "apples")  # counted things are written in digits

# {a}, {b}: the operands; {s}: the sign as typed; {e}: the whole expression in one of the short forms.
SHORT: Final[Mapping[Language, Mapping[Operation, Sequence[str]]]] = {
    "en": {
        "plus": ("{a} {s} {b}", "{a}{s}{b}", "{a} plus {b}", "{a} and {b}", "the sum of {a} and {b}", "{a} added to {b}"),
        "minus": ("{a} {s} {b}", "{a}{s}{b}", "{a} minus {b}", "{a} less {b}", "{a} take away {b}", "{b} from {a}"),
        "times": ("{a} {s} {b}", "{a}{s}{b}", "{a} times {b}", "{a} multiplied by {b}", "the product of {a} and {b}"),
        "divided": ("{a} {s} {b}", "{a}{s}{b}", "{a} divided by {b}", "{a} over {b}"),
    },
    "ko": {
        "plus": ("{a} {s} {b}", "{a}{s}{b}", "{a} 더하기 {b}", "{a} 플러스 {b}", "{a:과/와} {b}의 합", "{a}에 {b:을/를} 더한 값"),
        "minus": ("{a} {s} {b}", "{a}{s}{b}", "{a} 빼기 {b}", "{a} 마이너스 {b}", "{a}에서 {b:을/를} 뺀 값", "{a}에서 {b:을/를} 뺀 수"),
        "times": ("{a} {s} {b}", "{a}{s}{b}", "{a} 곱하기 {b}", "{a:과/와} {b}의 곱", "{a}에 {b:을/를} 곱한 값"),
        "divided": ("{a} {s} {b}", "{a}{s}{b}", "{a} 나누기 {b}", "{a:을/를} {b:으로/로} 나눈 값"),
    },
}

GENERAL: Final[Mapping[Language, Sequence[str]]] = {
    "en": (
        "what is {e}?", "{e}?", "{e} =", "{e} = ?", "what's {e}?", "how much is {e}?", "calculate {e}.", "compute {e}.",
        "[can|could] you [calculate|compute|do] {e}?", "tell me {e}.", "what does {e} make?", "what do you get for {e}?",
        "solve {e}.", "{e} is?", "{e} makes?", "{e} equals?", "{e} is how much?", "do you know {e}?", "I need {e}.",
        "work out {e}.", "give me the [answer|result] of {e}.", "what is the [answer|result] of {e}?",
        "help me with {e}.", "math: {e}", "my homework: {e}", "how much does {e} make?", "find {e}.", "{e} gives?",
        "count {e}.", "do the math: {e}", "a sum for you: {e}", "let's see, {e}?",
    ),
    "ko": (
        "{e:은/는}?", "{e:은/는} [뭐야|뭐예요|얼마야|얼마예요|얼마인가요|얼마지|몇이야|몇이에요|몇인가요|몇이지]?", "{e}",
        "{e} = ?", "{e} =", "{e:이/가} [얼마야|얼마예요|얼마지|몇이야|몇이지|뭐지]?", "{e} [계산해 줘|계산해줘|계산해 주세요|계산해 봐]",
        "{e:을/를} [계산해 줘|계산해줘|계산해 주세요|계산해 봐|계산하면]?", "{e} [얼마야|얼마예요|몇이야|몇이에요]?",
        "{e} [알려 줘|알려줘|알려 주세요|말해 줘]", "{e:은/는} [얼마|몇]?",
        "{e} 답[이 뭐야|이 뭐예요|은|은 뭐야|은 뭐예요|을 알려 줘]?", "{e} [할 수 있어|할 줄 알아|알아|아세요]?",
        "{e:을/를} 하면 [얼마야|얼마예요|몇이야|몇이에요|뭐가 돼]?", "{e} [풀어 줘|풀어줘|풀어 주세요|풀어 봐]",
        "{e} [결과는|결과 알려 줘|결과가 뭐야]?", "[수학 문제야|문제|계산 문제]: {e}", "{e:이/가} [얼마인지|몇인지] [알려 줘|알려 주세요|말해 줘]",
        "숙제인데 {e:이/가} 뭐야?", "{e} [좀 해 줘|해 봐|부탁해]", "{e}의 [값|답|결과][은|은 뭐야|은 얼마야|을 알려 줘]?",
    ),
}

OWN: Final[Mapping[Language, Mapping[Operation, Sequence[str]]]] = {
    "en": {
        "plus": ("add {a} and {b}.", "add {a} to {b}.", "if I add {a} and {b}, what do I get?", "I have {a} apples and get {b} more. how many?"),
        "minus": ("subtract {b} from {a}.", "take {b} from {a}.", "I have {a} apples and eat {b}. how many are left?", "if I take {b} away from {a}, what is left?"),
        "times": ("multiply {a} by {b}.", "multiply {a} and {b}.", "{a} bags with {b} apples each. how many apples?", "if I multiply {a} by {b}, what do I get?"),
        "divided": ("divide {a} by {b}.", "share {a} apples among {b} people. how many each?", "if I divide {a} by {b}, what do I get?"),
    },
    "ko": {
        "plus": ("{a}에 {b:을/를} 더하면 [얼마야|얼마예요|몇이야|몇이에요|뭐야]?", "{a:과/와} {b:을/를} 더하면 [얼마야|얼마예요|몇이야|몇이에요]?", "{a:과/와} {b:을/를} [더해 줘|더해 주세요|더해 봐]", "사과가 {a}개 있는데 {b}개를 더 받았어. 모두 몇 개야?"),
        "minus": ("{a}에서 {b:을/를} 빼면 [얼마야|얼마예요|몇이야|몇이에요|뭐야]?", "{a}에서 {b:을/를} [빼 줘|빼 주세요|빼 봐]", "사과가 {a}개 있는데 {b}개를 먹었어. 몇 개 남았어?"),
        "times": ("{a}에 {b:을/를} 곱하면 [얼마야|얼마예요|몇이야|몇이에요|뭐야]?", "{a:과/와} {b:을/를} [곱해 줘|곱해 주세요|곱해 봐]", "{a:과/와} {b:을/를} 곱하면 [얼마야|얼마예요|몇이야]?", "{a}개씩 {b}봉지면 모두 몇 개야?"),
        "divided": ("{a:을/를} {b:으로/로} 나누면 [얼마야|얼마예요|몇이야|몇이에요|뭐야]?", "{a:을/를} {b:으로/로} [나눠 줘|나눠 주세요|나눠 봐]", "사과 {a}개를 {b}명이 똑같이 나누면 한 명이 몇 개야?"),
    },
}

HELD_OUT: Final[Mapping[Language, Sequence[str]]] = {
    "en": (
        "I want to know what {e} makes.", "could you help me and work out {e}?", "{e}, what is the answer?",
        "say the result of {e}.", "please do {e} for me.", "how much do you get for {e}?",
    ),
    "ko": (
        "{e} 문제의 답을 [말해 줘|말해 주세요]", "{e:을/를} 풀면 답이 [뭐야|뭐예요|얼마야]?", "나 대신 {e} 계산 좀 해 [줘|봐]",
        "{e:이/가} 뭔지 [궁금해|궁금해요|알고 싶어]", "{e} 하면 답은 [얼마지|몇이죠]?",
    ),
}


class Arithmetic:
    """Sums and differences to 20, tables to 12 and the divisions they hold."""

    name = "arithmetic"

    def turns(self, rng: random.Random, language: Language, split: Split) -> list[Turn]:
        """One small sum; wordings are held out, operand pairs are not."""
        operation = rng.choice(OPERATIONS)
        left, right, result = operands(rng, operation)
        shorts = SHORT[language][operation]
        place = int(rng.random() * len(shorts))
        if split == "held_out":
            template = rng.choice(HELD_OUT[language])
        elif rng.random() < OWN_SHARE:
            template = rng.choice(OWN[language][operation])
        else:
            template = rng.choice(GENERAL[language])
        signs = place < SIGN_FORMS
        values = _written(rng, language, left, right, digits=signs or any(unit in template for unit in UNITS))
        values["s"] = rng.choice(TYPED_SIGNS[operation])
        values["e"] = fill(shorts[place], values)
        reply = f"{left} {SIGNS[operation]} {right} = {result}"
        return [Turn(ask(rng, language, template, values), reply)]


def operands(rng: random.Random, operation: Operation) -> tuple[int, int, int]:
    """Two operands and the result; no result is negative or has a rest."""
    if operation in {"plus", "minus"}:
        total = int(rng.random() * (LARGEST_SUM + 1))
        part = int(rng.random() * (total + 1))
        return (part, total - part, total) if operation == "plus" else (total, part, total - part)
    left = rng.randint(1, LARGEST_FACTOR)
    right = rng.randint(1, LARGEST_FACTOR)
    return (left, right, left * right) if operation == "times" else (left * right, left, right)


def english_number(number: int) -> str:
    """A number from 0 to 144 in English words."""
    if number < len(ENGLISH):
        return ENGLISH[number]
    hundreds, rest = divmod(number, 100)
    if hundreds:
        return "one hundred" + (f" and {english_number(rest)}" if rest else "")
    tens, ones = divmod(number, 10)
    return ENGLISH_TENS[tens] + (f"-{ENGLISH[ones]}" if ones else "")


def korean_number(number: int) -> str:
    """A number from 0 to 144 in Sino-Korean words."""
    if number == 0:
        return KOREAN[0]
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    words = "백" if hundreds else ""
    if tens:
        words += ("" if tens == 1 else KOREAN[tens]) + "십"
    return words + (KOREAN[ones] if ones else "")


def _written(rng: random.Random, language: Language, left: int, right: int, *, digits: bool) -> dict[str, str]:
    if digits or rng.random() < DIGIT_SHARE:
        return {"a": str(left), "b": str(right)}
    if language == "en":
        return {"a": english_number(left), "b": english_number(right)}
    return {"a": korean_number(left), "b": korean_number(right)}
