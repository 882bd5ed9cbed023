"""The order of work of in-process generation: one thread, many answers at once.

Continuous batching: every step computes some of the newest prompts and one more token of every running answer, so
that a new request waits for one step and not for an answer. Knows no template and no settings.

transformers' own continuous batching was measured and left: on a CPU it is as fast for one stream and a third slower
for 32 (bench/local_engine), it has no seed by request, and its prefixes are shared between people.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from maru_backends.base import BackendEvent, Finished, FinishReason, TextDelta, Usage
from maru_backends.call_reader import CallReader
from maru_backends.errors import BackendBusyError, BackendError, BackendUnavailableError
from maru_backends.local_formats import Constraint
from maru_backends.local_model import LocalModel, Prefill
from maru_backends.local_sampling import Sampler
from maru_backends.logprobs import PendingLogprobs, rival, token_logprob
from maru_backends.text_stream import AnswerText
from maru_backends.think_tags import ThinkTagReader
from maru_backends.token_spelling import Speller

MOST_WAITING = 1024
CLOSING_TIMEOUT_S = 30
_LOG = logging.getLogger(__name__)


class Answer:
    """The event loop's end of one answer: what the worker has produced and nobody has read yet."""

    def __init__(self) -> None:
        """Belongs to the event loop that runs now."""
        self.loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[BackendEvent | BackendError] = asyncio.Queue()

    def put(self, item: BackendEvent | BackendError) -> None:
        """Called in the event loop."""
        self._queue.put_nowait(item)

    async def next_event(self) -> BackendEvent:
        """Wait for more; an error of the engine is raised here."""
        item = await self._queue.get()
        if isinstance(item, BackendError):
            raise item
        return item


@dataclass(eq=False, slots=True)
class Job:
    """One request inside the engine.

    Attributes:
        prompt: token ids of the rendered prompt.
        most_tokens: the answer's bound; prompt and answer fit the window.
        reader: tells the model's thinking from its answer; None: it has no such tags.
        calls: tells tool calls from the rest of the answer; None: it has no tools.
        speller: spells tokens, where logprobs were asked for.
        constraint: what the answer is held to; its sampler's restriction.
        tensors: of the prompt's pictures. Their tokens are the same for every picture, so no session keeps them.
        tokens: prompt and answer so far.
        thought: tokens of the answer that were thinking.
        is_cancelled: set by any thread; the next step drops the job.
    """

    prompt: tuple[int, ...]
    session_id: str | None
    most_tokens: int
    sampler: Sampler
    text: AnswerText
    answer: Answer
    reader: ThinkTagReader | None = None
    calls: CallReader | None = None
    speller: Speller | None = None
    constraint: Constraint | None = None
    tensors: Mapping[str, Tensor] | None = None
    logprobs: PendingLogprobs = field(default_factory=PendingLogprobs)
    thought: int = 0
    tokens: list[int] = field(init=False)
    cached: int = 0
    is_cancelled: bool = False
    is_done: bool = False

    def __post_init__(self) -> None:
        """The answer begins empty."""
        self.tokens = list(self.prompt)

    def told(self, text: str, end: FinishReason | None = None) -> list[BackendEvent]:
        """More text of the answer as events; none where it cannot be told yet what it is. `end`: it was the last."""
        if self.reader is None:
            events: list[BackendEvent] = [TextDelta(text)] if text else []
        else:
            events = [*self.reader.read(text)] if text else []
            if end is not None:
                events += self.reader.end()
            self.thought += self.reader.is_thinking
            if self.constraint is not None:
                self.constraint.is_waiting = self.reader.awaits_closing
        if self.calls is not None:
            events = [*self.calls.read(events)]
            if end is not None:
                events += self.calls.end(end)
        return events if self.speller is None else [*self.logprobs.attached(events)]

    def weigh(self, token: int) -> None:
        """Keep how likely the newest token was until its text is told."""
        if self.speller is None or (drawn := self.sampler.drawn) is None:
            return
        rivals = (rival(self.speller.spell(other), logprob) for other, logprob in drawn.likeliest)
        self.logprobs.add((token_logprob(self.speller.spell(token), drawn.logprob, rivals),))

    @property
    def failure(self) -> BackendError | None:
        """Why its answer cannot go on."""
        return None if self.constraint is None else self.constraint.failure

    @property
    def is_whole(self) -> bool:
        """Whether its format lets nothing come any more."""
        return self.constraint is not None and self.constraint.is_over

    @property
    def reserved(self) -> int:
        """Positions that the job may come to fill."""
        return len(self.prompt) + self.most_tokens


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """What the engine may use.

    Attributes:
        rows: answers at once.
        kv_bytes: memory of keys and values of running answers; one answer always runs, whatever its size.
        prefill_tokens: prompt tokens computed between two steps of the running answers.
    """

    rows: int
    kv_bytes: int
    prefill_tokens: int


