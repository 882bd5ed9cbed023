"""Rules of `maru/turns/run.py`: every response ends, whatever its backend or the disk does."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import pytest

from maru.store.base import FinishedResponse
from maru.turns import run as run_module
from maru.turns.run import Run
from maru.turns.stored_log import open_stored_log
from maru_backends.base import BackendEvent, ChatRequest, Finished, TextDelta
from maru_backends.errors import BackendStreamBrokenError
from support.scripted_backend import ScriptedBackend
from support.service import Service, service, text_of
from support.stores import finished

Script = Callable[[], AsyncGenerator[BackendEvent, None]]


class _Scripted(ScriptedBackend):
    """A backend whose streams are made by a script; keeps every request."""

    def __init__(self, script: Script) -> None:
        super().__init__(lambda _: "")
        self._script = script

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        self.asked.append(request)
        async for event in (events := self._script()):
            try:
                yield event
            except GeneratorExit:
                await events.aclose()
                raise


@asynccontextmanager
async def _asking(monkeypatch: pytest.MonkeyPatch, script: Script) -> AsyncGenerator[tuple[Service, _Scripted]]:
    """A service whose engine follows the script."""
    backend = _Scripted(script)

    async def ready(_: str) -> _Scripted:
        return backend

    monkeypatch.setattr(run_module, "FINISH_PAUSE_S", 0.01)
    async with service() as s:
        monkeypatch.setattr(s.hub._workshop.engines, "ready", ready)
        yield s, backend


async def _end_of(run: Run) -> str:
    """Type of the last event, once its end is there."""
    async with asyncio.timeout(5):
        *_, last = [event async for batch in run.log.follow() for event in batch]
    return last.type


async def _waits_for_ever() -> AsyncGenerator[BackendEvent, None]:
    await asyncio.Event().wait()
    yield Finished("stop")


async def _calls_a_stop_a_broken_stream() -> AsyncGenerator[BackendEvent, None]:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError as error:
        raise BackendStreamBrokenError("the stream was closed") from error
    yield Finished("stop")


async def _takes_no_notice_of_a_stop() -> AsyncGenerator[BackendEvent, None]:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        yield TextDelta("too late")
    yield Finished("stop")


@pytest.mark.parametrize("script", [_waits_for_ever, _calls_a_stop_a_broken_stream, _takes_no_notice_of_a_stop])
async def test_what_was_stopped_ends_as_stopped(monkeypatch: pytest.MonkeyPatch, script: Script) -> None:
    """However the backend takes it; and it is not asked again."""
    async with _asking(monkeypatch, script) as (s, backend):
        run = await s.start({"input": "hi"})
        async with asyncio.timeout(5):
            while not backend.asked:  # noqa: ASYNC110 (another task asks)
                await asyncio.sleep(0)
        await asyncio.sleep(0)
        run.stop()
        assert await _end_of(run) == "response.incomplete"
        assert (await s.store.response_for(s.owner, run.id)).status == run.snapshot.status == "cancelled"
        assert len(backend.asked) == 1


@pytest.mark.parametrize("error", [BackendStreamBrokenError("closing failed"), RuntimeError("a bug")])
async def test_what_breaks_after_the_end_changes_nothing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """The answer was whole before its stream was closed."""

    async def breaks_on_closing() -> AsyncGenerator[BackendEvent, None]:
        try:
            yield TextDelta("whole")
            yield Finished("stop")
        finally:
            raise error

    async with _asking(monkeypatch, breaks_on_closing) as (s, backend):
        run = await s.start({"input": "hi"})
        assert await _end_of(run) == "response.completed"
        assert text_of(run.snapshot) == "whole"
        assert (await s.store.response_for(s.owner, run.id)).status == "completed"
        assert len(backend.asked) == 1


async def _says_half_a_character() -> AsyncGenerator[BackendEvent, None]:
    yield TextDelta("good ")
    yield TextDelta("\ud83d")
    yield Finished("stop")


@pytest.mark.parametrize("stores", [True, False])
async def test_words_that_cannot_be_written_end_the_response_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
    stores: bool,  # noqa: FBT001 (a parameter of the test)
) -> None:
    """UTF-8 has no half characters, but a backend of somebody else may send one."""
    async with _asking(monkeypatch, _says_half_a_character) as (s, _):
        run = await s.start({"input": "hi", "store": stores})
        assert await _end_of(run) == "response.failed"
        run.stop()
        assert run.snapshot.status == "failed"
        if stores:
            assert (await s.store.response_for(s.owner, run.id)).status == "failed"
            live = [event.data for event in run.log.after(-1)]
            stored = await open_stored_log(s.store, s.owner, run.id)
            assert [event.data async for batch in stored.follow() for event in batch] == live


async def _says_hi() -> AsyncGenerator[BackendEvent, None]:
    yield TextDelta("hi")
    yield Finished("stop")


async def test_a_store_that_breaks_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who follows gets the end; on the disk it is written later, also behind one that can never be written."""
    async with _asking(monkeypatch, _says_hi) as (s, _):
        write, mended = s.store.finish_response, set[str]()

        async def breaks(owner: str, finished: FinishedResponse) -> bool:
            if finished.id not in mended:
                raise RuntimeError("a bug")
            return await write(owner, finished)

        monkeypatch.setattr(s.store, "finish_response", breaks)
        for_ever, for_now = [await s.start({"input": "hi"}) for _ in range(2)]
        assert [await _end_of(run) for run in (for_ever, for_now)] == ["response.completed"] * 2
        async with asyncio.timeout(5):
            while s.hub.running:  # noqa: ASYNC110 (another task)
                await asyncio.sleep(0)
        mended.add(for_now.id)
        await s.hub._open_ends.write()
        assert (await s.store.response_for(s.owner, for_now.id)).status == "completed"
        assert (await s.store.response_for(s.owner, for_ever.id)).is_running


async def test_an_end_of_another_server_that_cannot_be_read_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The other one wrote no events, or they were damaged."""
    async with _asking(monkeypatch, _says_hi) as (s, _):
        run = await s.start({"input": "hi"})
        (lease,) = await s.store.leases()
        await s.store.take_lease(lease)
        await s.store.finish_response(s.owner, finished(run.id, packed_log=b"damaged"))
        assert await _end_of(run) == "response.completed"
