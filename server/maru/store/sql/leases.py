"""Leases: which server process runs what, and how that is taken away from one that is gone."""

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from maru.store.base import LeaseLostError
from maru.store.leases import Lease
from maru.store.sql.schema import IS_RUNNING, responses, servers

# The row stays locked to the end: whoever takes the lease meanwhile then sees what was started under it.
_HELD = select(servers.c.id).where(servers.c.id == bindparam("its_id")).with_for_update(read=True)


def insert_lease(connection: Connection, server_id: str, lease_until: int) -> None:
    """A new lease."""
    connection.execute(insert(servers).values(id=server_id, lease_until=lease_until))


def renew(connection: Connection, server_id: str, lease_until: int) -> bool:
    """Whether the lease is still held; then it is longer now."""
    query = update(servers).where(servers.c.id == server_id).values(lease_until=lease_until)
    return connection.execute(query).rowcount == 1


def require_lease(connection: Connection, server_id: str | None) -> None:
    """Make sure that this server may start something.

    Raises:
        LeaseLostError: its lease was taken away.
    """
    if server_id is None:
        return
    if connection.execute(_HELD, {"its_id": server_id}).one_or_none() is None:
        raise LeaseLostError(f"server {server_id!r} holds no lease any more")


def all_leases(connection: Connection) -> tuple[Lease, ...]:
    """Every lease that is held."""
    return tuple(Lease(row.id, row.lease_until) for row in connection.execute(select(servers)))


def take(connection: Connection, lease: Lease) -> bool:
    """Whether the lease was still as it was read; then its responses have no server now."""
    query = delete(servers).where(servers.c.id == lease.server_id, servers.c.lease_until == lease.lease_until)
    if connection.execute(query).rowcount == 0:
        return False
    left = update(responses).where(responses.c.server_id == lease.server_id, IS_RUNNING)
    connection.execute(left.values(server_id=None))
    return True


def marked(connection: Connection, server_id: str) -> tuple[str, ...]:
    """Ids of what this server runs and is asked to stop."""
    is_asked = responses.c.is_stop_asked.is_not(None)
    query = select(responses.c.id).where(responses.c.server_id == server_id, is_asked, IS_RUNNING)
    return tuple(connection.execute(query).scalars())
