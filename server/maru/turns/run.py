"""Does one turn: asks the engine, appends to the log, writes the end. No rules: `turn.py` has them."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from maru.engines import Engines
from maru.memory.fitting import Fitter
from maru.protocol.errors import ApiError
from maru.protocol.events import Event
from maru.protocol.idempotency import IdempotencyKey
from maru.protocol.items import FunctionCall, Item, Message, OutputText
from maru.protocol.response import Response, encode_response
from maru.store.base import Checkpoint, FinishedResponse, NotFoundError, Store, StoreError
from maru.turns.log import EventLog
from maru.turns.turn import Retry, Turn
from maru_backends.base import ChatRequest
from maru_backends.errors import BackendError, BackendStreamBrokenError

logger = logging.getLogger(__name__)

FINISH_ATTEMPTS = 5
FINISH_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class RunPlan:
    """Everything a run needs, resolved and checked.

    Attributes:
        start: the Response before any output.
        request: sampling, tools and limits; the messages are chosen by the window.
        history: items before this turn, oldest first.
        new: items of this turn.
        parent_id: the stored item below which `new` goes.
        is_detached: the run goes on when its creator's connection closes.
        ends_with_its_tab: detached, but stopped when the last tab that follows it is closed.
        generates: False for a warm-up, which ends at once without asking the engine.
        new_title: the title to give the conversation, which has none yet.
        idempotency_key: what the client named the request.
    """

    owner: str
    start: Response
    request: ChatRequest
    history: tuple[Item, ...]
    new: tuple[Item, ...]
    parent_id: str | None
    raw_request: bytes
    may_cut: bool
    is_detached: bool
    generates: bool
    ends_with_its_tab: bool = False
    new_title: str | None = None
    idempotency_key: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True)
class Workshop:
    """What every run works with."""

    engines: Engines
    store: Store
    fitter: Fitter


class Run:
    """One running response. `log` may be followed by anybody who was found to be allowed to."""

    def __init__(self, plan: RunPlan, turn: Turn, workshop: Workshop) -> None:
        """Prepare; nothing happens before `begin`."""
        self.plan = plan
        self.log = EventLog()
        self.progress_at = time.monotonic()
        self.sockets = 0  # that carry its events now
        self._turn = turn
        self._workshop = workshop
        self._task: asyncio.Task[None] | None = None
        self._is_dirty = False
        self._is_working = False
        self._ending: Sequence[Event] = ()
        self._stall: str | None = None

    @property
    def id(self) -> str:
        """The response's id."""
        return self.plan.start.id

    @property
    def snapshot(self) -> Response:
        """The response so far."""
        return self._turn.snapshot()

    @property
    def has_ended(self) -> bool:
        """Whether the terminal event was logged."""
        return self.log.is_closed

    def begin(self) -> None:
        """Log the opening events and start working."""
        self._log(self._turn.started().events)
        self._task = asyncio.create_task(self._work(), name=f"run {self.id}")

    def stop(self) -> None:
        """Stop at once; the engine is told, the half answer kept."""
        self._end_early(self._turn.stopped().events)

    def interrupt(self) -> None:
        """Stop because the server closes."""
        self._end_early(self._turn.server_closing().events)

    def stall(self, silence_s: float) -> None:
        """Break off the engine's stream: nothing came for too long."""
        if self._turn.has_ended or not self._is_working:
            return
        self._stall = f"The model engine sent nothing for {silence_s:.0f} seconds."
        if self._task is not None:
            self._task.cancel()

    def take_checkpoint(self) -> Checkpoint | None:
        """The response so far, if it changed since the last time and is stored."""
        if not self._is_dirty or not self.plan.start.store or self._turn.has_ended:
            return None
        self._is_dirty = False
        return Checkpoint(self.id, encode_response(self.snapshot))

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
        self._log(self._ending)

    async def _answer(self) -> Sequence[Event]:
        if not self.plan.generates:
            return self._turn.warmed_up(now=int(time.time())).events
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
        fitted = await self._workshop.fitter.fit(
            backend,
            plan.request,
            instructions=plan.start.instructions,
            history=plan.history,
            new=plan.new,
            may_cut=plan.may_cut,
        )
        turn.window_chosen(fitted.report)
        async with aclosing(backend.stream(fitted.request)) as events:
            async for event in events:
                self.progress_at = time.monotonic()
                logged = turn.backend_said(event, now=int(time.time()))
                if turn.has_ended:
                    return logged
                self._log(logged)
        message = "The model engine ended its stream without saying why."
        raise BackendStreamBrokenError(message)

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

    async def _write_end(self) -> None:
        response = self.snapshot
        finished = FinishedResponse(
            id=self.id,
            status=response.status,
            completed_at=response.completed_at,
            body=encode_response(response),
            output_items=kept_output(response),
        )
        for attempt in range(FINISH_ATTEMPTS):
            try:
                await self._workshop.store.finish_response(self.plan.owner, finished)
            except NotFoundError:
                return  # it was deleted while it ran
            except StoreError:
                # The person keeps what the stream showed; only the copy on disk is missing, and the operator is told.
                logger.exception("response %s could not be saved (attempt %d)", self.id, attempt + 1)
                await asyncio.sleep(FINISH_PAUSE_S)
            else:
                return

    def _log(self, events: Sequence[Event]) -> None:
        self.log.append(events)
        self._is_dirty = True


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
