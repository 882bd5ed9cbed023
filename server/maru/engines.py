"""The models that are served: opens their backends in the background, knows their state, hands them out."""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from maru.memory_settings import MemorySettings
from maru_backends.base import Backend, BackendSettings, Feature, Limits
from maru_backends.errors import BackendError, BackendUnavailableError
from maru_backends.registry import plugin_for

logger = logging.getLogger(__name__)

EngineState = Literal["loading", "ready", "failed"]
LOAD_WAIT_S = 300.0
RETRY_PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)
LOOK_INTERVAL_S = 10.0
HOSTED_LOOK_INTERVAL_S = 60.0
"""Of a provider's engine: each look is a call that counts against its limits."""
LOOK_AGAIN_S = 3.0
"""How soon an engine is looked at again that did not answer: only twice in a row it is away."""
LOOK_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """One `[[models]]` table: the name people choose, the kind of backend, and the settings of it and of memory."""

    id: str
    backend: str
    settings: BackendSettings
    memory: MemorySettings = field(default_factory=MemorySettings)


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


class _Engine:
    """One model and the backend that is, or is being, opened for it."""

    def __init__(self, config: ModelConfig) -> None:
        self.config = config
        self.limits: Limits | None = None
        self.failure: str | None = None
        self.absence: str | None = None
        self.opening: asyncio.Task[None] | None = None
        self.is_decided = asyncio.Event()
        self._opened: Backend | None = None

    @property
    def backend(self) -> Backend | None:
        """The backend, once it can be asked."""
        return self._opened if self.limits is not None else None

    async def run(self) -> None:
        """Open it, and look from time to time whether it still answers."""
        await self.open()
        if self._opened is not None and self.limits is not None:
            await self._look_after(self._opened)

    async def open(self) -> None:
        pauses_s = itertools.chain(RETRY_PAUSES_S, itertools.repeat(RETRY_PAUSES_S[-1]))
        for pause_s in pauses_s:
            try:
                await self._try_to_open()
            except BackendUnavailableError as error:
                # An engine of somebody else may come up later than we do: the model is told as failed until then.
                self._fail(str(error))
                await asyncio.sleep(pause_s)
            except BackendError as error:
                self._fail(str(error))
                return
            except Exception:  # a third party's backend may break in any way, and must not take the others along
                logger.exception("model %r cannot be used", self.config.id)
                self._fail("Its backend broke while it was opened; the server's log has the details.")
                return
            else:
                return

    async def close(self) -> None:
        if self.opening is not None and not self.opening.done():
            self.opening.cancel()
            await asyncio.wait([self.opening])
        if self._opened is not None:
            await self._opened.close()

    async def _look_after(self, backend: Backend) -> None:
        missed = 0
        interval_s = HOSTED_LOOK_INTERVAL_S if self.config.settings.is_hosted else LOOK_INTERVAL_S
        while True:
            await asyncio.sleep(LOOK_AGAIN_S if missed else interval_s)
            absence = await _absence(backend)
            missed = 0 if absence is None else missed + 1
            if missed == 2:  # noqa: PLR2004 (see LOOK_AGAIN_S)
                logger.warning("the engine of model %r does not answer: %s", self.config.id, absence)
            if missed != 1:
                self.absence = absence

    async def _try_to_open(self) -> None:
        if self._opened is None:
            self._opened = await plugin_for(self.config.backend).open(self.config.settings)
        self.limits = await self._opened.limits()
        self.failure = None
        self.is_decided.set()

    def _fail(self, failure: str) -> None:
        if failure != self.failure:
            logger.error("model %r cannot be used: %s", self.config.id, failure)
        self.failure = failure
        self.is_decided.set()


async def _absence(backend: Backend) -> str | None:
    """Why it does not answer; None: it does."""
    try:
        async with asyncio.timeout(LOOK_TIMEOUT_S):
            health = await backend.health()
    except TimeoutError:
        return "Its engine does not answer."
    except Exception:  # a third party's backend may break in any way
        logger.exception("a backend broke while it was looked at")
        return "Its backend broke while it was looked at; the server's log has the details."
    return None if health.is_ready else health.detail or "Its engine does not answer."


class Engines:
    """All models. `start` returns at once; a model that fails harms no other."""

    def __init__(self, configs: Sequence[ModelConfig], default_model: str) -> None:
        """Take the settings; `default_model` must be the id of one of them."""
        self._engines = {config.id: _Engine(config) for config in configs}
        self.default_model = default_model

    def start(self) -> None:
        """Open every backend in the background."""
        for engine in self._engines.values():
            engine.opening = asyncio.create_task(engine.run(), name=f"open {engine.config.id}")

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
        return tuple([await self._status(engine) for engine in self._engines.values()])

    async def ready(self, model: str) -> Backend:
        """The backend of a model, waiting while it loads.

        Raises:
            BackendUnavailableError: it failed, or is still loading after `LOAD_WAIT_S`.
        """
        engine = self._engines[model]
        if not engine.is_decided.is_set():
            with contextlib.suppress(TimeoutError):
                # Not `wait_for`: before Python 3.12 it swallows a stop that comes as the engine is decided.
                async with asyncio.timeout(LOAD_WAIT_S):
                    await engine.is_decided.wait()
        if engine.backend is not None:
            return engine.backend
        raise BackendUnavailableError(engine.failure or f"The model {model!r} is still loading; try again soon.")

    async def close(self) -> None:
        """Stop all engines that we started."""
        closings = (engine.close() for engine in self._engines.values())
        results: list[Any] = await asyncio.gather(*closings, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                logger.error("an engine did not close cleanly", exc_info=result)

    async def _status(self, engine: _Engine) -> ModelStatus:
        state: EngineState
        if engine.failure is not None:
            state, detail = "failed", engine.failure
        elif engine.backend is None:
            state, detail = "loading", "The model is being loaded."
        else:
            state, detail = "ready", engine.absence or ""
        return ModelStatus(
            id=engine.config.id,
            backend=engine.config.backend,
            state=state,
            is_away=state == "ready" and engine.absence is not None,
            detail=detail,
            context_window=engine.limits.context_window if engine.limits else None,
            is_default=engine.config.id == self.default_model,
            features=engine.limits.features if engine.limits else frozenset(),
        )
