"""Responses: their start, their checkpoints, their one end."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from maru.store.base import (
    RUNNING,
    Checkpoint,
    DuplicateIdError,
    FinishedResponse,
    NewResponse,
    NotFoundError,
    StoredResponse,
)
from maru.store.beside import require_room
from maru.store.sql.contexts import keep_ledger
from maru.store.sql.conversations import change, held_conversation, one_conversation, running_in
from maru.store.sql.leases import require_lease
from maru.store.sql.logs import keep_pieces, keep_whole
from maru.store.sql.repeats import keep_key, require_free_key
from maru.store.sql.rows import RESPONSE, response_of
from maru.store.sql.schema import IS_RUNNING, conversations, items, responses
from maru.store.sql.tree import Place, prune, put_below, require_item

# Made once: to put a statement together takes as long as to run it, and these are run for every answer.
_IS_IT = (responses.c.owner_id == bindparam("its_owner")) & (responses.c.id == bindparam("its_id"))
_IS_ITS_SERVERS = responses.c.server_id.is_not_distinct_from(bindparam("its_server_id")) & IS_RUNNING
_ONE = select(*RESPONSE).where(_IS_IT)
_STATUS = select(responses.c.status).where(_IS_IT)
_PLACE = select(
    responses.c.conversation_id, responses.c.created_at, responses.c.input_leaf_id, responses.c.output_leaf_id
).where(_IS_IT)
_NEW_BODY = (
    update(responses).where(responses.c.id == bindparam("its_id"), _IS_ITS_SERVERS).values(body=bindparam("new_body"))
)
_END = (
    update(responses)
    .where(_IS_IT, _IS_ITS_SERVERS)
    .values(
        status=bindparam("new_status"),
        body=bindparam("new_body"),
        completed_at=bindparam("new_completed_at"),
        server_id=None,
        conversation_id=bindparam("new_conversation_id"),
        output_leaf_id=bindparam("new_output_leaf_id"),
    )
)


def start(connection: Connection, owner: str, new: NewResponse) -> None:
    """Write the response and its input items and move the conversation's head.

    Raises:
        LeaseLostError: its server holds no lease.
        NotFoundError: conversation or parent are not there.
        IdempotencyKeyTakenError: its key has started another response.
        ConversationLockedError: what runs in the conversation must end first.
        DuplicateIdError: an id is taken.
    """
    require_lease(connection, new.server_id)
    require_free_key(connection, owner, new)
    if new.conversation_id is not None:
        held_conversation(connection, owner, new.conversation_id)
        require_room(new, new.conversation_id, running_in(connection, owner, new.conversation_id).items())
    if new.parent_id is not None:
        require_item(connection, owner, new.parent_id, new.conversation_id)
    leaf_id = new.input_items[-1].id if new.input_items else new.parent_id
    row = {
        "id": new.id,
        "owner_id": owner,
        "status": new.status,
        "model": new.model,
        "created_at": new.created_at,
        "request": "",
        "body": new.body.decode(),
        "conversation_id": new.conversation_id,
        "previous_response_id": new.previous_response_id,
        "input_leaf_id": leaf_id,
        "output_leaf_id": leaf_id,
        "server_id": new.server_id,
        "is_streamed": new.is_streamed,
    }
    try:
        connection.execute(insert(responses), row)
    except IntegrityError as error:
        message = f"response {new.id!r} exists already"
        raise DuplicateIdError(message) from error
    keep_key(connection, owner, new)
    place = Place(owner, new.conversation_id, new.id, new.created_at)
    put_below(connection, place, new.parent_id, new.input_items)
    if new.conversation_id is not None and new.input_items:
        title = func.coalesce(conversations.c.title, new.title)
        change(connection, owner, new.conversation_id, head_id=leaf_id, updated_at=new.created_at, title=title)


def keep_checkpoints(connection: Connection, server_id: str | None, checkpoints: Sequence[Checkpoint]) -> None:
    """Write how far those are that this server still runs."""
    rows = [
        {"its_id": one.response_id, "its_server_id": server_id, "new_body": one.body.decode()} for one in checkpoints
    ]
    connection.execute(_NEW_BODY, rows)
    keep_pieces(connection, server_id, checkpoints)


def ask_to_stop(connection: Connection, owner: str, response_id: str) -> None:
    """Mark a response that still runs.

    Raises:
        NotFoundError: the owner has no such response.
    """
    one_response(connection, owner, response_id)
    is_it = (responses.c.owner_id == owner) & (responses.c.id == response_id)
    is_new = responses.c.is_stop_asked.is_(None)
    connection.execute(update(responses).where(is_it, is_new, IS_RUNNING).values(is_stop_asked=True))


def finish(connection: Connection, owner: str, finished: FinishedResponse) -> bool:
    """Write the end of a response that still runs and is its server's; whether it did.

    Raises:
        NotFoundError: the owner has no such response.
        DuplicateIdError: an item id is taken.
    """
    its = {"its_owner": owner, "its_id": finished.id}
    before = connection.execute(_PLACE, its).one_or_none()
    if before is None:
        raise NotFoundError("response", finished.id)
    # Its conversation may have been deleted while it ran: the answer must not come back as a chain of its own.
    is_lost = before.conversation_id is not None and not _is_there(connection, owner, before.conversation_id)
    output = () if is_lost else finished.output_items
    leaf_id = output[-1].id if output else before.output_leaf_id
    # All in one, because a row that may be megabytes is written again by each.
    values = {
        "its_server_id": finished.server_id,
        "new_status": finished.status,
        "new_body": finished.body.decode(),
        "new_completed_at": finished.completed_at,
        "new_conversation_id": None if is_lost else before.conversation_id,
        "new_output_leaf_id": leaf_id,
    }
    if connection.execute(_END, its | values).rowcount == 0:
        return False
    keep_whole(connection, finished.id, finished.packed_log)
    keep_ledger(connection, owner, finished)
    if output:
        now = finished.completed_at or before.created_at
        put_below(connection, Place(owner, before.conversation_id, finished.id, now), before.input_leaf_id, output)
        if before.conversation_id is not None:
            change(connection, owner, before.conversation_id, head_id=leaf_id, updated_at=now)
    return True


def one_response(connection: Connection, owner: str, response_id: str) -> StoredResponse:
    """One response.

    Raises:
        NotFoundError: the owner has no such response.
    """
    row = connection.execute(_ONE, {"its_owner": owner, "its_id": response_id}).one_or_none()
    if row is None:
        raise NotFoundError("response", response_id)
    return response_of(row)


def responses_in(connection: Connection, owner: str, conversation_id: str) -> tuple[StoredResponse, ...]:
    """All responses of a conversation, oldest first."""
    query = (
        select(*RESPONSE)
        .where(responses.c.conversation_id == conversation_id, responses.c.owner_id == owner)
        .order_by(responses.c.created_at, responses.c.id)
    )
    return tuple(response_of(row) for row in connection.execute(query))


def abandoned(connection: Connection) -> tuple[tuple[str, StoredResponse], ...]:
    """Owner and response of all that have no end yet and no server, oldest first."""
    has_none = responses.c.server_id.is_(None)
    query = select(responses.c.owner_id, *RESPONSE).where(IS_RUNNING, has_none).order_by(responses.c.id)
    return tuple((row.owner_id, response_of(row[1:])) for row in (connection.execute(query)).all())


def remove(connection: Connection, owner: str, response_id: str) -> None:
    """Remove a response, and its own items where they belong to no conversation and nothing hangs below them.

    Raises:
        NotFoundError: the owner has no such response.
    """
    response = one_response(connection, owner, response_id)
    query = select(items.c.id).where(items.c.owner_id == owner, items.c.response_id == response_id)
    own = set((connection.execute(query)).scalars())
    # The foreign key makes its items belong to no response; only then are they pruned.
    connection.execute(delete(responses).where(responses.c.owner_id == owner, responses.c.id == response_id))
    leaves = {leaf for leaf in (response.input_leaf_id, response.output_leaf_id) if leaf is not None}
    prune(connection, owner, own | leaves)


def is_running(connection: Connection, owner: str, response_id: str) -> bool:
    """Whether the end of a response is still to come; reads no body.

    Raises:
        NotFoundError: the owner has no such response.
    """
    status = connection.execute(_STATUS, {"its_owner": owner, "its_id": response_id}).scalar_one_or_none()
    if status is None:
        raise NotFoundError("response", response_id)
    return status in RUNNING


def _is_there(connection: Connection, owner: str, conversation_id: str) -> bool:
    try:
        one_conversation(connection, owner, conversation_id)
    except NotFoundError:
        return False
    return True
