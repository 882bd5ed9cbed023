"""The part of the store's seam that says which server process runs what.

A server holds one lease for all that it runs and renews it every few seconds. A lease that nobody renews is taken away
by another server; from then on the responses that ran under it belong to nobody, and whoever comes first ends them.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Lease:
    """The hold of one server process on the responses it runs.

    Attributes:
        lease_until: Unix seconds of the holder's own clock until which it promised to renew. Others must not compare
            it with theirs, which may stand elsewhere: they watch whether it changes.
        is_orphaned: the store can tell that the holder's process is gone; False also where it cannot tell.
    """

    server_id: str
    lease_until: int
    is_orphaned: bool = False


class LeaseStore(Protocol):
    """Who runs what; each method is one transaction."""

    async def open_lease(self, server_id: str, *, lease_until: int) -> None:
        """A server process begins; it may start responses from now on."""
        ...

    async def renew_lease(self, server_id: str, *, lease_until: int) -> bool:
        """Go on holding; False when the lease was taken away. Need not survive a power cut."""
        ...

    async def leases(self) -> tuple[Lease, ...]:
        """All that are held."""
        ...

    async def take_lease(self, lease: Lease) -> bool:
        """Take a lease away, unless it was renewed since it was read; of several that try at once one succeeds.

        Its running responses have no server from now on, and its holder can start, checkpoint and end nothing more.
        """
        ...

    async def stop_marks(self, server_id: str) -> tuple[str, ...]:
        """Ids of the responses this server runs and somebody else wants to be stopped."""
        ...
