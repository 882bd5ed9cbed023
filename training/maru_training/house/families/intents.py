"""One intention, the many ways to say it and the one reply; shared by identity and small talk."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from maru_training.house.families.base import Language, Split, Turn
from maru_training.house.families.phrasing import CHATTING, ask
from maru_training.house.families.tables import table, texts


@dataclass(frozen=True, slots=True)
class Intent:
    """What a person wants to say, how, and what is answered.

    Attributes:
        reply: always the same, so that every wording leads to it.
        train: wordings for training.
        held_out: wordings for the evaluation only.
        pieces: what a right reply has in it.
    """

    reply: str
    train: Sequence[str]
    held_out: Sequence[str]
    pieces: tuple[str, ...]


@cache
def intents(name: str, language: Language) -> Sequence[Intent]:
    """Every intention of a table."""
    return tuple(
        Intent(entry["reply"], texts(entry, "train"), texts(entry, "held_out"), tuple(texts(entry, "pieces")))
        for entry in table(name)[language]
    )


def intent_turn(rng: random.Random, language: Language, split: Split, name: str) -> Turn:
    """One turn of one of the intentions of a table."""
    intent = rng.choice(intents(name, language))
    template = rng.choice(intent.train if split == "train" else intent.held_out)
    user = ask(rng, language, template, manner=CHATTING)
    return Turn(user, intent.reply, must_contain=intent.pieces)
