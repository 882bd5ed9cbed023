"""One intention, the many ways to say it and the one reply; shared by identity and small talk."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from maru_training.house.families.base import Language, Split, Turn
from maru_training.house.families.phrasing import ask


@dataclass(frozen=True, slots=True)
class Intent:
    """What a person wants to say, how, and what is answered.

    Attributes:
        reply: always the same, so that every wording leads to it.
        frames: wordings for training.
        held_out: wordings for the evaluation only.
        pieces: what a right reply has in it; empty: the whole reply.
    """

    reply: str
    frames: Sequence[str]
    held_out: Sequence[str]
    pieces: tuple[str, ...] = ()


def intent_turn(rng: random.Random, language: Language, split: Split, intents: Sequence[Intent]) -> Turn:
    """One turn of one of the intentions."""
    intent = rng.choice(intents)
    user = ask(rng, language, rng.choice(intent.frames if split == "train" else intent.held_out))
    return Turn(user, intent.reply, must_contain=intent.pieces or (intent.reply,))
