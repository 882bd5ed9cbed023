"""Items and their tree: put below, read a branch, take one out, prune what nobody can reach."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Text, bindparam, delete, exists, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from maru.protocol.items import Item, encode_item
from maru.store.base import DuplicateIdError, NotFoundError, StoredItem
from maru.store.sql.among import among
from maru.store.sql.files import drop_unused, note_uses, used_by
from maru.store.sql.rows import ITEM, item_of
from maru.store.sql.schema import conversations, items, responses


def _way_to_root() -> Select[*tuple[Any, ...]]:
    owner = bindparam("its_owner", type_=Text)
    leaf = select(items.c.seq, items.c.parent_id).where(items.c.owner_id == owner, items.c.id == bindparam("its_leaf"))
    way = leaf.cte("way", recursive=True)
    parent = select(items.c.seq, items.c.parent_id).join(way, items.c.id == way.c.parent_id)
    way = way.union_all(parent.where(items.c.owner_id == owner))
    return select(*ITEM).join(way, items.c.seq == way.c.seq).order_by(items.c.seq)


_BRANCH = _way_to_root()


@dataclass(frozen=True, slots=True)
class Place:
    """Whose new items are, and what they belong to."""

    owner: str
    conversation_id: str | None
    response_id: str | None
    created_at: int


def put_below(
    connection: Connection, place: Place, parent_id: str | None, new: Sequence[Item]
) -> tuple[StoredItem, ...]:
    """Put items in a row below a parent that is known to exist.

    Raises:
        DuplicateIdError: the owner has an item of this id already.
    """
    if not new:
        return ()
    parents = (parent_id, *(item.id for item in new[:-1]))
    rows = [
        {
            "owner_id": place.owner,
            "id": item.id,
            "parent_id": parent,
            "conversation_id": place.conversation_id,
            "response_id": place.response_id,
            "created_at": place.created_at,
            "payload": encode_item(item).decode(),
        }
        for item, parent in zip(new, parents, strict=True)
    ]
    try:
        connection.execute(insert(items), rows)
    except IntegrityError as error:
        message = f"an item among {[item.id for item in new]} exists already"
        raise DuplicateIdError(message) from error
    note_uses(connection, place.owner, new)
    return tuple(
        StoredItem(item, parent, place.conversation_id, place.response_id, place.created_at)
        for item, parent in zip(new, parents, strict=True)
    )


def branch(connection: Connection, owner: str, leaf_id: str | None) -> tuple[StoredItem, ...]:
    """The way from the root to the leaf.

    Raises:
        NotFoundError: the owner has no such item.
    """
    if leaf_id is None:
        return ()
    found = tuple(item_of(row) for row in connection.execute(_BRANCH, {"its_owner": owner, "its_leaf": leaf_id}))
    if not found:
        raise NotFoundError("item", leaf_id)
    return found


def whole_tree(connection: Connection, owner: str, conversation_id: str) -> tuple[StoredItem, ...]:
    """Every item of a conversation in order of making, hence parents before children."""
    query = (
        select(*ITEM).where(items.c.owner_id == owner, items.c.conversation_id == conversation_id).order_by(items.c.seq)
    )
    return tuple(item_of(row) for row in connection.execute(query))


def one_item(connection: Connection, owner: str, conversation_id: str | None, item_id: str) -> StoredItem:
    """One item, in the conversation if one is named.

    Raises:
        NotFoundError: the owner has no such item there.
    """
    query = select(*ITEM).where(items.c.owner_id == owner, items.c.id == item_id)
    if conversation_id is not None:
        query = query.where(items.c.conversation_id == conversation_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError("item", item_id)
    return item_of(row)


def require_item(connection: Connection, owner: str, item_id: str, conversation_id: str | None) -> None:
    """Make sure that an item exists, in the conversation if one is named.

    Raises:
        NotFoundError: it does not.
    """
    query = select(literal(1)).where(items.c.owner_id == owner, items.c.id == item_id)
    if conversation_id is not None:
        query = query.where(items.c.conversation_id == conversation_id)
    if connection.execute(query).one_or_none() is None:
        raise NotFoundError("item", item_id)


def take_out(connection: Connection, owner: str, gone: Collection[str], parent_id: str | None) -> None:
    """Remove these items; whatever pointed to one of them points to `parent_id` from now on."""
    its_files = used_by(connection, owner, gone)
    for column in (items.c.parent_id, conversations.c.head_id, responses.c.input_leaf_id, responses.c.output_leaf_id):
        table = column.table
        connection.execute(
            update(table).where(table.c.owner_id == owner, among(column, gone)).values({column.name: parent_id})
        )
    connection.execute(delete(items).where(items.c.owner_id == owner, among(items.c.id, gone)))
    drop_unused(connection, owner, its_files)


def clear_conversation(connection: Connection, owner: str, conversation_id: str) -> None:
    """Remove every item of a conversation; chains that went on from it outside begin where they left it."""
    gone = select(items.c.id).where(items.c.owner_id == owner, items.c.conversation_id == conversation_id)
    its_files = used_by(connection, owner, gone)
    is_outside = items.c.conversation_id.is_distinct_from(conversation_id)
    connection.execute(
        update(items).where(items.c.owner_id == owner, items.c.parent_id.in_(gone), is_outside).values(parent_id=None)
    )
    for leaf in (responses.c.input_leaf_id, responses.c.output_leaf_id):
        connection.execute(
            update(responses).where(responses.c.owner_id == owner, leaf.in_(gone)).values({leaf.name: None})
        )
    connection.execute(delete(items).where(items.c.owner_id == owner, items.c.conversation_id == conversation_id))
    drop_unused(connection, owner, its_files)


def prune(connection: Connection, owner: str, candidates: Collection[str]) -> None:
    """Remove those items that belong to no conversation and no response and have nothing below them.

    What becomes bare by that goes too, up to the root: otherwise the words of a deleted chain would stay for ever
    where nobody can reach them.
    """
    below = items.alias("below")
    while candidates:
        is_bare = ~exists().where(below.c.owner_id == owner, below.c.parent_id == items.c.id)
        # Two questions: as one with "or" it would be asked of every response of the owner.
        is_input, is_output = (
            exists().where(responses.c.owner_id == owner, leaf == items.c.id)
            for leaf in (responses.c.input_leaf_id, responses.c.output_leaf_id)
        )
        query = select(items.c.id, items.c.parent_id).where(
            items.c.owner_id == owner,
            among(items.c.id, candidates),
            items.c.conversation_id.is_(None),
            items.c.response_id.is_(None),
            is_bare,
            ~is_input,
            ~is_output,
        )
        bare = (connection.execute(query)).all()
        ids = [row.id for row in bare]
        its_files = used_by(connection, owner, ids)
        connection.execute(delete(items).where(items.c.owner_id == owner, among(items.c.id, ids)))
        drop_unused(connection, owner, its_files)
        candidates = {row.parent_id for row in bare if row.parent_id is not None}
