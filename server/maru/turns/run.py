"""Does one turn: asks the engine, appends to the log, writes the end. No rules: `turn.py` has them."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import msgspec

from maru.memory.fitting import Fitted
from maru.memory.ledger import Ledger, encode_ledger
from maru.memory.summary import language_of
from maru.memory.titles import title_request
from maru.memory.writing import room_for_summary
from maru.protocol.errors import ApiError
from maru.protocol.events import Event
from maru.protocol.items import FunctionCall, Item, Message, OutputText, Refusal
from maru.protocol.response import Response, decode_response, encode_response
from maru.store.base import Checkpoint, FinishedResponse, LogPiece, NotFoundError
from maru.turns.log import EventLog
from maru.turns.packing import pack
from maru.turns.plan import RunPlan, Workshop
from maru.turns.run_context import RunContext
from maru.turns.stopwatch import Stopwatch
from maru.turns.stored_log import open_stored_log
from maru.turns.summaries import Wanted
from maru.turns.titles import Untitled
from maru.turns.turn import CutDeeper, Log, Retry, Turn, bare_failure
from maru_backends.base import Backend, Finished
from maru_backends.errors import BackendError, BackendStreamBrokenError

logger = logging.getLogger(__name__)

FINISH_ATTEMPTS = 5
FINISH_PAUSE_S = 1.0


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
        self.was_lost = False  # another server ended it
        self.progress_at = time.monotonic()
        self.sockets = 0  # that carry its events now
        self._turn = turn
        self._workshop = workshop
        self._task: asyncio.Task[None] | None = None
        self._kept_number = -1
        self._end: Response | None = None  # where it is not the one that the turn made
        self._is_working = False
        self._waits_for_engine = False
        self._context = RunContext(plan, turn, workshop, self.log)
        self._ending: Sequence[Event] = ()
        self._stall: str | None = None
        self._fitted: Fitted | None = None
        self._watch = Stopwatch(self.progress_at)

    @property
    def id(self) -> str:
        """The response's id."""
        return self.plan.start.id

    @property
    def snapshot(self) -> Response:
        """The response so far; as another server ended it, where this one lost it."""
        return self._end or self._turn.snapshot()

    @property
    def ledger(self) -> Ledger | None:
        """What the model was shown; None while that is not decided."""
        if self._fitted is None:
            return None
        usage = self.snapshot.usage
        if usage is None:
            return self._fitted.ledger
        if self._context.has_compacted:  # then the usage is that of both
            return self._fitted.ledger
        used, cached = usage.input_tokens, usage.input_tokens_details.cached_tokens
        return msgspec.structs.replace(self._fitted.ledger, used=used, cached=cached, is_exact=True)

    @property
    def summary_wanted(self) -> Wanted | None:
        """What should be summarised before the next cut, if anything."""
        start, fitted = self.plan.start, self._fitted
        if fitted is None or fitted.summarise_to is None or start.conversation is None:
            return None
        writer = self._workshop.fitter.settings(start.model).summary_model or start.model
        at_most = room_for_summary(fitted.report.window)
        return Wanted(self.plan.owner, start.conversation.id, fitted.summarise_to, writer, at_most)

    @property
    def title_wanted(self) -> Untitled | None:
        """The conversation that has only its first words for a title, where this was its first answer."""
        plan, start = self.plan, self.plan.start
        answer = kept_output(self.snapshot)
        if plan.new_title is None or start.conversation is None or self.snapshot.status != "completed" or not answer:
            return None
        writer = self._workshop.fitter.settings(start.model).summary_model or start.model
        said = (*plan.new, *answer)
        language = language_of(said)
        request = title_request(said, language)
        return Untitled(plan.owner, start.conversation.id, plan.new_title, request, language, writer)

    @property
    def has_ended(self) -> bool:
        """Whether the terminal event was logged."""
        return self.log.is_closed

    @property
    def is_over(self) -> bool:
        """Whether its end was made; it may still have to be written."""
        return self._end is not None or self._turn.has_ended

    def begin(self) -> None:
        """Log the opening events and start working."""
        self.log.append(self._turn.started().events)
        self._task = asyncio.create_task(self._work(), name=f"run {self.id}")

    def stop(self) -> None:
        """Stop at once; the engine is told, the half answer kept."""
        self._end_early(self._turn.stopped)

    def interrupt(self) -> None:
        """Stop because the server closes."""
        self._end_early(self._turn.server_closing)

    def stall(self, silence_s: float) -> None:
        """Break off the engine's stream: nothing came for too long."""
        # The compactor has a clock of its own, because a summary that fails need not end the answer; so has an
        # engine that loads or is being restarted, which may take longer than any engine may be silent.
        if self.is_over or not self._is_working or self._context.is_compacting or self._waits_for_engine:
            return
        self._stall = f"The model engine sent nothing for {silence_s:.0f} seconds."
        if self._task is not None:
            self._task.cancel()

    def progress(self) -> Progress | None:
        """What the next checkpoint would write; None when there is nothing new, or it is not stored."""
        if not self.plan.start.store or self.is_over or self.log.last_number == self._kept_number:
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

    def _end_early(self, end: Callable[[], Log]) -> None:
        if self.is_over:
            return
        self._note_timing()
        self._ending = end().events
        # A task that is cancelled before its first step never runs, and this one must write the end.
        if self._task is not None and self._is_working:
            self._task.cancel()

    async def _work(self) -> None:
        self._is_working = True
        try:
            await self._come_to_an_end()
            finished = await self._finished()
        except Exception:  # the words themselves may break their own end, such as half a character of a backend's
            logger.exception("response %s could not be ended with its words", self.id)
            self._end, terminal = bare_failure(self.plan.start, self.log.last_number + 1)
            self._ending = (terminal,)
            finished = await self._finished()
        # The end is on disk before anybody is told of it, so that the next request finds what it builds on.
        if finished is not None:
            await self._write_end(finished)
        self.log.append(self._ending)

    async def _come_to_an_end(self) -> None:
        try:
            if not self._turn.has_ended:
                ending = await self._answer()
                # A backend may swallow the stop that cancelled it: the end that was made first is the end.
                self._ending = self._ending or ending
        except asyncio.CancelledError:
            # `stop` and `interrupt` cancel this task after they ended the turn; a stall is caught further in.
            self._ending = self._ending or self._turn.server_closing().events
        except Exception:  # the task's outer edge: a run must always end, whatever broke
            logger.exception("response %s broke", self.id)
            self._ending = self._ending or self._turn.broke().events

    async def _answer(self) -> Sequence[Event]:
        if not self.plan.generates:
            return self._turn.done_unasked(now=int(time.time())).events
        while True:
            try:
                return await self._ask()
            except ApiError as error:
                return self._turn.refused(error).events
            except BackendError as error:
                self._note_timing()
                step = self._turn.backend_failed(error, may_cut=self.plan.may_cut and self._fitted is not None)
            except asyncio.CancelledError:
                step = self._turn.backend_failed(self._stalled())
            if isinstance(step, CutDeeper):
                self._cut_deeper()
            elif not isinstance(step, Retry):
                if step.events:
                    logger.warning("response %s failed: %s", self.id, self.snapshot.error)
                return step.events
            self.progress_at = time.monotonic()

    def _cut_deeper(self) -> None:
        if self._fitted is None:
            return
        report = self._fitted.report
        self._context.at_most = report.used // 2
        logger.warning(
            "model %r: its engine refused %d tokens as too long for it, and told a window of %d; asked again with "
            "half; `window` of [models.memory] in maru.toml says what it holds",
            *(self.plan.start.model, report.used, report.window),
        )

    async def _ask(self) -> Sequence[Event]:
        backend = await self._engine()
        turn = self._turn
        if await self._context.compact(backend):
            return turn.done_unasked(now=int(time.time())).events
        self.progress_at = time.monotonic()
        fitted = await self._workshop.fitter.fit(backend, self._context.order())
        self._fitted = fitted
        turn.window_chosen(fitted.report)
        async with aclosing(backend.stream(fitted.request)) as events:
            async for event in events:
                self.progress_at = time.monotonic()
                self._watch.heard(event, self.progress_at)
                if isinstance(event, Finished):
                    self._note_timing()
                logged = turn.backend_said(event, now=int(time.time()))
                if turn.has_ended:
                    # Kept before the stream is closed, which may raise.
                    self._ending = self._ending or logged
                    self._reconcile(fitted)
                    return logged
                self.log.append(logged)
        message = "The model engine ended its stream without saying why."
        raise BackendStreamBrokenError(message)

    async def _engine(self) -> Backend:
        self._waits_for_engine = True
        try:
            return await self._workshop.engines.ready(self.plan.start.model)
        finally:
            self._waits_for_engine = False

    def _note_timing(self) -> None:
        self._turn.timed(self._watch.timing(time.monotonic()))

    def _reconcile(self, fitted: Fitted) -> None:
        usage = self.snapshot.usage
        if usage is not None and not self._context.has_compacted:  # else the usage is that of both
            self._workshop.fitter.reconcile(fitted, usage.input_tokens)

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

    async def _finished(self) -> FinishedResponse | None:
        """The end as the store takes it; None for what is not stored."""
        if not self.plan.start.store:
            return None
        response = self.snapshot
        return FinishedResponse(
            id=self.id,
            status=response.status,
            completed_at=response.completed_at,
            body=encode_response(response),
            output_items=kept_output(response),
            # In a thread: the log of a long answer takes longer than a token of another may be late.
            packed_log=await asyncio.to_thread(pack, (*self.log.after(-1), *self._ending)),
            server_id=self.server_id,
            ledger=None if (ledger := self.ledger) is None else encode_ledger(ledger),
        )

    async def _write_end(self, finished: FinishedResponse) -> None:
        for attempt in range(FINISH_ATTEMPTS):
            try:
                if not await self._workshop.store.finish_response(self.plan.owner, finished):
                    await self._take_the_other_end()
            except NotFoundError:
                return  # it was deleted while it ran
            except Exception:  # whatever is wrong with the store, who follows must get an end
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
        self._end = decode_response((await store.response_for(owner, self.id)).body)
        self._ending, self.was_lost = ending, True


def kept_output(response: Response) -> tuple[Item, ...]:
    """Output items that later turns may build on: a half call would be refused by every engine."""
    return tuple(
        item
        for item in response.output
        if not (isinstance(item, FunctionCall) and item.status != "completed")
        and not (isinstance(item, Message) and item.status != "completed" and not _has_words(item))
    )


def _has_words(item: Message) -> bool:
    texts = any(part.text for part in item.content if isinstance(part, OutputText))
    return texts or any(part.refusal for part in item.content if isinstance(part, Refusal))
