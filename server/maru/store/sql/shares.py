"""The seam `store/shares.py` on a database."""

from functools import partial

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from maru.ids import new_id
from maru.store.base import NotFoundError, StoredItem
from maru.store.shares import MAX_SHARES, Share
from maru.store.sql import tree
from maru.store.sql.among import among
from maru.store.sql.database import SqlPart
from maru.store.sql.more_tables import shares

_COLUMNS = (
    shares.c.id,
    shares.c.token,
    shares.c.conversation_id,
    shares.c.leaf_id,
    shares.c.title,
    shares.c.created_at,
)
# Made once: to put a statement together takes as long as to run it, and anybody may ask for this.
_BY_TOKEN = select(shares.c.owner_id, *_COLUMNS).where(shares.c.token == bindparam("its_token"))


class SqlShares(SqlPart):
    """A `ShareStore`."""

    async def share(
        self, owner: str, conversation_id: str, leaf_id: str, *, token: str, title: str | None, now: int
    ) -> Share | None:
        """See `ShareStore.share`."""
        new = Share(new_id("share"), token, conversation_id, leaf_id, title, now)
        return await self._database.write(partial(_put, owner=owner, new=new))

    async def shares_of(self, owner: str) -> tuple[Share, ...]:
        """See `ShareStore.shares_of`."""

        def read(connection: Connection) -> tuple[Share, ...]:
            query = select(*_COLUMNS).where(shares.c.owner_id == owner).order_by(shares.c.id.desc())
            return tuple(Share(*row) for row in connection.execute(query))

        return await self._database.read(read)

    async def remove_share(self, owner: str, share_id: str) -> None:
        """See `ShareStore.remove_share`."""

        def remove(connection: Connection) -> None:
            is_it = (shares.c.owner_id == owner) & (shares.c.id == share_id)
            if connection.execute(delete(shares).where(is_it)).rowcount == 0:
                raise NotFoundError("share", share_id)

        await self._database.write(remove)

    async def shared(self, token: str) -> tuple[Share, tuple[StoredItem, ...]]:
        """See `ShareStore.shared`."""

        def read(connection: Connection) -> tuple[Share, tuple[StoredItem, ...]]:
            row = connection.execute(_BY_TOKEN, {"its_token": token}).one_or_none()
            if row is None:
                raise NotFoundError("share", token)
            owner, *columns = row
            share = Share(*columns)
            return share, tree.branch(connection, owner, share.leaf_id)

        return await self._database.read(read)


def end_higher(
    connection: Connection, owner: str, conversation_id: str, gone: list[str], parent_id: str | None
) -> None:
    """Items are about to be deleted: shares that ended with them end above, or have nothing to show any more."""
    is_theirs = (shares.c.owner_id == owner) & (shares.c.conversation_id == conversation_id)
    is_hit = is_theirs & among(shares.c.leaf_id, gone)
    connection.execute(
        delete(shares).where(is_hit) if parent_id is None else update(shares).where(is_hit).values(leaf_id=parent_id)
    )


def _put(connection: Connection, owner: str, new: Share) -> Share | None:
    tree.require_item(connection, owner, new.leaf_id, new.conversation_id)
    count = select(func.count()).select_from(shares).where(shares.c.owner_id == owner)
    if connection.execute(count).scalar_one() >= MAX_SHARES:
        return None
    row = insert(shares).values(
        id=new.id,
        owner_id=owner,
        token=new.token,
        conversation_id=new.conversation_id,
        leaf_id=new.leaf_id,
        title=new.title,
        created_at=new.created_at,
    )
    connection.execute(row)
    return new
