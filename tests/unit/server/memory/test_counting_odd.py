"""`maru/memory/counting.py` where templates are odd and engines fail: the count is right, or there is an error."""

import asyncio
import logging
from collections.abc import Callable
from itertools import pairwise

import pytest

from maru.memory.counting import Counter, Sizes, Turn
from maru_backends.base import ChatRequest
from maru_backends.echo import input_tokens
from maru_backends.errors import BackendUnavailableError, ContextTooLongError, RequestRefusedError
from support.counting import BRIEF, QUESTION, CountingBackend, exchange, history, said, whole

MODEL = "m"


def by_place(request: ChatRequest) -> int:
    """A template that shows a message differently by where it stands: its place in words."""
    return sum((place + 1) + len(message.text.split()) for place, message in enumerate(request.messages))


def refusing(is_refused: Callable[[ChatRequest], bool]) -> Callable[[ChatRequest], int]:
    """A template that counts as the echo engine does, and does not take some requests."""

    def count(request: ChatRequest) -> int:
        if is_refused(request):
            raise RequestRefusedError("The template does not take this.", param="messages")
        return input_tokens(request)

    return count


def has_two_answers_in_a_row(request: ChatRequest) -> bool:
    """What many templates refuse."""
    roles = [message.role for message in request.messages]
    return ("assistant", "assistant") in pairwise(roles)


async def test_first_turn_is_counted_where_it_stands() -> None:
    """Templates join it with the instructions; its size as a later turn says nothing about that."""

    def count(request: ChatRequest) -> int:
        """The first question is said twice."""
        first = next(message for message in request.messages if message.role == "user")
        return input_tokens(request) + len(first.text.split())

    backend, counter = CountingBackend(count), Counter()
    for turns in (history(6), history(6)[1:], history(40), history(40)[2:]):
        sizes = await counter.sizes(backend, MODEL, BRIEF, turns)
        assert (sizes.total, sizes.is_exact) == (count(whole(BRIEF, turns)), True)


async def test_template_that_shows_turns_by_place_is_found_out(caplog: pytest.LogCaptureFixture) -> None:
    """Then whole prompts are counted, and the operator hears of it once."""
    backend, counter = CountingBackend(by_place), Counter()
    for length in (1, 5, 30):
        sizes = await counter.sizes(backend, MODEL, BRIEF, history(length))
        assert (sizes.total, sizes.is_exact) == (by_place(whole(BRIEF, history(length))), False)
        assert min(sizes.fixed, *sizes.turns) > 0
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


async def test_engine_that_reports_other_tokens_is_counted_whole(caplog: pytest.LogCaptureFixture) -> None:
    """What the trial did not show, the first answer does; other models are not touched."""
    counter, odd, turns = Counter(), "odd \N{SNOWMAN}", history(3)
    turns[1] = exchange(odd, odd)

    def count(request: ChatRequest) -> int:
        """Two odd messages and the one after them merge."""
        texts = [message.text for message in request.messages]
        return input_tokens(request) - (len(texts) > 5 and texts[-3:-1] == [odd, odd])

    backend = CountingBackend(count)
    first = await counter.sizes(backend, MODEL, BRIEF, turns)
    right = count(whole(BRIEF, turns))
    assert (first.total, first.is_exact) == (right + 1, True)
    await counter.sizes(backend, "other", BRIEF, turns)
    counter.reconcile("other", first, first.total)
    counter.reconcile(MODEL, first, right)
    counter.reconcile(MODEL, first, right)
    second = await counter.sizes(backend, MODEL, BRIEF, turns)
    assert (second.total, second.is_exact) == (right, False)
    assert (await counter.sizes(backend, "other", BRIEF, turns)).is_exact
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


async def test_report_is_not_forgotten_for_a_trial_that_ends_later() -> None:
    """Two requests may try out a model at once, and the answer to one may be there before the other has counted."""
    counter, turns, goes_on = Counter(), history(3), asyncio.Event()

    class SlowBackend(CountingBackend):
        async def count_tokens(self, request: ChatRequest) -> int:
            await goes_on.wait()
            return await super().count_tokens(request)

    slow = asyncio.create_task(counter.sizes(SlowBackend(input_tokens), MODEL, BRIEF, turns))
    await asyncio.sleep(0)
    first = await counter.sizes(CountingBackend(input_tokens), MODEL, BRIEF, turns)
    counter.reconcile(MODEL, first, first.total - 1)
    goes_on.set()
    await slow
    assert not (await counter.sizes(CountingBackend(input_tokens), MODEL, BRIEF, turns)).is_exact


