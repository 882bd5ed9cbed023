"""Rules of `memory/compaction.py`, with an engine whose answers are written here."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from maru.memory.compaction import Compactor, Order
from maru.memory.view import View
from maru.protocol.compaction import Compacted
from maru.protocol.errors import ApiError
from maru.protocol.items import FunctionCall, FunctionCallOutput, Item
from maru_backends.base import (
    BackendEvent,
    ChatMessage,
    ChatRequest,
    FinishReason,
    TextDelta,
    TextPart,
    Tool,
    Usage,
)
from maru_backends.errors import BackendBusyError, BackendStreamBrokenError
from support.responses import a_message
from support.scripted_backend import ScriptedBackend

SMALL, LARGE = 1024, 8192
COMPACTOR = Compactor(silence_s=60)


def _turns(count: int, words: int = 50) -> tuple[Item, ...]:
    """So many turns, and a last question."""
    items: list[Item] = []
    for number in range(count):
        items += [
            a_message(f"q{number} " + "word " * words, "user", f"msg_q{number}"),
            a_message(f"a{number} " + "word " * words, "assistant", f"msg_a{number}"),
        ]
    return (*items, a_message("last", "user", "msg_last"))


def _order(items: tuple[Item, ...], *, instructions: str | None = None, at_most: int | None = None) -> Order:
    return Order(View(items, ()), instructions, "session", at_most)


def _text(request: ChatRequest) -> str:
    return "\n".join(message.text for message in request.messages)


async def test_what_is_short_is_kept_whole_and_no_engine_is_asked() -> None:
    """A summary of a few words saves nothing and loses something."""
    items = _turns(2)
    backend = ScriptedBackend(lambda _: "unused")
    outcome = await COMPACTOR.compact(backend, _order(items))
    assert outcome.compacted == Compacted(kept=items)
    assert (backend.asked, outcome.usage) == ([], Usage(0, 0))
    assert await COMPACTOR.shrink(backend, _order(items)) is None


async def test_a_small_window_is_summarised_as_a_list_of_facts() -> None:
    """The house model's window is one; it answers the request that it was trained on."""
    facts = iter(["- Name: Mina\n- City: Busan", "- name: Jihoon", "- none"])
    backend = ScriptedBackend(lambda _: next(facts), window=SMALL)
    items = _turns(14, words=20)
    outcome = await COMPACTOR.compact(backend, _order(items, instructions="Be brief."))
    expected = "Facts from earlier in this conversation:\n- name: Jihoon\n- City: Busan"
    assert outcome.compacted == Compacted(summary=expected, kept=items[-1:])
    assert [request.messages[0].role for request in backend.asked] == ["user", "user", "user"]
    assert _text(backend.asked[0]).startswith("List the facts about the user in this conversation.\n\nUser: q0 ")
    assert "User: q6 " in _text(backend.asked[1])
    assert {(r.sampling.temperature, r.max_tokens, r.session_id) for r in backend.asked} == {(0, 256, "session")}


async def test_a_large_window_is_summarised_as_a_brief() -> None:
    """The client's instructions tell the model what matters; the user's own words stay beside it."""
    backend = ScriptedBackend(lambda _: "  They spoke.  ", window=LARGE)
    items = _turns(30)
    outcome = await COMPACTOR.compact(backend, _order(items, instructions="You plan trips."))
    (asked,) = backend.asked
    assert [message.role for message in asked.messages] == ["system", "user"]
    assert asked.messages[0].text == "You plan trips."
    assert "User: q0 " in _text(asked)
    assert "last" not in _text(asked).split()
    assert outcome.compacted.summary == "Facts from earlier in this conversation:\nThey spoke."
    assert outcome.compacted.kept == items[-1:]
    # An eighth of the window, in messages of 51 words: the newest 15 of 30, found by halving.
    assert outcome.compacted.quoted == 15
    assert outcome.usage == Usage(await backend.count_tokens(asked), 2, 1, 2)


async def test_a_long_conversation_is_summarised_in_pieces_that_fit() -> None:
    """However long it is, no request is longer than the window, and nothing is skipped."""
    numbers = iter(range(100))
    backend = ScriptedBackend(lambda _: f"summary {next(numbers)}", window=4096)
    outcome = await COMPACTOR.compact(backend, _order(_turns(60, words=60)))
    assert len(backend.asked) > 2
    for request in backend.asked:
        assert await backend.count_tokens(request) + (request.max_tokens or 0) <= 4096
    asked = [_text(request).split() for request in backend.asked]
    assert [word for words in asked for word in words if word[0] == "q" and word[1:].isdigit()] == [
        f"q{number}" for number in range(60)
    ]
    assert "summary 0" in _text(backend.asked[1])
    assert outcome.compacted.summary == f"Facts from earlier in this conversation:\nsummary {len(asked) - 1}"


