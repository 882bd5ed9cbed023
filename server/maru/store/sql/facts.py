"""The seam `store/facts.py` on a database."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, select, update

from maru.ids import new_id
from maru.protocol.facts import MAX_FACTS
from maru.store.base import DuplicateFactError, MemoryFullError, NotFoundError
from maru.store.facts import Fact, Memory, of_same_words
from maru.store.sql.conversations import one_conversation
from maru.store.sql.database import SqlPart
from maru.store.sql.schema import memory_facts, users

_COLUMNS = (
    memory_facts.c.id,
    memory_facts.c.text,
    memory_facts.c.conversation_id,
    memory_facts.c.created_at,
    memory_facts.c.updated_at,
)
_IS_USER = users.c.id == bindparam("its_owner")
# Made once: to put a statement together takes as long as to run it, and this is run for every answer.
_SHOWN = (
    select(*_COLUMNS)
    .join(users, users.c.id == memory_facts.c.owner_id)
    .where(_IS_USER, users.c.is_memory_on)
    .order_by(memory_facts.c.id)
)
_ALL = (
    select(users.c.is_memory_on, *_COLUMNS)
    .select_from(users.outerjoin(memory_facts, users.c.id == memory_facts.c.owner_id))
    .where(_IS_USER)
    .order_by(memory_facts.c.id)
)
# The row stays locked to the end: of two that add at once, the second sees what the first has added.
_ALONE = select(users.c.id).where(_IS_USER).with_for_update()


class SqlFacts(SqlPart):
    """A `FactStore`."""

    async def memory_of(self, owner: str) -> Memory:
        """See `FactStore.memory_of`."""
        return await self._database.read(partial(_memory, owner=owner))

    async def shown_facts(self, owner: str) -> tuple[Fact, ...]:
        """See `FactStore.shown_facts`."""

        def read(connection: Connection) -> tuple[Fact, ...]:
            return tuple(Fact(*row) for row in connection.execute(_SHOWN, {"its_owner": owner}))

        return await self._database.read(read)

    async def set_memory_on(self, owner: str, *, is_on: bool) -> None:
        """See `FactStore.set_memory_on`."""

        def turn(connection: Connection) -> None:
            if connection.execute(update(users).where(users.c.id == owner).values(is_memory_on=is_on)).rowcount == 0:
                raise NotFoundError("user", owner)

        await self._database.write(turn)

    async def add_fact(self, owner: str, text: str, *, conversation_id: str | None, now: int) -> Fact:
        """See `FactStore.add_fact`."""
        new = Fact(new_id("fact"), text, conversation_id, now, now)
        await self._database.write(partial(_put, owner=owner, new=new))
        return new

    async def change_fact(self, owner: str, fact_id: str, text: str, *, now: int) -> Fact:
        """See `FactStore.change_fact`."""

        def change(connection: Connection) -> Fact:
            facts = {fact.id: fact for fact in _facts_alone(connection, owner)}
            if (old := facts.pop(fact_id, None)) is None:
                raise NotFoundError("fact", fact_id)
            _require_new_words(facts.values(), text)
            connection.execute(update(memory_facts).where(_is_it(owner, fact_id)).values(text=text, updated_at=now))
            return replace(old, text=text, updated_at=now)

        return await self._database.write(change)

    async def remove_fact(self, owner: str, fact_id: str) -> None:
        """See `FactStore.remove_fact`."""

        def remove(connection: Connection) -> None:
            if connection.execute(delete(memory_facts).where(_is_it(owner, fact_id))).rowcount == 0:
                raise NotFoundError("fact", fact_id)

        await self._database.write(remove)

    async def remove_facts(self, owner: str) -> None:
        """See `FactStore.remove_facts`."""

        def remove(connection: Connection) -> None:
            connection.execute(delete(memory_facts).where(memory_facts.c.owner_id == owner))

        await self._database.write(remove)


def _memory(connection: Connection, owner: str) -> Memory:
    rows = connection.execute(_ALL, {"its_owner": owner}).all()
    facts = tuple(Fact(*columns) for _, *columns in rows if columns[0] is not None)
    return Memory(bool(rows and rows[0].is_memory_on), facts)


def _facts_alone(connection: Connection, owner: str) -> tuple[Fact, ...]:
    """All facts of the owner, which nobody else changes until the end of the transaction."""
    connection.execute(_ALONE, {"its_owner": owner})
    return _memory(connection, owner).facts


def _put(connection: Connection, owner: str, new: Fact) -> None:
    if connection.execute(_ALONE, {"its_owner": owner}).one_or_none() is None:
        raise NotFoundError("user", owner)
    if new.conversation_id is not None:
        one_conversation(connection, owner, new.conversation_id)
    facts = _memory(connection, owner).facts
    _require_new_words(facts, new.text)
    if len(facts) >= MAX_FACTS:
        raise MemoryFullError(f"there are {MAX_FACTS} facts already")
    row = insert(memory_facts).values(
        id=new.id,
        owner_id=owner,
        text=new.text,
        conversation_id=new.conversation_id,
        created_at=new.created_at,
        updated_at=new.updated_at,
    )
    connection.execute(row)


def _require_new_words(facts: Iterable[Fact], text: str) -> None:
    if (same := of_same_words(facts, text)) is not None:
        raise DuplicateFactError(same.id)


def _is_it(owner: str, fact_id: str) -> ColumnElement[bool]:
    return (memory_facts.c.owner_id == owner) & (memory_facts.c.id == fact_id)
