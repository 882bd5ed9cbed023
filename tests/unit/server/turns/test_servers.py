"""Rules of `maru/turns/hub.py` for several servers on one store, and for what outlives a hub."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from maru.protocol.response import decode_response
from maru.store.base import FinishedResponse, NewResponse, NotFoundError, StoredResponse, StoreFullError
from maru.store.in_memory import InMemoryStore
from maru.turns import hub as hub_module
from maru.turns import run as run_module
from maru.turns import stored_log
from maru.turns.log import Followed
from maru.turns.run import Run
from maru.turns.stored_log import EventsNotKeptError, ended_elsewhere
from maru_backends.echo import EchoSettings
from support.service import LIMITS, RULES, Service, service, text_of
from support.stores import finished, message, new_response

STEADY = EchoSettings(script="count", tokens=100_000, pace_tokens_per_s=200)
SOON_OVER = EchoSettings(script="count", tokens=40, pace_tokens_per_s=200)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_log, "POLL_S", 0.02)
    monkeypatch.setattr(run_module, "FINISH_PAUSE_S", 0.01)


@asynccontextmanager
async def _two_servers(**models: EchoSettings) -> AsyncGenerator[tuple[Service, Service]]:
    store = InMemoryStore()
    async with (
        service(LIMITS, store=store, rules=RULES, memory=None, **models) as one,
        service(LIMITS, store=store, rules=RULES, memory=None, **models) as other,
    ):
        yield one, other


async def _bytes_of(log: Followed, starting_after: int = -1) -> list[str]:
    return [event.data async for batch in log.follow(starting_after) for event in batch]


async def _some_words(run: Run, count: int = 20) -> None:
    async for _ in run.log.follow():
        if run.log.size > count:
            return


async def _lose_its_lease(s: Service) -> None:
    """What another server does when this one was silent for too long."""
    lease = next(lease for lease in await s.store.leases() if lease.server_id == s.hub._leases.server_id)
    assert await s.store.take_lease(lease)


async def test_a_finished_answer_is_followed_from_the_store() -> None:
    """Byte for byte, from any number, when no hub remembers it."""
    async with service() as s:
        run = await s.start({"input": "안녕 👩‍👩‍👧 a b"})
        live = await _bytes_of(run.log)
        await run.ended()
        s.hub.forget(run.id)
        for number in range(-1, len(live) + 2):
            assert await _bytes_of(await s.hub.log_for(s.owner, run.id), number) == live[number + 1 :]


async def test_a_running_answer_is_followed_from_another_server() -> None:
    """By its checkpoints, to its end."""
    async with _two_servers(echo=SOON_OVER) as (one, other):
        run = await one.start({"input": "hi"})
        following = asyncio.create_task(_bytes_of(await other.hub.log_for(other.owner, run.id), 3))
        await _some_words(run)
        await one.hub.write_checkpoints()
        live = await _bytes_of(run.log)
        assert await following == live[4:]


async def test_who_follows_from_another_server_reads_no_whole_response(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked up every second by each follower, and its body may be megabytes."""
    async with _two_servers(echo=STEADY) as (one, other):
        run = await one.start({"input": "hi"})
        log = await other.hub.log_for(other.owner, run.id)
        read: list[str] = []
        whole = other.store.response_for

        async def counted(owner: str, response_id: str) -> StoredResponse:
            read.append(response_id)
            return await whole(owner, response_id)

        monkeypatch.setattr(other.store, "response_for", counted)
        following = asyncio.create_task(_bytes_of(log))
        waiting = asyncio.create_task(ended_elsewhere(other.store, other.owner, run.id))
        await _some_words(run)
        await one.hub.write_checkpoints()
        await one.hub.stop(one.owner, run.id)
        assert await following == await _bytes_of(run.log)
        assert not (await waiting).is_running
        assert read == [run.id]  # once, at its end


