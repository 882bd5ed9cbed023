"""What every store promises about leases and marks: one server runs a response, and only that one writes it."""

import asyncio
from dataclasses import replace

import pytest

from maru.store.base import LeaseLostError, NotFoundError, Store, StoredResponse
from maru.store.leases import Lease
from support.stores import checkpoint, finished, message, new_response


async def _started(store: Store, owner: str, server_id: str | None = "srv_1") -> str:
    new = new_response(message(), server_id=server_id)
    await store.start_response(owner, new)
    return new.id


async def _abandoned(store: Store) -> list[str]:
    return [response.id for _, response in await store.abandoned_responses()]


async def test_a_response_is_its_servers_until_it_ends(store: Store, owner: str) -> None:
    """Nobody else may end it, nor say how far it is; its server may, once."""
    await store.open_lease("srv_1", lease_until=10)
    await store.open_lease("srv_2", lease_until=10)
    response_id = await _started(store, owner)
    assert (await store.response_for(owner, response_id)).server_id == "srv_1"
    for other in ("srv_2", None):
        await store.checkpoint(other, [checkpoint(response_id, b'"other"')])
        assert not await store.finish_response(owner, finished(response_id, server_id=other))
    assert (await store.response_for(owner, response_id)).body == b'{"status":"in_progress"}'
    assert await store.log_of(owner, response_id, starting_after=-1) == ()
    await store.checkpoint("srv_1", [checkpoint(response_id, b'"own"')])
    assert (await store.response_for(owner, response_id)).body == b'"own"'
    assert await store.finish_response(owner, finished(response_id, server_id="srv_1"))
    assert not await store.finish_response(owner, finished(response_id, server_id="srv_1"))
    ended = await store.response_for(owner, response_id)
    assert (ended.status, ended.is_running, ended.server_id) == ("completed", False, None)


async def test_a_lease_is_told_as_it_was_renewed(store: Store) -> None:
    """Others watch whether it changes."""
    await store.open_lease("srv_1", lease_until=10)
    assert await store.renew_lease("srv_1", lease_until=20)
    assert await store.leases() == (Lease("srv_1", 20),)


async def test_a_lease_that_was_renewed_cannot_be_taken(store: Store) -> None:
    """It was only thought to have run out."""
    await store.open_lease("srv_1", lease_until=10)
    (seen,) = await store.leases()
    await store.renew_lease("srv_1", lease_until=20)
    assert not await store.take_lease(seen)
    assert await store.renew_lease("srv_1", lease_until=30)


async def test_one_of_several_takes_a_lease(store: Store) -> None:
    """Two servers find out at the same moment."""
    await store.open_lease("srv_1", lease_until=10)
    (seen,) = await store.leases()
    assert sorted(await asyncio.gather(*(store.take_lease(seen) for _ in range(4)))) == [False, False, False, True]


async def test_without_its_lease_a_server_writes_nothing(store: Store, owner: str) -> None:
    """It slept, and another one has ended its responses or is about to."""
    await store.open_lease("srv_1", lease_until=10)
    first, second = await _started(store, owner), await _started(store, owner)
    (seen,) = await store.leases()
    assert await _abandoned(store) == []
    await store.take_lease(seen)
    assert await _abandoned(store) == [first, second]
    assert not await store.renew_lease("srv_1", lease_until=20)
    with pytest.raises(LeaseLostError):
        await _started(store, owner)
    await store.checkpoint("srv_1", [checkpoint(first, b'"late"')])
    assert not await store.finish_response(owner, finished(first, server_id="srv_1"))
    assert (await store.response_for(owner, first)).body == b'{"status":"in_progress"}'
    results = await asyncio.gather(*(store.finish_response(owner, finished(first)) for _ in range(3)))
    assert sorted(results) == [False, False, True]
    assert await _abandoned(store) == [second]


async def test_taking_a_lease_leaves_what_has_ended_and_what_others_run(store: Store, owner: str) -> None:
    """Only the running responses of that server lose theirs."""
    await store.open_lease("srv_1", lease_until=10)
    await store.open_lease("srv_2", lease_until=10)
    ended, others = await _started(store, owner), await _started(store, owner, "srv_2")
    await store.finish_response(owner, finished(ended, server_id="srv_1"))
    await store.take_lease(next(lease for lease in await store.leases() if lease.server_id == "srv_1"))
    assert await _abandoned(store) == []
    assert (await store.response_for(owner, others)).server_id == "srv_2"
    assert [lease.server_id for lease in await store.leases()] == ["srv_2"]


async def test_a_mark_is_seen_by_the_server_that_runs_the_response(store: Store, owner: str) -> None:
    """And only while it runs."""
    await store.open_lease("srv_1", lease_until=10)
    await store.open_lease("srv_2", lease_until=10)
    marked, unmarked = await _started(store, owner), await _started(store, owner)
    assert await store.stop_marks("srv_1") == ()
    for _ in range(2):
        await store.ask_to_stop(owner, marked)
    assert await store.stop_marks("srv_1") == (marked,)
    assert await store.stop_marks("srv_2") == ()
    assert (await store.response_for(owner, marked)).is_stop_asked
    assert not (await store.response_for(owner, unmarked)).is_stop_asked
    await store.finish_response(owner, finished(marked, server_id="srv_1"))
    assert await store.stop_marks("srv_1") == ()


async def test_a_mark_on_what_has_ended_changes_nothing(store: Store, owner: str) -> None:
    """A stop comes late as often as not; a stranger's looks like that of a missing one."""
    response_id = await _started(store, owner, None)
    await store.finish_response(owner, finished(response_id))
    before: StoredResponse = await store.response_for(owner, response_id)
    await store.ask_to_stop(owner, response_id)
    assert await store.response_for(owner, response_id) == replace(before, is_stop_asked=False)
    with pytest.raises(NotFoundError):
        await store.ask_to_stop("user_stranger", response_id)
