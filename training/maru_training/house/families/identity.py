"""Who Maru is and what it can and cannot do, in one steady voice."""

import random

from maru_training.house.families.base import Language, Split, Turn
from maru_training.house.families.intents import intent_turn


class Identity:
    """Name, nature, maker, limits and abilities of Maru."""

    name = "identity"

    def turns(self, rng: random.Random, language: Language, split: Split) -> list[Turn]:
        """One question about Maru itself."""
        return [intent_turn(rng, language, split, "identity")]
