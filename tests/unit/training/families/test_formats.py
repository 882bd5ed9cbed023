"""Orders of form and their exact results."""

import json
import random

import pytest

from maru_training.house.families.base import Language
from maru_training.house.families.formats import Formats as Family
from maru_training.house.families.formats import Listing, listed, shaped
from maru_training.house.families.splits import split_of

ITEMS = ("배", "귤", "감")


@pytest.mark.parametrize(
    ("task", "shape"),
    [
        ("bullets", "- 배\n- 귤\n- 감"),
        ("numbered", "1. 배\n2. 귤\n3. 감"),
        ("commas", "배, 귤, 감"),
        ("lines", "배\n귤\n감"),
        ("reverse", "감, 귤, 배"),
        ("count", "3"),
        ("first", "배"),
        ("last", "감"),
    ],
)
def test_items_take_the_ordered_form(task: Listing, shape: str) -> None:
    """The result is exact, so that an exact match can judge it."""
    assert shaped(task, ITEMS) == shape


def test_lists_are_joined_as_people_do() -> None:
    """The last two items often stand with "and" between them."""
    rng = random.Random(1)
    assert {listed(rng, "en", ITEMS) for _ in range(100)} == {"배, 귤, 감", "배, 귤 and 감", "배 귤 감"}
    assert "배, 귤과 감" in {listed(rng, "ko", ITEMS) for _ in range(100)}


@pytest.mark.parametrize("language", ["en", "ko"])
def test_json_replies_parse(language: Language) -> None:
    """What looks like JSON must be JSON."""
    rng = random.Random(1)
    replies = [turn.assistant for _ in range(2000) for turn in Family().turns(rng, language, "train")]
    objects = [json.loads(reply) for reply in replies if reply.startswith("{")]
    assert len(objects) > 50
    assert all(isinstance(value, str) for fields in objects for value in fields.values())


def test_a_value_belongs_to_one_split() -> None:
    """The same word always falls on the same side, whatever its case."""
    assert split_of("Banana") == split_of("banana")
    assert {split_of(f"word{n}") for n in range(50)} == {"train", "held_out"}
