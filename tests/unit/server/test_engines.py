"""Rules of `maru/engines.py`."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

import maru.engines as engines_module
from maru.engines import Engines, ModelConfig
from maru_backends.base import Backend, BackendPlugin, BackendSettings
from maru_backends.echo import EchoSettings
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
