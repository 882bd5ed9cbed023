"""Values people tell, and that the exam's are never seen in training."""

import random

import pytest

from maru_training.house.families.base import LANGUAGES, Language
from maru_training.house.families.tables import table
from maru_training.house.families.values import CLOSED, REAL_NAMES, pseudo_word, value, words

DRAWS = 2000
OPEN_KINDS = sorted(table("words").keys() - CLOSED)


def _held_out(language: Language) -> set[str]:
    return {word.casefold() for kind in OPEN_KINDS for word in words(kind, language, "held_out")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_training_example_holds_a_real_name(language: Language) -> None:
    """Recall of a real name must always be recall of an unseen one."""
    rng = random.Random(1)
    names = {value(rng, "name", language, "train").casefold() for _ in range(DRAWS)}
    assert not names & REAL_NAMES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [*OPEN_KINDS, "city", "thing", "number", "word"])
def test_a_value_belongs_to_one_split(language: Language, kind: str) -> None:
    """A value seen in training proves nothing in the exam."""
    rng = random.Random(1)
    train, held_out = (
        {value(rng, kind, language, split).casefold() for _ in range(DRAWS)} for split in ("train", "held_out")
    )
    assert not train & held_out


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_kept_back_is_kept_back_everywhere(language: Language) -> None:
    """A food of the exam must not be a drink or a favourite of training."""
    rng = random.Random(1)
    shown = {value(rng, "thing", language, "train").casefold() for _ in range(DRAWS)}
    shown |= {word.casefold() for kind in table("words") for word in words(kind, language, "train")}
    assert not shown & _held_out(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_blends_show_no_word_of_the_exam(language: Language) -> None:
    """Half of a pair is shown as well as the whole."""
    rng = random.Random(1)
    pairs = [word for word in (pseudo_word(rng, language) for _ in range(20 * DRAWS)) if " " in word]
    assert len(pairs) > DRAWS
    assert not {part for pair in pairs for part in pair.split()} & _held_out(language)
