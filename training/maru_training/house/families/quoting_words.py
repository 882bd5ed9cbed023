"""What the numbered passages speak of: made-up places and what is said and asked of them, from `quoting.toml`."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from maru_training.house.families.base import Language
from maru_training.house.families.tables import table, texts


@dataclass(frozen=True, slots=True)
class Relation:
    """One thing that can be said of a place: what `values.value` draws, how it is told and asked."""

    kind: str
    tells: tuple[str, ...]
    asks: tuple[str, ...]
    held_out_ask: str


@cache
def relations(language: Language) -> Sequence[Relation]:
    """Everything that can be said of a place."""
    return tuple(
        Relation(entry["kind"], tuple(texts(entry, "tells")), tuple(texts(entry, "asks")), entry["held_out_ask"])
        for entry in table("quoting")[language]["relations"]
    )


@cache
def place_types(language: Language) -> Sequence[str]:
    """What a place may be, such as "bridge"."""
    return texts(table("quoting")[language], "types")


@cache
def choices(language: Language, kind: str) -> Sequence[str]:
    """The values of a kind that `values.value` does not know."""
    return texts(table("quoting")[language]["choices"], kind)


@cache
def layouts(language: Language) -> Sequence[str]:
    """Ways to put the passages {p} and the question {q} into one message."""
    return texts(table("quoting")[language], "layouts")


def missing(language: Language) -> str:
    """The reply when no passage has the answer."""
    reply: str = table("quoting")[language]["missing"]
    return reply
