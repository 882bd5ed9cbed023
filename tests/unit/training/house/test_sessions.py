"""How turns become conversations."""

import random
from dataclasses import dataclass

from maru_training.house.chat import END, START
from maru_training.house.families.base import Language, Split, Turn
from maru_training.house.mixes import COPYING, EVERYTHING, LONG
from maru_training.house.sessions import Mix, make_session, spread, with_gap

TOLD = Turn("t", "t")
ASKED = Turn("a", "a", recalls=True)
OTHERS = [Turn(str(number), "") for number in range(5)]


@dataclass(frozen=True)
class _Chatter:
    name: str = "chatter"

    def turns(self, rng: random.Random, language: Language, split: Split) -> list[Turn]:
        del rng, split
        return [Turn("hi", language)]


def test_the_gap_lies_between_telling_and_asking() -> None:
    """The exam's distance must be what its name says."""
    assert with_gap([TOLD, ASKED, ASKED], OTHERS[:3]) == [TOLD, *OTHERS[:3], ASKED]


def test_spreading_keeps_the_order_of_an_example() -> None:
    """A question before its telling would teach to guess."""
    for seed in range(100):
        turns = spread(random.Random(seed), [TOLD, ASKED], OTHERS)
        assert turns.index(TOLD) < turns.index(ASKED)
        assert len(turns) == 7


def test_a_follow_up_stays_behind_its_own_question() -> None:
    """A second question about the same passages makes no sense elsewhere."""
    pair = [Turn("passages", ""), Turn("again", "", recalls=True)]
    for seed in range(100):
        turns = spread(random.Random(seed), [TOLD, ASKED], pair)
        assert turns[turns.index(pair[0]) + 1] == pair[1]


def test_a_session_begins_with_the_system_message_if_any() -> None:
    """The template knows no other place for it."""
    mix = Mix(families=((_Chatter(), 1),), memory_share=0.5, others=(1,))
    for seed in range(100):
        roles = [message.role for message in make_session(random.Random(seed), mix).messages()]
        assert "system" not in roles[1:]
        assert roles[-1] == "assistant"


def test_no_text_holds_a_control_token() -> None:
    """The data must not teach that people can speak in control tokens."""
    for mix in (COPYING, EVERYTHING, LONG):
        rng = random.Random(1)
        for _ in range(100):
            assert not any(START in m.content or END in m.content for m in make_session(rng, mix).messages())