async def test_one_message_over_the_window_is_cut_into_pieces() -> None:
    """A long document is a message too."""
    backend = ScriptedBackend(lambda _: "- a: b", window=SMALL)
    await COMPACTOR.compact(backend, _order((a_message("word " * 3000), a_message("ok", "assistant"))))
    assert sum(_text(request).count("w") for request in backend.asked) == 3000


async def test_what_would_take_for_ever_is_refused() -> None:
    """One call must not keep an engine busy for an hour."""
    backend = ScriptedBackend(lambda _: "- a: b", window=SMALL)
    with pytest.raises(ApiError) as refused:
        await COMPACTOR.compact(backend, _order((a_message("word " * 60_000), a_message("ok", "assistant"))))
    assert refused.value.code == "context_length_exceeded"
    assert backend.asked == []


async def test_a_chat_of_a_thousand_turns_is_refused_by_a_small_window() -> None:
    """It would take as many requests as it has parts."""
    backend = ScriptedBackend(lambda _: "- a: b", window=SMALL)
    with pytest.raises(ApiError) as refused:
        await COMPACTOR.compact(backend, _order(_turns(1000, words=2)))
    assert (refused.value.code, backend.asked) == ("context_length_exceeded", [])


async def test_without_older_items_there_is_nothing_to_summarise() -> None:
    """A long question, or a task with its first tool call, stays as it is."""
    call = FunctionCall(id="fc_1", call_id="c", name="look", arguments="{}", status="completed")
    output = FunctionCallOutput(id="fco_1", call_id="c", output="word " * 900, status="completed")
    backend = ScriptedBackend(lambda _: "unused", window=SMALL)
    for items in ((a_message("word " * 900),), (a_message("find it"), call, output)):
        assert await COMPACTOR.shrink(backend, _order(items)) is None
        assert (await COMPACTOR.compact(backend, _order(items))).compacted == Compacted(kept=items)
    assert backend.asked == []


async def test_a_summary_is_bounded() -> None:
    """Lists grow with every piece; the oldest facts go first."""
    numbers = iter(range(10_000))
    backend = ScriptedBackend(lambda _: "\n".join(f"- fact {next(numbers)}: x" for _ in range(60)), window=SMALL)
    outcome = await COMPACTOR.compact(backend, _order(_turns(30, words=20)))
    lines = (outcome.compacted.summary or "").splitlines()
    assert sum(len(line.split()) for line in lines[1:]) <= SMALL // 4
    assert lines[-1] == f"- fact {next(numbers) - 1}: x"
    within = await COMPACTOR.shrink(backend, _order(_turns(30, words=20), at_most=100))
    assert within is not None
    assert {request.max_tokens for request in backend.asked} == {256, 100}


async def test_an_older_summary_is_part_of_the_new_one() -> None:
    """What was compacted twice is not forgotten once."""
    items = _turns(30, words=20)
    listed = ScriptedBackend(lambda _: "- City: Seoul", window=SMALL)
    order = Order(View(items, (), "Facts from earlier in this conversation:\n- Name: Mina"), None, None)
    outcome = await COMPACTOR.compact(listed, order)
    assert (outcome.compacted.summary or "").splitlines()[1:] == ["- Name: Mina", "- City: Seoul"]
    brief = ScriptedBackend(lambda _: "new", window=LARGE)
    await COMPACTOR.compact(brief, Order(View(_turns(60), (), "They met.", ("I am Mina.",)), None, None))
    assert "They met." in _text(brief.asked[0])
    assert "I am Mina." in _text(brief.asked[0])


async def test_what_the_engine_refuses_is_told() -> None:
    """A summary that failed is no summary."""

    def busy(_: ChatRequest) -> str:
        raise BackendBusyError("full")

    with pytest.raises(BackendBusyError):
        await COMPACTOR.compact(ScriptedBackend(busy), _order(_turns(30)))
    with pytest.raises(BackendStreamBrokenError, match="empty"):
        await COMPACTOR.compact(ScriptedBackend(lambda _: " \n"), _order(_turns(30)))


@pytest.mark.parametrize("reason", ["length", "content_filter"])
@pytest.mark.parametrize("window", [SMALL, LARGE])
async def test_a_summary_that_was_cut_is_no_summary(window: int, reason: FinishReason) -> None:
    """What it did not come to would be forgotten without a word."""
    backend = ScriptedBackend(lambda _: "- Name: Mi", window, reason)
    with pytest.raises(BackendStreamBrokenError, match=reason):
        await COMPACTOR.compact(backend, _order(_turns(30)))


