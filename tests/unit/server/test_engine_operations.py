"""What an operator does with engines while they serve: they leave only when their answers are done."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest

import maru.engine as engine_module
from maru.engine import HOST_TAKEN_OUT
from maru.engines import Engines, ModelConfig, NotNowError
from maru_backends.base import (
    Backend,
    BackendEvent,
    BackendPlugin,
    BackendSettings,
    ChatMessage,
    ChatRequest,
    EngineLoad,
    Finished,
    Health,
    Opening,
    TextDelta,
    TextPart,
)
from maru_backends.echo import EchoBackend, EchoSettings
from maru_backends.errors import BackendUnavailableError

LONG_S = 60.0
ASKED = ChatRequest((ChatMessage("user", (TextPart("hi"),)),))
LOAD = EngineLoad(running=2, waiting=3)


class _Rider(BackendSettings):
    """Settings of a model on another one's engine."""

    host: str

    @property
    def rides_on(self) -> str | None:
        return self.host


class _Held(EchoBackend):
    """Answers when its test lets it; notes what becomes of it."""

    def __init__(self, desk: "_Desk", name: str, host: Backend | None) -> None:
        super().__init__(EchoSettings())
        self.host = host
        self._desk, self._noted, self._name, self._gate = desk, desk.noted, name, desk.gate

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        yield TextDelta(request.messages[-1].text)
        await self._gate.wait()
        yield Finished("stop")

    async def health(self) -> Health:
        return Health(is_ready=True, load=LOAD)

    async def unload(self) -> None:
        self._noted.append(f"unload {self._name}")
        await self._desk.unloading.wait()

    async def close(self) -> None:
        self._noted.append(f"close {self._name}")
        if self._desk.is_broken:
            raise OSError


@dataclass(slots=True)
class _Desk:
    """Two models, of which `rider` runs on the engine of `host`, and a third."""

    engines: Engines
    noted: list[str] = field(default_factory=list[str])
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    opening: asyncio.Event = field(default_factory=asyncio.Event)
    unloading: asyncio.Event = field(default_factory=asyncio.Event)
    opened: int = 0
    is_broken: bool = False

    def state(self, model: str) -> str:
        """As the page sees it."""
        return self._told(model)[0]

    def detail(self, model: str) -> str:
        """Why it cannot be asked."""
        return self._told(model)[1]

    def _told(self, model: str) -> tuple[str, str]:
        engine = self.engines._engines[model]
        return engine.state, engine.detail

    async def until(self, model: str, state: str) -> None:
        """Wait until it is in that state."""
        async with asyncio.timeout(5):
            while self.state(model) != state:  # noqa: ASYNC110 (no signal tells)
                await asyncio.sleep(0)


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[_Desk]:
    """All open, at rest."""
    monkeypatch.setattr(engine_module, "RETRY_PAUSES_S", (0.01,))
    configs = [ModelConfig("rider", "held", _Rider(host="host")), ModelConfig("host", "held", BackendSettings())]
    here = _Desk(Engines([*configs, ModelConfig("other", "held", BackendSettings())], "host"))
    here.opening.set()
    here.unloading.set()

    async def open_(settings: BackendSettings, opening: Opening) -> Backend:
        opening.tell("Half of it is there.")
        await here.opening.wait()
        here.opened += 1
        return _Held(here, "rider" if settings.rides_on else "host", opening.host)

    async def unused(_: BackendSettings) -> Backend:
        raise AssertionError

    def plugin_for(_: str) -> BackendPlugin[BackendSettings]:
        return BackendPlugin(BackendSettings, unused, open_)

    monkeypatch.setattr(engine_module, "plugin_for", plugin_for)
    here.engines.start()
    await asyncio.gather(*(here.engines.ready(model) for model in here.engines.ids))
    yield here
    await here.engines.close()


async def _answer(desk: _Desk, model: str) -> list[BackendEvent]:
    backend = await desk.engines.ready(model)
    async with aclosing(backend.stream(ASKED)) as events:
        return [event async for event in events]


