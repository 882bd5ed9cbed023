"""Users and the keys that open the door for them."""

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from maru.ids import new_id
from maru.store.base import NotFoundError
from maru.store.people import ApiKey, User
from maru.store.sql.rows import KEY, USER, key_of, user_of
from maru.store.sql.schema import api_keys, users

LOCAL_OWNER_NAME = "owner"
USE_IS_NOTED_EVERY_S = 60
# Made once: to put a statement together takes as long as to run it, and this is run for every request with a key.
_BY_HASH = (
    select(*USER, api_keys.c.last_used_at)
    .join(api_keys, api_keys.c.owner_id == users.c.id)
    .where(api_keys.c.secret_hash == bindparam("its_hash"), api_keys.c.revoked_at.is_(None))
)


def find_local_owner(connection: Connection) -> User | None:
    """The local owner, if there is one yet."""
    row = (connection.execute(select(*USER).where(users.c.is_local_owner))).one_or_none()
    return None if row is None else user_of(row)


def make_local_owner(connection: Connection, now: int) -> User:
    """The local owner; a new one if another task was not quicker."""
    if (found := find_local_owner(connection)) is not None:
        return found
    user = User(new_id("user"), LOCAL_OWNER_NAME, now, is_local_owner=True)
    connection.execute(
        insert(users).values(id=user.id, name=user.name, created_at=user.created_at, is_local_owner=True)
    )
    return user


def insert_key(connection: Connection, key: ApiKey, secret_hash: str) -> None:
    """Keep a key.

    Raises:
        NotFoundError: the user does not exist.
    """
    row = insert(api_keys).values(
        id=key.id,
        owner_id=key.user_id,
        name=key.name,
        secret_hash=secret_hash,
        prefix=key.prefix,
        created_at=key.created_at,
    )
    try:
        connection.execute(row)
    except IntegrityError as error:
        raise NotFoundError("user", key.user_id) from error


def keys_newest_first(connection: Connection, owner: str) -> tuple[ApiKey, ...]:
    """Every key of the owner."""
    query = select(*KEY).where(api_keys.c.owner_id == owner).order_by(api_keys.c.id.desc())
    return tuple(key_of(row) for row in connection.execute(query))


def revoke(connection: Connection, owner: str, key_id: str, now: int) -> ApiKey:
    """The key as revoked; the first revocation's time stays.

    Raises:
        NotFoundError: the owner has no such key.
    """
    is_it = (api_keys.c.owner_id == owner) & (api_keys.c.id == key_id)
    connection.execute(update(api_keys).where(is_it, api_keys.c.revoked_at.is_(None)).values(revoked_at=now))
    row = (connection.execute(select(*KEY).where(is_it))).one_or_none()
    if row is None:
        raise NotFoundError("key", key_id)
    return key_of(row)


def find_by_key(connection: Connection, secret_hash: str) -> tuple[User, int | None] | None:
    """Whose unrevoked key this is, and when its use was last noted."""
    row = connection.execute(_BY_HASH, {"its_hash": secret_hash}).one_or_none()
    if row is None:
        return None
    *columns, last_used_at = row
    return User(*columns), last_used_at


def note_use(connection: Connection, secret_hash: str, now: int) -> None:
    """Keep that the key was used now."""
    connection.execute(update(api_keys).where(api_keys.c.secret_hash == secret_hash).values(last_used_at=now))
