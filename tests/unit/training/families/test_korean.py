"""Korean particles."""

import pytest

from maru_training.house.families.korean import with_particle


@pytest.mark.parametrize(
    ("word", "pair", "together"),
    [
        ("지훈", "은/는", "지훈은"),
        ("민서", "은/는", "민서는"),
        ("지훈", "이야/야", "지훈이야"),
        ("민서", "야/이야", "민서야"),
        ("부산", "으로/로", "부산으로"),
        ("서울", "으로/로", "서울로"),
        ("7", "이에요/예요", "7이에요"),
        ("2", "이에요/예요", "2예요"),
        ("Jihoon", "을/를", "Jihoon을"),
        ("Zoe", "을/를", "Zoe를"),
        ("서울!", "이/가", "서울!이"),
    ],
)
def test_the_particle_follows_the_sound(word: str, pair: str, together: str) -> None:
    """A wrong particle in the data would teach broken Korean."""
    assert with_particle(word, pair) == together