async def _begun(desk: _Desk, model: str) -> "asyncio.Task[list[BackendEvent]]":
    task = asyncio.create_task(_answer(desk, model))
    while not any(r.answers for r in await desk.engines.reports() if r.model == model):  # noqa: ASYNC110 (as above)
        await asyncio.sleep(0)
    return task


async def test_an_engine_leaves_when_its_answers_are_done(desk: _Desk) -> None:
    """Until then it lives, refuses new ones with a reason, and says how many it still has."""
    running = await _begun(desk, "other")
    desk.engines.take_out("other", LONG_S)
    await asyncio.sleep(0.02)
    (report,) = [report for report in await desk.engines.reports() if report.model == "other"]
    assert (report.state, report.answers, report.load) == ("draining", 1, LOAD)
    with pytest.raises(BackendUnavailableError, match="The model 'other' was taken out of service"):
        await desk.engines.ready("other")
    assert desk.noted == []
    desk.gate.set()
    assert (await running)[-1] == Finished("stop")
    await desk.until("other", "out")
    assert desk.noted == ["unload host", "close host"]
    desk.engines.take_in("other")
    assert (await _answer(desk, "other"))[-1] == Finished("stop")


async def test_the_grace_has_an_end(desk: _Desk) -> None:
    """An answer without end must not keep an engine for ever."""
    running = await _begun(desk, "other")
    desk.engines.take_out("other", 0.02)
    await desk.until("other", "out")
    assert not running.done()
    desk.gate.set()
    await running


async def test_who_asks_during_a_restart_waits_for_it(desk: _Desk) -> None:
    """And whoever got hold of the old engine just before finds out at once, and may ask again."""
    running, old = await _begun(desk, "other"), await desk.engines.ready("other")
    desk.opening.clear()
    desk.engines.restart("other", LONG_S)
    asking = asyncio.create_task(_answer(desk, "other"))
    with pytest.raises(BackendUnavailableError):
        await anext(old.stream(ASKED))
    (status,) = [status for status in await desk.engines.statuses() if status.id == "other"]
    assert (status.state, status.is_away) == ("loading", False)
    desk.gate.set()
    await running
    await desk.until("other", "loading")
    assert not asking.done()
    while desk.detail("other") != "Half of it is there.":  # noqa: ASYNC110 (as above)
        await asyncio.sleep(0)
    desk.opening.set()
    assert (await asking)[-1] == Finished("stop")


async def test_riders_go_and_come_with_their_host(desk: _Desk) -> None:
    """Their answers run on the same engine; it waits for them too."""
    running = await _begun(desk, "rider")
    desk.engines.take_out("host", LONG_S)
    assert (desk.state("host"), desk.state("rider")) == ("draining", "draining")
    await asyncio.sleep(0.02)
    assert desk.noted == []
    with pytest.raises(NotNowError):
        desk.engines.restart("rider", LONG_S)
    desk.gate.set()
    await running
    await desk.until("host", "out")
    assert desk.detail("rider") == HOST_TAKEN_OUT
    assert desk.noted == ["unload host", "close rider", "close host"]
    with pytest.raises(NotNowError):
        desk.engines.take_out("host", LONG_S)
    desk.engines.take_in("host")
    assert (await _answer(desk, "rider"))[-1] == Finished("stop")
    backend = desk.engines._engines["rider"].backend
    assert isinstance(backend, _Held)
    assert backend.host is desk.engines._engines["host"].backend


async def test_a_rider_leaves_alone_and_stays_out(desk: _Desk) -> None:
    """Its weights are unloaded, its engine goes on; a restart of that does not bring it back."""
    desk.engines.take_out("rider", LONG_S)
    await desk.until("rider", "out")
    assert desk.noted == ["unload rider", "close rider"]
    assert desk.state("host") == "ready"
    desk.engines.restart("host", LONG_S)
    await desk.until("host", "loading")
    await desk.engines.ready("host")
    assert desk.state("rider") == "out"
    desk.engines.take_in("rider")
    await desk.engines.ready("rider")


