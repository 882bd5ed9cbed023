"""One model and the backend that is, or is being, opened for it: opens it, looks after it, lets it go."""

import asyncio
import contextlib
import itertools
import logging
from dataclasses import dataclass, field
from typing import Literal

from maru.engine_gate import Gate
from maru.memory_settings import MemorySettings
from maru_backends.base import Backend, BackendSettings, EngineLoad, Health, Limits, Opening
from maru_backends.errors import BackendError, BackendUnavailableError
from maru_backends.operating import MemberReport, Pooled, Unloadable
from maru_backends.registry import plugin_for

logger = logging.getLogger(__name__)

OperatedState = Literal["loading", "ready", "failed", "away", "draining", "out"]
LOAD_WAIT_S = 300.0
RETRY_PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)
LOOK_INTERVAL_S = 10.0
HOSTED_LOOK_INTERVAL_S = 60.0
"""Of a provider's engine: each look is a call that counts against its limits."""
LOOK_AGAIN_S = 3.0
"""How soon an engine is looked at again that did not answer: only twice in a row it is away."""
LOOK_TIMEOUT_S = 10.0
REPORT_TIMEOUT_S = 3.0
UNLOAD_TIMEOUT_S = 10.0

BEING_LOADED = "The model is being loaded."
TAKEN_OUT = "It was taken out of service."
HOST_TAKEN_OUT = "The model on whose engine it runs was taken out of service."
ENDING = "It is being taken out of service; answers that run come to their end."
RESTARTING = "It is being restarted; answers that run come to their end."
_NO_ANSWER = "Its engine does not answer."


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """One `[[models]]` table: the name people choose, the kind of backend, and the settings of it and of memory."""

    id: str
    backend: str
    settings: BackendSettings
    memory: MemorySettings = field(default_factory=MemorySettings)


@dataclass(frozen=True, slots=True)
class EngineReport:
    """An engine as its operator sees it.

    Attributes:
        engine: which of several engines of the model; None where it has one.
        state: `draining`: answers run on it and none begins; `out`: the operator took it out.
        detail: one sentence about a state that is not `ready`.
        answers: how many of ours run on it.
        load: what the engine itself says that it has to do; None where it does not say.
    """

    model: str
    backend: str
    engine: str | None
    state: OperatedState
    detail: str
    answers: int
    load: EngineLoad | None


