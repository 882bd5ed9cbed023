"""Conversations: make, list, change, lock, remove."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, insert, select, true, tuple_, update
from sqlalchemy.exc import IntegrityError

from maru.store.base import RUNNING, Conversation, ConversationLockedError, NotFoundError
from maru.store.paging import PageQuery
from maru.store.shelves import NO_FOLDER, Shelf
from maru.store.sql.rows import CONVERSATION, conversation_of, metadata_text
from maru.store.sql.schema import IS_PINNED, IS_RUNNING, conversations, responses

# Made once: to put a statement together takes as long as to run it, and these are run for every answer.
_ONE = select(*CONVERSATION).where(
    conversations.c.owner_id == bindparam("its_owner"), conversations.c.id == bindparam("its_id")
)
_ONE_HELD = _ONE.with_for_update()
_RUNNING_IN = (
    select(responses.c.id, responses.c.input_leaf_id)
    .where(
        responses.c.conversation_id == bindparam("its_id"), responses.c.owner_id == bindparam("its_owner"), IS_RUNNING
    )
    .order_by(responses.c.created_at, responses.c.id)
)


def insert_conversation(connection: Connection, owner: str, conversation: Conversation) -> None:
    """Keep a new conversation.

    Raises:
        NotFoundError: the owner does not exist.
    """
    row = insert(conversations).values(
        id=conversation.id,
        owner_id=owner,
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
        title=conversation.title,
        metadata=metadata_text(conversation.metadata),
        head_id=conversation.head_id,
        is_pinned=True if conversation.is_pinned else None,
        archived_at=conversation.updated_at if conversation.is_archived else None,
    )
    try:
        connection.execute(row)
    except IntegrityError as error:
        raise NotFoundError("user", owner) from error


def one_conversation(connection: Connection, owner: str, conversation_id: str) -> Conversation:
    """One conversation.

    Raises:
        NotFoundError: the owner has no such conversation.
    """
    row = connection.execute(_ONE, {"its_owner": owner, "its_id": conversation_id}).one_or_none()
    if row is None:
        raise NotFoundError("conversation", conversation_id)
    return conversation_of(row)


def unlocked_conversation(connection: Connection, owner: str, conversation_id: str) -> Conversation:
    """One conversation in which nothing runs, held against other writers until the transaction ends.

    Raises:
        NotFoundError: the owner has no such conversation.
        ConversationLockedError: a response is running in it.
    """
    conversation = held_conversation(connection, owner, conversation_id)
    if running := running_in(connection, owner, conversation_id):
        raise ConversationLockedError(conversation_id, next(iter(running)))
    return conversation


def held_conversation(connection: Connection, owner: str, conversation_id: str) -> Conversation:
    """One conversation, held against other writers until the transaction ends.

    Raises:
        NotFoundError: the owner has no such conversation.
    """
    row = connection.execute(_ONE_HELD, {"its_owner": owner, "its_id": conversation_id}).one_or_none()
    if row is None:
        raise NotFoundError("conversation", conversation_id)
    return conversation_of(row)


def running_in(connection: Connection, owner: str, conversation_id: str) -> dict[str, str | None]:
    """Responses that run in a conversation, oldest first: the id of each, and the item that its answer stands below."""
    rows = connection.execute(_RUNNING_IN, {"its_owner": owner, "its_id": conversation_id})
    return {row.id: row.input_leaf_id for row in rows}


def page_of(connection: Connection, owner: str, page: PageQuery, shelf: Shelf) -> tuple[tuple[Conversation, ...], bool]:
    """One page by last change, and whether more follow.

    Raises:
        NotFoundError: `page.after` is no conversation of the owner.
    """
    rank = tuple_(conversations.c.updated_at, conversations.c.id)
    query = select(*CONVERSATION).where(conversations.c.owner_id == owner, *_is_on(shelf)).limit(page.limit + 1)
    if page.order == "desc":
        query = query.order_by(conversations.c.updated_at.desc(), conversations.c.id.desc())
    else:
        query = query.order_by(conversations.c.updated_at, conversations.c.id)
    if page.after is not None:
        last = one_conversation(connection, owner, page.after)
        last_rank = tuple_(last.updated_at, last.id)
        query = query.where(rank < last_rank if page.order == "desc" else rank > last_rank)
    found = tuple(conversation_of(row) for row in connection.execute(query))
    return found[: page.limit], len(found) > page.limit


def _is_on(shelf: Shelf) -> Iterator[ColumnElement[bool]]:
    if shelf.is_pinned is not None:
        yield and_(IS_PINNED) if shelf.is_pinned else conversations.c.is_pinned.is_not(true())
    if shelf.is_archived is not None:
        archived_at = conversations.c.archived_at
        yield archived_at.is_not(None) if shelf.is_archived else archived_at.is_(None)
    if shelf.folder_id is not None:
        folder_id = conversations.c.folder_id
        yield folder_id.is_(None) if shelf.folder_id == NO_FOLDER else folder_id == shelf.folder_id


def change(connection: Connection, owner: str, conversation_id: str, **values: object) -> None:
    """Set columns of a conversation that is known to exist."""
    connection.execute(
        update(conversations)
        .where(conversations.c.owner_id == owner, conversations.c.id == conversation_id)
        .values(**values)
    )


def remove(connection: Connection, owner: str, conversation_id: str) -> None:
    """Remove a conversation without items; its responses that have ended forget that they were in it."""
    connection.execute(
        update(responses)
        .where(
            responses.c.owner_id == owner,
            responses.c.conversation_id == conversation_id,
            responses.c.status.not_in(RUNNING),
        )
        .values(conversation_id=None)
    )
    connection.execute(
        delete(conversations).where(conversations.c.owner_id == owner, conversations.c.id == conversation_id)
    )
