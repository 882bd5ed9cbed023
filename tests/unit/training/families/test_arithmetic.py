"""Small sums: operands, words for numbers, results."""

import random
from collections import Counter

from maru_training.house.families.arithmetic import (
    LARGEST_FACTOR,
    LARGEST_SUM,
    Arithmetic,
    english_number,
    korean_number,
    operands,
)


def test_sums_stay_within_twenty_and_every_pair_is_as_likely() -> None:
    """A table is learnt when each of its lines is seen about as often."""
    rng = random.Random(1)
    pairs = Counter(operands(rng, "plus") for _ in range(40_000))
    assert all(left + right == total <= LARGEST_SUM for left, right, total in pairs)
    assert len(pairs) == (LARGEST_SUM + 1) * (LARGEST_SUM + 2) // 2
    assert max(pairs.values()) < 2 * min(pairs.values())


def test_divisions_leave_no_rest() -> None:
    """Only the divisions that the tables hold are taught."""
    rng = random.Random(1)
    for _ in range(2000):
        left, right, result = operands(rng, "divided")
        assert left == right * result
        assert max(right, result) <= LARGEST_FACTOR


def test_numbers_are_spelt_in_both_languages() -> None:
    """People also write sums in words."""
    assert [english_number(n) for n in (0, 12, 30, 96, 108)] == [
        "zero",
        "twelve",
        "thirty",
        "ninety-six",
        "one hundred and eight",
    ]
    assert [korean_number(n) for n in (0, 10, 12, 96, 108, 144)] == ["영", "십", "십이", "구십육", "백팔", "백사십사"]


def test_the_reply_is_the_sum_in_digits() -> None:
    """Every wording leads to the same line."""
    rng = random.Random(1)
    for _ in range(500):
        (turn,) = Arithmetic().turns(rng, "ko", "train")
        left, sign, right, equals, result = turn.assistant.split()
        assert equals == "="
        signs = {"+": int(left) + int(right), "-": int(left) - int(right), "x": int(left) * int(right)}
        assert int(result) == signs.get(sign, int(left) // max(1, int(right)))
