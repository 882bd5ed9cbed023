"""Rules of `maru/turns/leases.py`: one server watches another."""

import asyncio

import pytest

from maru.store.base import StoreFullError
from maru.store.in_memory import InMemoryStore
from maru.turns.leases import LEASE_S, Leases
from support.stores import message, new_response


class _Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _nothing() -> None:
    pass


async def test_a_lease_that_nobody_renews_is_taken_after_its_time() -> None:
    """Its responses are ended, and not before."""
    store, clock = InMemoryStore(), _Watch()
    owner = (await store.local_owner()).id
    await store.open_lease("srv_silent", lease_until=10)
    await store.start_response(owner, new := new_response(message(), server_id="srv_silent"))
    leases = Leases(store, _nothing, clock)
    await leases.open()
    for clock.now in (5.0, 10.0, LEASE_S - 1):
        await leases.sweep()
    assert {lease.server_id for lease in await store.leases()} == {"srv_silent", leases.server_id}
    clock.now = LEASE_S
    await leases.sweep()
    assert [lease.server_id for lease in await store.leases()] == [leases.server_id]
    assert not (await store.response_for(owner, new.id)).is_running


async def test_who_slept_itself_takes_nobody_for_gone() -> None:
    """The whole computer may have slept, and the others have not had the time to say that they live."""
    store, clock = InMemoryStore(), _Watch()
    await store.open_lease("srv_other", lease_until=10)
    leases = Leases(store, _nothing, clock)
    await leases.open()
    for clock.now in (1000.0, 1005.0, 1010.0):
        await leases.sweep()
    assert len(await store.leases()) == 2
    clock.now = 1000.0 + LEASE_S
    await leases.sweep()
    assert len(await store.leases()) == 1


async def test_a_lease_that_is_renewed_is_left_alone() -> None:
    """However far apart the clocks of the two servers are."""
    store, clock = InMemoryStore(), _Watch()
    await store.open_lease("srv_other", lease_until=0)
    leases = Leases(store, _nothing, clock)
    await leases.open()
    for clock.now in range(0, 100, 5):
        await store.renew_lease("srv_other", lease_until=-int(clock.now) - 1)
        await leases.sweep()
    assert len(await store.leases()) == 2


async def test_a_full_disk_does_not_keep_a_server_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stored can be read; a lease is held when there is room again."""
    store = InMemoryStore()
    leases = Leases(store, _nothing)

    async def full(server_id: str, *, lease_until: int) -> None:
        raise StoreFullError("full")

    with monkeypatch.context() as patched:
        patched.setattr(store, "open_lease", full)
        await leases.open()
        with pytest.raises(StoreFullError):
            await leases.renew()
    await leases.renew()
    assert [lease.server_id for lease in await store.leases()] == [leases.server_id]


async def test_a_server_that_lost_its_lease_begins_anew() -> None:
    """And is told, so that it stops what it ran."""
    store, told = InMemoryStore(), list[str]()
    leases = Leases(store, lambda: told.append("lost"))
    await leases.open()
    old = leases.server_id
    await leases.renew()
    assert (leases.server_id, told) == (old, [])
    (lease,) = await store.leases()
    await store.take_lease(lease)
    await leases.renew()
    assert leases.server_id != old
    assert told == ["lost"]
    assert [lease.server_id for lease in await store.leases()] == [leases.server_id]
    await leases.close()
    assert await store.leases() == ()


async def test_two_that_find_the_lease_gone_begin_anew_once() -> None:
    """A response that was started under the first new lease would be nobody's under a second."""
    store, told = InMemoryStore(), list[str]()
    leases = Leases(store, lambda: told.append("lost"))
    await leases.open()
    (lease,) = await store.leases()
    await store.take_lease(lease)
    renew = store.renew_lease

    async def slowly(server_id: str, *, lease_until: int) -> bool:
        await asyncio.sleep(0)
        return await renew(server_id, lease_until=lease_until)

    store.renew_lease = slowly  # type: ignore[method-assign]
    await asyncio.gather(leases.renew(), leases.renew())
    assert told == ["lost"]
    assert [lease.server_id for lease in await store.leases()] == [leases.server_id]
