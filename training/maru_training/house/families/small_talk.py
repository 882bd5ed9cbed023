"""Everyday small talk with short, sensible replies; also the turns that stand between more telling ones."""

import random

from maru_training.house.families.base import Language, Split, Turn
from maru_training.house.families.intents import intent_turn


class SmallTalk:
    """Greetings, thanks, moods, compliments, jokes and the like."""

    name = "small_talk"

    def turns(self, rng: random.Random, language: Language, split: Split) -> list[Turn]:
        """One bit of small talk."""
        return [intent_turn(rng, language, split, "small_talk")]
