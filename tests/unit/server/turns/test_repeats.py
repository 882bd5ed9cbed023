"""Rules of `Hub.start_once`: a request with an idempotency key is answered once."""

import asyncio
from dataclasses import replace

import msgspec
import pytest

from maru.protocol.errors import ApiError
from maru.protocol.idempotency import IdempotencyKey
from maru.protocol.requests import CreateRequest, parse
from maru.store.base import IDEMPOTENCY_KEYS_KEPT_S, StoredResponse
from maru.turns.hub import HubLimits
from maru.turns.plan import RunPlan
from maru.turns.run import Run
from maru_backends.echo import EchoSettings
from support.service import Service, service, text_of

ENDLESS = EchoSettings(script="count", tokens=100_000, pace_tokens_per_s=200)
KEY = IdempotencyKey("key 1", "fingerprint")


async def _plan(s: Service, **create: object) -> RunPlan:
    return await s.preparer.plan(s.owner, parse(CreateRequest, {"input": "hi", **create}))


async def _once(s: Service, key: IdempotencyKey = KEY, **create: object) -> Run | StoredResponse:
    now = (await _plan(s)).start.created_at
    return await s.hub.start_once(s.owner, key, lambda: _plan(s, **create), now=now)


async def test_requests_that_come_at_once_are_one_run() -> None:
    """A client that repeats does not wait for the first to be on disk."""
    async with service(echo=ENDLESS) as s:
        conversation = await s.store.create_conversation(s.owner, metadata={}, title=None, items=(), now=1)
        runs = await asyncio.gather(*(_once(s, conversation=conversation.id) for _ in range(5)))
        assert isinstance(runs[0], Run)
        assert all(run is runs[0] for run in runs)
        assert s.hub.running == 1
        assert not s.hub._starting


async def test_a_repeat_is_not_judged_again() -> None:
    """What it refers to may be gone meanwhile, and the conversation is busy with the first."""
    async with service() as s:
        first = await s.ask(input="hi")
        run = await _once(s, previous_response_id=first.id)
        await s.store.delete_response(s.owner, first.id)
        assert await _once(s, previous_response_id=first.id) is run


async def test_a_keyed_run_goes_on_without_its_client() -> None:
    """Whoever sends a key may come back for the answer."""
    async with service() as s:
        run = await _once(s)
        assert isinstance(run, Run)
        assert run.plan.is_detached


async def test_an_answer_whose_events_are_gone_is_read_from_the_store() -> None:
    """The hub keeps ended runs for a while, the store keeps responses."""
    limits = HubLimits(stall_timeout_s=60, keep_ended_s=0, max_running=10)
    async with service(limits) as s:
        run = await _once(s)
        assert isinstance(run, Run)
        await run.ended()
        s.hub.forget(run.id)
        again = await _once(s)
        assert isinstance(again, StoredResponse)
        assert (again.id, again.status) == (run.id, "completed")


async def test_another_request_under_the_key_is_refused() -> None:
    """It would get the answer to another question."""
    async with service() as s:
        await _once(s)
        with pytest.raises(ApiError) as caught:
            await _once(s, replace(KEY, fingerprint="other"))
        assert caught.value.code == "idempotency_key_reused"


async def test_a_refused_request_leaves_its_key_free() -> None:
    """Nothing ran, so the mended request may use it."""
    async with service() as s:
        with pytest.raises(ApiError):
            await _once(s, model="nope")
        assert isinstance(await _once(s, replace(KEY, fingerprint="mended")), Run)


async def test_a_key_of_yesterday_starts_anew() -> None:
    """It is kept for a day."""
    async with service() as s:
        run = await _once(s)
        assert isinstance(run, Run)
        tomorrow = run.plan.start.created_at + IDEMPOTENCY_KEYS_KEPT_S

        async def prepare() -> RunPlan:
            plan = await _plan(s)
            return replace(plan, start=msgspec.structs.replace(plan.start, created_at=tomorrow))

        again = await s.hub.start_once(s.owner, KEY, prepare, now=tomorrow)
        assert again.id != run.id


async def test_the_quicker_one_of_two_servers_wins() -> None:
    """The lock is of one process; the store decides between two."""
    async with service() as s:
        theirs: list[Run] = []

        async def prepare() -> RunPlan:
            theirs.append(await s.hub.start(replace(await _plan(s, input="theirs"), idempotency_key=KEY)))
            return await _plan(s, input="ours")

        run = await s.hub.start_once(s.owner, KEY, prepare, now=(await _plan(s)).start.created_at)
        assert run is theirs[0]
        await theirs[0].ended()
        assert text_of(theirs[0].snapshot) == "theirs"
