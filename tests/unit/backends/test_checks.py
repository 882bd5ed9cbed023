"""The checks of a model: each notices its lie, none hangs, and each failure says what to do."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from maru_backends.base import Backend, BackendEvent, ChatRequest, Health, Limits, TextDelta, Usage
from maru_backends.checks import run as checks_run
from maru_backends.checks.outcome import Check, Outcome, ok, shortened
from maru_backends.checks.run import CHECKS, Checking, Plan, results_of
from maru_backends.checks.subject import Subject
from maru_backends.echo import EchoBackend, EchoSettings
from maru_backends.errors import BackendBusyError, BackendSetupError, BackendUnavailableError, RequestRefusedError
from support import lying_backend as lies
from support.lying_backend import Events, LyingBackend

LIMIT_S = 30.0


async def checked(backend: Backend, name: str, limit_s: float = LIMIT_S, *, is_hosted: bool = False) -> Outcome:
    """How one check of a backend ends."""
    subject = Subject(backend, await backend.limits(), is_hosted)
    (check,) = [check for check in CHECKS if check.name == name]
    (result,) = [result async for result in results_of(subject, (check,), limit_s)]
    return result.outcome


async def no_stop(events: Events, request: ChatRequest) -> Events:
    """Stop strings are taken for nothing."""
    if not request.sampling.stop:
        async for event in events:
            yield event
        return
    await events.aclose()
    again = replace(request, sampling=replace(request.sampling, stop=()))
    async for event in EchoBackend(EchoSettings(context_window=2048)).stream(again):
        yield event


async def too_much(events: Events, request: ChatRequest) -> Events:
    """More tokens than were asked for, and it says so."""
    async for event in events:
        yield replace(event, output_tokens=event.output_tokens + 9) if isinstance(event, Usage) else event


async def counts_twice(events: Events, request: ChatRequest) -> Events:
    """The usage also comes first."""
    yield Usage(1, 1)
    async for event in events:
        yield event


async def goes_on(events: Events, request: ChatRequest) -> Events:
    """After the finish reason come words."""
    async for event in events:
        yield event
    yield TextDelta("and another thing")


async def counts_nothing(events: Events, request: ChatRequest) -> Events:
    """Usage of zeros."""
    async for event in events:
        yield Usage(0, 0) if isinstance(event, Usage) else event


def no_window(limits: Limits) -> Limits:
    """A window of nothing."""
    return replace(limits, context_window=0)


def wide(limits: Limits) -> Limits:
    """Told as half of what it is, so that a prompt over it is answered."""
    return replace(limits, context_window=limits.context_window // 4)


def estimates(limits: Limits) -> Limits:
    """Counts that are no promise."""
    return replace(limits, counts_exactly=False)


def forgets_tools(request: ChatRequest) -> ChatRequest:
    """Tools are dropped on the way."""
    return replace(request, tools=(), tool_choice="auto")


def forgets_format(request: ChatRequest) -> ChatRequest:
    """The shape of the answer is dropped on the way."""
    return replace(request, json_format=None)


def any_json(request: ChatRequest) -> ChatRequest:
    """JSON, of any shape."""
    return replace(request, json_format=request.json_format and replace(request.json_format, schema=None))


def is_down(health: Health) -> Health:
    """The engine says it is not ready."""
    return Health(is_ready=False, detail="The engine is loading.")


def never_idle(health: Health) -> Health:
    """One request more each time it is asked, as when a stop does not reach the engine."""
    return replace(health, running_requests=next(_NUMBERS))


_NUMBERS = iter(range(10**9))

LIES: dict[str, tuple[Backend, str, str]] = {
    "not ready": (LyingBackend(health=is_down), "answers", "is loading"),
    "no finish reason": (LyingBackend(events=lies.without_finish), "answers", "proxy"),
    "no words": (LyingBackend(events=lies.says_nothing), "answers", "chat template"),
    "empty words": (LyingBackend(events=lies.empty_words), "answers", "empty"),
    "half characters": (LyingBackend(events=lies.half_characters), "answers", "Half a character"),
    "an answer for ever": (LyingBackend(events=lies.for_ever), "answers", "max_tokens"),
    "words after the end": (LyingBackend(events=goes_on), "answers", "after the finish reason"),
    "no window": (LyingBackend(limits=no_window), "window", "set context_window"),
    "a window that is larger": (LyingBackend(limits=wide, window=8192), "window", "set context_window"),
    "no instructions": (LyingBackend(request=lies.drops_instructions), "template", "system message"),
    "no earlier turns": (LyingBackend(request=lies.drops_earlier_turns), "template", "earlier turns"),
    "one piece": (LyingBackend(events=lies.all_at_once), "streaming", "proxy_buffering off"),
    "more than max_tokens": (LyingBackend(events=too_much), "streaming", "max_tokens"),
    "no idle engine": (LyingBackend(health=never_idle), "cancel", "passes a closed connection on"),
    "a silent cut": (LyingBackend(request=lies.cuts_silently), "counts", "num_ctx"),
    "a silent cut of an estimate": (LyingBackend(request=lies.cuts_silently, limits=estimates), "counts", "num_ctx"),
    "no usage": (LyingBackend(events=lies.without_usage), "usage", "include_usage"),
    "usage twice": (LyingBackend(events=counts_twice), "usage", "once"),
    "usage of nothing": (LyingBackend(events=counts_nothing), "usage", "of no use"),
    "no stop": (LyingBackend(events=no_stop), "stop strings", "does not honour"),
    "no tools": (LyingBackend(request=forgets_tools), "tools", "--enable-auto-tool-choice"),
    "no JSON": (LyingBackend(request=forgets_format), "structured output", "take json out"),
    "other JSON": (LyingBackend(request=any_json), "structured output", "does not hold to the schema"),
    "no sight": (LyingBackend(request=lies.sees_nothing), "images", "take images out"),
}


@pytest.mark.parametrize(("backend", "name", "words"), LIES.values(), ids=LIES)
async def test_lie_fails_its_check(backend: Backend, name: str, words: str) -> None:
    """A wrong engine is seen before people chat with it, and the sentence says what to do."""
    outcome = await checked(backend, name)
    assert (outcome.state, words in outcome.detail) == ("failed", True), outcome.detail
    assert (await checked(EchoBackend(EchoSettings()), name)).state == "ok"


Hits = Callable[[ChatRequest], bool]


class Refusing(LyingBackend):
    """Refuses, or is too full for, what `is_hit` says."""

    def __init__(self, error: Exception, is_hit: Hits) -> None:
        """Raise this."""
        super().__init__()
        self._error, self._is_hit = error, is_hit

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """See `Backend.stream`."""
        if self._is_hit(request):
            raise self._error
        async for event in super().stream(request):
            yield event


REFUSED = RequestRefusedError("No such field.")
REFUSALS: dict[str, tuple[Exception, Hits, str]] = {
    "tools": (REFUSED, lambda request: bool(request.tools), "refused a tool (No such field.)"),
    "structured output": (REFUSED, lambda request: request.json_format is not None, "refused a JSON schema"),
    "images": (REFUSED, lambda request: len(request.messages[-1].parts) > 1, "--limit-mm-per-prompt"),
    "template": (REFUSED, lambda request: request.messages[0].role == "system", "refuses instructions"),
    "window": (REFUSED, lambda request: "many words" in request.messages[-1].text, "not refused as too long"),
    "hostile input": (BackendUnavailableError("It died."), lambda request: "\0" in request.messages[-1].text, "broke"),
    "speed": (BackendBusyError("Full."), lambda request: "Number" in request.messages[-1].text, "too full"),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_refusal_of_what_is_promised_fails(name: str) -> None:
    """With the engine's own words where it has some."""
    error, is_hit, words = REFUSALS[name]
    outcome = await checked(Refusing(error, is_hit), name)
    assert (outcome.state, words in outcome.detail) == ("failed", True), outcome.detail


