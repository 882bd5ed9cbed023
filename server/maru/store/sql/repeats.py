"""Idempotency keys: which response a key started, for a day."""

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from maru.store.base import (
    IDEMPOTENCY_KEYS_KEPT_S,
    IdempotencyKeyTakenError,
    KeyedResponse,
    NewResponse,
    NotFoundError,
)
from maru.store.sql.schema import idempotency_keys


def one_keyed_response(connection: Connection, owner: str, key: str, now: int) -> KeyedResponse:
    """What the key started a short while ago.

    Raises:
        NotFoundError: nothing.
    """
    query = select(idempotency_keys.c.response_id, idempotency_keys.c.fingerprint).where(
        idempotency_keys.c.owner_id == owner,
        idempotency_keys.c.value == key,
        idempotency_keys.c.created_at > now - IDEMPOTENCY_KEYS_KEPT_S,
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError("idempotency key", key)
    return KeyedResponse(row.response_id, row.fingerprint)


def drop_old_keys(connection: Connection, owner: str, now: int) -> None:
    """Forget what the owner's keys started too long ago."""
    is_old = idempotency_keys.c.created_at <= now - IDEMPOTENCY_KEYS_KEPT_S
    connection.execute(delete(idempotency_keys).where(idempotency_keys.c.owner_id == owner, is_old))


def require_free_key(connection: Connection, owner: str, new: NewResponse) -> None:
    """Make sure that the key of a new response, if it has one, may start it.

    Raises:
        IdempotencyKeyTakenError: it started another one.
    """
    if new.idempotency_key is None:
        return
    drop_old_keys(connection, owner, new.created_at)
    try:
        one_keyed_response(connection, owner, new.idempotency_key.value, new.created_at)
    except NotFoundError:
        return
    raise _taken(new.idempotency_key.value)


def keep_key(connection: Connection, owner: str, new: NewResponse) -> None:
    """Remember which response the key started; the response is there already.

    Raises:
        IdempotencyKeyTakenError: another server was quicker.
    """
    if new.idempotency_key is None:
        return
    row = insert(idempotency_keys).values(
        owner_id=owner,
        value=new.idempotency_key.value,
        fingerprint=new.idempotency_key.fingerprint,
        response_id=new.id,
        created_at=new.created_at,
    )
    try:
        connection.execute(row)
    except IntegrityError as error:
        raise _taken(new.idempotency_key.value) from error


def _taken(key: str) -> IdempotencyKeyTakenError:
    return IdempotencyKeyTakenError(f"idempotency key {key!r} has started a response already")
