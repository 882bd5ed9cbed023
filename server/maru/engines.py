"""The models that are served: starts their engines in the background, knows their state, hands them out.

What their operator does with them while they serve is here too: an engine leaves only when the answers on it are done,
or their grace is over, and takes along those models that ride on it.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from maru.engine import HOST_TAKEN_OUT, TAKEN_OUT, Engine, EngineReport, ModelConfig
from maru_backends.base import Backend, Feature, Limits
from maru_backends.operating import Pooled

__all__ = ["EngineReport", "EngineState", "Engines", "ModelConfig", "ModelStatus", "NotNowError"]

logger = logging.getLogger(__name__)

EngineState = Literal["loading", "ready", "failed", "out"]


class NotNowError(Exception):
    """An engine is in no state for what its operator wants; the message says why."""


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A model as `/v1/models` shows it; `detail` is one sentence for people.

    Attributes:
        is_away: it was ready, and its engine does not answer now; it may be asked all the same.
        features: what it honours, as far as it is known.
    """

    id: str
    backend: str
    state: EngineState
    is_away: bool
    detail: str
    context_window: int | None
    is_default: bool
    features: frozenset[Feature]


@dataclass(eq=False, slots=True)
class _Leaving:
    """A model whose engine, with those that ride on it, is being let go.

    Attributes:
        refusal: what who asks is told; None: it is started again.
        until: when answers are cut, on the loop's clock.
        grace: runs while answers may still end.
        is_draining: nothing was stopped yet, so that it may be called off.
    """

    group: tuple[Engine, ...]
    refusal: str | None
    until: float
    grace: asyncio.Timeout | None = None
    is_draining: bool = True
    task: asyncio.Task[None] | None = None

    def shut(self) -> None:
        """Let nothing begin on any of them."""
        leader, *riders = self.group
        leader.shut(self.refusal)
        for rider in riders:
            rider.shut(None if self.refusal is None else HOST_TAKEN_OUT)

    def hurry(self, until: float) -> None:
        """Another end of the grace, unless it is over."""
        self.until = until
        if self.grace is not None and not self.grace.expired():
            self.grace.reschedule(until)

    async def drained(self) -> None:
        """Wait until nothing runs on them, or the grace is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self.until) as self.grace:
                await asyncio.gather(*(engine.idle() for engine in self.group))
        self.is_draining = False


class Engines:
    """All models. `start` returns at once; a model that fails harms no other."""

    def __init__(self, configs: Sequence[ModelConfig], default_model: str) -> None:
        """Take the settings; `default_model` must be the id of one of them, and what one rides on of another."""
        own = {config.id: Engine(config) for config in configs if config.settings.rides_on is None}
        self._engines = {
            config.id: own.get(config.id) or Engine(config, own[str(config.settings.rides_on)]) for config in configs
        }
        self._leaving: dict[str, _Leaving] = {}
        self.default_model = default_model

    def start(self) -> None:
        """Open every backend in the background."""
        for engine in self._engines.values():
            engine.start()

    def has(self, model: str) -> bool:
        """Whether a model of this name is served."""
        return model in self._engines

    @property
    def ids(self) -> tuple[str, ...]:
        """Names of all models, in the order of the settings."""
        return tuple(self._engines)

    def known_limits(self, model: str) -> Limits | None:
        """What the engine can do, as it said when it was opened; None while it is not open."""
        return self._engines[model].limits

    async def statuses(self) -> tuple[ModelStatus, ...]:
        """State of every model, without asking engines that take long to answer."""
        return tuple([self._status(engine) for engine in self._engines.values()])

    async def reports(self) -> tuple[EngineReport, ...]:
        """Every engine with what it has to do; asks them, for a few seconds at most."""
        found = await asyncio.gather(*(engine.reports() for engine in self._engines.values()))
        return tuple(report for reports in found for report in reports)

    async def ready(self, model: str) -> Backend:
        """The backend of a model, waiting while it loads.

        Raises:
            BackendUnavailableError: it failed or was taken out, or is still loading after a while.
        """
        return await self._engines[model].ready()

    def take_out(self, model: str, drain_s: float, member: str | None = None) -> None:
        """Let answers on an engine come to their end, `drain_s` at most, and stop it, all in the background.

        One of several engines (`member`) gets no new answers and goes on with those that it has; nothing is cut. Once
        more while answers come to their end: they have `drain_s` from now.

        Raises:
            KeyError: there is no such model, or no such engine of it.
            NotNowError: it is being stopped or out already.
        """
        if member is not None:
            for pool in self._pools(model):
                pool.take_out(member)
            return
        if self._engines[model].state == "out":
            message = f"The model {model!r} is out of service already."
            raise NotNowError(message)
        self._let_go(model, drain_s, TAKEN_OUT)

    def restart(self, model: str, drain_s: float) -> None:
        """The same, and start it again; who asks meanwhile waits for that.

        Raises:
            KeyError: there is no such model.
            NotNowError: it is being stopped, or on its way out.
        """
        self._let_go(model, drain_s, None)

    def take_in(self, model: str, member: str | None = None) -> None:
        """Start an engine that was taken out, or that failed; one on which answers come to their end goes on.

        Raises:
            KeyError: there is no such model, or no such engine of it.
            NotNowError: it serves, or will soon.
        """
        if member is not None:
            for pool in self._pools(model):
                pool.take_in(member)
            return
        engine, leaving = self._engines[model], self._leaving.get(model)
        if leaving is not None and leaving.is_draining:
            self._call_off(model, leaving)
            return
        if leaving is not None:
            message = f"The engine of model {model!r} is being stopped; put it back when that is done."
            raise NotNowError(message)
        if engine.state not in {"out", "failed"}:
            message = f"The model {model!r} is not out of service."
            raise NotNowError(message)
        self._start(*self._group(model))

    async def close(self) -> None:
        """Stop all engines that we started."""
        tasks = [leaving.task for leaving in self._leaving.values() if leaving.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        closings = (engine.close() for engine in reversed(self._engines.values()))
        results: list[Any] = await asyncio.gather(*closings, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                logger.error("an engine did not close cleanly", exc_info=result)

    def _group(self, model: str) -> tuple[Engine, ...]:
        """A model's engine and those that ride on it, which go and come with it, unless they were taken out before."""
        engine = self._engines[model]
        riders = (other for other in self._engines.values() if other.host is engine and not other.is_held_out)
        return (engine, *riders)

    def _pools(self, model: str) -> tuple[Pooled, ...]:
        pools = [engine.pool for engine in self._group(model)]
        if pools[0] is None:
            message = f"The model {model!r} has one engine only, or does not serve now."
            raise NotNowError(message)
        return tuple(pool for pool in pools if pool is not None)

    def _let_go(self, model: str, drain_s: float, refusal: str | None) -> None:
        until = asyncio.get_running_loop().time() + drain_s
        before = self._leaving.get(model)
        if before is not None and before.is_draining and (refusal is not None or before.refusal is None):
            before.refusal = refusal
            before.shut()
            before.hurry(until)
            return
        group = self._group(model)
        if any(engine.state == "draining" or engine.config.id in self._leaving for engine in group):
            raise NotNowError(_not_now(model, group[0].host, before))
        leaving = _Leaving(group, refusal, until)
        leaving.shut()
        self._leaving[model] = leaving
        leaving.task = asyncio.create_task(self._leave(model, leaving), name=f"let {model} go")

    async def _leave(self, model: str, leaving: _Leaving) -> None:
        leader, *riders = leaving.group
        try:
            await leaving.drained()
            await leader.unload()
            for engine in (*riders, leader):
                await engine.close()
            logger.info("the engine of model %r was let go", model)
            if leaving.refusal is None:
                self._start(leader, *riders)
        finally:
            if self._leaving.get(model) is leaving:
                del self._leaving[model]

    def _call_off(self, model: str, leaving: _Leaving) -> None:
        del self._leaving[model]
        if leaving.task is not None:
            leaving.task.cancel()
        for engine in leaving.group:
            engine.reopen()
        logger.info("the engine of model %r stays", model)

    @staticmethod
    def _start(*engines: Engine) -> None:
        for engine in engines:
            engine.start()

    def _status(self, engine: Engine) -> ModelStatus:
        return ModelStatus(
            id=engine.config.id,
            backend=engine.config.backend,
            state=engine.shown_state,
            is_away=engine.state == "away",
            detail=engine.detail,
            context_window=engine.limits.context_window if engine.limits else None,
            is_default=engine.config.id == self.default_model,
            features=engine.limits.features if engine.limits else frozenset(),
        )


def _not_now(model: str, host: Engine | None, leaving: _Leaving | None) -> str:
    """Why a model cannot be let go, and what can be done."""
    if leaving is not None and leaving.is_draining:
        return (
            f"The model {model!r} is being taken out of service: put it back to call that off, or take it out again "
            "with another drain_s."
        )
    other = "" if host is None else f" The engine is that of the model {host.config.id!r}."
    return f"The engine of model {model!r} is being stopped or started already; wait until that is done.{other}"
