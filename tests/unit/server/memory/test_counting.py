"""Rules of `maru/memory/counting.py`: sums are the engine's count of the whole, and only new text is counted."""

import asyncio

import pytest

from maru.memory.counting import FEW, Counter, Sizes, Turn, shares
from maru_backends.base import ChatMessage, ChatRequest, ImagePart, TextPart, Tool
from maru_backends.echo import EchoBackend, EchoSettings, input_tokens
from support.counting import BRIEF, CALL, QUESTION, TOOLS, CountingBackend, conversation, exchange, history, said, whole

MODEL = "m"


async def test_parts_are_the_engines_counts() -> None:
    """A turn is what it adds to the prompt; the rest is fixed."""
    backend = EchoBackend(EchoSettings())
    turns = [exchange("one two three", "four five"), exchange("six", "seven"), QUESTION]
    sizes = await Counter().sizes(backend, MODEL, BRIEF, turns)
    fixed = await backend.count_tokens(BRIEF)
    assert sizes == Sizes(fixed, (3 + 1 + 2 + 1, 1 + 1 + 1 + 1, 3 + 1), is_exact=True)
    assert sizes.total == await backend.count_tokens(whole(BRIEF, turns))


@pytest.mark.parametrize("seed", range(60))
async def test_total_is_the_count_of_the_whole_prompt(seed: int) -> None:
    """Whatever was said, with and without instructions, tools and calls."""
    request, turns = conversation(seed, most_turns=30)
    sizes = await Counter().sizes(EchoBackend(EchoSettings()), MODEL, request, turns)
    assert (sizes.total, sizes.is_exact) == (input_tokens(whole(request, turns)), True)


async def test_turn_of_nothing_has_no_tokens() -> None:
    """A turn of thinking alone is not shown to an engine."""
    backend = CountingBackend(input_tokens)
    sizes = await Counter().sizes(backend, MODEL, BRIEF, [(), exchange("one", "two"), (), QUESTION])
    assert sizes.turns == (0, 4, 0, 4)
    assert await Counter().sizes(backend, MODEL, BRIEF, [()]) == Sizes(input_tokens(BRIEF), (0,), is_exact=True)


@pytest.mark.parametrize("turns", [10, 100, 500])
async def test_a_turn_costs_two_small_counts(turns: int) -> None:
    """The one that was answered since and the new one, however long the history is."""
    backend, counter = CountingBackend(input_tokens), Counter()
    for length in range(2, turns):
        await counter.sizes(backend, MODEL, BRIEF, history(length))
    backend.counted.clear()
    sizes = await counter.sizes(backend, MODEL, BRIEF, history(turns))
    assert sizes.total == input_tokens(whole(BRIEF, history(turns)))
    assert len(backend.counted) == 2
    assert max(len(request.messages) for request in backend.counted) == 5


async def test_what_was_counted_for_one_is_known_for_all() -> None:
    """A client that keeps its own history sends it whole, every time."""
    backend, counter = CountingBackend(input_tokens), Counter()
    first = await counter.sizes(backend, MODEL, BRIEF, history(12))
    backend.counted.clear()
    assert await counter.sizes(backend, MODEL, BRIEF, history(12)) == first
    assert backend.counted == []


async def test_models_and_tools_are_counted_apart() -> None:
    """Another model has another tokenizer, and other tools another beginning."""
    counter = Counter()
    turns = history(3)
    twice = CountingBackend(lambda request: 2 * input_tokens(request))
    one = await counter.sizes(CountingBackend(input_tokens), MODEL, BRIEF, turns)
    assert (await counter.sizes(twice, "other", BRIEF, turns)).total == 2 * one.total
    more = ChatRequest(BRIEF.messages, tools=(*TOOLS, Tool("search", "Look for words.")))
    found = await counter.sizes(CountingBackend(input_tokens), MODEL, more, turns)
    assert found.turns == one.turns
    assert found.total == input_tokens(whole(more, turns)) > one.total


async def test_long_unknown_history_is_counted_together() -> None:
    """After a start of the server, 300 turns are one call; from then on a turn costs what is new in it."""
    backend, counter = CountingBackend(input_tokens), Counter()
    await counter.sizes(backend, MODEL, BRIEF, history(2))
    backend.counted.clear()
    sizes = await counter.sizes(backend, MODEL, BRIEF, history(300))
    assert sizes.total == input_tokens(whole(BRIEF, history(300)))
    assert min(sizes.turns) > 0
    assert len(backend.counted) == 2
    for length in range(301, 304 + FEW):
        backend.counted.clear()
        sizes = await counter.sizes(backend, MODEL, BRIEF, history(length))
        assert sizes.total == input_tokens(whole(BRIEF, history(length)))
        assert len(backend.counted) == 2
        assert max(len(request.messages) for request in backend.counted) == 5


