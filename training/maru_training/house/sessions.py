"""Joins turns of the families into conversations.

Decides how many examples a conversation holds, what lies between telling a fact and asking for it, and the
system message. Knows nothing of tokens.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from maru_training.house.chat import Message
from maru_training.house.families.base import Family, Language, Split, Turn
from maru_training.house.families.fact_list import known
from maru_training.house.families.memory import Memory, draw_facts, question, untold_reply

OTHER_LANGUAGE_SHARE: Final = 0.04
SYSTEM_SHARE: Final = 0.25
KNOWN_FACTS_SHARE: Final = 0.06
BETWEEN_SHARE: Final = 0.6  # of other turns that lie right before the question
FROM_BEFORE_SHARE: Final = 0.4  # of known facts
INSTRUCTION_SHARE: Final = 0.5  # of known facts that follow another system message
UNTOLD_SHARE: Final = 0.25

SYSTEMS: Final[dict[Language, tuple[str, ...]]] = {
    "en": (
        "You are Maru, a helpful assistant.",
        "You are Maru, a helpful assistant.",
        "You are a helpful assistant.",
        "You are Maru.",
        "You are Maru, a small language model. Answer shortly and honestly.",
        "Answer in English.",
        "Be brief and polite.",
        "You are a friendly assistant who remembers what the user says.",
        "Help the user. If you do not know something, say so.",
        "This is a chat with a user. Today is a good day.",
    ),
    "ko": (
        "당신은 도움이 되는 도우미 마루입니다.",
        "당신은 마루입니다.",
        "You are Maru, a helpful assistant.",
        "You are a helpful assistant.",
        "너는 마루라는 작은 언어 모델이야. 짧고 솔직하게 대답해.",
        "한국어로 대답하세요.",
        "짧고 친절하게 답하세요.",
        "사용자의 말을 기억하는 친절한 도우미입니다.",
        "모르는 것은 모른다고 말하세요.",
    ),
}


@dataclass(frozen=True, slots=True)
class Mix:
    """What conversations are made of.

    Attributes:
        families: the families other than memory, each with its weight.
        memory_share: of conversations that have a memory example.
        others: to choose from: how many other examples beside a memory example.
        alone: to choose from: how many examples without one.
        korean_share: of conversations that are in Korean; the others are in English.
    """

    families: tuple[tuple[Family, float], ...]
    memory_share: float
    others: tuple[int, ...]
    alone: tuple[int, ...] = (1, 2, 3, 4, 5, 6)
    korean_share: float = 0.5

    def draw(self, rng: random.Random) -> Family:
        """One family by weight."""
        return rng.choices([f for f, _ in self.families], [weight for _, weight in self.families])[0]


@dataclass(frozen=True, slots=True)
class Session:
    """One conversation, with or without a system message."""

    system: str | None
    turns: tuple[Turn, ...]

    def messages(self) -> list[Message]:
        """The conversation as messages."""
        system = [Message("system", self.system)] if self.system is not None else []
        said = [m for turn in self.turns for m in (Message("user", turn.user), Message("assistant", turn.assistant))]
        return system + said


def make_session(rng: random.Random, mix: Mix, split: Split = "train") -> Session:
    """Make one conversation; every choice comes from `rng`."""
    language: Language = "ko" if rng.random() < mix.korean_share else "en"
    if rng.random() < KNOWN_FACTS_SHARE:
        return from_known_facts(rng, other_turns(rng, mix, language, split, rng.choice((0, 0, 1, 2))), language, split)
    if rng.random() < mix.memory_share:
        example = Memory().turns(rng, language, split)
        turns = spread(rng, example, other_turns(rng, mix, language, split, rng.choice(mix.others)))
    else:
        turns = other_turns(rng, mix, language, split, rng.choice(mix.alone))
    return Session(_system(rng, language), tuple(turns))


def other_turns(rng: random.Random, mix: Mix, language: Language, split: Split, examples: int) -> list[Turn]:
    """Turns of families other than memory, a few in the other language."""
    turns: list[Turn] = []
    for _ in range(examples):
        spoken: Language = language
        if rng.random() < OTHER_LANGUAGE_SHARE:
            spoken = "ko" if language == "en" else "en"
        turns += mix.draw(rng).turns(rng, spoken, split)
    return turns


def spread(rng: random.Random, example: Sequence[Turn], others: Sequence[Turn]) -> list[Turn]:
    """Put other turns before, between and after the turns of an example; most of them before it is recalled.

    A turn that recalls what its own example said stays right behind it.
    """
    first = next((place for place, turn in enumerate(example) if turn.recalls), len(example))
    slots: list[list[Turn]] = [[] for _ in range(len(example) + 1)]
    for chunk in _chunks(others):
        place = first if rng.random() < BETWEEN_SHARE else rng.randint(0, len(example))
        slots[place] += chunk
    turns: list[Turn] = []
    for place, turn in enumerate(example):
        turns += slots[place]
        turns.append(turn)
    return turns + slots[-1]


def with_gap(example: Sequence[Turn], others: Sequence[Turn]) -> list[Turn]:
    """All other turns right before the first recalling turn, which is the last kept."""
    first = next(place for place, turn in enumerate(example) if turn.recalls)
    return [*example[:first], *others, example[first]]


def from_known_facts(rng: random.Random, others: Sequence[Turn], language: Language, split: Split) -> Session:
    """Facts given back by a system message, as the server does with turns that no longer fit."""
    facts = draw_facts(rng, language, split, rng.choice((1, 2, 2, 3, 4, 5)))
    system = known(language, facts, is_from_before=rng.random() < FROM_BEFORE_SHARE)
    if rng.random() < INSTRUCTION_SHARE:
        system = f"{rng.choice(SYSTEMS[language])}\n\n{system}"
    asked = [
        Turn(question(rng, language, split, fact.attribute), fact.reply, must_contain=(fact.value,), recalls=True)
        for fact in rng.sample(facts, k=min(len(facts), rng.choice((1, 1, 2))))
    ]
    if rng.random() < UNTOLD_SHARE:
        (other,) = draw_facts(rng, language, split, 1)
        if all(other.attribute.noun != fact.attribute.noun for fact in facts):
            reply = untold_reply(language, other.attribute)
            asked.append(Turn(question(rng, language, split, other.attribute), reply, recalls=True))
    return Session(system, tuple(spread(rng, asked, others)))


def _chunks(turns: Sequence[Turn]) -> list[list[Turn]]:
    chunks: list[list[Turn]] = []
    for turn in turns:
        if turn.recalls and chunks:
            chunks[-1].append(turn)
        else:
            chunks.append([turn])
    return chunks


def _system(rng: random.Random, language: Language) -> str | None:
    return rng.choice(SYSTEMS[language]) if rng.random() < SYSTEM_SHARE else None