class Engine:
    """One model; `host` is the one on whose engine it rides, if it does."""

    def __init__(self, config: ModelConfig, host: "Engine | None" = None) -> None:
        """Open nothing yet."""
        self.config = config
        self.host = host
        self.limits: Limits | None = None
        self.failure: str | None = None
        self._failure_inside: str | None = None
        self.absence: str | None = None
        self._refusal: str | None = None
        self._progress = BEING_LOADED
        self._is_decided = asyncio.Event()
        self._is_leaving = False
        self._gate: Gate | None = None
        self._opened: Backend | None = None
        self._members_out: frozenset[str] = frozenset()
        self._work: asyncio.Task[None] | None = None

    @property
    def state(self) -> OperatedState:
        """What it is now."""
        if self._is_leaving:
            return "draining"
        if self._refusal is not None:
            return "out"
        if self.failure is not None:
            return "failed"
        if self._gate is None:
            return "loading"
        return "ready" if self.absence is None else "away"

    @property
    def detail(self) -> str:
        """One sentence about a state that is not `ready`."""
        match self.state:
            case "draining":
                return RESTARTING if self._refusal is None else ENDING
            case "loading":
                return self._progress
            case _:
                return self._refusal or self.failure or self.absence or ""

    @property
    def detail_inside(self) -> str:
        """The same for its operator, with paths and the words of libraries."""
        return self._failure_inside or self.detail if self.state == "failed" else self.detail

    @property
    def is_held_out(self) -> bool:
        """Whether its operator took it out, and not another model along with which it went."""
        return self._refusal == TAKEN_OUT

    @property
    def shown_state(self) -> Literal["loading", "ready", "failed", "out"]:
        """What it is to people who would ask it: what is being restarted loads, what is on its way out is out."""
        match self.state:
            case "ready" | "away":
                return "ready"
            case "draining" | "loading" if self._refusal is None:
                return "loading"
            case "failed":
                return "failed"
            case _:
                return "out"

    @property
    def backend(self) -> Backend | None:
        """What is open now, without its gate."""
        return self._opened if self._gate is not None else None

    @property
    def pool(self) -> Pooled | None:
        """The several engines of it, also while none of them can be reached yet; None where it is one."""
        opened: object = self._opened
        return opened if isinstance(opened, Pooled) else None

    def start(self) -> None:
        """Open it in the background, anew if it was opened in part, and look after it from then on."""
        self._refusal, self.failure, self.absence, self._progress = None, None, None, BEING_LOADED
        self._is_decided.clear()
        self._work = asyncio.create_task(self._run(self._work), name=f"open {self.config.id}")

    async def ready(self) -> Gate:
        """The way to ask it, waiting while it loads.

        Raises:
            BackendUnavailableError: it failed or was taken out, or is still loading after `LOAD_WAIT_S`.
        """
        if not self._is_decided.is_set():
            with contextlib.suppress(TimeoutError):
                # Not `wait_for`: before Python 3.12 it swallows a stop that comes as the engine is decided.
                async with asyncio.timeout(LOAD_WAIT_S):
                    await self._is_decided.wait()
        if self._gate is not None and not self._is_leaving:
            return self._gate
        name = f"The model {self.config.id!r}"
        if self._refusal is not None:
            raise BackendUnavailableError(f"{name} was taken out of service.")
        raise BackendUnavailableError(self.failure or f"{name} is still loading; try again soon.")

    def shut(self, refusal: str | None) -> None:
        """Let no answer begin; `refusal` is what who asks is told, None: they wait for the next start."""
        self._refusal = refusal
        self._is_leaving = True
        if refusal is None:
            self._is_decided.clear()
        else:
            self._is_decided.set()
        if self._gate is not None:
            self._gate.shut()
        elif self._work is not None:
            self._work.cancel()

    def reopen(self) -> None:
        """Go on as before `shut`; where it was not open then, it is opened anew."""
        self._is_leaving = False
        if self._gate is None:
            self.start()
            return
        self._refusal = None
        self._gate.reopen()
        self._is_decided.set()

    async def idle(self) -> None:
        """Wait until nothing runs on it."""
        if self._gate is not None:
            await self._gate.idle()

    async def unload(self) -> None:
        """Take its weights out of an engine that goes on without them."""
        opened: object = self._opened
        if isinstance(opened, Unloadable):
            try:
                async with asyncio.timeout(UNLOAD_TIMEOUT_S):
                    await opened.unload()
            except Exception:  # a third party's backend may break in any way, and must leave all the same
                logger.exception("model %r could not be unloaded", self.config.id)

    async def close(self) -> None:
        """Stop what was opened; answers that still run end with an error."""
        try:
            await self._end(self._work)
        finally:
            self._is_leaving = False

    async def reports(self) -> tuple[EngineReport, ...]:
        """It, or each of its engines, with what these have to do; asks engines that are not a provider's."""
        backend, members = self.backend, () if self.pool is None else self.pool.members()
        is_lost = self.state == "failed" and all(member.state != "up" for member in members)
        if members and (self.state in {"ready", "away"} or is_lost):
            return tuple(self._member(member) for member in members)
        load = await self._load(backend) if backend is not None and not self.config.settings.is_hosted else None
        answers = self._gate.running if self._gate is not None else 0
        return (EngineReport(self.config.id, self.config.backend, None, self.state, self.detail_inside, answers, load),)

    async def _end(self, work: asyncio.Task[None] | None) -> None:
        if work is not None and not work.done():
            work.cancel()
            await asyncio.wait([work])
        opened, self._opened, self._gate = self._opened, None, None
        if opened is not None:
            self._members_out = _members_out(opened)
            try:
                await opened.close()
            except Exception:  # a third party's backend may break in any way, and must leave all the same
                logger.exception("the engine of model %r did not close cleanly", self.config.id)

    async def _run(self, before: asyncio.Task[None] | None) -> None:
        await self._end(before)
        await self._open()
        if self._opened is not None and self._gate is not None:
            await self._look_after(self._opened)

    async def _open(self) -> None:
        pauses_s = itertools.chain(RETRY_PAUSES_S, itertools.repeat(RETRY_PAUSES_S[-1]))
        for pause_s in pauses_s:
            try:
                await self._try_to_open()
            except BackendUnavailableError as error:
                # An engine of somebody else may come up later than we do: the model is told as failed until then.
                self._fail(str(error), error.for_operator)
                await asyncio.sleep(pause_s)
            except BackendError as error:
                self._fail(str(error), error.for_operator)
                return
            except Exception:  # a third party's backend may break in any way, and must not take the others along
                logger.exception("model %r cannot be used", self.config.id)
                broke = "Its backend broke while it was opened; the server's log has the details."
                self._fail(broke, broke)
                return
            else:
                return

    async def _try_to_open(self) -> None:
        if self._opened is None:
            opening = Opening(self._tell, await self._host_backend())
            self._opened = await plugin_for(self.config.backend).opened(self.config.settings, opening)
            _take_out(self._opened, self._members_out)
        self.limits = await self._opened.limits()
        if self._is_leaving:
            return
        self._gate = Gate(self._opened)
        self.failure = None
        self._is_decided.set()

    async def _host_backend(self) -> Backend | None:
        if self.host is None:
            return None
        self._tell(f"It waits for the model {self.host.config.id!r}, on whose engine it runs.")
        await self.host.ready()
        if self.host.backend is None:
            raise BackendUnavailableError(HOST_TAKEN_OUT)
        return self.host.backend

    def _tell(self, progress: str) -> None:
        self._progress = progress

    def _fail(self, failure: str, inside: str) -> None:
        if self._is_leaving:
            return
        if inside != self._failure_inside or self.failure is None:
            logger.error("model %r cannot be used: %s", self.config.id, inside)
        self.failure, self._failure_inside = failure, inside
        self._is_decided.set()

    async def _look_after(self, backend: Backend) -> None:
        missed = 0
        interval_s = HOSTED_LOOK_INTERVAL_S if self.config.settings.is_hosted else LOOK_INTERVAL_S
        while True:
            await asyncio.sleep(LOOK_AGAIN_S if missed else interval_s)
            health = await _looked_at(backend, LOOK_TIMEOUT_S)
            absence = None if health.is_ready else health.detail or _NO_ANSWER
            missed = 0 if absence is None else missed + 1
            if missed == 2:  # noqa: PLR2004 (see LOOK_AGAIN_S)
                logger.warning("the engine of model %r does not answer: %s", self.config.id, absence)
            if missed != 1:
                self.absence = absence

    async def _load(self, backend: Backend) -> EngineLoad | None:
        health = await _looked_at(backend, REPORT_TIMEOUT_S)
        return health.load

    def _member(self, member: MemberReport) -> EngineReport:
        state: OperatedState
        match member.state:
            case "up":
                state, detail = "ready", ""
            case "down":
                state, detail = "away" if self.failure is None else "failed", _NO_ANSWER
            case "out":
                state, detail = ("draining", ENDING) if member.answers else ("out", TAKEN_OUT)
        id_, kind = self.config.id, self.config.backend
        return EngineReport(id_, kind, member.name, state, detail, member.answers, member.load)


def _members_out(backend: object) -> frozenset[str]:
    """Which of several engines their operator took out."""
    if not isinstance(backend, Pooled):
        return frozenset()
    return frozenset(member.name for member in backend.members() if member.state == "out")


def _take_out(backend: object, names: frozenset[str]) -> None:
    """Leave those out that were out before; of a pool of other engines none is."""
    for name in names:
        if isinstance(backend, Pooled):
            with contextlib.suppress(KeyError):
                backend.take_out(name)


async def _looked_at(backend: Backend, within_s: float) -> Health:
    """Its health, whatever it does when it is asked."""
    try:
        async with asyncio.timeout(within_s):
            return await backend.health()
    except TimeoutError:
        return Health(is_ready=False, detail=_NO_ANSWER)
    except Exception:  # a third party's backend may break in any way
        logger.exception("a backend broke while it was looked at")
        detail = "Its backend broke while it was looked at; the server's log has the details."
        return Health(is_ready=False, detail=detail)
