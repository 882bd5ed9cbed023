"""Several engines behind one model, as their operator sees them and takes them out."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

import pytest

import maru.engine as engine_module
from maru.engines import Engines, ModelConfig
from maru_backends.base import Backend, BackendPlugin, BackendSettings, Health, Limits
from maru_backends.echo import EchoBackend, EchoSettings
from maru_backends.errors import BackendUnavailableError
from maru_backends.pool import EnginePool, Member

NAMES = ("http://one/v1", "http://two/v1")


class _Down(EchoBackend):
    """Opens, and does not answer when it is looked at."""

    async def health(self) -> Health:
        return Health(is_ready=False)


class _Absent(EchoBackend):
    """Cannot be reached until somebody starts it."""

    is_there = False

    async def limits(self) -> Limits:
        if not self.is_there:
            raise BackendUnavailableError("The engine cannot be reached.")
        return await super().limits()

    async def health(self) -> Health:
        return Health(is_ready=self.is_there)


@pytest.fixture
async def engines(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> AsyncGenerator[Engines]:
    """One model with two engines that `request.param` makes."""
    monkeypatch.setattr(engine_module, "LOOK_INTERVAL_S", 0.01)
    monkeypatch.setattr(engine_module, "LOOK_AGAIN_S", 0.01)
    monkeypatch.setattr(engine_module, "RETRY_PAUSES_S", (0.01,))
    monkeypatch.setattr("maru_backends.pool.LOOK_INTERVAL_S", 0.01)

    async def open_(_: BackendSettings) -> Backend:
        return EnginePool([Member(name, request.param(EchoSettings())) for name in NAMES])

    def plugin_for(_: str) -> BackendPlugin[BackendSettings]:
        return BackendPlugin(BackendSettings, open_)

    monkeypatch.setattr(engine_module, "plugin_for", plugin_for)
    pair = Engines([ModelConfig("pair", "held", BackendSettings())], "pair")
    pair.start()
    with contextlib.suppress(BackendUnavailableError):
        await pair.ready("pair")
    yield pair
    await pair.close()


async def _states(engines: Engines) -> dict[str | None, str]:
    return {report.engine: report.state for report in await engines.reports()}


async def _until_away(engines: Engines) -> None:
    async with asyncio.timeout(10):
        while not (await engines.statuses())[0].is_away:  # noqa: ASYNC110 (no signal tells)
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("engines", [EchoBackend], indirect=True)
async def test_all_that_are_out_are_still_listed(engines: Engines) -> None:
    """Else nobody could see which to put back."""
    for name in NAMES:
        engines.take_out("pair", 1, name)
    await _until_away(engines)
    assert await _states(engines) == dict.fromkeys(NAMES, "out")
    engines.take_in("pair", NAMES[0])
    assert await _states(engines) == {NAMES[0]: "ready", NAMES[1]: "out"}


@pytest.mark.parametrize("engines", [_Down], indirect=True)
async def test_all_that_are_down_are_still_listed(engines: Engines) -> None:
    """That all are down is what the list is looked at for."""
    await _until_away(engines)
    assert await _states(engines) == dict.fromkeys(NAMES, "away")


@pytest.mark.parametrize("engines", [EchoBackend], indirect=True)
async def test_one_that_is_out_stays_out_when_its_model_is_restarted(engines: Engines) -> None:
    """Whoever repairs it does not want answers there."""
    engines.take_out("pair", 1, NAMES[1])
    for _ in range(2):
        engines.restart("pair", 1)
        await engines.ready("pair")
        assert await _states(engines) == {NAMES[0]: "ready", NAMES[1]: "out"}
    engines.take_out("pair", 1)
    async with asyncio.timeout(10):
        while await _states(engines) != {None: "out"}:  # noqa: ASYNC110 (as above)
            await asyncio.sleep(0.01)
    engines.take_in("pair")
    await engines.ready("pair")
    assert await _states(engines) == {NAMES[0]: "ready", NAMES[1]: "out"}


@pytest.mark.parametrize("engines", [_Absent], indirect=True)
async def test_all_that_are_down_from_the_start_are_listed_and_come_back_by_themselves(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their operator must see which to start, and need not tell us that one was."""
    assert (await engines.statuses())[0].state == "failed"
    assert {(report.engine, report.state, report.detail) for report in await engines.reports()} == {
        (name, "failed", "Its engine does not answer.") for name in NAMES
    }
    engines.take_out("pair", 1, NAMES[1])
    assert await _states(engines) == {NAMES[0]: "failed", NAMES[1]: "out"}
    engines.take_in("pair", NAMES[1])
    monkeypatch.setattr(_Absent, "is_there", True)
    async with asyncio.timeout(10):
        while (await engines.statuses())[0].state != "ready":  # noqa: ASYNC110 (as above)
            await asyncio.sleep(0.01)
    assert await _states(engines) == dict.fromkeys(NAMES, "ready")