async def test_turns_after_a_history_that_was_counted_together_are_exact() -> None:
    """Only the old ones share by length."""
    backend, counter = CountingBackend(input_tokens), Counter()
    long = [exchange("word " * (number % 7), "x" * number) for number in range(40)]
    await counter.sizes(backend, MODEL, BRIEF, [*long, QUESTION])
    turns = [*long, exchange("one two", "three"), exchange("four", "five"), QUESTION]
    assert (await counter.sizes(backend, MODEL, BRIEF, turns)).turns[40:] == (2 + 1 + 1 + 1, 4, 4)


async def test_memory_is_bounded_and_what_was_forgotten_is_counted_again() -> None:
    """A server runs for months."""
    backend, counter = CountingBackend(input_tokens), Counter(remembered=5)
    for length in (2, 30, 3, 31, 12):
        sizes = await counter.sizes(backend, MODEL, BRIEF, history(length))
        assert sizes.total == input_tokens(whole(BRIEF, history(length)))
    assert len(counter._counts._tokens) == 5


async def test_what_is_needed_is_kept_longest() -> None:
    """A conversation that goes on is not forgotten for others that came later and ended."""
    backend, counter = CountingBackend(input_tokens), Counter(remembered=40)
    for other in range(30):
        await counter.sizes(backend, MODEL, BRIEF, [exchange(f"other {other}", "yes"), (said("user", f"bye {other}"),)])
        backend.counted.clear()
        await counter.sizes(backend, MODEL, BRIEF, history(8))
        assert len(backend.counted) == (0 if other else 8)


async def test_newest_turn_may_grow() -> None:
    """With each output of a tool the model is asked again within one turn."""
    backend, counter = CountingBackend(input_tokens), Counter()
    turn: Turn = QUESTION
    for step in range(5):
        sizes = await counter.sizes(backend, MODEL, BRIEF, [*history(4)[:-1], turn])
        assert sizes.total == input_tokens(whole(BRIEF, [*history(4)[:-1], turn]))
        output = ChatMessage("tool", (TextPart(f"sun {step}"),), tool_call_id=CALL.id)
        turn = (*turn, ChatMessage("assistant", (), (CALL,)), output)


async def test_many_at_once_do_not_disturb_each_other() -> None:
    """Two tabs ask in one conversation, and nothing of a request is kept on the counter."""
    backend, counter = CountingBackend(input_tokens), Counter(remembered=20)
    lengths = [2, 40, 3, 60, 5, 40, 41, 9] * 4
    found = await asyncio.gather(*(counter.sizes(backend, MODEL, BRIEF, history(length)) for length in lengths))
    assert [sizes.total for sizes in found] == [input_tokens(whole(BRIEF, history(length))) for length in lengths]


async def test_cancelled_count_leaves_nothing_half_done() -> None:
    """A closed tab cancels its request at any await."""
    counter = Counter()
    for steps in range(12):
        task = asyncio.create_task(counter.sizes(CountingBackend(input_tokens), MODEL, BRIEF, history(5)))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    sizes = await counter.sizes(CountingBackend(input_tokens), MODEL, BRIEF, history(5))
    assert (sizes.total, sizes.is_exact) == (input_tokens(whole(BRIEF, history(5))), True)


async def test_images_are_counted_by_the_engine() -> None:
    """And looked up by what they show, and how closely."""

    def count(request: ChatRequest) -> int:
        images = [part for message in request.messages for part in message.parts if isinstance(part, ImagePart)]
        return input_tokens(request) + sum(85 if image.detail == "low" else len(image.url) for image in images)

    backend, counter = CountingBackend(count), Counter()
    for image in (ImagePart("data:image/png;base64,AAAA"), ImagePart("data:,B"), ImagePart("data:,B", "low")):
        shown: Turn = (ChatMessage("user", (TextPart("What is this?"), image)), said("assistant", "A cat."))
        turns = [exchange("one", "two"), shown, QUESTION]
        sizes = await counter.sizes(backend, MODEL, BRIEF, turns)
        assert (sizes.total, sizes.is_exact) == (count(whole(BRIEF, turns)), True)


@pytest.mark.parametrize("weights", [(1,), (1, 1, 1), (0, 5, 0), (7, 1, 100, 3)])
@pytest.mark.parametrize("total", [0, 1, 2, 1000])
def test_shares_are_whole_and_all(total: int, weights: tuple[int, ...]) -> None:
    """Nothing is lost by rounding."""
    found = shares(total, weights)
    assert (sum(found), len(found)) == (total, len(weights))
    assert all(abs(part - total * own / sum(weights)) <= 1 for part, own in zip(found, weights, strict=True))