async def test_a_stop_reaches_the_server_that_runs_the_answer() -> None:
    """The caller gets the end, which does not change any more."""
    async with _two_servers(echo=STEADY) as (one, other):
        run = await one.start({"input": "hi"})
        await _some_words(run)
        stopping = asyncio.create_task(other.hub.stop(other.owner, run.id))
        await _mark_of(one)
        await one.hub.stop_marked()
        stopped = decode_response(await stopping)
        assert (stopped.status, text_of(stopped)) == ("cancelled", text_of(run.snapshot))
        assert run.has_ended
        for server in (one, other):
            assert decode_response(await server.hub.stop(server.owner, run.id)) == stopped
        with pytest.raises(NotFoundError):
            await other.hub.stop("user_stranger", run.id)


async def _mark_of(s: Service) -> None:
    async with asyncio.timeout(5):
        while not await s.store.stop_marks(s.hub._leases.server_id):  # noqa: ASYNC110 (another server)
            await asyncio.sleep(0)


async def test_what_cannot_be_written_does_not_keep_a_stop_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clockwork goes on, whatever broke in one of its parts."""
    monkeypatch.setattr(hub_module, "TICK_S", 0.01)
    async with _two_servers(echo=STEADY) as (one, other):
        run = await one.start({"input": "hi"})
        await _some_words(run)

        async def broken(*_: object) -> None:
            raise RuntimeError("broken")

        monkeypatch.setattr(one.store, "checkpoint", broken)
        await other.hub.stop(other.owner, run.id)
        assert run.has_ended


async def test_a_stop_ends_what_no_server_runs() -> None:
    """Its server died; nobody could stop it but the one who is asked."""
    async with _two_servers(echo=STEADY) as (one, other):
        run = await one.start({"input": "hi"})
        await _some_words(run)
        await one.hub.write_checkpoints()
        await _lose_its_lease(one)
        stopped = decode_response(await other.hub.stop(other.owner, run.id))
        assert stopped.status == "cancelled"
        assert text_of(stopped)


async def test_a_server_that_slept_gives_up_what_others_ended() -> None:
    """Whoever follows there gets that end too, by numbers that come after all it has seen; then it works on."""
    async with _two_servers(echo=STEADY) as (one, other):
        run = await one.start({"input": "hi"})
        await _some_words(run)
        await one.hub.write_checkpoints()
        following = asyncio.create_task(_bytes_of(run.log))
        await _lose_its_lease(one)
        await other.hub._leases.sweep()
        ended = await other.store.response_for(other.owner, run.id)
        assert ended.status == "incomplete"
        await one.hub._leases.renew()
        await run.ended()
        assert await one.store.response_for(one.owner, run.id) == ended
        assert decode_response(ended.body) == run.snapshot
        stored = await _bytes_of(await other.hub.log_for(other.owner, run.id))
        seen = await following
        assert seen[-1] == stored[-1]
        assert seen[: len(stored) - 4] == stored[:-4]  # four events close one message and the response
        again = await one.start({"input": "more"})
        await _some_words(again)
        assert (await one.store.response_for(one.owner, again.id)).is_running


async def test_an_end_that_comes_too_late_changes_nothing() -> None:
    """The engine finished while the server slept; the response had been ended by then."""
    async with _two_servers(echo=SOON_OVER) as (one, other):
        run = await one.start({"input": "hi"})
        await _some_words(run)
        await one.hub.write_checkpoints()
        await _lose_its_lease(one)
        await other.hub._leases.sweep()
        ended = await other.store.response_for(other.owner, run.id)
        await run.ended()
        assert await one.store.response_for(one.owner, run.id) == ended
        assert run.was_lost
        assert run.snapshot.status == "incomplete"
        assert one.hub.run_for(one.owner, run.id) is None


async def test_a_server_without_a_lease_takes_a_new_one_to_start() -> None:
    """It may have slept between two requests."""
    async with _two_servers() as (one, _):
        await _lose_its_lease(one)
        assert (await one.ask(input="hi")).status == "completed"


async def test_a_lease_lost_while_a_start_is_written_takes_its_run_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its row says the old lease; so must its run, which another server has ended."""
    async with _two_servers(echo=STEADY) as (one, other):
        write = one.store.start_response

        async def and_lose_it(owner: str, new: NewResponse) -> None:
            await write(owner, new)
            await _lose_its_lease(one)
            await other.hub._leases.sweep()
            await one.hub._leases.renew()

        with monkeypatch.context() as patched:
            patched.setattr(one.store, "start_response", and_lose_it)
            run = await one.start({"input": "hi"})
        async with asyncio.timeout(5):
            await run.ended()
        ended = await one.store.response_for(one.owner, run.id)
        assert run.was_lost
        assert decode_response(ended.body) == run.snapshot


