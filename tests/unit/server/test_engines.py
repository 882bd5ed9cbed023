"""Rules of `maru/engines.py`."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

import maru.engine as engines_module
from maru.engines import Engines, ModelConfig
from maru_backends.base import Backend, BackendPlugin, BackendSettings, Health
from maru_backends.echo import EchoBackend, EchoSettings
from maru_backends.echo import plugin as echo
from maru_backends.errors import BackendError, BackendSetupError, BackendUnavailableError


@asynccontextmanager
async def _engines(monkeypatch: pytest.MonkeyPatch, failures: list[Exception]) -> AsyncGenerator[Engines]:
    """Engines whose backend fails to open with these errors, one after another, and then opens."""

    async def open_(_: BackendSettings) -> Backend:
        if failures:
            raise failures.pop(0)
        return await echo.open(EchoSettings())

    def plugin_for(_: str) -> BackendPlugin[BackendSettings]:
        return BackendPlugin(BackendSettings, open_)

    monkeypatch.setattr(engines_module, "plugin_for", plugin_for)
    monkeypatch.setattr(engines_module, "RETRY_PAUSES_S", (0.0,))
    engines = Engines([ModelConfig("m", "flaky", BackendSettings())], "m")
    engines.start()
    try:
        yield engines
    finally:
        await engines.close()


async def test_an_engine_that_comes_up_later_is_used_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page must not have to wait for a restart of Maru."""
    async with _engines(monkeypatch, [BackendUnavailableError("down"), BackendUnavailableError("down")]) as engines:
        seen = [(await engines.statuses())[0].state]
        while seen[-1] != "ready":
            await asyncio.sleep(0)
            seen.append((await engines.statuses())[0].state)
        assert "failed" in seen
        assert await engines.ready("m")


@pytest.mark.parametrize("error", [BackendSetupError("bad key"), ValueError("a bug")])
async def test_what_only_the_operator_can_mend_is_told_and_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """A wrong key stays wrong; a broken plugin harms nobody else."""
    async with _engines(monkeypatch, [error]) as engines:
        with pytest.raises(BackendError):
            await engines.ready("m")
        (status,) = await engines.statuses()
        assert status.state == "failed"
        assert status.detail


class _Moody(EchoBackend):
    """Says of its health what is next in the list; the last for ever."""

    def __init__(self, moods: list[Health | Exception | None]) -> None:
        super().__init__(EchoSettings())
        self._moods = moods

    async def health(self) -> Health:
        mood = self._moods.pop(0) if len(self._moods) > 1 else self._moods[0]
        if isinstance(mood, Exception):
            raise mood
        if mood is None:
            await asyncio.sleep(60)
        return mood or Health(is_ready=True)


async def _details(monkeypatch: pytest.MonkeyPatch, moods: list[Health | Exception | None]) -> list[tuple[bool, str]]:
    """What is told of a model while its engine goes through these moods, each change once."""

    async def open_(_: BackendSettings) -> Backend:
        return _Moody(moods)

    def plugin_for(_: str) -> BackendPlugin[BackendSettings]:
        return BackendPlugin(BackendSettings, open_)

    monkeypatch.setattr(engines_module, "plugin_for", plugin_for)
    for name in ("LOOK_INTERVAL_S", "LOOK_AGAIN_S"):
        monkeypatch.setattr(engines_module, name, 0.01)
    monkeypatch.setattr(engines_module, "LOOK_TIMEOUT_S", 0.02)
    engines = Engines([ModelConfig("m", "moody", BackendSettings())], "m")
    engines.start()
    assert await engines.ready("m")
    told: list[tuple[bool, str]] = []
    for _ in range(60):
        (status,) = await engines.statuses()
        assert status.state == "ready"
        if told[-1:] != [(status.is_away, status.detail)]:
            told.append((status.is_away, status.detail))
        await asyncio.sleep(0.005)
    await engines.close()
    return told


WELL, GONE = Health(is_ready=True), Health(is_ready=False, detail="Gone.")


async def test_an_engine_that_goes_away_and_comes_back_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """In its own words; the model may be asked all the time."""
    told = await _details(monkeypatch, [WELL, GONE, GONE, GONE, WELL])
    assert told == [(False, ""), (True, "Gone."), (False, "")]


async def test_one_miss_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine answers late now and then."""
    assert await _details(monkeypatch, [GONE, WELL, GONE, WELL]) == [(False, "")]


@pytest.mark.parametrize("mood", [None, ValueError("a bug"), Health(is_ready=False)])
async def test_a_backend_that_breaks_when_looked_at_harms_nobody(
    monkeypatch: pytest.MonkeyPatch, mood: Health | Exception | None
) -> None:
    """It is away, in words of ours."""
    told = await _details(monkeypatch, [mood])
    assert told[-1][0]
    assert told[-1][1].startswith(("Its engine", "Its backend"))


class _Hosted(BackendSettings):
    """Settings of a provider's engine."""

    @property
    def is_hosted(self) -> bool:
        return True


@pytest.mark.parametrize(("settings", "is_looked_at"), [(BackendSettings(), True), (_Hosted(), False)])
async def test_a_provider_is_looked_at_more_seldom(
    monkeypatch: pytest.MonkeyPatch, settings: BackendSettings, *, is_looked_at: bool
) -> None:
    """It counts each call, and may charge for it or refuse the next."""
    moods: list[Health | Exception | None] = [WELL] * 5

    async def open_(_: BackendSettings) -> Backend:
        return _Moody(moods)

    def plugin_for(_: str) -> BackendPlugin[BackendSettings]:
        return BackendPlugin(BackendSettings, open_)

    monkeypatch.setattr(engines_module, "plugin_for", plugin_for)
    monkeypatch.setattr(engines_module, "LOOK_INTERVAL_S", 0.01)
    engines = Engines([ModelConfig("m", "moody", settings)], "m")
    engines.start()
    assert await engines.ready("m")
    await asyncio.sleep(0.2)
    await engines.close()
    assert (len(moods) < 5) is is_looked_at