class LocalEngine:
    """Runs jobs on a model in a thread of its own."""

    def __init__(
        self,
        model: LocalModel,
        limits: EngineLimits,
        stop_tokens: frozenset[int],
        on_start: Callable[[], None] = lambda: None,
    ) -> None:
        """The thread starts at once; `on_start` runs in it first (torch's thread count is set by thread)."""
        self._model = model
        self._limits = limits
        self._stop_tokens = stop_tokens
        self._on_start = on_start
        self._wake = threading.Condition()
        self._is_closing = False
        self._death = ""  # why no more work is taken
        self._waiting: deque[Job] = deque()
        self._entering: Job | None = None  # its prompt is being computed
        self._prefill: Prefill | None = None
        self._rows: list[Job] = []  # row by row as in the model
        self._outbox: list[tuple[Answer, BackendEvent | BackendError]] = []
        self._thread = threading.Thread(target=self._work, name="maru-local-engine", daemon=True)
        self._thread.start()

    @property
    def death(self) -> str:
        """One sentence why the engine works no more; empty while it does."""
        return self._death

    @property
    def running(self) -> int:
        """Requests that still cost work or wait for it."""
        return len(self._waiting) + len(self._rows) + (self._entering is not None)

    def submit(self, job: Job) -> None:
        """Take a job; its events come through its answer.

        Raises:
            BackendUnavailableError: the engine is closed or dead.
            BackendBusyError: too many jobs wait.
        """
        with self._wake:
            if self._death or self._is_closing:
                raise BackendUnavailableError(self._death or "The engine is being closed.")
            if len(self._waiting) >= MOST_WAITING:
                raise BackendBusyError("Too many requests wait for the engine.", retry_after_s=1)
            self._waiting.append(job)
            self._wake.notify()

    def cancel(self, job: Job) -> None:
        """Stop working on the job at the next step; nothing happens when it is over."""
        job.is_cancelled = True

    def close(self) -> None:
        """Stop the thread and end every job with an error; blocks for at most a step of the model."""
        with self._wake:
            self._is_closing = True
            self._wake.notify()
        self._thread.join(CLOSING_TIMEOUT_S)

    # ------------------------------------------------------------------------------------- in the worker thread

    def _work(self) -> None:
        reason = "The engine was closed."
        try:
            self._on_start()
            while self._has_work():
                self._step()
        except BaseException:  # noqa: BLE001 - the thread's outer edge: whoever waits must hear of it, whatever it was
            reason = "The engine's worker died; see the server's log."
            _LOG.exception("local engine: the worker died")
        finally:
            self._die(reason)

    def _has_work(self) -> bool:
        """Wait for work; False when closing."""
        with self._wake:
            while not self._is_closing and not self.running:
                self._wake.wait()
            return not self._is_closing

    def _step(self) -> None:
        self._drop_cancelled()
        try:
            self._prefill_some()
        except Exception:  # noqa: BLE001 - one request's outer edge: the others go on
            _LOG.exception("local engine: a prompt failed")
            self._fail_entering()
        self._deliver()  # first tokens must not wait for the others' step
        try:
            self._decode_once()
        except Exception:  # noqa: BLE001 - the batch's outer edge: these answers are lost, the next request is not
            _LOG.exception("local engine: a step failed")
            self._fail_rows()
        self._deliver()

    def _drop_cancelled(self) -> None:
        if self._entering is not None and self._entering.is_cancelled:
            self._entering = self._prefill = None
        for row in reversed(range(len(self._rows))):
            if self._rows[row].is_cancelled:
                self._retire(row)
        with self._wake:
            if any(job.is_cancelled for job in self._waiting):
                self._waiting = deque(job for job in self._waiting if not job.is_cancelled)

    def _prefill_some(self) -> None:
        left = self._limits.prefill_tokens
        while left > 0 and (job := self._entering_job()) is not None:
            prefill = self._prefill = self._prefill or self._model.begin(job.session_id, job.prompt, job.tensors)
            left -= self._model.advance(prefill, left)
            if not prefill.is_complete:
                return
            job.cached = prefill.cached
            token = self._model.first_token(prefill, job.sampler)
            self._model.join(prefill)
            self._entering = self._prefill = None
            self._rows.append(job)
            self._accept(job, token)
            if job.is_done:
                self._retire(len(self._rows) - 1)

    def _entering_job(self) -> Job | None:
        """The job whose prompt is computed now: the present one, or the next if there is room."""
        if self._entering is None and self._waiting and self._has_room_for(self._waiting[0]):
            self._entering = self._waiting.popleft()
        return self._entering

    def _has_room_for(self, job: Job) -> bool:
        if not self._rows:
            return True
        positions = job.reserved + sum(running.reserved for running in self._rows)
        fits = positions * self._model.kv_bytes_per_token <= self._limits.kv_bytes
        return fits and len(self._rows) < self._limits.rows

    def _decode_once(self) -> None:
        if not self._rows:
            return
        last = [job.tokens[-1] for job in self._rows]
        tokens = self._model.next_tokens(last, [job.sampler for job in self._rows])
        for job, token in zip(self._rows, tokens, strict=True):
            self._accept(job, token)
        for row in reversed(range(len(self._rows))):
            if self._rows[row].is_done:
                self._retire(row)

    def _accept(self, job: Job, token: int) -> None:
        """Add a token to an answer, tell its reader, and notice the end."""
        job.tokens.append(token)
        if (failure := job.failure) is not None:
            job.is_done = True
            self._outbox.append((job.answer, failure))
            return
        said = len(job.tokens) - len(job.prompt)
        reason: FinishReason | None = None
        if token in self._stop_tokens:
            (text, _), reason = job.text.finish(), "stop"
        else:
            job.weigh(token)
            text, stopped = job.text.feed(token)
            if stopped:
                reason = "stop"
            elif job.is_whole or said >= job.most_tokens:
                rest, stopped = job.text.finish()
                text, reason = text + rest, "stop" if stopped or job.is_whole else "length"
        self._outbox += [(job.answer, event) for event in job.told(text, reason)]
        if reason is None and job.calls is not None and job.calls.is_full:
            reason = "stop"
        if reason is not None:
            job.is_done = True
            usage = Usage(len(job.prompt), said, cached_tokens=job.cached, reasoning_tokens=job.thought)
            if reason == "stop" and job.calls is not None and job.calls.count:
                reason = "tool_calls"
            self._outbox += [(job.answer, usage), (job.answer, Finished(reason))]

    def _retire(self, row: int) -> None:
        """Take a row out of the batch and keep what it computed for the session's next turn."""
        job = self._rows[row]
        self._model.keep_row(row, job.session_id, job.tokens)
        self._model.leave(row)
        last = self._rows.pop()
        if row < len(self._rows):
            self._rows[row] = last

    def _fail_entering(self) -> None:
        if self._entering is None:  # it had joined the batch already, whose state is now unknown
            self._fail_rows()
            return
        self._fail([self._entering], "The engine failed on this request.")
        self._entering = self._prefill = None

    def _fail_rows(self) -> None:
        self._fail(self._rows, "The engine failed in the middle of this answer.")
        self._rows = []
        self._model.forget_rows()

    def _fail(self, jobs: Sequence[Job], reason: str) -> None:
        self._outbox += [(job.answer, BackendUnavailableError(reason)) for job in jobs if not job.is_done]

    def _die(self, reason: str) -> None:
        with self._wake:
            self._death = reason
            jobs = [*self._waiting, *self._rows, *([self._entering] if self._entering else [])]
            self._waiting.clear()
            self._rows, self._entering, self._prefill = [], None, None
        self._fail(jobs, reason)
        self._deliver()

    def _deliver(self) -> None:
        """Hand a step's events over, waking each event loop once."""
        outbox, self._outbox = self._outbox, []
        for loop in {answer.loop for answer, _ in outbox}:
            batch = [(answer, item) for answer, item in outbox if answer.loop is loop]
            try:
                loop.call_soon_threadsafe(_hand_out, batch)
            except RuntimeError:  # the loop was closed under its readers: nobody is left to tell
                _LOG.debug("local engine: an event loop was closed before its answers ended")


def _hand_out(batch: Sequence[tuple[Answer, BackendEvent | BackendError]]) -> None:
    for answer, item in batch:
        answer.put(item)
