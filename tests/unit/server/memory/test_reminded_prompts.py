"""Summaries that are said again, in the prompts that `maru/memory/fitting.py` makes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from maru.memory.counting import Counter
from maru.memory.fitting import FitOrder, Fitted, Fitter, Remembered
from maru.memory.prompt import Note
from maru.memory.reminders import EVERY_TURNS
from maru.memory.view import View
from maru.memory_settings import MemorySettings
from maru.protocol.items import Item
from maru_backends.base import ChatRequest
from support.responses import a_message
from support.scripted_backend import ScriptedBackend

TEXT = "Facts from earlier in this conversation:\n- Name: Mina"


def _turn(number: int, words: int) -> tuple[Item, Item]:
    question = a_message(f"q{number} " * words, id_=f"msg_q{number}")
    return question, a_message(f"a{number} " * words, "assistant", f"msg_a{number}")


async def _fitted(
    backend: ScriptedBackend,
    history: tuple[Item, ...],
    *,
    text: str = TEXT,
    cut: str | None = None,
    window: int | None = None,
) -> Fitted:
    """The prompt for the next question after a history whose first turn was summarised."""

    async def remembered() -> Remembered:
        return Remembered(cut, (Note("sum_1", "msg_a0", text),))

    fitter = Fitter(Counter(), {"m": MemorySettings(policy="summarise", window=window)})
    view = View(history, (a_message("next", id_="msg_next"),))
    return await fitter.fit(backend, FitOrder("m", ChatRequest(()), None, view, may_cut=True, remembered=remembered))


def _times(fitted: Fitted) -> int:
    return sum("Mina" in message.text for message in fitted.request.messages)


async def test_a_small_model_hears_the_summary_again() -> None:
    """In its instructions, then every dozen turns; a model with a large window reads its instructions."""
    history = tuple(item for number in range(2 * EVERY_TURNS + 2) for item in _turn(number, 5))
    small = await _fitted(ScriptedBackend(lambda _: "", window=400), history, cut="msg_q1")
    assert (small.report.summary, small.ledger.cut, _times(small)) == ("sum_1", "msg_q1", 3)
    lowered = await _fitted(ScriptedBackend(lambda _: "", window=8192), history, cut="msg_q1", window=400)
    assert (lowered.report.summary, _times(lowered)) == ("sum_1", 1)


async def test_an_empty_list_is_not_shown() -> None:
    """A small model takes "none" for a thing that was said; that the turns are summarised is told all the same."""
    history = tuple(item for number in range(9) for item in _turn(number, 20))
    text = "Facts from earlier in this conversation:\n- none"
    fitted = await _fitted(ScriptedBackend(lambda _: "", window=400), history, text=text, cut="msg_q1")
    assert (fitted.report.summary, fitted.ledger.notes) == ("sum_1", None)
    assert "none" not in fitted.request.messages[0].text


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 12), min_size=60, max_size=90), st.integers(300, 900), st.integers(1, 90))
async def test_what_is_said_again_fits_and_leaves_the_beginning_as_it_is(
    said: list[int], window: int, words: int
) -> None:
    """Between cuts each prompt begins with the one before, whatever the sizes."""
    fitter = Fitter(Counter(), {"m": MemorySettings(policy="summarise")})
    backend = ScriptedBackend(lambda _: "", window=window)
    notes: list[Note] = []
    before: Fitted | None = None
    history: tuple[Item, ...] = ()
    for number, size in enumerate(said):

        async def remembered(cut: str | None = before.ledger.cut if before else None) -> Remembered:
            return Remembered(cut, tuple(notes))

        question, answer = _turn(number, size)
        view = View(history, (question,))
        now = await fitter.fit(backend, FitOrder("m", ChatRequest(()), None, view, may_cut=True, remembered=remembered))
        assert await backend.count_tokens(now.request) <= now.report.used <= now.ledger.budget
        if before and (before.ledger.cut, before.report.summary) == (now.ledger.cut, now.report.summary):
            assert now.request.messages[: len(before.request.messages)] == before.request.messages
        if now.summarise_to is not None:
            notes.append(Note(f"sum_{number}", now.summarise_to, "fact " * words))
        before, history = now, (*history, question, answer)