async def test_what_serves_is_not_put_in_twice(desk: _Desk) -> None:
    """A second engine would take the place of the first, which nobody would stop."""
    for model in ("host", "rider"):
        with pytest.raises(NotNowError):
            desk.engines.take_in(model)
    with pytest.raises(NotNowError, match="one engine"):
        desk.engines.take_out("host", LONG_S, "http://elsewhere/v1")
    with pytest.raises(KeyError):
        desk.engines.restart("nobody", LONG_S)


async def test_a_server_that_closes_does_not_wait_for_a_grace(desk: _Desk) -> None:
    """The hub has ended all answers by then."""
    running = await _begun(desk, "other")
    desk.engines.take_out("other", LONG_S)
    async with asyncio.timeout(5):
        await desk.engines.close()
    assert sorted(desk.noted) == ["close host", "close host", "close rider"]
    desk.gate.set()
    await running


async def test_an_engine_that_breaks_as_it_is_closed_is_gone_all_the_same(desk: _Desk) -> None:
    """Else it drained for ever, and its model could never be put back."""
    desk.is_broken = True
    desk.engines.restart("host", LONG_S)
    await desk.until("host", "loading")
    await asyncio.gather(desk.engines.ready("host"), desk.engines.ready("rider"))
    assert desk.noted == ["unload host", "close rider", "close host"]


async def test_an_engine_that_hangs_as_its_weights_are_taken_out_is_let_go(
    desk: _Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have died."""
    monkeypatch.setattr(engine_module, "UNLOAD_TIMEOUT_S", 0.01)
    desk.unloading.clear()
    desk.engines.take_out("other", LONG_S)
    await desk.until("other", "out")


async def test_a_drain_can_be_called_off(desk: _Desk) -> None:
    """What runs goes on, new answers begin, and nothing was stopped; those that ride on it too."""
    running = await _begun(desk, "rider")
    for order in (desk.engines.take_out, desk.engines.restart):
        order("host", LONG_S)
        await asyncio.sleep(0)
        assert desk.state("rider") == "draining"
        desk.engines.take_in("host")
        assert (desk.state("host"), desk.state("rider")) == ("ready", "ready")
    another = await _begun(desk, "host")
    desk.gate.set()
    assert [(await task)[-1] for task in (running, another)] == [Finished("stop")] * 2
    assert (desk.noted, desk.opened) == ([], 3)


async def test_a_drain_can_be_shortened(desk: _Desk) -> None:
    """By the same order once more; a restart also becomes an end."""
    running = await _begun(desk, "other")
    desk.engines.restart("other", LONG_S)
    await asyncio.sleep(0)
    desk.engines.take_out("other", LONG_S)
    with pytest.raises(NotNowError, match="put it back to call that off"):
        desk.engines.restart("other", LONG_S)
    desk.engines.take_out("other", 0.01)
    await desk.until("other", "out")
    assert not running.done()
    desk.gate.set()
    await running


async def test_a_restart_while_it_loads_begins_anew(desk: _Desk) -> None:
    """What was being opened is given up at once, and whoever waits is answered by the new one."""
    desk.opening.clear()
    desk.engines.restart("other", LONG_S)
    await desk.until("other", "loading")
    asking = asyncio.create_task(_answer(desk, "other"))
    await asyncio.sleep(0.01)
    desk.engines.restart("other", LONG_S)
    desk.opening.set()
    desk.gate.set()
    assert (await asking)[-1] == Finished("stop")
    assert desk.opened == 4


async def test_one_that_loads_and_is_kept_after_all_is_opened_anew(desk: _Desk) -> None:
    """Its opening was given up when it was taken out."""
    desk.opening.clear()
    desk.engines.restart("other", LONG_S)
    await desk.until("other", "loading")
    desk.engines.take_out("other", LONG_S)
    desk.engines.take_in("other")
    desk.opening.set()
    await desk.engines.ready("other")