@pytest.mark.parametrize("name", ["tools", "structured output", "images"])
async def test_what_is_not_claimed_is_not_offered(name: str) -> None:
    """No fault, and nothing is asked."""
    backend = LyingBackend(limits=lambda limits: replace(limits, features=frozenset()), events=lies.for_ever)
    outcome = await checked(backend, name)
    assert outcome.state == "not offered"
    assert "`features`" in outcome.detail


async def test_provider_is_not_asked_the_dear_questions() -> None:
    """A prompt over a window of a million tokens might be billed."""
    backend = LyingBackend(limits=wide, window=8192)
    outcome = await checked(backend, "window", is_hosted=True)
    assert (outcome.state, "not tried out" in outcome.detail) == ("ok", True)
    assert "used" in (await checked(backend, "counts", is_hosted=True)).figures


@pytest.mark.parametrize("events", [lies.silent, lies.deaf])
async def test_silence_is_a_failed_check(
    monkeypatch: pytest.MonkeyPatch, events: Callable[[Events, ChatRequest], Events]
) -> None:
    """Also of a backend that will not be cancelled."""
    monkeypatch.setattr(checks_run, "GIVE_UP_S", 0.05)
    outcome = await checked(LyingBackend(events=events), "answers", limit_s=0.05)
    assert (outcome.state, "--limit" in outcome.detail) == ("failed", True)
    leaked = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for _ in range(3):
        for task in leaked:
            task.cancel()
        await asyncio.sleep(0)


