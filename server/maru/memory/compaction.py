"""Makes compactions: asks the engine for a summary of the older items, or keeps them whole where they are few.

Few are those that together take no more tokens than their summary may: a summary of them would save nothing and lose
something. What is too long for one request is summarised piece by piece.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from maru.memory.ahead import Piece, summarise
from maru.memory.asking import Asker
from maru.memory.fitting import most_tokens
from maru.memory.messages import messages_of
from maru.memory.split import split
from maru.memory.summary import (
    NO_FACTS,
    SMALL_WINDOW,
    Language,
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
from maru.memory.writing import (
    MAX_PIECES,
    SUMMARY_TOKENS,
    bounded,
    room_for_summary,
    write_brief,
)
from maru.protocol.compaction import Compacted
from maru.protocol.items import Item, Message, Reasoning
from maru_backends.base import Backend, ChatRequest, Usage

QUOTES_SHARE = 8  # user messages that are quoted beside a summary may take an eighth
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
        pinned: ids of items that stay whole, with their turns.
        window: tokens that the operator lets a prompt and its answer have; None: all that the engine has.
        told: called before each request to the engine.
    """

    view: View
    instructions: str | None
    session_id: str | None
    at_most: int | None = None
    pinned: frozenset[str] = frozenset()
    window: int | None = None
    told: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the compaction item stands for, and what its making cost.

    Attributes:
        compacted: with the items that stay as they are kept, to be sealed.
        usage: nothing where no engine was asked.
        shown: the same items as the model sees them.
    """

    compacted: Compacted
    usage: Usage
    shown: tuple[Item, ...]

    @property
    def view(self) -> View:
        """What is shown from now on."""
        return View((), self.shown, self.compacted.summary)


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
        highest = int(await _window(backend, order) * THRESHOLD_SHARE)
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
            return Outcome(Compacted(summary=order.view.notes, kept=order.view.as_kept(whole)), _NO_USAGE, whole)
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
        # Without a session: the conversation's is where its prompts lie in the engine's cache.
        return await summarise(Asker(backend, self._silence_s), Piece(tuple(items), so_far, at_most))

    async def _begun(self, backend: Backend, order: Order) -> _Work:
        asker = Asker(backend, self._silence_s, session_id=order.session_id, told=order.told)
        window = await _window(backend, order)
        room = min(room_for_summary(window), order.at_most or SUMMARY_TOKENS)
        parts = split(order.view.items, order.pinned)
        task = () if parts.task is None else (parts.task,)
        if task and await asker.tokens(_lines_of(task)) > room:
            task = ()
        older = tuple(item for item in parts.older if item not in task)
        stays = {item.id for item in (*parts.fixed, *task, *parts.tail)}
        kept = tuple(item for item in order.view.items if item.id in stays)
        return _Work(asker, order, window, room, language_of(order.view.items), older, kept)


async def _window(backend: Backend, order: Order) -> int:
    has = (await backend.limits()).context_window
    return min(has, order.window or has)


async def _is_small(work: _Work, items: Sequence[Item]) -> bool:
    # As one message: a template may refuse a piece of a conversation that does not begin with the user.
    lines = transcript(items, work.language)
    return await work.asker.tokens("\n".join((work.order.view.notes or "", *lines))) <= work.room


async def _summarised(work: _Work) -> Outcome:
    if work.window < SMALL_WINDOW:
        text, quoted = await _as_list(work), 0
    else:
        lines = transcript(work.older, work.language)
        instructions = work.order.instructions
        text = await write_brief(work.asker, lines, work.order.view.notes, room=work.room, instructions=instructions)
        quoted = await _quotable(work)
    kept = work.order.view.as_kept(work.kept)
    compacted = Compacted(summary=shown(text, work.language), kept=kept, quoted=quoted)
    return Outcome(compacted, work.asker.usage, work.kept)


async def _as_list(work: _Work) -> str:
    # Without the client's instructions: the house model was trained without, and a list of facts needs none.
    def request(lines: Sequence[str]) -> ChatRequest:
        return work.asker.request(list_request(lines, work.language), max_tokens=work.room)

    said = [transcript(turns, work.language) for turns in lists_of_turns(work.older)]
    facts = facts_in(work.order.view.summary)
    for piece in await work.asker.pieces(said, request, kept_free=work.room, at_most=MAX_PIECES):
        facts = joined_facts(facts, facts_in(await work.asker.whole(request(piece))))
    return "\n".join(await bounded(work.asker, facts, work.room)) or NO_FACTS[work.language]


async def _quotable(work: _Work) -> int:
    """How many of the newest user messages may be quoted."""
    said = [item for item in work.older if is_from(item, "user")]
    count, room = len(said), work.window // QUOTES_SHARE
    while count and await work.asker.tokens(_lines_of(said[-count:])) > room:
        count //= 2
    return count


def _lines_of(messages: Sequence[Item]) -> str:
    return "\n\n".join(words_of(item.content) for item in messages if isinstance(item, Message))
