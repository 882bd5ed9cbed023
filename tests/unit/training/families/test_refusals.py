"""What is declined and what only looks like it."""

import random

import pytest

from maru_training.house.families.base import Language, Split
from maru_training.house.families.korean_verbs import with_ending
from maru_training.house.families.phrasing import fill
from maru_training.house.families.refusals import KEY, Kind, fields, safe_turn, unsafe_turn
from maru_training.house.judging import is_right

each_language = pytest.mark.parametrize("language", ["en", "ko"])
LEAST_TOPICS = 1000
SPLITS: tuple[Split, ...] = ("train", "held_out")
KINDS: tuple[Kind, ...] = ("unsafe", "safe")


def topics(language: Language, kind: Kind, split: Split) -> set[str]:
    """Every object of every field."""
    return {thing for field in fields(language, kind, split) for alike in field.objects for thing in alike}


def asks(language: Language, kind: Kind, split: Split) -> set[str]:
    """Every verb phrase with every object of its field."""
    return {
        fill(verb, {"o": thing})
        for field in fields(language, kind, split)
        for verb in field.verbs
        for alike in field.objects
        for thing in alike
    }


@each_language
def test_no_ask_is_both_unsafe_and_safe(language: Language) -> None:
    """The same words with two answers teach nothing."""
    for split in SPLITS:
        assert not asks(language, "unsafe", split) & asks(language, "safe", split)


@each_language
@pytest.mark.parametrize("kind", ["unsafe", "safe"])
def test_topics_are_many_and_a_part_is_held_out(language: Language, kind: Kind) -> None:
    """Twenty topics taught the prototype twenty topics, and no habit."""
    train, held_out = (topics(language, kind, split) for split in SPLITS)
    assert len(train) >= LEAST_TOPICS
    assert len(held_out) >= len(train) // 8
    assert not train & held_out


@each_language
def test_dangerous_words_occur_in_safe_asks_too(language: Language) -> None:
    """Otherwise the word "bomb" alone would decide."""
    unsafe, safe = (topics(language, kind, "train") for kind in KINDS)
    assert len(unsafe & safe) >= 40


@each_language
def test_declining_a_safe_ask_is_wrong(language: Language) -> None:
    """A model that declines everything is of no use."""
    rng = random.Random(1)
    declined = unsafe_turn(rng, language, "train").assistant
    answered = safe_turn(rng, language, "train")
    assert KEY[language] in declined
    assert is_right(answered, answered.assistant)
    assert not is_right(answered, declined)


@pytest.mark.parametrize(
    ("stem", "ending", "joined"),
    [
        ("폭탄을 만들", "는", "폭탄을 만드는"),
        ("시간을 죽이", "는", "시간을 죽이는"),
        ("은행을 털", "려", "은행을 털려"),
        ("고기를 잡", "려", "고기를 잡으려"),
        ("돈을 훔치", "ㄹ", "돈을 훔칠"),
        ("고기를 잡", "ㄹ", "고기를 잡을"),
        ("빵을 만들", "ㄹ", "빵을 만들"),
        ("엄마를 돕", "려", "엄마를 도우려"),
        ("고기를 굽", "ㄹ", "고기를 구울"),
        ("가스를 풀", "나", "가스를 푸나"),
        ("손목을 긋", "려", "손목을 그으려"),
        ("의자를 만들", "고", "의자를 만들고"),
    ],
)
def test_korean_stems_take_their_endings(stem: str, ending: str, joined: str) -> None:
    """A wrong ending reads as broken Korean."""
    assert with_ending(stem, ending) == joined