async def test_people_who_are_mixed_up_are_noticed() -> None:
    """The worst that an engine can do."""

    class Mixing(LyingBackend):
        running = 0

        async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
            self.running += 1
            await asyncio.sleep(0)
            if self.running > 1 and "number" in request.messages[-1].text.lower():
                request = replace(request, messages=(*request.messages[:-1], first))
            async for event in super().stream(request):
                yield event
            self.running -= 1

    from maru_backends.checks.subject import said

    first = said("user", "Number 0: tell me 0 things about 0.")
    outcome = await checked(Mixing(), "many at once")
    assert (outcome.state, "mixes people up" in outcome.detail) == ("failed", True)


async def test_broken_code_of_a_backend_is_told() -> None:
    """With its exception, for whoever wrote it."""
    outcome = await checked(Refusing(KeyError("text"), lambda _: True), "answers")
    assert "KeyError: 'text'" in outcome.detail


def test_model_that_cannot_open_is_a_failed_check() -> None:
    """With the setting's own sentence; nothing else is tried."""

    async def open_it(_closing: AsyncExitStack) -> Backend:
        raise BackendSetupError("There are no weights.")

    (result,) = Checking(Plan(open_it, 5, 5)).results()
    assert (result.name, result.outcome.state) == ("open", "failed")
    assert "There are no weights." in result.outcome.detail


def test_first_failure_ends_the_checks_and_closes() -> None:
    """A model that does not answer is not asked fifty questions more."""
    backend = LyingBackend(health=is_down)

    async def open_it(closing: AsyncExitStack) -> Backend:
        closing.push_async_callback(backend.close)
        return backend

    names = [result.name for result in Checking(Plan(open_it, 5, 5)).results()]
    assert names == ["open", "answers", "close"]
    assert not asyncio.run(EchoBackend.health(backend._echo)).is_ready


def test_held_event_loop_is_a_failed_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing on that loop can notice; the caller's thread does."""
    monkeypatch.setattr(checks_run, "CLOSE_LIMIT_S", 0.1)
    monkeypatch.setattr(checks_run, "GIVE_UP_S", 0.1)
    monkeypatch.setattr(checks_run, "MARGIN_S", 0.3)
    is_over = threading.Event()

    async def hold(_subject: Subject) -> Outcome:
        is_over.wait(60)
        return ok("It went on.")

    async def open_it(_closing: AsyncExitStack) -> Backend:
        return EchoBackend(EchoSettings())

    checking = Checking(Plan(open_it, 0.1, 0.1, checks=(Check("holds", hold),)))
    results = list(checking.results())
    assert [result.name for result in results] == ["open", "event loop"]
    assert "holds the event loop" in results[-1].outcome.detail
    assert checking.is_stuck
    is_over.set()
    checking._thread.join(30)
    assert not checking.is_stuck


def test_reader_who_leaves_closes_the_model() -> None:
    """Ctrl+C must not leave an engine behind."""
    opened: list[EchoBackend] = []

    async def open_it(closing: AsyncExitStack) -> Backend:
        opened.append(EchoBackend(EchoSettings()))
        closing.push_async_callback(opened[0].close)
        return opened[0]

    checking = Checking(Plan(open_it, 60, 60, checks=(Check("waits", _waits),)))
    results = checking.results()
    assert next(results).name == "open"
    results.close()
    assert not checking.is_stuck
    assert not asyncio.run(opened[0].health()).is_ready


async def _waits(_subject: Subject) -> Outcome:
    await asyncio.Event().wait()
    raise AssertionError


def test_words_of_a_model_cannot_draw_on_the_terminal() -> None:
    """Control characters and lines are taken out of a quotation."""
    assert shortened("a\x1b[31m\nb" + "c" * 90, most=10) == '"a [31m bcc..."'
