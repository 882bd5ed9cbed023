"""What happens between a request and the first event of its response."""

import asyncio

import pytest

from maru.protocol.errors import ApiError
from maru.protocol.requests import CreateRequest, parse
from maru.store.base import NewResponse, StoreError
from maru.turns.hub import HubLimits
from maru_backends.echo import EchoSettings
from support.service import Service, service

ENDLESS = EchoSettings(script="count", tokens=100_000, pace_tokens_per_s=200)


def _slow_start(monkeypatch: pytest.MonkeyPatch, s: Service) -> tuple[asyncio.Event, asyncio.Event]:
    """Let a start wait on its way to the disk: set when it is there, and to be set."""
    write, reached, goes_on = s.store.start_response, asyncio.Event(), asyncio.Event()

    async def slowly(owner: str, new: NewResponse) -> None:
        reached.set()
        await goes_on.wait()
        await write(owner, new)

    monkeypatch.setattr(s.store, "start_response", slowly)
    return reached, goes_on


async def test_as_many_run_at_once_as_were_allowed() -> None:
    """One that has just begun must not count twice."""
    limits = HubLimits(stall_timeout_s=60, keep_ended_s=60, max_running=3)
    async with service(limits, echo=ENDLESS) as s:
        await asyncio.gather(*(s.start({"input": "hi"}) for _ in range(3)))
        with pytest.raises(ApiError) as refused:
            await s.start({"input": "hi"})
        assert refused.value.status == 429


async def test_a_start_whose_failure_was_none_does_not_stay_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit may be reported as failed and be on the disk; its conversation must not stay locked."""
    async with service() as s:
        conversation = (await s.store.create_conversation(s.owner, metadata={}, title=None, items=(), now=0)).id
        write = s.store.start_response

        async def fail_after(owner: str, new: NewResponse) -> None:
            await write(owner, new)
            raise StoreError("disk I/O error")

        monkeypatch.setattr(s.store, "start_response", fail_after)
        with pytest.raises(StoreError):
            await s.start({"input": "hi", "conversation": conversation})
        monkeypatch.undo()
        (left,) = await s.store.responses_of(s.owner, conversation)
        assert left.is_running
        async with asyncio.timeout(10):
            while (await s.store.response_for(s.owner, left.id)).is_running:  # noqa: ASYNC110 (the hub looks each second)
                await asyncio.sleep(0.1)
        assert (await s.store.response_for(s.owner, left.id)).status == "failed"
        assert (await s.ask(input="again", conversation=conversation)).status == "completed"


async def test_what_is_on_its_way_to_begin_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wants it stopped must not come too early."""
    async with service(echo=ENDLESS) as s:
        reached, goes_on = _slow_start(monkeypatch, s)
        plan = await s.preparer.plan(s.owner, parse(CreateRequest, {"input": "hi"}))
        starting = asyncio.create_task(s.hub.start(plan))
        await reached.wait()
        stopping = asyncio.create_task(s.hub.ask_to_stop(s.owner, plan.start.id))
        await asyncio.sleep(0)
        goes_on.set()
        await stopping
        run = await starting
        await run.ended()
        assert run.snapshot.status == "cancelled"


@pytest.mark.parametrize(("detach", "end"), [(False, "cancelled"), (True, "incomplete")])
async def test_a_caller_that_vanishes_at_the_start_leaves_no_orphan(
    monkeypatch: pytest.MonkeyPatch,
    detach: bool,  # noqa: FBT001 (a parameter of the test)
    end: str,
) -> None:
    """The request may be on disk already: it must end, or go on if it was asked to."""
    async with service(echo=ENDLESS) as s:
        conversation = (await s.store.create_conversation(s.owner, metadata={}, title=None, items=(), now=0)).id
        reached, goes_on = _slow_start(monkeypatch, s)
        starting = asyncio.create_task(s.start({"input": "hi", "conversation": conversation, "maru:detach": detach}))
        await reached.wait()
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        goes_on.set()
        await s.hub.close()
        (response,) = await s.store.responses_of(s.owner, conversation)
        assert response.status == end
