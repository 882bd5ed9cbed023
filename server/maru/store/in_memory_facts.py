"""The seam `store/facts.py` without a disk."""

from dataclasses import replace

from maru.ids import new_id
from maru.protocol.facts import MAX_FACTS
from maru.store.base import DuplicateFactError, MemoryFullError, NotFoundError
from maru.store.facts import Fact, Memory, of_same_words
from maru.store.in_memory_responses import one_conversation
from maru.store.in_memory_tree import InMemoryPart


class InMemoryFacts(InMemoryPart):
    """A `FactStore` in dicts."""

    async def memory_of(self, owner: str) -> Memory:
        """See `FactStore.memory_of`."""
        mine = self._peek(owner)
        return Memory(mine.is_memory_on, tuple(mine.facts.values()))

    async def shown_facts(self, owner: str) -> tuple[Fact, ...]:
        """See `FactStore.shown_facts`."""
        mine = self._peek(owner)
        return tuple(mine.facts.values()) if mine.is_memory_on else ()

    async def set_memory_on(self, owner: str, *, is_on: bool) -> None:
        """See `FactStore.set_memory_on`."""
        self._of(owner).is_memory_on = is_on

    async def add_fact(self, owner: str, text: str, *, conversation_id: str | None, now: int) -> Fact:
        """See `FactStore.add_fact`."""
        mine = self._of(owner)
        if conversation_id is not None:
            one_conversation(mine, conversation_id)
        if (same := of_same_words(mine.facts.values(), text)) is not None:
            raise DuplicateFactError(same.id)
        if len(mine.facts) >= MAX_FACTS:
            raise MemoryFullError(f"there are {MAX_FACTS} facts already")
        fact = Fact(new_id("fact"), text, conversation_id, now, now)
        mine.facts[fact.id] = fact
        return fact

    async def change_fact(self, owner: str, fact_id: str, text: str, *, now: int) -> Fact:
        """See `FactStore.change_fact`."""
        facts = self._peek(owner).facts
        if fact_id not in facts:
            raise NotFoundError("fact", fact_id)
        if (same := of_same_words((fact for fact in facts.values() if fact.id != fact_id), text)) is not None:
            raise DuplicateFactError(same.id)
        facts[fact_id] = replace(facts[fact_id], text=text, updated_at=now)
        return facts[fact_id]

    async def remove_fact(self, owner: str, fact_id: str) -> None:
        """See `FactStore.remove_fact`."""
        if self._peek(owner).facts.pop(fact_id, None) is None:
            raise NotFoundError("fact", fact_id)

    async def remove_facts(self, owner: str) -> None:
        """See `FactStore.remove_facts`."""
        self._peek(owner).facts.clear()