async def test_an_end_that_could_not_be_written_is_written_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk was full; the answer must not stay `in_progress` until a restart."""
    async with service() as s:
        write, is_full = s.store.finish_response, True

        async def sometimes(owner: str, finished: FinishedResponse) -> bool:
            if is_full:
                raise StoreFullError("full")
            return await write(owner, finished)

        monkeypatch.setattr(s.store, "finish_response", sometimes)
        response = await s.ask(input="hi there")
        assert (await s.store.response_for(s.owner, response.id)).status == "in_progress"
        with pytest.raises(StoreFullError):
            await s.hub._open_ends.write()
        is_full = False
        await s.hub._open_ends.write()
        stored = await s.store.response_for(s.owner, response.id)
        assert decode_response(stored.body) == response
        s.hub.forget(response.id)
        assert await _bytes_of(await s.hub.log_for(s.owner, response.id))


async def test_a_checkpoint_that_failed_is_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log in the store must not have a hole."""
    async with _two_servers(echo=STEADY) as (one, other):
        run = await one.start({"input": "hi"})
        write = one.store.checkpoint
        for fails in (False, True, False):
            size = run.log.size
            await _some_words(run, size + 5)

            async def sometimes(*args: Any, fails: bool = fails) -> None:
                await write(*args)
                if fails:
                    raise StoreFullError("written, but not told")

            monkeypatch.setattr(one.store, "checkpoint", sometimes)
            if fails:
                with pytest.raises(StoreFullError):
                    await one.hub.write_checkpoints()
            else:
                await one.hub.write_checkpoints()
        await _lose_its_lease(one)
        await other.hub._leases.sweep()
        stored = await _bytes_of(await other.hub.log_for(other.owner, run.id))
        assert stored[:-4] == [event.data for event in run.log.after(-1)[: len(stored) - 4]]
        assert len(stored) > 15


async def test_an_answer_of_an_older_version_has_no_events() -> None:
    """It is there, but it cannot be followed."""
    async with service() as s:
        old = new_response(message())
        await s.store.start_response(s.owner, old)
        await s.store.finish_response(s.owner, finished(old.id))
        s.store._owners[s.owner].logs.clear()  # type: ignore[attr-defined]
        with pytest.raises(EventsNotKeptError):
            await s.hub.log_for(s.owner, old.id)
        with pytest.raises(NotFoundError):
            await s.hub.log_for("user_stranger", old.id)


async def test_what_waits_for_another_server_sees_a_deletion() -> None:
    """There will be no end to wait for."""
    async with _two_servers(echo=STEADY) as (one, other):
        run = await one.start({"input": "hi"})
        following = asyncio.create_task(_bytes_of(await other.hub.log_for(other.owner, run.id)))
        await asyncio.sleep(0)
        await one.store.delete_response(one.owner, run.id)
        # On a busy machine a checkpoint may have come before; there is no last event in any case.
        assert not any('"type":"response.completed"' in event for event in await following)
        with pytest.raises(NotFoundError):
            await ended_elsewhere(other.store, other.owner, run.id)
