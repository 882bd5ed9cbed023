"""The seam `store/contexts.py` on a database."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection, Text, bindparam, insert, select, update

from maru.store.base import FinishedResponse, StoredItem
from maru.store.sql.among import among_bound, packed
from maru.store.sql.database import SqlPart
from maru.store.sql.schema import context_ledger, items
from maru.store.sql.tree import one_item

_LEDGERS = select(context_ledger.c.response_id, context_ledger.c.payload).where(
    context_ledger.c.owner_id == bindparam("its_owner"),
    among_bound(context_ledger.c.response_id, bindparam("its_ids", type_=Text)),
)


class SqlContexts(SqlPart):
    """A `ContextStore`."""

    async def pin_item(self, owner: str, conversation_id: str, item_id: str, *, is_pinned: bool) -> StoredItem:
        """See `ContextStore.pin_item`."""

        def pin(connection: Connection) -> StoredItem:
            one_item(connection, owner, conversation_id, item_id)
            is_it = (items.c.owner_id == owner) & (items.c.id == item_id)
            connection.execute(update(items).where(is_it).values(is_pinned=is_pinned or None))
            return one_item(connection, owner, conversation_id, item_id)

        return await self._database.write(pin)

    async def ledgers_of(self, owner: str, response_ids: Sequence[str]) -> dict[str, bytes]:
        """See `ContextStore.ledgers_of`."""
        return await self._database.read(partial(_ledgers, owner=owner, response_ids=response_ids))


def keep_ledger(connection: Connection, owner: str, finished: FinishedResponse) -> None:
    """Keep what the model of a response was shown, if it was shown anything."""
    if finished.ledger is not None:
        row = {"response_id": finished.id, "owner_id": owner, "payload": finished.ledger.decode()}
        connection.execute(insert(context_ledger), row)


def _ledgers(connection: Connection, owner: str, response_ids: Sequence[str]) -> dict[str, bytes]:
    rows = connection.execute(_LEDGERS, {"its_owner": owner, "its_ids": packed(response_ids)})
    return {row.response_id: row.payload.encode() for row in rows}
