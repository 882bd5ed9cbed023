"""Says a summary again within the turns that follow it, because small models lose sight of it. Pure.

Behind forty other turns the house model answers half of the questions whose answer stands in its instructions, and
nineteen of twenty where it is said again every dozen turns (`bench/memory`). The places are counted from the cut, so
that the prompt's beginning stays the same until the next one; and it stands within what the user said, because many
templates take no message of another sort there.
"""

from collections.abc import Sequence
from dataclasses import replace

from maru_backends.base import ChatMessage, TextPart

EVERY_TURNS = 12
MOST_CHARS = 600  # of a summary that is said again: a longer one would fill a small window

Turn = tuple[ChatMessage, ...]


def with_reminders(turns: Sequence[Turn], notes: str) -> tuple[Turn, ...]:
    """The turns, with the notes before every twelfth of them.

    Args:
        turns: from the cut on, oldest first.
        notes: what the instructions say of earlier turns.
    """
    if len(notes) > MOST_CHARS:
        return tuple(turns)
    return tuple(
        _reminded(turn, notes) if place and place % EVERY_TURNS == 0 else turn for place, turn in enumerate(turns)
    )


def _reminded(turn: Turn, notes: str) -> Turn:
    first = turn[0] if turn else None
    if first is None or first.role != "user" or not first.parts or not isinstance(first.parts[0], TextPart):
        return turn
    said = TextPart(f"{notes}\n\n{first.parts[0].text}")
    return (replace(first, parts=(said, *first.parts[1:])), *turn[1:])
