"""The order of work in the engine, with arithmetic that is easy to foretell."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import pytest

from maru_backends import local_engine
from maru_backends.base import BackendEvent, Finished, ReasoningDelta, Sampling, TextDelta, Usage
from maru_backends.errors import BackendBusyError, BackendUnavailableError
from maru_backends.local_engine import Answer, EngineLimits, Job, LocalEngine
from maru_backends.local_model import LocalModel, Prefill
from maru_backends.local_sampling import Sampler, SamplingDefaults
from maru_backends.text_stream import AnswerText
from maru_backends.think_tags import ThinkTagReader

END = 0
WIDE = EngineLimits(rows=8, kv_bytes=10**9, prefill_tokens=64)


@dataclass
class Counting:
    """A model whose next token is the last one minus one: prompt (.., 3) answers 2, 1, end."""

    kv_bytes_per_token: int = 1
    gate: threading.Semaphore | None = None  # one permit a step, if set
    rows: list[list[int]] = field(default_factory=list[list[int]])
    kept: list[tuple[str | None, list[int]]] = field(default_factory=list[tuple[str | None, list[int]]])
    steps: int = 0
    most_rows: int = 0
    breaks_in: str = ""

    def begin(self, session_id: str | None, tokens: tuple[int, ...], tensors: object = None) -> Prefill:
        """Nothing is cached."""
        return Prefill(tokens, cached=0, done=0, cache=None)

    def advance(self, prefill: Prefill, most: int) -> int:
        """Compute some of the prompt."""
        if self.breaks_in == "advance":
            raise RuntimeError("no memory")
        start = prefill.done
        prefill.done = min(start + most, len(prefill.tokens))
        if prefill.done == len(prefill.tokens):
            prefill.logits = object()  # type: ignore[assignment] # pyright: ignore[reportAttributeAccessIssue]
        return prefill.done - start

    def first_token(self, prefill: Prefill, sampler: Sampler) -> int:
        """One less than the prompt's last."""
        return prefill.tokens[-1] - 1

    def join(self, prefill: Prefill) -> None:
        """A new last row."""
        self.rows.append(list(prefill.tokens))
        self.most_rows = max(self.most_rows, len(self.rows))

    def next_tokens(self, tokens: Sequence[int], samplers: Sequence[Sampler]) -> list[int]:
        """One less for every row."""
        if self.gate is not None:
            assert self.gate.acquire(timeout=10)
        if self.breaks_in == "next_tokens":
            raise RuntimeError("no memory")
        if self.breaks_in == "thread":
            raise SystemExit
        self.steps += 1
        for row, token in zip(self.rows, tokens, strict=True):
            row.append(token)
        return [token - 1 for token in tokens]

    def keep_row(self, row: int, session_id: str | None, tokens: Sequence[int]) -> None:
        """Remember what was kept."""
        self.kept.append((session_id, list(tokens)))

    def leave(self, row: int) -> None:
        """The last row takes its place."""
        last = self.rows.pop()
        if row < len(self.rows):
            self.rows[row] = last

    def forget_rows(self) -> None:
        """All gone."""
        self.rows = []


@asynccontextmanager
async def running(model: Counting, limits: EngineLimits = WIDE) -> AsyncGenerator[LocalEngine]:
    """An engine on that model, closed afterwards."""
    engine = LocalEngine(cast("LocalModel", model), limits, frozenset({END}))
    try:
        yield engine
    finally:
        model.gate = None
        await asyncio.to_thread(engine.close)


def spoken(tokens: Sequence[int]) -> str:
    """Numbers with a space after each."""
    return "".join(f"{token} " for token in tokens)


def job(*prompt: int, most: int = 1000, stops: Sequence[str] = (), session: str | None = None) -> Job:
    """A job that counts down from the prompt's last number."""
    sampler = Sampler(Sampling(), SamplingDefaults(), prompt)
    return Job(prompt, session, most, sampler, AnswerText(spoken, stops), Answer())


