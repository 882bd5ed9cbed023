"""One server's lease, and the taking of those whose servers are gone.

No two clocks are compared: a lease has run out when nobody renewed it for `LEASE_S` of the observer's own time. On one
computer the store also knows at once when a process has ended.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from maru.ids import new_id
from maru.store.base import Store, StoreError, StoreFullError
from maru.store.leases import Lease
from maru.turns.recovery import end_abandoned

logger = logging.getLogger(__name__)

LEASE_S = 15.0
RENEW_EVERY_S = 5.0
SLEPT_AFTER_S = 2 * RENEW_EVERY_S  # without a sweep: then this server was as silent as those it watches
SWEEP_EVERY_S = 1.0


class Leases:
    """The lease of this server; one per process."""

    def __init__(self, store: Store, lost: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        """Prepare.

        Args:
            store: where the leases are.
            lost: called when this server's lease was taken away; a new one is held by then.
            clock: seconds of a clock that is never set.
        """
        self._store = store
        self._lost = lost
        self._clock = clock
        self._own = Lease("", 0)
        self._renewing = asyncio.Lock()
        self._since: dict[Lease, float] = {}  # when each was first seen as it is
        self._swept_at = clock()

    @property
    def server_id(self) -> str:
        """Under which responses are started now."""
        return self._own.server_id

    async def open(self) -> None:
        """Hold a lease, and end what servers that are gone have left.

        Raises:
            StoreError: the store cannot be used; where only its disk is full, that is seen to later.
        """
        try:
            await self._take_up()
            await self.sweep()
        except StoreFullError:
            logger.exception("nothing can be written; what is stored can be read")

    async def keep(self) -> None:
        """Renew and sweep for ever."""
        renewed_at = self._clock()
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            try:
                if self._clock() - renewed_at >= RENEW_EVERY_S:
                    await self.renew()
                    renewed_at = self._clock()
                await self.sweep()
            except StoreError:
                logger.exception("the lease could not be seen to; the next time is in %.0f s", SWEEP_EVERY_S)
            except Exception:  # a task's outer edge: without it every run of this server would be taken away
                logger.exception("looking for what other servers left broke")

    async def renew(self) -> None:
        """Say that this server lives; where that comes too late, begin anew."""
        held = self.server_id
        # One at a time: what is started between two that begin anew would run under neither's lease.
        async with self._renewing:
            if self.server_id != held:
                return
            until = _until()
            if await self._store.renew_lease(held, lease_until=until):
                self._own = Lease(held, until)
                return
            logger.warning("this server was silent for so long that others have ended its responses")
            await self._take_up()
            self._lost()

    async def sweep(self) -> None:
        """Take every lease whose server is gone, and end what nobody runs."""
        now = self._clock()
        if now - self._swept_at > SLEPT_AFTER_S:
            self._since = {}
        others = [lease for lease in await self._store.leases() if lease.server_id != self.server_id]
        self._since = {lease: self._since.get(lease, now) for lease in others}
        for lease, since in self._since.items():
            if lease.is_orphaned or now - since >= LEASE_S:
                await self._store.take_lease(lease)
        await end_abandoned(self._store)
        self._swept_at = self._clock()

    async def close(self) -> None:
        """Let go; everything that ran has ended."""
        await self._store.take_lease(self._own)

    async def _take_up(self) -> None:
        own = Lease(new_id("srv"), _until())
        await self._store.open_lease(own.server_id, lease_until=own.lease_until)
        self._own = own


def _until() -> int:
    return int(time.time() + LEASE_S)
