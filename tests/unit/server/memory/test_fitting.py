"""Rules of `maru/memory/fitting.py` over whole conversations, with an engine whose tokens are words."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maru.memory import prompt
from maru.memory.fitting import FitOrder, Fitted, Remembered
from maru.memory.messages import messages_of
from maru.protocol.errors import ApiError
from maru.protocol.items import InputText, Item, Message
from maru_backends.base import ChatMessage, ChatRequest
from support.fitting import WINDOW, Said, a_backend, a_fitter, an_order, plain_turns, tokens_of
from support.responses import a_message

turns = st.builds(
    Said,
    question=st.integers(1, 60),
    answer=st.integers(1, 60),
    outputs=st.lists(st.integers(1, 20), max_size=2).map(tuple),
    has_image=st.booleans(),
    is_pinned=st.sampled_from([True, *[False] * 14]),
    rule=st.sampled_from(["system", "developer", *[None] * 8]),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(turns, min_size=1, max_size=30),
    st.integers(700, 1500),
    st.sampled_from(["block", "sliding", "summarise"]),
    st.booleans(),
)
async def test_a_conversation_of_any_sort_fits_turn_by_turn(
    said: list[Said],
    window: int,
    policy: str,
    forgets: bool,  # noqa: FBT001 (drawn: the server restarts between all turns)
) -> None:
    """Nothing protected is lost, order is kept, calls keep their outputs, and the prefix moves only with the cut."""
    fitter, backend = a_fitter(policy=policy), a_backend(window)
    history: tuple[Item, ...] = ()
    pinned: frozenset[str] = frozenset()
    before: Fitted | None = None
    for number, turn in enumerate(said):
        new = turn.asked(number)
        cut = None if before is None or forgets else before.ledger.cut
        order = an_order(history, new, cut, instructions="be kind", pinned=pinned)
        try:
            fitted = await fitter.fit(backend, order)
        except ApiError:
            assert any(
                item.id in pinned or _is_rule(item) for item in history
            )  # only what is protected may be too much
            return
        messages = fitted.request.messages
        assert await backend.count_tokens(fitted.request) <= fitted.report.used <= fitted.ledger.budget
        assert fitted.request.max_tokens is None or fitted.report.used + fitted.request.max_tokens <= window
        sent = _sent(messages)
        assert sent == sorted(sent, key=_place)
        assert messages[0].text == "be kind"
        assert {f"q{number}"} | {_word(item) for item in history if item.id in pinned or _is_rule(item)} <= set(sent)
        _check_pairs(messages)
        if before is not None:
            _check_prefix(before, fitted, history)
        before = fitted
        history = (*history, *new, *turn.answered(number))
        pinned |= {f"msg_q{number}"} if turn.is_pinned else set[str]()


def _check_prefix(before: Fitted, now: Fitted, history: Sequence[Item]) -> None:
    place = {item.id: index for index, item in enumerate(history)}
    old, new = before.ledger.cut, now.ledger.cut
    assert old is None or (new is not None and place.get(new, len(history)) >= place[old])
    if old == new and before.ledger.pinned == now.ledger.pinned:
        assert now.request.messages[: len(before.request.messages)] == before.request.messages


def _check_pairs(messages: Sequence[ChatMessage]) -> None:
    made = [call.id for message in messages for call in message.tool_calls]
    assert made == [message.tool_call_id for message in messages if message.role == "tool"]


def _is_rule(item: Item) -> bool:
    return isinstance(item, Message) and item.role in {"system", "developer"}


def _word(item: Item) -> str:
    assert isinstance(item, Message)
    part = item.content[0]
    assert isinstance(part, InputText)
    return part.text.split()[0]


def _sent(messages: Sequence[ChatMessage]) -> list[str]:
    """The first word of each message, which names it."""
    return [message.text.split()[0] for message in messages if message.text and message.text != "be kind"]


def _place(word: str) -> tuple[int, int]:
    kind, number = ("c", word.split("_")[1]) if word.startswith("call") else (word[0], word[1:])
    return int(number), "rqca".index(kind)


async def test_turns_that_are_out_are_not_counted_again() -> None:
    """Each count asks the engine, and a conversation may go on for thousands of turns past its window."""
    fitter, backend = a_fitter(), a_backend()
    history = plain_turns(30)
    first = await fitter.fit(backend, an_order(history, Said(5, 1).asked(30)))
    backend.counted.clear()
    history = (*history, *Said(5, 50).asked(30), *Said(5, 50).answered(30))
    second = await fitter.fit(backend, an_order(history, Said(5, 1).asked(31), first.ledger.cut))
    assert second.ledger.cut == first.ledger.cut
    assert max(sum(map(tokens_of, request.messages)) for request in backend.counted) < WINDOW


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 120))
async def test_what_was_left_out_is_told_to_the_item(before: int, within: int, words: int) -> None:
    """The page draws its line by it; what the client sent as input may be longer than fits as well."""
    history = plain_turns(before, words=words)
    new = (*plain_turns(within, words=words, first=before), *Said(5, 1).asked(before + within))
    items = (*history, *new)
    fitted = await a_fitter().fit(a_backend(), an_order(history, new))
    report = fitted.report
    assert report.items_left_out == len(items) - len(fitted.request.messages)
    is_all_of_this_turn = report.items_left_out == len(history)
    assert report.first_item == (None if is_all_of_this_turn else items[report.items_left_out].id)


async def test_a_model_with_another_window_starts_from_its_own() -> None:
    """Switched to in the middle of a chat: what fits is shown, whatever another model had to leave out."""
    history, new = plain_turns(8), Said(5, 1).asked(8)
    small = await a_fitter().fit(a_backend(500), an_order(history, new))
    assert small.report.items_left_out > 0
    large = await a_fitter().fit(a_backend(5000), an_order(history, new))
    assert (large.report.items_left_out, large.ledger.cut) == (0, None)
    assert (await a_fitter().fit(a_backend(500), an_order(history, new))).ledger.cut == small.ledger.cut


async def test_the_operator_may_lower_the_window() -> None:
    """A machine may have less room than the model."""
    fitted = await a_fitter(window=400).fit(a_backend(5000), an_order(plain_turns(8), Said(5, 1).asked(8)))
    assert (fitted.report.window, fitted.report.items_left_out > 0) == (400, True)
    assert fitted.report.used <= 400


@pytest.mark.parametrize(
    ("memory", "order", "said"),
    [
        ({}, an_order(new=Said(2000, 1).asked(0)), "newest message needs 2003 tokens"),
        ({"policy": "keep-all"}, an_order(plain_turns(30), Said(5, 1).asked(30)), "leave nothing out"),
        ({}, an_order(plain_turns(30), Said(5, 1).asked(30), may_cut=False), '"truncation": "auto"'),
        (
            {},
            an_order(plain_turns(9), Said(5, 1).asked(9), pinned=frozenset(f"msg_q{n}" for n in range(9))),
            "Unpin something",
        ),
        ({}, an_order(plain_turns(2), Said(2000, 1).asked(2), instructions="be kind"), "Shorten it"),
        (
            {},
            an_order(new=Said(1, 1).asked(0), instructions="be kind " * 500),
            "^Instructions alone need 1008 tokens .* Shorten them",
        ),
        (
            {},
            an_order(new=(a_message("obey " * 2000, "system", "msg_r"), *Said(1, 1).asked(0))),
            "the instructions in the conversation need",
        ),
        (
            {"policy": "keep-all"},
            an_order(plain_turns(30), Said(5, 1).asked(30), pinned=frozenset(["msg_q0"])),
            "leave nothing out",
        ),
        ({}, an_order(new=Said(1, 1, outputs=(2000,)).answered(0)[:2]), "message and the outputs of its calls need"),
    ],
)
async def test_what_cannot_fit_is_told_with_what_to_do(memory: dict[str, object], order: FitOrder, said: str) -> None:
    """Before the engine sees it."""
    with pytest.raises(ApiError, match=said) as caught:
        await a_fitter(**memory).fit(a_backend(), order)
    assert (caught.value.status, caught.value.code, caught.value.param) == (400, "context_length_exceeded", "input")


async def test_a_long_history_is_made_into_messages_only_where_it_may_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chat of years must not cost more a turn than one of days."""
    made: list[Item] = []

    def watched(instructions: str | None, items: Iterable[Item]) -> tuple[ChatMessage, ...]:
        made.extend(items := tuple(items))
        return messages_of(instructions, items)

    monkeypatch.setattr(prompt, "messages_of", watched)
    history, new = plain_turns(1000), Said(5, 1).asked(1000)
    fitted = await a_fitter().fit(a_backend(), an_order(history, new, cut="msg_q995"))
    assert fitted.ledger.cut == "msg_q995"
    assert len(made) == 11


