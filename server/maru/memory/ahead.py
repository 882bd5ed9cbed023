"""Writes the summaries of a conversation, each going on from the one before; `turns/summaries.py` says when.

A large window gets a brief in prose. A small one gets a list of facts: the house model is asked for two turns at a
time, because it lists 98 of 100 facts of two turns and 81 of 100 of six, and what it tells without having heard it is
left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from maru.memory.asking import Asker
from maru.memory.fact_lists import stated, turns_with_the_one_before, without_mixed_up
from maru.memory.summary import (
    NO_FACTS,
    SMALL_WINDOW,
    facts_in,
    is_empty,
    joined_facts,
    language_of,
    language_of_text,
    list_request,
    shown,
    transcript,
    without_heading,
)
from maru.memory.words import is_from, words_of
from maru.memory.writing import SUMMARY_TOKENS, bounded, room_for_summary, write_brief
from maru.protocol.items import Item, Message
from maru_backends.base import ChatRequest

MAX_LISTS = 512  # requests for one summary
SHORTEST_LIST = 32  # tokens that any list may take


@dataclass(frozen=True, slots=True)
class Piece:
    """What a new summary stands for: items, and everything that the summary before them stands for.

    Attributes:
        items: in the order of the branch.
        before: the text of that summary; None: the items begin at the root.
        at_most: most tokens of the new one; None: as the window of its writer gives.
    """

    items: tuple[Item, ...]
    before: str | None = None
    at_most: int | None = None


async def summarise(asker: Asker, piece: Piece) -> str:
    """The summary as models are shown it; a quarter of the window at most, whatever stood before.

    Raises:
        ApiError: it is too long to be summarised by this model.
        BackendError: the engine failed.
    """
    window = (await asker.limits()).context_window
    room = min(room_for_summary(window), piece.at_most or SUMMARY_TOKENS)
    text = await _as_list(asker, piece, room) if window < SMALL_WINDOW else await _as_brief(asker, piece, room)
    # By its labels: a piece in which only numbers were said has no language, and a name may be in any.
    labels = " ".join(line.partition(":")[0] for line in text.splitlines())
    return shown(text, language_of_text(labels))


async def _as_brief(asker: Asker, piece: Piece, room: int) -> str:
    # People may have written more than any model would.
    so_far = "" if is_empty(piece.before) else await _cut(asker, without_heading(piece.before or ""), room)
    language = language_of(piece.items)
    lines = transcript(piece.items, language)
    if lines:
        return await write_brief(asker, lines, so_far, room=room)
    return so_far or NO_FACTS[language]


async def _as_list(asker: Asker, piece: Piece, room: int) -> str:
    language = language_of(piece.items)

    def request(lines: Sequence[str]) -> ChatRequest:
        # A small model may go on for ever; a list is never longer than what was said.
        most = SHORTEST_LIST + sum(map(len, lines))
        return asker.request(list_request(lines, language), max_tokens=min(room, most))

    said = "\n".join(words_of(i.content) for i in piece.items if isinstance(i, Message) and is_from(i, "user"))
    turns = [transcript(turns, language) for turns in turns_with_the_one_before(piece.items)]
    spoken = [lines for lines in turns if lines]
    facts = facts_in(piece.before)
    for lines in await asker.pieces(spoken, request, kept_free=room, at_most=MAX_LISTS):
        listed = stated(facts_in(await asker.list_lines(request(lines))), said)
        facts = joined_facts(facts, without_mixed_up(listed, facts))
    text = "\n".join(await bounded(asker, facts, room)) or NO_FACTS[language]
    return await _cut(asker, text, room)


async def _cut(asker: Asker, text: str, room: int) -> str:
    while await asker.tokens(text) > room:
        text = text[: len(text) // 2]
    return text
