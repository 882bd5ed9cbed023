"""The seam `store/search.py` on a database.

Titles are few, and are all read. Messages are found by an index of pieces (`sqlite_pieces.py`, `postgresql_pieces.py`),
which is filled behind the answers and not with them: up to `search_progress.last_seq` it is asked, and what is newer is
read. So what is written is found at once, no answer pays for it, and a database of an older Maru is indexed while it is
used.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import chain, islice
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    ColumnClause,
    ColumnElement,
    Connection,
    Row,
    Select,
    TableClause,
    bindparam,
    func,
    select,
    update,
)

from maru.protocol.items import decode_item
from maru.store.search import MOST_READ, Hit, SearchQuery
from maru.store.sql import postgresql_pieces, sqlite_pieces
from maru.store.sql.conversations import one_conversation
from maru.store.sql.database import SqlPart
from maru.store.sql.schema import conversations, items, search_progress
from maru.store.sql.tree import one_item
from maru.store.words import has_all, words_in


class PieceIndex(Protocol):
    """What the module of each database says and does about its index of pieces."""

    @property
    def TABLE(self) -> TableClause:  # noqa: N802 (a constant of a module)
        """The index itself."""
        ...

    @property
    def SEQ(self) -> ColumnClause[int]:  # noqa: N802 (a constant of a module)
        """Which item a row of the index is about."""
        ...

    @property
    def HAS_ALL(self) -> ColumnElement[bool]:  # noqa: N802 (a constant of a module)
        """Whether a row has all pieces of the parameter `its_pieces`."""
        ...

    def put_in(self, connection: Connection, rows: Iterable[tuple[int, str, str]]) -> None:
        """Index items that are not in the index: of each `seq`, owner and payload."""
        ...

    def empty(self, connection: Connection) -> None:
        """Take everything out of the index."""
        ...

    def asked(self, owner: str, words: Iterable[str]) -> str | None:
        """The value of `its_pieces` for items with these folded words; None: the index knows nothing of them."""
        ...


_INDEX: Mapping[str, PieceIndex] = {"postgresql": postgresql_pieces, "sqlite": sqlite_pieces}
INDEXED_AT_ONCE = 32  # some milliseconds, for which an answer's end may have to wait
READ_AT_ONCE = 64

_TITLES = (
    select(conversations.c.id, conversations.c.title, conversations.c.updated_at)
    .where(conversations.c.owner_id == bindparam("its_owner"), conversations.c.title.is_not(None))
    .order_by(conversations.c.updated_at.desc(), conversations.c.id.desc())
)
_BELOW = bindparam("below", type_=BigInteger)
_MESSAGES = (
    select(items.c.seq, items.c.payload, items.c.conversation_id, items.c.created_at, conversations.c.title)
    .join_from(items, conversations, items.c.conversation_id == conversations.c.id)
    .where(conversations.c.owner_id == bindparam("its_owner"))
    .limit(READ_AT_ONCE)
)
# An owner's items are found by the newest `seq`s, and not by the owner: those are few, all of his may be a million.
_NEWER = _MESSAGES.where(
    func.coalesce(items.c.owner_id, "") == bindparam("its_owner"),
    items.c.seq > bindparam("above", type_=BigInteger),
    items.c.seq < _BELOW,
).order_by(items.c.seq.desc())
_INDEXED = {
    name: _MESSAGES.join(index.TABLE, items.c.seq == index.SEQ)
    .where(items.c.owner_id == bindparam("its_owner"), index.HAS_ALL, index.SEQ < _BELOW)
    .order_by(index.SEQ.desc())
    for name, index in _INDEX.items()
}
_PROGRESS = select(search_progress.c.last_seq, search_progress.c.version)
_SEQ = select(items.c.seq).where(items.c.owner_id == bindparam("its_owner"), items.c.id == bindparam("its_id"))
_NEWEST = select(func.coalesce(func.max(items.c.seq), 0))
_NEXT = (
    select(items.c.seq, items.c.owner_id, items.c.payload)
    .where(items.c.seq > bindparam("above", type_=BigInteger))
    .order_by(items.c.seq)
    .limit(INDEXED_AT_ONCE)
)


class SqlSearch(SqlPart):
    """A `SearchStore`."""

    async def search(self, owner: str, query: SearchQuery) -> tuple[tuple[Hit, ...], bool]:
        """See `SearchStore.search`."""
        return await self._database.read(partial(_page, owner=owner, query=query))

    async def index_some(self) -> bool:
        """See `SearchStore.index_some`."""
        if await self._database.read(_is_complete):
            return False
        return await self._database.write_lightly(_index_some)


def _page(connection: Connection, owner: str, query: SearchQuery) -> tuple[tuple[Hit, ...], bool]:
    hits = chain(_titles(connection, owner, query), _messages(connection, owner, query))
    found = tuple(islice(hits, query.limit + 1))
    return found[: query.limit], len(found) > query.limit


def _titles(connection: Connection, owner: str, query: SearchQuery) -> Iterator[Hit]:
    last_rank = None
    if query.after is not None:
        if not query.after.startswith("conv_"):
            return
        last = one_conversation(connection, owner, query.after)
        last_rank = (last.updated_at, last.id)
    for id_, title, updated_at in connection.execute(_TITLES, {"its_owner": owner}):
        if (last_rank is None or (updated_at, id_) < last_rank) and has_all(title, query.words):
            yield Hit(id_, title, None, updated_at)


def _messages(connection: Connection, owner: str, query: SearchQuery) -> Iterator[Hit]:
    below = _below(connection, owner, query.after)
    kind = connection.dialect.name
    match = _INDEX[kind].asked(owner, query.words)
    done = 0 if match is None else _done(connection)
    its = {"its_owner": owner, "above": done, "its_pieces": match}
    newer = _newest_first(connection, _NEWER, its, below)
    indexed = iter(()) if match is None else _newest_first(connection, _INDEXED[kind], its, min(below, done + 1))
    for row in islice(chain(newer, indexed), MOST_READ):
        item = decode_item(row.payload)
        if has_all(words_in(item), query.words):
            yield Hit(row.conversation_id, row.title, item, row.created_at)


def _below(connection: Connection, owner: str, after: str | None) -> int:
    """The `seq` that every message of the page is older than."""
    if after is None or after.startswith("conv_"):
        return int(connection.execute(_NEWEST).scalar_one()) + 1
    one_item(connection, owner, None, after)
    return int(connection.execute(_SEQ, {"its_owner": owner, "its_id": after}).scalar_one())


def _newest_first(
    connection: Connection, statement: Select[*tuple[Any, ...]], its: dict[str, Any], below: int
) -> Iterator[Row[*tuple[Any, ...]]]:
    while True:
        rows = connection.execute(statement, its | {"below": below}).all()
        yield from rows
        if len(rows) < READ_AT_ONCE:
            return
        below = rows[-1].seq


def _done(connection: Connection) -> int:
    """Up to which `seq` everything is in the index."""
    last_seq, version = connection.execute(_PROGRESS).one()
    return int(last_seq) if version == sqlite_pieces.VERSION else 0


def _is_complete(connection: Connection) -> bool:
    return _done(connection) >= int(connection.execute(_NEWEST).scalar_one())


def _index_some(connection: Connection) -> bool:
    last_seq, version = connection.execute(_PROGRESS).one()
    index = _INDEX[connection.dialect.name]
    if version != sqlite_pieces.VERSION:
        index.empty(connection)
        last_seq = 0
    rows = connection.execute(_NEXT, {"above": last_seq}).all()
    if rows:
        index.put_in(connection, [(row.seq, row.owner_id, row.payload) for row in rows])
        last_seq = rows[-1].seq
    connection.execute(update(search_progress).values(last_seq=last_seq, version=sqlite_pieces.VERSION))
    return len(rows) == INDEXED_AT_ONCE
