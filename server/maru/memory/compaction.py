"""Makes compactions: asks the engine for a summary of the older items, or keeps them whole where they are few.

Few are those that together take no more tokens than their summary may: a summary of them would save nothing and lose
something. What is too long for one request is summarised piece by piece.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from maru.memory.asking import Asker
from maru.memory.fitting import most_tokens
from maru.memory.messages import messages_of
from maru.memory.split import split
from maru.memory.summary import (
    NO_FACTS,
    Language,
    brief_request,
    facts_in,
    joined_facts,
    language_of,
    list_request,
    lists_of_turns,
    shown,
    transcript,
)
from maru.memory.view import View
from maru.memory.words import is_from, words_of
from maru.protocol.compaction import Compacted
from maru.protocol.items import Item, Message, Reasoning
from maru_backends.base import Backend, ChatRequest, Usage

SUMMARY_SHARE = 4  # a summary may take a quarter of the window ...
SUMMARY_TOKENS = 4096  # ... and at most this much; thinking of the model is in it
QUOTES_SHARE = 8  # user messages that are quoted beside a summary may take an eighth
SMALL_WINDOW = 4096  # tokens under which there is room for a list of facts only
WORDS_PER_TOKEN = 0.5
FORGOTTEN_AT_ONCE = 8  # an eighth of the facts goes, the oldest, until the list is short enough
MAX_PIECES = 64
THRESHOLD_SHARE = 0.75  # of the window: the threshold where a client names none
_NO_USAGE = Usage(0, 0)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be compacted, for whom.

    Attributes:
        view: the branch as it is shown now.
        instructions: shown to the model that summarises, too.
        session_id: see `ChatRequest`.
        at_most: most tokens of the summary; None: as the window gives.
        told: called before each request to the engine.
    """

    view: View
    instructions: str | None
    session_id: str | None
    at_most: int | None = None
    told: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the compaction item stands for, and what its making cost; nothing where no engine was asked."""

    compacted: Compacted
    usage: Usage

    @property
    def view(self) -> View:
        """What is shown from now on."""
        return View((), self.compacted.kept, self.compacted.summary)


@dataclass(slots=True)
class _Work:
    """One compaction under way: `older` is to be summarised, in `room` tokens; `kept` stays."""

    asker: Asker
    order: Order
    window: int
    room: int
    language: Language
    older: tuple[Item, ...]
    kept: tuple[Item, ...]


class Compactor:
    """Compacts for every run; one per process."""

    def __init__(self, silence_s: float) -> None:
        """`silence_s` is how long an engine may send nothing, in seconds."""
        self._silence_s = silence_s

    async def is_due(self, backend: Backend, request: ChatRequest, order: Order, threshold: int | None) -> bool:
        """Whether the rendered prompt passes the threshold (three quarters of the window at most).

        Args:
            backend: the engine that will answer; it counts.
            request: everything but the messages.
            order: what would be compacted.
            threshold: tokens; None: none was named.

        Raises:
            BackendError: the engine could not count.
        """
        instructions, history, new = order.view.as_asked(order.instructions)
        messages = messages_of(instructions, (*history, *new))
        whole = replace(request, messages=messages)
        highest = int((await backend.limits()).context_window * THRESHOLD_SHARE)
        limit = highest if threshold is None else min(threshold, highest)
        at_most = most_tokens(whole)
        asker = Asker(backend, self._silence_s)
        return (at_most is None or at_most > limit) and await asker.counted(whole) > limit

    async def shrink(self, backend: Backend, order: Order) -> Outcome | None:
        """Compact where that makes the context smaller; None where it does not.

        Raises:
            ApiError: it is too long to be summarised.
            BackendError: the engine failed.
        """
        work = await self._begun(backend, order)
        if not work.older or await _is_small(work, work.older):
            return None
        return await _summarised(work)

    async def compact(self, backend: Backend, order: Order) -> Outcome:
        """Compact in any case; what is short is kept whole.

        Raises:
            ApiError: it is too long to be summarised.
            BackendError: the engine failed.
        """
        work = await self._begun(backend, order)
        if not work.older or await _is_small(work, order.view.items):
            whole = tuple(item for item in order.view.items if not isinstance(item, Reasoning))
            return Outcome(Compacted(summary=order.view.notes, kept=whole), _NO_USAGE)
        return await _summarised(work)

    async def written(
        self, backend: Backend, items: Sequence[Item], so_far: str | None, at_most: int | None = None
    ) -> str:
        """A summary that stands for some items, and for what the one before them stood for.

        Args:
            backend: writes it.
            items: oldest first; instructions among them are left out, because they are shown all the same.
            so_far: the text of the summary of what came before.
            at_most: most tokens of it; None: as the window of its writer gives.

        Raises:
            ApiError: it is too long to be summarised.
            BackendError: the engine failed.
        """
        # In a session of its own: the conversation's is where its prompts lie in the engine's cache.
        order = Order(View(tuple(items), (), so_far), None, session_id=None)
        window = (await backend.limits()).context_window
        room = min(room_for_summary(window), at_most or SUMMARY_TOKENS)
        older = tuple(item for item in items if not is_from(item, "system", "developer"))
        asker = Asker(backend, self._silence_s)
        work = _Work(asker, order, window, room, language_of(items), older, ())
        return shown(await _text_of(work), work.language)

    async def _begun(self, backend: Backend, order: Order) -> _Work:
        asker = Asker(backend, self._silence_s, session_id=order.session_id, told=order.told)
        window = (await backend.limits()).context_window
        room = min(room_for_summary(window), order.at_most or SUMMARY_TOKENS)
        parts = split(order.view.items)
        task = () if parts.task is None else (parts.task,)
        if task and await asker.tokens(_lines_of(task)) > room:
            task = ()
        older = tuple(item for item in parts.older if item not in task)
        kept = (*parts.fixed, *task, *parts.tail)
        return _Work(asker, order, window, room, language_of(order.view.items), older, kept)


async def write_brief(
    asker: Asker, lines: Sequence[str], so_far: str | None, *, room: int, instructions: str | None = None
) -> str:
    """A brief of lines of a conversation, going on from the one so far.

    Args:
        asker: asks the engine, once for each piece that fits.
        lines: what was said.
        so_far: the brief of what came before.
        room: most tokens of the answer.
        instructions: shown to the model that writes it, too.

    Raises:
        ApiError: it is too long.
        BackendError: the engine failed.
    """
    words = int(room * WORDS_PER_TOKEN)

    def request(piece: Sequence[str], before: str | None = None) -> ChatRequest:
        return asker.request(brief_request(piece, before, words), instructions=instructions, max_tokens=room)

    kept_free = room + max(room, await asker.tokens(so_far or ""))
    for piece in await asker.pieces((lines,), request, kept_free=kept_free, at_most=MAX_PIECES):
        so_far = await asker.whole(request(piece, so_far))
    return so_far or ""


def room_for_summary(window: int) -> int:
    """Most tokens of a summary."""
    return min(window // SUMMARY_SHARE, SUMMARY_TOKENS)


async def _is_small(work: _Work, items: Sequence[Item]) -> bool:
    # As one message: a template may refuse a piece of a conversation that does not begin with the user.
    lines = transcript(items, work.language)
    return await work.asker.tokens("\n".join((work.order.view.notes or "", *lines))) <= work.room


async def _summarised(work: _Work) -> Outcome:
    text = await _text_of(work)
    quoted = 0 if work.window < SMALL_WINDOW else await _quotable(work)
    return Outcome(Compacted(summary=shown(text, work.language), kept=work.kept, quoted=quoted), work.asker.usage)


async def _text_of(work: _Work) -> str:
    if work.window < SMALL_WINDOW:
        return await _as_list(work)
    lines = transcript(work.older, work.language)
    so_far, instructions = work.order.view.notes, work.order.instructions
    return await write_brief(work.asker, lines, so_far, room=work.room, instructions=instructions)


async def _as_list(work: _Work) -> str:
    # Without the client's instructions: the house model was trained without, and a list of facts needs none.
    def request(lines: Sequence[str]) -> ChatRequest:
        return work.asker.request(list_request(lines, work.language), max_tokens=work.room)

    said = [transcript(turns, work.language) for turns in lists_of_turns(work.older)]
    facts = facts_in(work.order.view.summary)
    for piece in await work.asker.pieces(said, request, kept_free=work.room, at_most=MAX_PIECES):
        facts = joined_facts(facts, facts_in(await work.asker.whole(request(piece))))
    return "\n".join(await bounded(work.asker, facts, work.room)) or NO_FACTS[work.language]


async def bounded(asker: Asker, facts: list[str], room: int) -> list[str]:
    """As many of the facts as the room holds; the oldest go."""
    while len(facts) > 1 and await asker.tokens("\n".join(facts)) > room:
        facts = facts[math.ceil(len(facts) / FORGOTTEN_AT_ONCE) :]
    return facts


async def _quotable(work: _Work) -> int:
    """How many of the newest user messages may be quoted."""
    said = [item for item in work.older if is_from(item, "user")]
    count, room = len(said), work.window // QUOTES_SHARE
    while count and await work.asker.tokens(_lines_of(said[-count:])) > room:
        count //= 2
    return count


def _lines_of(messages: Sequence[Item]) -> str:
    return "\n\n".join(words_of(item.content) for item in messages if isinstance(item, Message))
