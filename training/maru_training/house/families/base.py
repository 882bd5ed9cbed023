"""What one task family of the house model's data is: a source of self-contained turns.

A family decides what is said. It does not know sessions (how turns are joined, see `sessions.py`), tokens or weights.
"""

import random
from dataclasses import dataclass
from typing import Final, Literal, Protocol

Language = Literal["en", "ko"]
Split = Literal["train", "held_out"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "ko")


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer, with the rule that says whether another answer is right.

    Attributes:
        user: what the person says.
        assistant: the reply to train on.
        must_contain: a reply is right when it has every one of these pieces (compared case-folded);
            empty: it is right only when it equals `assistant` exactly.
        must_not_contain: pieces that make a reply wrong whatever else it says.
        recalls: the answer needs what an earlier turn of the same example said; a session may put turns of
            other families before the first such turn.
    """

    user: str
    assistant: str
    must_contain: tuple[str, ...] = ()
    must_not_contain: tuple[str, ...] = ()
    recalls: bool = False


class Family(Protocol):
    """One task in both languages; stateless, every choice comes from the given generator.

    The two splits never share a phrasing of the question, nor a name, topic or passage: what `held_out` asks,
    `train` never shows.
    """

    @property
    def name(self) -> str:
        """What the report calls it."""
        ...

    def turns(self, rng: random.Random, language: Language, split: Split) -> list[Turn]:
        """Make one example: one turn, or several that belong together in this order."""
        ...