async def heard(one: Job) -> list[BackendEvent]:
    """Everything up to Finished."""
    events: list[BackendEvent] = []
    while not (events and isinstance(events[-1], Finished)):
        events.append(await one.answer.next_event())
    return events


async def comes_true(condition: Callable[[], bool]) -> None:
    """Let the worker go on until it holds; the test's own time limit ends a vain wait."""
    while not condition():  # noqa: ASYNC110 - the worker is a thread and sets no event
        await asyncio.sleep(0)


async def test_answer_counts_down_to_its_end() -> None:
    """Deltas, usage, reason; the end token is counted and not shown."""
    async with running(Counting()) as engine:
        one = job(9, 4)
        engine.submit(one)
        assert await heard(one) == [
            TextDelta("3 "),
            TextDelta("2 "),
            TextDelta("1 "),
            Usage(input_tokens=2, output_tokens=4),
            Finished("stop"),
        ]


async def test_bound_ends_by_length() -> None:
    """After exactly so many tokens."""
    async with running(Counting()) as engine:
        one = job(50, most=3)
        engine.submit(one)
        assert (await heard(one))[-2:] == [Usage(input_tokens=1, output_tokens=3), Finished("length")]


async def test_stop_string_ends_the_work() -> None:
    """No token is computed after it."""
    async with running(Counting()) as engine:
        one = job(50, stops=["47 4"])
        engine.submit(one)
        events = await heard(one)
        assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "49 48 "
        assert events[-2:] == [Usage(input_tokens=1, output_tokens=4), Finished("stop")]


async def test_many_answers_share_steps() -> None:
    """Eight answers of a hundred tokens take little more than a hundred steps."""
    model = Counting()
    async with running(model) as engine:
        jobs = [job(100 + n) for n in range(8)]
        for one in jobs:
            engine.submit(one)
        answers = await asyncio.gather(*(heard(one) for one in jobs))
    for n, events in enumerate(answers):
        assert [event.text for event in events if isinstance(event, TextDelta)] == [
            f"{i} " for i in range(99 + n, 0, -1)
        ]
    assert model.steps < 200


async def test_rows_are_bounded_and_the_rest_wait() -> None:
    """Every one is answered in the end."""
    model = Counting()
    async with running(model, EngineLimits(rows=2, kv_bytes=10**9, prefill_tokens=64)) as engine:
        jobs = [job(5) for _ in range(7)]
        for one in jobs:
            engine.submit(one)
        await asyncio.gather(*(heard(one) for one in jobs))
    assert model.most_rows <= 2


async def test_memory_is_bounded_but_one_always_runs() -> None:
    """A request larger than the budget runs alone."""
    model = Counting(kv_bytes_per_token=10)
    async with running(model, EngineLimits(rows=8, kv_bytes=100, prefill_tokens=64)) as engine:
        jobs = [job(5, most=50) for _ in range(3)]
        for one in jobs:
            engine.submit(one)
        await asyncio.gather(*(heard(one) for one in jobs))
    assert model.most_rows == 1


async def test_long_prompt_does_not_stop_the_others() -> None:
    """Its prompt is computed in pieces between their steps."""
    gate = threading.Semaphore(0)
    model = Counting(gate=gate)
    async with running(model, EngineLimits(rows=8, kv_bytes=10**9, prefill_tokens=4)) as engine:
        short, long = job(50), job(*range(100, 140), 3)
        engine.submit(short)
        await comes_true(lambda: model.most_rows == 1)
        engine.submit(long)
        gate.release(5)
        await comes_true(lambda: model.steps == 5)
        assert len(model.rows) == 1
        model.gate = None
        gate.release()
        assert (await heard(long))[-1] == Finished("stop")
        assert (await heard(short))[-1] == Finished("stop")


