"""Rules that hold for every family that teaches what Maru says by itself."""

import random
import re

import pytest

from maru_training.house.families.arithmetic import Arithmetic
from maru_training.house.families.base import Family, Language, Split, Turn
from maru_training.house.families.countries import Countries
from maru_training.house.families.formats import Formats
from maru_training.house.families.identity import Identity
from maru_training.house.families.refusals import Refusals
from maru_training.house.families.small_talk import SmallTalk
from maru_training.house.families.unknown import Unknown
from maru_training.house.judging import is_right

FAMILIES: tuple[Family, ...] = (
    Arithmetic(),
    Countries(),
    Formats(),
    Identity(),
    Refusals(),
    SmallTalk(),
    Unknown(),
)
LANGUAGES: tuple[Language, ...] = ("en", "ko")
SPLITS: tuple[Split, ...] = ("train", "held_out")
SAMPLES = 1500
LONGEST_REPLY = 130
WRONG = "불 fire"

each_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
each_language = pytest.mark.parametrize("language", LANGUAGES)


def sampled(family: Family, language: Language, split: Split, *, seed: int = 1) -> list[Turn]:
    """Many turns of one family."""
    rng = random.Random(seed)
    return [turn for _ in range(SAMPLES) for turn in family.turns(rng, language, split)]


def bare(text: str) -> str:
    """A question without case, marks and spaces: what is left is its wording."""
    return re.sub(r"[^\w+*/-]", "", text.casefold())


@each_family
@each_language
def test_splits_never_share_a_question(family: Family, language: Language) -> None:
    """A score on questions seen in training would say nothing."""
    train, held_out = ({bare(turn.user) for turn in sampled(family, language, split)} for split in SPLITS)
    assert not train & held_out


@each_family
@each_language
def test_the_seed_alone_decides(family: Family, language: Language) -> None:
    """A training run must be repeatable."""
    assert sampled(family, language, "train", seed=3) == sampled(family, language, "train", seed=3)
    assert sampled(family, language, "train", seed=3) != sampled(family, language, "train", seed=4)


@each_family
@each_language
def test_the_reference_reply_is_right_and_another_is_wrong(family: Family, language: Language) -> None:
    """A judge that accepts anything, or refuses its own answer, measures nothing."""
    for split in SPLITS:
        for turn in sampled(family, language, split):
            assert is_right(turn, turn.assistant), turn
            assert not is_right(turn, WRONG), turn


@each_family
@each_language
def test_texts_hold_no_control_tokens_and_no_open_slots(family: Family, language: Language) -> None:
    """A control token in the data would teach the model to break the conversation's form."""
    for split in SPLITS:
        for turn in sampled(family, language, split):
            assert "<|" not in turn.user + turn.assistant
            assert not re.search(r"[\[\]{}|]", turn.user), turn.user
            assert turn.user.strip()
            assert turn.assistant.strip() == turn.assistant != ""


@each_family
@each_language
def test_replies_are_short(family: Family, language: Language) -> None:
    """A small model answers briefly or not at all."""
    assert max(len(turn.assistant) for turn in sampled(family, language, "train")) <= LONGEST_REPLY


@each_family
@each_language
def test_questions_hardly_repeat(family: Family, language: Language) -> None:
    """The prototype failed on unseen wordings because it had seen few."""
    share = {"small_talk": 0.3, "identity": 0.4}.get(family.name, 0.8)
    assert len({turn.user for turn in sampled(family, language, "train")}) >= share * SAMPLES
