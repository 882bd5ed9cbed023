"""Rules of `maru/memory/fitting.py`, with an engine whose tokens are words."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from maru.memory.fitting import Fitted, Fitter
from maru.protocol.items import Item
from maru_backends.base import ChatRequest
from support.responses import a_message
from support.scripted_backend import ScriptedBackend

WINDOW = 1000


def _turns(count: int, *, words: int = 50, first: int = 0) -> tuple[Item, ...]:
    return tuple(
        item
        for number in range(first, first + count)
        for item in (
            a_message("ask " * words, "user", f"msg_q{number}"),
            a_message("say " * words, "assistant", f"msg_a{number}"),
        )
    )


def _question(number: int = 0, *, words: int = 5) -> Item:
    return a_message("now " * words, "user", f"msg_new{number}")


async def _fitted(
    fitter: Fitter, backend: ScriptedBackend, history: Sequence[Item], new: Sequence[Item] = (_question(),)
) -> Fitted:
    return await fitter.fit(backend, ChatRequest(()), instructions=None, history=history, new=new, may_cut=True)


def _backend() -> ScriptedBackend:
    return ScriptedBackend(lambda _: "unused", window=WINDOW)


async def test_turns_that_are_out_are_not_counted_again() -> None:
    """Each count asks the engine, and a conversation may go on for thousands of turns past its window."""
    fitter, backend = Fitter(), _backend()
    history = _turns(30)
    first = await _fitted(fitter, backend, history)
    history = (*history, _question(), *_turns(9, first=30))
    backend.counted.clear()
    second = await _fitted(fitter, backend, history, [_question(1)])
    assert second.report.items_left_out > first.report.items_left_out > 30
    # Of each turn that was sent or came since, of what is fixed, and of the prompt as a whole before and after.
    assert len(backend.counted) <= 2 + 1 + (len(history) - first.report.items_left_out) / 2 + 1
    assert max(map(_words, backend.counted)) < 2 * WINDOW


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 120))
async def test_what_was_left_out_is_told_to_the_item(before: int, within: int, words: int) -> None:
    """The page draws its line by it; what the client sent as input may be longer than fits as well."""
    history, new = _turns(before, words=words), (*_turns(within, words=words, first=before), _question())
    items = (*history, *new)
    backend = _backend()
    fitted = await _fitted(Fitter(), backend, history, new)
    report = fitted.report
    sent = [message.text for message in fitted.request.messages]
    assert report.items_left_out == len(items) - len(sent)
    is_all_of_this_turn = report.items_left_out == len(history)
    assert report.first_item == (None if is_all_of_this_turn else items[report.items_left_out].id)
    assert _words(fitted.request) <= WINDOW


async def test_a_question_that_drove_everything_out_is_where_the_next_prompt_begins() -> None:
    """A cut that was made stays, as long as what it left fits: the engine's prefix cache goes on from it."""
    fitter, backend = Fitter(), _backend()
    history, long = _turns(3), _question(words=700)
    first = await _fitted(fitter, backend, history, [long])
    assert (first.report.first_item, first.report.items_left_out) == (None, len(history))
    second = await _fitted(fitter, backend, (*history, long, a_message("ok", "assistant", "msg_ok")), [_question(1)])
    assert (second.report.first_item, second.report.items_left_out) == (long.id, len(history))


def _words(request: ChatRequest) -> int:
    return sum(len(message.text.split()) for message in request.messages)