async def test_cancelled_answer_costs_no_more_than_the_step_it_is_in() -> None:
    """Running, waiting and entering jobs alike."""
    model = Counting(gate=threading.Semaphore(0))
    async with running(model, EngineLimits(rows=1, kv_bytes=10**9, prefill_tokens=64)) as engine:
        first, second = job(1000, session="s"), job(1000)
        engine.submit(first)
        engine.submit(second)
        assert await first.answer.next_event() == TextDelta("999 ")
        assert engine.running == 2
        engine.cancel(second)
        engine.cancel(first)
        assert model.gate is not None
        model.gate.release()
        await comes_true(lambda: engine.running == 0)
        assert model.steps <= 1
        assert model.kept[0][0] == "s"


async def test_prompt_that_fails_harms_nobody_else() -> None:
    """Its reader is told, the engine goes on."""
    model = Counting(breaks_in="advance")
    async with running(model) as engine:
        bad = job(5)
        engine.submit(bad)
        with pytest.raises(BackendUnavailableError, match="failed on this request"):
            await heard(bad)
        model.breaks_in = ""
        good = job(5)
        engine.submit(good)
        assert (await heard(good))[-1] == Finished("stop")


async def test_step_that_fails_loses_its_batch_and_no_more() -> None:
    """The next request finds a working engine."""
    model = Counting(breaks_in="next_tokens")
    async with running(model) as engine:
        bad = job(5)
        engine.submit(bad)
        with pytest.raises(BackendUnavailableError, match="in the middle"):
            await heard(bad)
        model.breaks_in = ""
        good = job(5)
        engine.submit(good)
        assert (await heard(good))[-1] == Finished("stop")


async def test_dead_worker_tells_everybody() -> None:
    """Those who run, those who wait, and those who come."""
    model = Counting(breaks_in="thread", gate=threading.Semaphore(0))
    async with running(model, EngineLimits(rows=1, kv_bytes=10**9, prefill_tokens=64)) as engine:
        jobs = [job(5), job(5)]
        for one in jobs:
            engine.submit(one)
        assert model.gate is not None
        model.gate.release()
        for one in jobs:
            with pytest.raises(BackendUnavailableError, match="worker died"):
                await heard(one)
        assert "died" in engine.death
        assert engine.running == 0
        with pytest.raises(BackendUnavailableError, match="worker died"):
            engine.submit(job(5))


async def test_closing_ends_every_answer_with_an_error() -> None:
    """Nobody waits for ever."""
    model = Counting(gate=threading.Semaphore(0))
    async with running(model) as engine:
        one = job(1000)
        engine.submit(one)
        assert await one.answer.next_event() == TextDelta("999 ")
        closing = asyncio.create_task(asyncio.to_thread(engine.close))
        await comes_true(lambda: engine._is_closing)
        assert model.gate is not None
        model.gate.release()
        await closing
        with pytest.raises(BackendUnavailableError, match="closed"):
            await heard(one)


async def test_queue_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood is refused, with a time to come back."""
    monkeypatch.setattr(local_engine, "MOST_WAITING", 1)
    model = Counting(gate=threading.Semaphore(0))
    async with running(model, EngineLimits(rows=1, kv_bytes=10**9, prefill_tokens=64)) as engine:
        engine.submit(job(1000))
        await comes_true(lambda: model.most_rows == 1)
        engine.submit(job(1000))
        with pytest.raises(BackendBusyError):
            engine.submit(job(1000))
        assert model.gate is not None
        model.gate.release(10)


async def test_thinking_is_told_apart_and_counted() -> None:
    """The tag's own tokens count as thinking, because they were spent on it."""
    words = {5: "<think>", 4: "hm", 3: "</think>", 2: "Yes", 1: "!"}
    async with running(Counting()) as engine:
        one = job(6)
        one.text = AnswerText(lambda tokens: "".join(words[token] for token in tokens))
        one.reader = ThinkTagReader(is_opened=False)
        engine.submit(one)
        assert await heard(one) == [
            ReasoningDelta("hm"),
            TextDelta("Yes"),
            TextDelta("!"),
            Usage(input_tokens=1, output_tokens=6, reasoning_tokens=3),
            Finished("stop"),
        ]
