"""The live runs: start, find, stop. The only place that holds them.

A run belongs to the server, not to a socket. Other servers may share the store: what they run is found there, followed
from there and stopped by a mark. What has ended is in the store; only of runs that are not stored, the events stay here
for a while.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from weakref import WeakValueDictionary

from maru.ids import new_id
from maru.memory.messages import messages_of
from maru.protocol.builder import ResponseBuilder
from maru.protocol.compaction import CompactedResponse
from maru.protocol.events import ReasoningWords
from maru.protocol.idempotency import IdempotencyKey, check_same_request
from maru.protocol.response import encode_response
from maru.store.base import (
    IdempotencyKeyTakenError,
    LeaseLostError,
    NotFoundError,
    StoredResponse,
    StoreError,
)
from maru.turns.compacting import compacted_alone
from maru.turns.ended_logs import EndedLog, EndedLogs
from maru.turns.leases import Leases
from maru.turns.log import Followed
from maru.turns.open_ends import OpenEnds
from maru.turns.places import Places
from maru.turns.plan import RunPlan, Workshop
from maru.turns.run import Run
from maru.turns.shared_logs import SharedLogs
from maru.turns.stored_log import ended_elsewhere
from maru.turns.summaries import Summaries
from maru.turns.titles import Titles
from maru.turns.turn import Turn

logger = logging.getLogger(__name__)

TICK_S = 1.0
STOP_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class HubLimits:
    """What the settings say of runs.

    Attributes:
        stall_timeout_s: silence of an engine after which its run is broken off.
        keep_ended_s: how long the events of an ended run that is not stored can be followed.
        max_running: runs at once; more are refused.
        reasoning_words: names of the events of raw thinking.
        writes_titles: a model names each conversation after its first answer.
    """

    stall_timeout_s: float
    keep_ended_s: float
    max_running: int
    reasoning_words: ReasoningWords = "openai"
    writes_titles: bool = False


class Hub:
    """Starts runs and keeps them; one per process."""

    def __init__(self, workshop: Workshop, limits: HubLimits) -> None:
        """Prepare; `open` starts the clockwork."""
        self._workshop = workshop
        self._limits = limits
        self._runs: dict[str, Run] = {}
        self._ended = EndedLogs(limits.keep_ended_s)
        self._stored = SharedLogs(workshop.store)
        self._beginning: dict[str, asyncio.Task[Run]] = {}
        # A lock lives as long as somebody holds it or waits for it.
        self._starting: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self.places = Places(limits.max_running, lambda: len(self._runs) + len(self._beginning))
        self._open_ends = OpenEnds(workshop.store)
        self._leases = Leases(workshop.store, self._lost)
        self.summaries = Summaries(workshop, self._is_answering)
        silence_s = limits.stall_timeout_s
        self.titles = Titles(workshop.store, workshop.engines, silence_s, self._is_answering)
        self._clockwork: list[asyncio.Task[None]] = []

    @property
    def running(self) -> int:
        """Number of runs that have not ended."""
        return len(self._runs)

    async def open(self) -> None:
        """Hold a lease, end what crashed servers left, start the checkpoints and the watchdog.

        Raises:
            StoreError: the store cannot be used.
        """
        await self._leases.open()
        self._clockwork.append(asyncio.create_task(self._tick(), name="hub"))
        self._clockwork.append(asyncio.create_task(self._watch(), name="watchdog"))
        self._clockwork.append(asyncio.create_task(self._leases.keep(), name="leases"))

    async def start(self, plan: RunPlan) -> Run:
        """Write the request to disk, then begin.

        Raises:
            ApiError: the server closes, or has too much to do.
            StoreError: the conversation is busy, or the disk is full.
        """
        self.places.check()
        # A caller that vanishes while the request is written must not leave a response on disk that nobody ends.
        beginning = asyncio.create_task(self._begin(plan), name=f"begin {plan.start.id}")
        self._beginning[plan.start.id] = beginning
        try:
            return await asyncio.shield(beginning)
        except asyncio.CancelledError:
            beginning.add_done_callback(_left_alone)
            raise

    async def _begin(self, plan: RunPlan) -> Run:
        try:
            turn = Turn(ResponseBuilder(plan.start, new_id, self._limits.reasoning_words))
            server_id = await self._write_start(plan)
            run = Run(plan, turn, self._workshop, server_id)
            run.begin()
            self._runs[run.id] = run
            run.when_ended(self._ended_now)
            if server_id != self._leases.server_id:  # it was lost while the start was on its way back
                self._lost()
            return run
        finally:
            del self._beginning[plan.start.id]

    async def _write_start(self, plan: RunPlan) -> str:
        """Under which lease it was started."""
        if not plan.start.store:
            return self._leases.server_id
        try:
            try:
                return await self._start_under_lease(plan)
            except LeaseLostError:  # this server slept
                await self._leases.renew()
                return await self._start_under_lease(plan)
        except StoreError as error:
            if type(error) is StoreError:  # the database's own trouble, which may have come after the commit
                self._open_ends.add_doubtful(plan.start.id, plan.owner)
            raise

    async def _start_under_lease(self, plan: RunPlan) -> str:
        server_id = self._leases.server_id
        await self._workshop.store.start_response(plan.owner, plan.as_stored(server_id))
        return server_id

    async def start_once(
        self, owner: str, key: IdempotencyKey, prepare: Callable[[], Awaitable[RunPlan]], *, now: int
    ) -> Run | StoredResponse:
        """The one run of a request with a key, however often it is sent; its response where no run is left.

        The run goes on without its client, who may come back for it with the same key.

        Args:
            owner: who asks.
            key: what the client named the request.
            prepare: makes the plan, if one is needed; after the first time it might be refused.
            now: Unix seconds.

        Raises:
            ApiError: the key came with another request before; or this one is refused, and the key stays free.
            StoreError: the conversation is busy, or the disk is full; the key stays free.
        """
        lock = self._starting.setdefault((owner, key.value), asyncio.Lock())
        async with lock:
            with contextlib.suppress(NotFoundError):
                return await self._started_by(owner, key, now)
            plan = replace(await prepare(), idempotency_key=key, is_detached=True)
            try:
                return await self.start(plan)
            except IdempotencyKeyTakenError:  # another server was quicker
                return await self._started_by(owner, key, now)

    def run_for(self, owner: str, response_id: str) -> Run | None:
        """A run of this server that belongs to this owner and goes on, or whose end could not be written yet."""
        run = self._runs.get(response_id) or self._open_ends.run(response_id)
        return run if run is not None and run.plan.owner == owner else None

    async def log_for(self, owner: str, response_id: str) -> Followed:
        """The events of a response, wherever it runs or ran.

        Raises:
            NotFoundError: the owner has no such response.
            EventsNotKeptError: it ended before events were kept.
        """
        here = self.run_for(owner, response_id) or self._ended.find(owner, response_id)
        return here.log if here is not None else await self._stored.open(owner, response_id)

    async def is_streamed(self, owner: str, response_id: str) -> bool:
        """Whether whoever created a response asked for its events.

        Raises:
            NotFoundError: the owner has no such response.
        """
        if (run := self.run_for(owner, response_id)) is not None:
            return run.plan.is_streamed
        here = self._ended.find(owner, response_id)
        return (here or await self._workshop.store.response_for(owner, response_id)).is_streamed

    async def response_for(self, owner: str, response_id: str) -> bytes:
        """A response as it is now, as JSON.

        Raises:
            NotFoundError: the owner has no such response.
        """
        run = self.run_for(owner, response_id)
        if run is not None and run.plan.start.store:
            if run.is_over:  # whoever sees the end may build on it, so it must be written
                await run.ended()
            return encode_response(run.snapshot)
        return (await self._workshop.store.response_for(owner, response_id)).body

    async def ask_to_stop(self, owner: str, response_id: str) -> None:
        """Let a response be stopped, wherever it runs; it ends within a second or two if its server lives.

        Raises:
            NotFoundError: the owner has no such response.
        """
        if (beginning := self._beginning.get(response_id)) is not None:
            await asyncio.wait([beginning])
        run = self.run_for(owner, response_id)
        if run is None:
            await self._workshop.store.ask_to_stop(owner, response_id)
        else:
            run.stop()

    async def stop(self, owner: str, response_id: str) -> bytes:
        """Stop a response and wait for its end, for that of another server `STOP_WITHIN_S` at most; then see it.

        Raises:
            NotFoundError: the owner has no such response.
        """
        await self.ask_to_stop(owner, response_id)
        run = self.run_for(owner, response_id)
        if run is not None:
            await run.ended()
            return encode_response(run.snapshot)
        if (await self._workshop.store.response_for(owner, response_id)).is_running:
            await self._leases.sweep()  # its server may be gone
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_WITHIN_S):
                    await ended_elsewhere(self._workshop.store, owner, response_id)
        return await self.response_for(owner, response_id)

    def forget(self, response_id: str) -> None:
        """Give up the end of a run that could not be written, because its response was deleted."""
        self._open_ends.drop(response_id)

    async def count_tokens(self, plan: RunPlan) -> int:
        """Tokens of the prompt this plan would send, counted by the engine.

        Raises:
            BackendError: the engine cannot be asked.
        """
        backend = await self._workshop.engines.ready(plan.start.model)
        instructions, history, new = plan.view.as_asked(plan.start.instructions)
        messages = messages_of(instructions, (*history, *new))
        return await backend.count_tokens(replace(plan.request, messages=messages))

    async def compact(self, plan: RunPlan) -> CompactedResponse:
        """What `/v1/responses/compact` answers: a plan's items, compacted. Nothing is stored.

        Raises:
            ApiError: the server has too much to do, or it is too long to be summarised.
            BackendError: the engine failed.
        """
        with self.places.one():
            return await compacted_alone(plan, self._workshop)

    async def stop_conversation(self, owner: str, conversation_id: str) -> None:
        """Stop what runs in a conversation, because it is about to be deleted."""
        for run in tuple(self._runs.values()):
            ref = run.plan.start.conversation
            if run.plan.owner == owner and ref is not None and ref.id == conversation_id:
                run.stop()
                await run.ended()
        for response_id in await self._workshop.store.running_responses_of(owner, conversation_id):
            await self.stop(owner, response_id)

    async def write_checkpoints(self) -> None:
        """Write the words so far of every answer that grew since the last time; done once a second."""
        server_id = self._leases.server_id
        its = [run for run in self._runs.values() if run.server_id == server_id]
        changed = [(run, progress) for run in its if (progress := run.progress()) is not None]
        if not changed:
            return
        packed = await asyncio.to_thread(lambda: [progress.packed() for _, progress in changed])
        await self._workshop.store.checkpoint(server_id, packed)
        for run, progress in changed:
            run.checkpointed(progress)

    async def stop_marked(self) -> None:
        """Stop what another server was asked to stop; looked for once a second."""
        if any(run.plan.start.store for run in self._runs.values()):
            for response_id in await self._workshop.store.stop_marks(self._leases.server_id):
                if response_id in self._runs:
                    self._runs[response_id].stop()

    @property
    def is_closing(self) -> bool:
        """Whether nothing is begun any more."""
        return self.places.is_closed

    def stop_taking(self) -> None:
        """Refuse what is asked from now on; what runs goes on."""
        self.places.close()

    async def close(self) -> None:
        """End all runs as `incomplete` and wait until that is written."""
        self.stop_taking()
        if self._beginning:
            await asyncio.wait(self._beginning.values())
        for run in tuple(self._runs.values()):
            run.interrupt()
        for run in tuple(self._runs.values()):
            await run.ended()
        await self.summaries.close()
        await self.titles.close()
        clockwork, self._clockwork = self._clockwork, []
        for task in clockwork:
            task.cancel()
        if clockwork:
            with contextlib.suppress(StoreError):
                await self._open_ends.write()
                await self._leases.close()

    def _is_answering(self, model: str) -> bool:
        return any(run.plan.start.model == model for run in self._runs.values())

    async def _started_by(self, owner: str, key: IdempotencyKey, now: int) -> Run | StoredResponse:
        store = self._workshop.store
        keyed = await store.keyed_response_for(owner, key.value, now=now)
        check_same_request(key, keyed.fingerprint)
        return self.run_for(owner, keyed.response_id) or await store.response_for(owner, keyed.response_id)

    def _lost(self) -> None:
        """Others end what ran under the old lease; followers here get that end."""
        for run in tuple(self._runs.values()):
            if run.plan.start.store and run.server_id != self._leases.server_id:
                run.interrupt()

    def _ended_now(self, run: Run) -> None:
        self._runs.pop(run.id, None)
        if (wanted := run.summary_wanted) is not None:
            self.summaries.want(wanted)
        if self._limits.writes_titles and (untitled := run.title_wanted) is not None:
            self.titles.want(untitled)
        if run.unsaved is not None:
            self._open_ends.add_run(run)
        elif not run.plan.start.store:
            self._ended.keep(run.id, EndedLog(run.plan.owner, run.log, run.plan.is_streamed))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            for work in (self.stop_marked, self.write_checkpoints, self._open_ends.write):
                try:
                    await work()
                except Exception:  # a task's outer edge: no fault of the disk may stop the clockwork
                    logger.exception("%s failed; the next second tries again", work.__qualname__)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._ended.forget_old()
            for run in tuple(self._runs.values()):
                silence_s = time.monotonic() - run.progress_at
                if silence_s > self._limits.stall_timeout_s:
                    run.stall(silence_s)


def _left_alone(beginning: asyncio.Task[Run]) -> None:
    """Whoever wanted this run is gone."""
    if beginning.cancelled():
        return
    error = beginning.exception()
    if error is not None:
        logger.info("a response whose client left was refused: %r", error)
    elif not beginning.result().plan.is_detached:
        beginning.result().stop()
