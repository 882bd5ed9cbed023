"""What a fact about the person is made of, and the sentences that carry any fact.

The sentences are in `memory_frames.toml`, which tells their slots too. Templates are those of `phrasing.py`; one that
is held out is never trained on.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from maru_training.house.families.base import Language, Split
from maru_training.house.families.tables import table, texts


@dataclass(frozen=True, slots=True)
class Phrasings:
    """Templates of one purpose, those to train on and those kept back."""

    train: tuple[str, ...]
    held_out: tuple[str, ...]

    def of(self, split: Split) -> tuple[str, ...]:
        """Templates of a split."""
        return self.train if split == "train" else self.held_out


@dataclass(frozen=True, slots=True)
class Attribute:
    """One fact a person may tell, in one language.

    Attributes:
        kind: what `values.value` draws.
        noun: the fact's name, as in "your {noun}"; also its label in a list of facts.
        reply: the sentence that gives the value back.
        tells: clauses in the first person.
        asks: direct questions without their question mark.
        embedded: indirect questions, as after "do you remember".
    """

    kind: str
    noun: str
    reply: str
    tells: Phrasings
    asks: Phrasings
    embedded: Phrasings

    @property
    def label(self) -> str:
        """The fact's name as it opens a line of a list."""
        return self.noun[:1].upper() + self.noun[1:]


@dataclass(frozen=True, slots=True)
class Frame:
    """Sentences of a language that carry any fact."""

    telling: Phrasings
    joining: Phrasings
    correcting: Phrasings
    correcting_at_once: Phrasings
    asking: Phrasings
    asking_embedded: Phrasings
    asking_noun: Phrasings
    asking_two: Phrasings
    asking_all: Phrasings
    heard: tuple[str, ...]
    corrected: str
    untold: str
    nothing_told: str


@cache
def frame_of(language: Language) -> Frame:
    """The sentences of a language."""
    entry = table("memory_frames")[language]
    return Frame(
        telling=phrasings(entry["telling"]),
        joining=phrasings(entry["joining"]),
        correcting=phrasings(entry["correcting"]),
        correcting_at_once=phrasings(entry["correcting_at_once"]),
        asking=phrasings(entry["asking"]),
        asking_embedded=phrasings(entry["asking_embedded"]),
        asking_noun=phrasings(entry["asking_noun"]),
        asking_two=phrasings(entry["asking_two"]),
        asking_all=phrasings(entry["asking_all"]),
        heard=tuple(texts(entry, "heard")),
        corrected=entry["corrected"],
        untold=entry["untold"],
        nothing_told=entry["nothing_told"],
    )


def phrasings(entry: dict[str, Any]) -> Phrasings:
    """The templates of one purpose, as a table holds them."""
    return Phrasings(train=tuple(texts(entry, "train")), held_out=tuple(texts(entry, "held_out")))
