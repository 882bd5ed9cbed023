"""The part of the store's seam that keeps what a person wants models to know in all conversations.

Nobody but the person writes here, and nothing of it is shown to a model until the person has turned memory on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from maru.store.words import composed


@dataclass(frozen=True, slots=True)
class Fact:
    """One line about a person; times are Unix seconds.

    Attributes:
        conversation_id: where it was said; it may be deleted by now, and the fact stays.
    """

    id: str
    text: str
    conversation_id: str | None
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Memory:
    """All facts of a person in the order of making, and whether models are shown them."""

    is_on: bool = False
    facts: tuple[Fact, ...] = ()


class FactStore(Protocol):
    """Facts of people; each method is one transaction."""

    async def memory_of(self, owner: str) -> Memory:
        """All facts, and whether memory is on; it is off until somebody turns it on."""
        ...

    async def shown_facts(self, owner: str) -> tuple[Fact, ...]:
        """What a model may be shown: all facts in the order of making while memory is on, else none."""
        ...

    async def set_memory_on(self, owner: str, *, is_on: bool) -> None:
        """Turn memory on or off; the facts stay."""
        ...

    async def add_fact(self, owner: str, text: str, *, conversation_id: str | None, now: int) -> Fact:
        """Keep one more fact.

        Raises:
            DuplicateFactError: there is one of the same words.
            MemoryFullError: there are `MAX_FACTS`.
        """
        ...

    async def change_fact(self, owner: str, fact_id: str, text: str, *, now: int) -> Fact:
        """Put other words in its place.

        Raises:
            DuplicateFactError: another one has these words.
        """
        ...

    async def remove_fact(self, owner: str, fact_id: str) -> None:
        """Forget one fact."""
        ...

    async def remove_facts(self, owner: str) -> None:
        """Forget all facts; memory stays on or off."""
        ...


def of_same_words(facts: Iterable[Fact], text: str) -> Fact | None:
    """The fact that says the same, whatever its capitals, its spaces and the way its letters are encoded."""
    words = _words(text)
    return next((fact for fact in facts if _words(fact.text) == words), None)


def _words(text: str) -> list[str]:
    return composed(text).casefold().split()
