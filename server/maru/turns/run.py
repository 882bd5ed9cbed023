"""Does one turn: asks the engine, appends to the log, writes the end. No rules: `turn.py` has them."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace

import msgspec

from maru.engines import Engines
from maru.memory.compaction import Compactor, Order, Outcome
from maru.memory.fitting import Fitter
from maru.memory.sealing import KeyFileError, Sealer
from maru.memory.view import View
from maru.protocol.errors import ApiError
from maru.protocol.events import Event
from maru.protocol.idempotency import IdempotencyKey
from maru.protocol.items import FunctionCall, Item, Message, OutputText
from maru.protocol.response import Response, decode_response, encode_response
from maru.store.base import Checkpoint, FinishedResponse, LogPiece, NotFoundError, Store, StoreError
from maru.turns.log import EventLog
from maru.turns.packing import pack
from maru.turns.stored_log import open_stored_log
from maru.turns.turn import Retry, Turn
from maru_backends.base import Backend, ChatRequest
from maru_backends.errors import BackendError, BackendStreamBrokenError

logger = logging.getLogger(__name__)

FINISH_ATTEMPTS = 5
FINISH_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class CompactNow:
    """Compact, and answer nothing."""


@dataclass(frozen=True, slots=True)
class CompactOver:
    """Compact before the answer when the prompt passes so many tokens; None: when the window fills."""

    threshold: int | None


@dataclass(frozen=True, slots=True)
class RunPlan:
    """Everything a run needs, resolved and checked.

    Attributes:
        start: the Response before any output.
        request: sampling, tools and limits; the messages are chosen by the window.
        history: items before this turn, oldest first.
        new: items of this turn.
        view: of both, what the model is to see.
        parent_id: the stored item below which `new` goes.
        is_detached: the run goes on when its creator's connection closes.
        ends_with_its_tab: detached, but stopped when the last tab that follows it is closed.
        generates: False for a warm-up, which ends at once without asking the engine.
        new_title: the title to give the conversation, which has none yet.
        idempotency_key: what the client named the request.
        compaction: whether and when the context is compacted first.
        is_streamed: the client asked for events.
    """

    owner: str
    start: Response
    request: ChatRequest
    history: tuple[Item, ...]
    new: tuple[Item, ...]
    view: View
    parent_id: str | None
    raw_request: bytes
    may_cut: bool
    is_detached: bool
    generates: bool
    ends_with_its_tab: bool = False
    new_title: str | None = None
    idempotency_key: IdempotencyKey | None = None
    compaction: CompactNow | CompactOver | None = None
    is_streamed: bool = True


@dataclass(frozen=True, slots=True)
class Workshop:
    """What every run works with."""

    engines: Engines
    store: Store
    fitter: Fitter
    compactor: Compactor
    sealer: Sealer


@dataclass(frozen=True, slots=True)
class Progress:
    """A checkpoint to be written: the response so far and the events that the store does not have yet."""

    response: Response
    events: Sequence[Event]

    def packed(self) -> Checkpoint:
        """As the store takes it; takes some time."""
        piece = LogPiece(self.events[0].sequence_number, pack(self.events))
        return Checkpoint(self.response.id, encode_response(self.response), piece)


class Run:
    """One running response. `log` may be followed by anybody who was found to be allowed to."""

    def __init__(self, plan: RunPlan, turn: Turn, workshop: Workshop, server_id: str) -> None:
        """Prepare; nothing happens before `begin`. `server_id` says under which lease it runs."""
        self.plan = plan
        self.log = EventLog()
        self.server_id = server_id
        self.unsaved: FinishedResponse | None = None
        self.progress_at = time.monotonic()
        self.sockets = 0  # that carry its events now
        self._turn = turn
        self._workshop = workshop
        self._task: asyncio.Task[None] | None = None
        self._kept_number = -1
        self._ended_elsewhere: Response | None = None
        self._is_working = False
        self._is_compacting = False
        self._view = plan.view
        self._compaction = plan.compaction
        self._ending: Sequence[Event] = ()
        self._stall: str | None = None

    @property
    def id(self) -> str:
        """The response's id."""
        return self.plan.start.id

    @property
    def snapshot(self) -> Response:
        """The response so far; as another server ended it, where this one lost it."""
        return self._ended_elsewhere or self._turn.snapshot()

    @property
    def was_lost(self) -> bool:
        """Whether another server ended it."""
        return self._ended_elsewhere is not None

    @property
    def has_ended(self) -> bool:
        """Whether the terminal event was logged."""
        return self.log.is_closed

    def begin(self) -> None:
        """Log the opening events and start working."""
        self.log.append(self._turn.started().events)
        self._task = asyncio.create_task(self._work(), name=f"run {self.id}")

    def stop(self) -> None:
        """Stop at once; the engine is told, the half answer kept."""
        self._end_early(self._turn.stopped().events)

    def interrupt(self) -> None:
        """Stop because the server closes."""
        self._end_early(self._turn.server_closing().events)

    def stall(self, silence_s: float) -> None:
        """Break off the engine's stream: nothing came for too long."""
        # The compactor has a clock of its own, because a summary that fails need not end the answer.
        if self._turn.has_ended or not self._is_working or self._is_compacting:
            return
        self._stall = f"The model engine sent nothing for {silence_s:.0f} seconds."
        if self._task is not None:
            self._task.cancel()

    def progress(self) -> Progress | None:
        """What the next checkpoint would write; None when there is nothing new, or it is not stored."""
        if not self.plan.start.store or self._turn.has_ended or self.log.last_number == self._kept_number:
            return None
        return Progress(self.snapshot, self.log.after(self._kept_number))

    def checkpointed(self, progress: Progress) -> None:
        """The store has this now."""
        self._kept_number = progress.events[-1].sequence_number

    def when_ended(self, tell: Callable[["Run"], None]) -> None:
        """Call `tell` once, after the terminal event was logged."""
        if self._task is not None:
            self._task.add_done_callback(lambda _: tell(self))

    async def ended(self) -> None:
        """Wait until the end is written."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def _end_early(self, events: Sequence[Event]) -> None:
        if not events:
            return
        self._ending = events
        # A task that is cancelled before its first step never runs, and this one must write the end.
        if self._task is not None and self._is_working:
            self._task.cancel()

    async def _work(self) -> None:
        self._is_working = True
        try:
            if not self._turn.has_ended:
                self._ending = await self._answer()
        except asyncio.CancelledError:
            # `stop` and `interrupt` cancel this task after they ended the turn; a stall is caught further in.
            self._ending = self._ending or self._turn.server_closing().events
        except Exception:  # the task's outer edge: a run must always end, whatever broke
            logger.exception("response %s broke", self.id)
            self._ending = self._turn.broke().events
        # The end is on disk before anybody is told of it, so that the next request finds what it builds on.
        if self.plan.start.store:
            await self._write_end()
        self.log.append(self._ending)

    async def _answer(self) -> Sequence[Event]:
        if not self.plan.generates:
            return self._turn.done_unasked(now=int(time.time())).events
        while True:
            try:
                return await self._ask()
            except ApiError as error:
                return self._turn.refused(error).events
            except BackendError as error:
                step = self._turn.backend_failed(error)
            except asyncio.CancelledError:
                step = self._turn.backend_failed(self._stalled())
            if not isinstance(step, Retry):
                logger.warning("response %s failed: %s", self.id, self.snapshot.error)
                return step.events
            self.progress_at = time.monotonic()

    async def _ask(self) -> Sequence[Event]:
        backend = await self._workshop.engines.ready(self.plan.start.model)
        plan, turn = self.plan, self._turn
        match self._compaction:
            case CompactNow():
                await self._compact_now(backend)
                return turn.done_unasked(now=int(time.time())).events
            case CompactOver(threshold=threshold):
                await self._compact_if_due(backend, threshold)
            case None:
                pass
        instructions, history, new = self._view.as_asked(plan.start.instructions)
        fitted = await self._workshop.fitter.fit(
            backend,
            plan.request,
            instructions=instructions,
            history=history,
            new=new,
            may_cut=plan.may_cut,
        )
        turn.window_chosen(msgspec.structs.replace(fitted.report, compaction=self._view.compaction_id))
        async with aclosing(backend.stream(fitted.request)) as events:
            async for event in events:
                self.progress_at = time.monotonic()
                logged = turn.backend_said(event, now=int(time.time()))
                if turn.has_ended:
                    return logged
                self.log.append(logged)
        message = "The model engine ended its stream without saying why."
        raise BackendStreamBrokenError(message)

    async def _compact_now(self, backend: Backend) -> None:
        """The compaction that the client asked for.

        Raises:
            ApiError: the context cannot be compacted.
            BackendError: the engine failed.
        """
        order = self._order(None, told=lambda: self.log.append(self._turn.compacting().events))
        with self._own_clock():
            self._note(await self._workshop.compactor.compact(backend, order))

    async def _compact_if_due(self, backend: Backend, threshold: int | None) -> None:
        """The compaction that makes room; without it the answer goes on, with what the window holds."""
        # A second try at the engine, after it broke off, is no second try at this.
        self._compaction = None
        order = self._order(threshold)
        compactor = self._workshop.compactor
        try:
            with self._own_clock():
                if await compactor.is_due(backend, self.plan.request, order, threshold):
                    outcome = await compactor.shrink(backend, order)
                    if outcome is not None:
                        self._note(outcome)
        except (ApiError, BackendError, KeyFileError) as error:
            logger.warning("response %s goes on without compaction: %s", self.id, error)

    def _order(self, threshold: int | None, told: Callable[[], None] = lambda: None) -> Order:
        return Order(
            self._view,
            instructions=self.plan.start.instructions,
            session_id=self.plan.request.session_id,
            at_most=None if threshold is None else threshold // 2,
            told=told,
        )

    def _note(self, outcome: Outcome) -> None:
        sealed = self._workshop.sealer.seal(self.plan.owner, outcome.compacted)
        self.log.append(self._turn.compacted(sealed, outcome.usage).events)
        self._view = replace(outcome.view, compaction_id=self.snapshot.output[0].id)

    @contextmanager
    def _own_clock(self) -> Generator[None]:
        self._is_compacting = True
        try:
            yield
        finally:
            self._is_compacting = False
            self.progress_at = time.monotonic()

    def _stalled(self) -> BackendStreamBrokenError:
        """The error a stall stands for.

        Raises:
            CancelledError: it was no stall that cancelled the task.
        """
        task = asyncio.current_task()
        if self._stall is None or self._turn.has_ended or task is None:
            raise asyncio.CancelledError
        task.uncancel()
        stall, self._stall = self._stall, None
        return BackendStreamBrokenError(stall)

    async def save(self) -> None:
        """Try once more to write the end, which could not be written before.

        Raises:
            StoreError: it cannot be written now either.
        """
        if self.unsaved is not None:
            with contextlib.suppress(NotFoundError):
                await self._workshop.store.finish_response(self.plan.owner, self.unsaved)
            self.unsaved = None

    async def _write_end(self) -> None:
        response = self.snapshot
        finished = FinishedResponse(
            id=self.id,
            status=response.status,
            completed_at=response.completed_at,
            body=encode_response(response),
            output_items=kept_output(response),
            # In a thread: the log of a long answer takes longer than a token of another may be late.
            packed_log=await asyncio.to_thread(pack, (*self.log.after(-1), *self._ending)),
            server_id=self.server_id,
        )
        for attempt in range(FINISH_ATTEMPTS):
            try:
                if not await self._workshop.store.finish_response(self.plan.owner, finished):
                    await self._take_the_other_end()
            except NotFoundError:
                return  # it was deleted while it ran
            except StoreError:
                logger.exception("response %s could not be saved (attempt %d)", self.id, attempt + 1)
                await asyncio.sleep(FINISH_PAUSE_S)
            else:
                return
        # The person keeps what the stream showed; only the copy on disk is missing, and the hub goes on trying.
        self.unsaved = finished

    async def _take_the_other_end(self) -> None:
        """This server lost its lease: what another one wrote as the end is the end, also for who follows here."""
        owner, store = self.plan.owner, self._workshop.store
        log = await open_stored_log(store, owner, self.id)
        ending = [event async for batch in log.follow(self.log.last_number) for event in batch]
        response = decode_response((await store.response_for(owner, self.id)).body)
        self._ending, self._ended_elsewhere = ending, response


def kept_output(response: Response) -> tuple[Item, ...]:
    """Output items that later turns may build on: a half call would be refused by every engine."""
    return tuple(
        item
        for item in response.output
        if not (isinstance(item, FunctionCall) and item.status != "completed")
        and not (isinstance(item, Message) and item.status != "completed" and not any(_has_text(item)))
    )


def _has_text(item: Message) -> tuple[bool, ...]:
    return tuple(isinstance(part, OutputText) and bool(part.text) for part in item.content)
