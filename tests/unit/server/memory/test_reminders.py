"""Rules of `memory/reminders.py`: a small model hears a summary again."""

from maru.memory.reminders import EVERY_TURNS, MOST_CHARS, with_reminders
from maru_backends.base import ChatMessage, ImagePart, Role, TextPart

NOTES = "Facts from earlier in this conversation:\n- Name: Mina"


def _said(role: Role, text: str) -> ChatMessage:
    return ChatMessage(role, (TextPart(text),))


def _turns(count: int) -> list[tuple[ChatMessage, ...]]:
    return [(_said("user", f"q{number}"), _said("assistant", f"a{number}")) for number in range(count)]


def test_notes_stand_before_what_the_user_said_every_so_often() -> None:
    """Not in the first turn, which stands right behind the instructions; answers and other turns stay as they are."""
    turns = _turns(2 * EVERY_TURNS + 2)
    shown = with_reminders(turns, NOTES)
    changed = [place for place, turn in enumerate(shown) if turn != turns[place]]
    assert changed == [EVERY_TURNS, 2 * EVERY_TURNS]
    assert shown[EVERY_TURNS] == (_said("user", f"{NOTES}\n\nq{EVERY_TURNS}"), turns[EVERY_TURNS][1])


def test_the_beginning_stays_the_same() -> None:
    """However many turns follow: the engine's prefix cache goes on from it."""
    turns = _turns(3 * EVERY_TURNS)
    whole = with_reminders(turns, NOTES)
    assert all(with_reminders(turns[:count], NOTES) == whole[:count] for count in range(len(turns)))


def test_what_the_user_sent_is_kept() -> None:
    """Images beside the words, and turns that begin with something else."""
    picture = ImagePart("data:,x", "auto")
    turns = _turns(3 * EVERY_TURNS + 1)
    turns[EVERY_TURNS] = (ChatMessage("user", (TextPart("look"), picture)),)
    turns[2 * EVERY_TURNS] = (ChatMessage("user", (picture, TextPart("look"))),)
    turns[3 * EVERY_TURNS] = (_said("system", "rule"), _said("user", "hi"))
    shown = with_reminders(turns, NOTES)
    assert shown[EVERY_TURNS][0].parts == (TextPart(f"{NOTES}\n\nlook"), picture)
    assert shown[2 * EVERY_TURNS :] == tuple(turns[2 * EVERY_TURNS :])
    assert with_reminders([()] * (EVERY_TURNS + 1), NOTES) == ((),) * (EVERY_TURNS + 1)


def test_a_long_summary_is_said_once() -> None:
    """It would fill a small window."""
    turns = _turns(EVERY_TURNS + 1)
    assert with_reminders(turns, "x" * MOST_CHARS) != tuple(turns)
    assert with_reminders(turns, "x" * (MOST_CHARS + 1)) == tuple(turns)