async def test_a_prompt_may_be_bounded_below_the_window() -> None:
    """Where the engine refused one that should have fitted; how long the answer may be, only the engine knows then."""
    history, new = plain_turns(6), Said(5, 1).asked(6)
    fitted = await a_fitter().fit(a_backend(), an_order(history, new))
    assert fitted.request.max_tokens == WINDOW - fitted.report.used
    deeper = replace(an_order(history, new), at_most=fitted.report.used // 2)
    shorter = await a_fitter().fit(a_backend(), deeper)
    assert shorter.report.used <= fitted.report.used // 2
    assert (shorter.report.items_left_out > 0, shorter.request.max_tokens) == (True, None)
    wished = replace(deeper, request=ChatRequest((), max_tokens=WINDOW - 10))
    assert (await a_fitter().fit(a_backend(), wished)).request.max_tokens == fitted.report.used // 2


async def test_what_fits_in_any_case_is_not_counted() -> None:
    """A short chat waits for no count, and for no look at what earlier turns left."""

    async def never() -> Remembered:
        raise AssertionError("nothing may be read")

    backend = a_backend(100_000)
    order = replace(an_order(plain_turns(2), Said(5, 1).asked(2)), remembered=never)
    assert (await a_fitter().fit(backend, order)).sizes is None
    assert not backend.counted


async def test_instructions_within_turns_stay_and_their_turns_go() -> None:
    """Agents remind their model in each turn; such a chat must not die at the window."""
    turns = [
        item
        for number in range(12)
        for item in (
            *Said(40, 1).asked(number),
            a_message(f"r{number} obey", "developer", f"msg_d{number}"),
            *Said(1, 40).answered(number),
        )
    ]
    fitted = await a_fitter().fit(a_backend(), an_order(turns, Said(5, 1).asked(12)))
    sent = _sent(fitted.request.messages)
    assert fitted.report.used <= fitted.ledger.budget
    assert {f"r{number}" for number in range(12)} <= set(sent)
    assert "q0" not in sent
    assert "q12" in sent
    assert fitted.report.items_left_out == len(turns) + 1 - len(fitted.request.messages)


async def test_a_question_before_an_instruction_is_never_cut() -> None:
    """What comes last in the input is not always what is asked."""
    new = (*Said(300, 1).asked(9), a_message("r9 be brief", "developer", "msg_d9"))
    fitted = await a_fitter().fit(a_backend(), an_order(plain_turns(9), new))
    assert "q9" in _sent(fitted.request.messages)


async def test_facts_are_told_in_the_ledger() -> None:
    """What did the model see? This too."""
    order = an_order(plain_turns(1), Said(5, 1).asked(1))
    order = replace(order, view=replace(order.view, facts="- Name: Mina"))
    fitted = await a_fitter().fit(a_backend(), order)
    assert fitted.ledger.notes == "- Name: Mina"
    assert fitted.ledger.is_exact is False  # it was not counted, because it fits in any case