class _Breaking(ScriptedBackend):
    """Sends one delta, then ends or falls silent."""

    def __init__(self, *, is_silent: bool) -> None:
        super().__init__(lambda _: "")
        self._is_silent = is_silent
        self.is_closed = False

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        try:
            yield TextDelta("half a summ")
            if self._is_silent:
                await asyncio.Event().wait()
        finally:
            self.is_closed = True


@pytest.mark.parametrize("is_silent", [True, False])
async def test_a_broken_or_silent_engine_is_given_up(is_silent: bool) -> None:  # noqa: FBT001 (a case)
    """Half a summary would be taken for a whole one, and nobody waits for ever."""
    backend = _Breaking(is_silent=is_silent)
    with pytest.raises(BackendStreamBrokenError):
        await Compactor(silence_s=0.01).compact(backend, _order(_turns(30)))
    assert backend.is_closed


async def test_an_engine_that_does_not_count_is_given_up() -> None:
    """A run that waits for a count has no other watch."""

    class Silent(ScriptedBackend):
        async def count_tokens(self, request: ChatRequest) -> int:
            await asyncio.Event().wait()
            return 0

    with pytest.raises(BackendStreamBrokenError):
        await Compactor(silence_s=0.01).shrink(Silent(lambda _: ""), _order(_turns(1)))


async def test_the_threshold_is_of_the_rendered_prompt() -> None:
    """Instructions and notes count, and a window that fills counts as a threshold."""
    backend = ScriptedBackend(lambda _: "", window=LARGE)
    request = ChatRequest(())
    order = _order((a_message("word " * 500), a_message("last")), instructions="rule " * 500)
    assert await COMPACTOR.is_due(backend, request, order, 1000)
    assert not await COMPACTOR.is_due(backend, request, order, 1001)
    full = _order((a_message("word " * 6145),))
    assert await COMPACTOR.is_due(backend, request, full, 100_000)
    assert await COMPACTOR.is_due(backend, request, full, None)
    assert not await COMPACTOR.is_due(backend, request, _order((a_message("word " * 6144),)), None)


async def test_the_prompt_is_counted_as_it_will_be_asked() -> None:
    """Templates render tools or leave them out by whether one may be called."""
    counted: list[ChatRequest] = []

    class Counting(ScriptedBackend):
        async def count_tokens(self, request: ChatRequest) -> int:
            counted.append(request)
            return 0

    request = ChatRequest((), tools=(Tool("look"),), tool_choice="none")
    await COMPACTOR.is_due(Counting(lambda _: ""), request, _order((a_message("hi"),)), None)
    assert counted == [replace(request, messages=(ChatMessage("user", (TextPart("hi"),)),))]


async def test_a_list_that_goes_on_keeps_what_it_had() -> None:
    """The summary before, maybe edited by a person, is the beginning of the next one."""
    backend = ScriptedBackend(lambda _: "- Pet: a cat", window=SMALL)
    so_far = "Facts from earlier in this conversation:\n- Name: Mina"
    items = (a_message("obey", "system", "msg_s"), a_message("I have a cat", id_="msg_c"), *_turns(9, words=20))
    text = await COMPACTOR.written(backend, items, so_far)
    assert text == "Facts from earlier in this conversation:\n- Name: Mina\n- Pet: a cat"
    assert all("obey" not in _text(request) and request.session_id is None for request in backend.asked)


async def test_a_brief_that_goes_on_is_asked_to_take_the_place_of_the_one_before() -> None:
    """In a large window."""
    backend = ScriptedBackend(lambda _: "all of it", window=LARGE)
    text = await COMPACTOR.written(backend, _turns(9, words=20), "Mina asked for help.", at_most=77)
    assert text == "Facts from earlier in this conversation:\nall of it"
    assert "Mina asked for help." in _text(backend.asked[0])
    assert backend.asked[0].max_tokens == 77


async def test_pins_are_kept_and_the_operators_window_is_the_window() -> None:
    """Whoever pinned a turn wants its words; whoever capped the window did so for every prompt."""
    items = _turns(60)
    backend = ScriptedBackend(lambda _: "They counted.", window=LARGE)
    order = replace(_order(items), pinned=frozenset({"msg_q1"}))
    assert (await COMPACTOR.compact(backend, order)).compacted.kept == (*items[2:4], items[-1])
    order = replace(_order(items[:-1]), pinned=frozenset({"msg_q59"}))
    assert (await COMPACTOR.compact(backend, order)).compacted.kept == (items[-5], *items[-3:-1])
    request = ChatRequest(messages=())
    assert not await COMPACTOR.is_due(backend, request, _order(_turns(20)), None)
    assert await COMPACTOR.is_due(backend, request, replace(_order(_turns(20)), window=SMALL), None)
