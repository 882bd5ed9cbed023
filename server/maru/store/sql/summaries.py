"""The seam `store/summaries.py` on a database."""

from functools import partial

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, select, update

from maru.ids import new_id
from maru.store.base import NotFoundError
from maru.store.sql import conversations, tree
from maru.store.sql.database import SqlPart
from maru.store.sql.schema import items, summaries
from maru.store.summaries import Summary

_COLUMNS = (
    summaries.c.id,
    summaries.c.conversation_id,
    summaries.c.last_item_id,
    summaries.c.text,
    summaries.c.model,
    summaries.c.created_at,
    summaries.c.edited_at,
)
# Made once: to put a statement together takes as long as to run it, and this is run for every answer.
_OF_CONVERSATION = (
    select(*_COLUMNS)
    .where(summaries.c.owner_id == bindparam("its_owner"), summaries.c.conversation_id == bindparam("its_id"))
    .order_by(summaries.c.id)
)


class SqlSummaries(SqlPart):
    """A `SummaryStore`, and what else in the database has to do with summaries."""

    async def add_summary(
        self, owner: str, conversation_id: str, *, last_item_id: str, text: str, model: str, now: int
    ) -> Summary:
        """See `SummaryStore.add_summary`."""
        new = Summary(new_id("sum"), conversation_id, last_item_id, text, model, now)
        return await self._database.write(partial(_put, owner=owner, new=new))

    async def summaries_of(self, owner: str, conversation_id: str) -> tuple[Summary, ...]:
        """See `SummaryStore.summaries_of`."""
        return await self._database.read(partial(_all_of, owner=owner, conversation_id=conversation_id))

    async def summary_for(self, owner: str, conversation_id: str, summary_id: str) -> Summary:
        """See `SummaryStore.summary_for`."""
        work = partial(_one, owner=owner, conversation_id=conversation_id, summary_id=summary_id)
        return await self._database.read(work)

    async def edit_summary(self, owner: str, conversation_id: str, summary_id: str, *, text: str, now: int) -> Summary:
        """See `SummaryStore.edit_summary`."""
        return await self._change(owner, conversation_id, summary_id, text=text, edited_at=now)

    async def renew_summary(
        self, owner: str, conversation_id: str, summary_id: str, *, text: str, model: str, now: int
    ) -> Summary:
        """See `SummaryStore.renew_summary`."""
        values = {"text": text, "model": model, "created_at": now, "edited_at": None}
        return await self._change(owner, conversation_id, summary_id, **values)

    async def delete_summary(self, owner: str, conversation_id: str, summary_id: str) -> None:
        """See `SummaryStore.delete_summary`."""

        def remove(connection: Connection) -> None:
            _one(connection, owner, conversation_id, summary_id)
            connection.execute(delete(summaries).where(_is_it(owner, summary_id)))

        await self._database.write(remove)

    async def _change(self, owner: str, conversation_id: str, summary_id: str, **values: object) -> Summary:
        def change(connection: Connection) -> Summary:
            _one(connection, owner, conversation_id, summary_id)
            connection.execute(update(summaries).where(_is_it(owner, summary_id)).values(**values))
            return _one(connection, owner, conversation_id, summary_id)

        return await self._database.write(change)


def drop_over(connection: Connection, owner: str, conversation_id: str, item_id: str) -> None:
    """Remove every summary that may hold words of this item, which is about to be deleted."""
    since = select(items.c.seq).where(items.c.owner_id == owner, items.c.id == item_id).scalar_subquery()
    later = select(items.c.id).where(
        items.c.owner_id == owner, items.c.conversation_id == conversation_id, items.c.seq >= since
    )
    is_its = (summaries.c.owner_id == owner) & (summaries.c.conversation_id == conversation_id)
    connection.execute(delete(summaries).where(is_its, summaries.c.last_item_id.in_(later)))


def summaries_in(connection: Connection, owner: str, conversation_id: str) -> tuple[Summary, ...]:
    """All summaries of a conversation that is known to exist."""
    found = connection.execute(_OF_CONVERSATION, {"its_owner": owner, "its_id": conversation_id})
    return tuple(Summary(*row) for row in found)


def _put(connection: Connection, owner: str, new: Summary) -> Summary:
    for there in reversed(_all_of(connection, owner, new.conversation_id)):
        if there.last_item_id == new.last_item_id:
            return there
    tree.require_item(connection, owner, new.last_item_id, new.conversation_id)
    row = insert(summaries).values(
        id=new.id,
        owner_id=owner,
        conversation_id=new.conversation_id,
        last_item_id=new.last_item_id,
        text=new.text,
        model=new.model,
        created_at=new.created_at,
    )
    connection.execute(row)
    return new


def _all_of(connection: Connection, owner: str, conversation_id: str) -> tuple[Summary, ...]:
    conversations.one_conversation(connection, owner, conversation_id)
    return summaries_in(connection, owner, conversation_id)


def _one(connection: Connection, owner: str, conversation_id: str, summary_id: str) -> Summary:
    query = select(*_COLUMNS).where(_is_it(owner, summary_id), summaries.c.conversation_id == conversation_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError("summary", summary_id)
    return Summary(*row)


def _is_it(owner: str, summary_id: str) -> ColumnElement[bool]:
    return (summaries.c.owner_id == owner) & (summaries.c.id == summary_id)
