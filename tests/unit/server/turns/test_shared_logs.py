"""Rules of `turns/shared_logs.py`."""

import asyncio
import gc
import zlib

import pytest

from maru.ids import new_id
from maru.protocol.builder import ResponseBuilder
from maru.store.base import LogPiece, NotFoundError
from maru.store.in_memory import InMemoryStore
from maru.turns.log import EventLog, Followed
from maru.turns.packing import pack
from maru.turns.shared_logs import SharedLogs
from support.responses import a_response
from support.stores import finished, message, new_response


class _CountingStore(InMemoryStore):
    """Counts how often a log was read."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0

    async def log_of(self, owner: str, response_id: str, *, starting_after: int) -> tuple[LogPiece, ...]:
        self.read += 1
        await asyncio.sleep(0)
        return await super().log_of(owner, response_id, starting_after=starting_after)


async def _ended(store: InMemoryStore, packed: bytes | None = None) -> tuple[str, str]:
    owner = (await store.local_owner()).id
    if packed is None:
        packed = pack(ResponseBuilder(a_response(), new_id).started())
    await store.start_response(owner, new := new_response(message()))
    await store.finish_response(owner, finished(new.id, packed_log=packed))
    return owner, new.id


async def test_all_who_follow_at_once_share_one_log() -> None:
    """Ten slow readers of a long answer must not hold ten copies of it."""
    store = _CountingStore()
    logs, (owner, response_id) = SharedLogs(store), await _ended(store)
    first, second = await asyncio.gather(*(logs.open(owner, response_id) for _ in range(2)))
    assert first is second is await logs.open(owner, response_id)
    assert isinstance(first, EventLog)
    assert first.size == 2
    assert store.read == 1


async def test_a_log_is_forgotten_with_its_last_follower() -> None:
    """The store has it."""
    store = _CountingStore()
    logs, (owner, response_id) = SharedLogs(store), await _ended(store)
    for read in (1, 2):
        log: Followed | None = await logs.open(owner, response_id)
        assert (log is not None, store.read) == (True, read)
        del log
        await asyncio.sleep(0)  # the task that read it is forgotten too
        gc.collect()


async def test_a_deleted_response_is_not_found_though_somebody_still_reads_it() -> None:
    """And nobody else's response is."""
    store = _CountingStore()
    logs, (owner, response_id) = SharedLogs(store), await _ended(store)
    log = await logs.open(owner, response_id)
    with pytest.raises(NotFoundError):
        await logs.open("user_stranger", response_id)
    await store.delete_response(owner, response_id)
    with pytest.raises(NotFoundError):
        await logs.open(owner, response_id)
    assert isinstance(log, EventLog)


async def test_what_cannot_be_read_is_told_to_all_who_asked_and_asked_again() -> None:
    """Also when the first of them has left meanwhile."""
    store = _CountingStore()
    logs, (owner, response_id) = SharedLogs(store), await _ended(store, b"damaged")
    first = asyncio.create_task(logs.open(owner, response_id))
    second = asyncio.create_task(logs.open(owner, response_id))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(zlib.error):
        await second
    with pytest.raises(zlib.error):
        await logs.open(owner, response_id)
