"""Runs all checks on one model, each within its time; a backend that hangs, lies or breaks makes a failed check.

Two watches: on the backend's event loop every check is given up after its limit, also one that will not be cancelled;
and the caller's thread waits for that loop no longer than it must, should the backend hold the loop itself.
"""

import asyncio
import queue
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field

from maru_backends.base import Backend
from maru_backends.checks import features, load, promises
from maru_backends.checks.outcome import Check, Outcome, PromiseBrokenError, Result, failed
from maru_backends.checks.subject import Subject
from maru_backends.errors import BackendError

GIVE_UP_S = 2.0
"""How long a check that was cancelled may take to end."""
MARGIN_S = 3.0
CLOSE_LIMIT_S = 30.0

CHECKS: tuple[Check[Subject], ...] = (
    Check("answers", promises.answers, is_first=True),
    Check("window", promises.window),
    Check("template", promises.template),
    Check("streaming", promises.streaming),
    Check("cancel", promises.cancel),
    Check("counts", promises.counts),
    Check("usage", promises.usage),
    Check("stop strings", promises.stop_strings),
    Check("tools", features.tools),
    Check("structured output", features.structured_output),
    Check("images", features.images),
    Check("hostile input", load.hostile_input),
    Check("many at once", load.many_at_once),
    Check("speed", load.speed),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is run: how a model is opened, and within which times, in seconds.

    `open` leaves with the stack how to close it, and all that it opened beside it.
    """

    open: Callable[[AsyncExitStack], Awaitable[Backend]]
    limit_s: float
    open_limit_s: float
    is_hosted: bool = False
    checks: Sequence[Check[Subject]] = field(default=CHECKS)

    @property
    def longest_silence_s(self) -> float:
        """After which the backend's event loop must be held by something."""
        return max(self.limit_s, self.open_limit_s, CLOSE_LIMIT_S) + GIVE_UP_S + MARGIN_S


async def results_of(
    subject: Subject, checks: Sequence[Check[Subject]], limit_s: float
) -> AsyncGenerator[Result, None]:
    """The checks in turn on a model that is open; after a first one that failed there are no more."""
    for check in checks:
        result = await _timed(check.name, check.ask(subject), limit_s)
        yield result
        if check.is_first and result.outcome.state == "failed":
            return


class Checking:
    """All checks of one plan, in a thread with an event loop of its own."""

    def __init__(self, plan: Plan) -> None:
        """Nothing is opened before `results` is read."""
        self._plan = plan
        self._found: queue.SimpleQueue[Result | None] = queue.SimpleQueue()
        self._runner = _Runner(plan, self._found)
        self._thread = threading.Thread(target=self._runner.run, name="checks", daemon=True)

    @property
    def is_stuck(self) -> bool:
        """Whether something of the backend runs on for ever: only the end of this process ends it."""
        return self._thread.is_alive()

    def results(self) -> Generator[Result]:
        """Open the model, check it, close it; yields as each check ends, and always comes to an end."""
        self._thread.start()
        patience_s = CLOSE_LIMIT_S + GIVE_UP_S
        try:
            while True:
                try:
                    result = self._found.get(timeout=self._plan.longest_silence_s)
                except queue.Empty:
                    patience_s = 0
                    yield Result("event loop", failed(HELD), self._plan.longest_silence_s)
                    return
                if result is None:
                    patience_s = GIVE_UP_S
                    return
                yield result
        finally:
            self._runner.cancel()  # Ctrl+C in the caller's thread: an engine that we started must not stay
            self._thread.join(patience_s)


HELD = (
    "The backend holds the event loop, so that nobody else would be answered meanwhile, and the check was given up; "
    "what computes or waits belongs in a thread or another process."
)


class _Runner:
    """The part of `Checking` in the thread of the event loop."""

    def __init__(self, plan: Plan, found: "queue.SimpleQueue[Result | None]") -> None:
        self._plan = plan
        self._found = found
        self._loop = asyncio.new_event_loop()
        self._work: asyncio.Task[None] | None = None

    def run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._whole())
            self._found.put(None)

    def cancel(self) -> None:
        if self._work is not None and not self._work.done():
            self._loop.call_soon_threadsafe(self._work.cancel)

    async def _whole(self) -> None:
        self._work = asyncio.create_task(self._check_all(), name="check all")
        await asyncio.wait([self._work])

    async def _check_all(self) -> None:
        closing = AsyncExitStack()
        subject = None
        try:
            subject, result = await _opened(self._plan, closing)
            self._found.put(result)
            if subject is not None:
                async with aclosing(results_of(subject, self._plan.checks, self._plan.limit_s)) as results:
                    async for result in results:
                        self._found.put(result)
        finally:
            result = await _timed("close", _closed(closing), CLOSE_LIMIT_S)
            if subject is not None or result.outcome.state == "failed":
                self._found.put(result)


async def _opened(plan: Plan, closing: AsyncExitStack) -> tuple[Subject | None, Result]:
    subjects: list[Subject] = []

    async def open_it() -> Outcome:
        backend = await plan.open(closing)
        limits = await backend.limits()
        subjects.append(Subject(backend, limits, is_hosted=plan.is_hosted))
        offers = ", ".join(sorted(limits.features)) or "no features"
        return Outcome("ok", f"The model is open; it offers {offers}.", {"context_window": limits.context_window})

    result = await _timed("open", open_it(), plan.open_limit_s)
    return (subjects[0] if subjects else None), result


async def _closed(closing: AsyncExitStack) -> Outcome:
    await closing.aclose()
    return Outcome("ok", "It closed, and what it held is free.")


async def _timed(name: str, ask: Awaitable[Outcome], limit_s: float) -> Result:
    begin = time.perf_counter()
    task = asyncio.ensure_future(_translated(ask))
    try:
        done, _ = await asyncio.wait([task], timeout=limit_s)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not done:
        task.cancel()
        await asyncio.wait([task], timeout=GIVE_UP_S)
        outcome = failed(
            f"It took longer than {limit_s:g} s and was given up; look whether the engine hangs, or "
            "give it longer with --limit."
        )
    else:
        outcome = task.result()
    return Result(name, outcome, round(time.perf_counter() - begin, 3))


async def _translated(ask: Awaitable[Outcome]) -> Outcome:
    try:
        return await ask
    except PromiseBrokenError as error:
        return failed(str(error))
    except BackendError as error:
        return failed(f"{error.for_operator} (Look at the engine's log and at this model's settings.)")
    except Exception as error:  # noqa: BLE001 (a third party's backend may break in any way)
        return failed(f"The backend broke ({type(error).__name__}: {error}); that is a fault of its code.")