async def test_report_on_an_estimate_says_nothing_about_sums(caplog: pytest.LogCaptureFixture) -> None:
    """An estimate is never what the engine read."""
    backend, counter = CountingBackend(by_place, counts_exactly=False), Counter()
    sizes = await counter.sizes(backend, MODEL, BRIEF, history(4))
    assert not sizes.is_exact
    counter.reconcile(MODEL, sizes, sizes.total + 7)
    counter.reconcile("never seen", sizes, 1)
    backend.counted.clear()
    await counter.sizes(backend, MODEL, BRIEF, [*history(4)[:-1], exchange("And now?", "Yes."), QUESTION])
    assert max(len(request.messages) for request in backend.counted) == 5
    assert caplog.records == []


async def test_turn_that_is_taken_only_in_its_place_makes_the_whole_be_counted() -> None:
    """The prompt is still right, and only this conversation's."""
    backend, counter = CountingBackend(refusing(has_two_answers_in_a_row)), Counter()
    turns: list[Turn] = [(said("user", "one"),), (said("assistant", "two three"),), QUESTION]
    sizes = await counter.sizes(backend, MODEL, BRIEF, turns)
    assert (sizes.total, sizes.is_exact) == (input_tokens(whole(BRIEF, turns)), False)
    assert (await counter.sizes(backend, MODEL, BRIEF, history(4))).is_exact


async def test_first_turn_may_begin_with_anything() -> None:
    """It is counted where it stands."""
    backend = CountingBackend(refusing(has_two_answers_in_a_row))
    turns: list[Turn] = [(said("assistant", "Welcome."),), exchange("one", "two"), QUESTION]
    sizes = await Counter().sizes(backend, MODEL, BRIEF, turns)
    assert (sizes.total, sizes.is_exact) == (input_tokens(whole(BRIEF, turns)), True)


@pytest.mark.parametrize("refused", ["tool", "system"])
async def test_template_without_calls_or_instructions_adds_up(refused: str) -> None:
    """Such a model never sees what it refuses."""
    backend = CountingBackend(refusing(lambda request: any(message.role == refused for message in request.messages)))
    sizes = await Counter().sizes(backend, MODEL, ChatRequest(()), history(5))
    assert (sizes.total, sizes.is_exact) == (input_tokens(whole(ChatRequest(()), history(5))), True)


async def test_template_that_takes_no_answers_is_counted_whole() -> None:
    """A model of single questions cannot be asked about a turn behind another."""
    backend = CountingBackend(refusing(lambda request: len(request.messages) > 2))
    sizes = await Counter().sizes(backend, MODEL, BRIEF, [QUESTION])
    assert (sizes.total, sizes.is_exact) == (input_tokens(whole(BRIEF, [QUESTION])), False)


async def test_roles_that_must_alternate_leave_the_parts_exact() -> None:
    """Two questions in a row are never asked for."""

    def is_refused(request: ChatRequest) -> bool:
        roles = [message.role for message in request.messages if message.role != "system"]
        return roles != (["user", "assistant"] * len(roles))[: len(roles)]

    backend = CountingBackend(refusing(is_refused))
    sizes = await Counter().sizes(
        backend, MODEL, BRIEF, [exchange("one", "two"), exchange("three", "four five"), QUESTION]
    )
    assert sizes == Sizes(input_tokens(BRIEF), (4, 5, 4), is_exact=True)


async def test_refused_prompt_is_the_users_error() -> None:
    """The engine's own sentence tells why."""
    backend = CountingBackend(refusing(lambda request: "forbidden" in request.messages[-1].text))
    with pytest.raises(RequestRefusedError, match="does not take"):
        await Counter().sizes(backend, MODEL, BRIEF, [exchange("one", "two"), (said("user", "forbidden"),)])


@pytest.mark.parametrize("error", [BackendUnavailableError("gone"), ContextTooLongError("too long")])
@pytest.mark.parametrize("calls", range(9))
async def test_engine_that_cannot_count_is_an_error_and_forgotten(error: Exception, calls: int) -> None:
    """At whichever call it fails; when it is back, everything is right."""
    left = calls

    def count(request: ChatRequest) -> int:
        nonlocal left
        left -= 1
        if left < 0:
            raise error
        return input_tokens(request)

    counter = Counter()
    with pytest.raises(type(error)):
        await counter.sizes(CountingBackend(count), MODEL, BRIEF, history(4))
    sizes = await counter.sizes(CountingBackend(input_tokens), MODEL, BRIEF, history(4))
    assert sizes.total == input_tokens(whole(BRIEF, history(4)))
