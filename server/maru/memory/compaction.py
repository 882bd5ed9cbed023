"""Makes compactions: asks the engine for a summary of the older items, or keeps them whole where they are few.

Few are those that together take no more tokens than their summary may: a summary of them would save nothing and lose
something. What is too long for one request is summarised piece by piece.
"""

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from maru.memory.fitting import RESERVE_TOKENS, most_tokens
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
from maru.protocol.errors import ApiError
from maru.protocol.items import Item, Message, Reasoning
from maru_backends.base import (
    Backend,
    BackendEvent,
    ChatMessage,
    ChatRequest,
    Finished,
    Sampling,
    TextDelta,
    TextPart,
    Usage,
)
from maru_backends.errors import BackendStreamBrokenError

SUMMARY_SHARE = 4  # a summary may take a quarter of the window ...
SUMMARY_TOKENS = 4096  # ... and at most this much; thinking of the model is in it
QUOTES_SHARE = 8  # user messages that are quoted beside a summary may take an eighth
SMALL_WINDOW = 4096  # tokens under which there is room for a list of facts only
WORDS_PER_TOKEN = 0.5
FORGOTTEN_AT_ONCE = 8  # an eighth of the facts goes, the oldest, until the list is short enough
MAX_PIECES = 64
THRESHOLD_SHARE = 0.75  # of the window: the threshold where a client names none
_NO_USAGE = Usage(0, 0)

T = TypeVar("T")


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

    backend: Backend
    order: Order
    window: int
    room: int
    language: Language
    older: tuple[Item, ...]
    kept: tuple[Item, ...]
    usage: Usage = _NO_USAGE


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
        return (at_most is None or at_most > limit) and await self._counted(backend, whole) > limit

    async def shrink(self, backend: Backend, order: Order) -> Outcome | None:
        """Compact where that makes the context smaller; None where it does not.

        Raises:
            ApiError: it is too long to be summarised.
            BackendError: the engine failed.
        """
        work = await self._begun(backend, order)
        if not work.older or await self._is_small(work, work.older):
            return None
        return await self._summarised(work)

    async def compact(self, backend: Backend, order: Order) -> Outcome:
        """Compact in any case; what is short is kept whole.

        Raises:
            ApiError: it is too long to be summarised.
            BackendError: the engine failed.
        """
        work = await self._begun(backend, order)
        if not work.older or await self._is_small(work, order.view.items):
            whole = tuple(item for item in order.view.items if not isinstance(item, Reasoning))
            return Outcome(Compacted(summary=order.view.notes, kept=whole), _NO_USAGE)
        return await self._summarised(work)

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
        room = min(window // SUMMARY_SHARE, SUMMARY_TOKENS, at_most or SUMMARY_TOKENS)
        older = tuple(item for item in items if not is_from(item, "system", "developer"))
        work = _Work(backend, order, window, room, language_of(items), older, ())
        return shown(await self._text_of(work), work.language)

    async def _begun(self, backend: Backend, order: Order) -> _Work:
        window = (await backend.limits()).context_window
        room = min(window // SUMMARY_SHARE, SUMMARY_TOKENS, order.at_most or SUMMARY_TOKENS)
        parts = split(order.view.items)
        task = () if parts.task is None else (parts.task,)
        if task and await self._counted(backend, _asking(_lines_of(task))) > room:
            task = ()
        older = tuple(item for item in parts.older if item not in task)
        return _Work(
            backend, order, window, room, language_of(order.view.items), older, (*parts.fixed, *task, *parts.tail)
        )

    async def _is_small(self, work: _Work, items: Sequence[Item]) -> bool:
        # As one message: a template may refuse a piece of a conversation that does not begin with the user.
        lines = transcript(items, work.language)
        return await self._tokens(work, "\n".join((work.order.view.notes or "", *lines))) <= work.room

    async def _summarised(self, work: _Work) -> Outcome:
        text = await self._text_of(work)
        quoted = 0 if work.window < SMALL_WINDOW else await self._quotable(work)
        return Outcome(Compacted(summary=shown(text, work.language), kept=work.kept, quoted=quoted), work.usage)

    async def _text_of(self, work: _Work) -> str:
        return await self._as_list(work) if work.window < SMALL_WINDOW else await self._as_brief(work)

    async def _as_list(self, work: _Work) -> str:
        said = [transcript(turns, work.language) for turns in lists_of_turns(work.older)]
        facts = facts_in(work.order.view.summary)
        for piece in await self._pieces(work, said, partial(_list_request, work), work.room):
            facts = joined_facts(facts, facts_in(await self._reply(work, _list_request(work, piece))))
        while len(facts) > 1 and await self._tokens(work, "\n".join(facts)) > work.room:
            facts = facts[math.ceil(len(facts) / FORGOTTEN_AT_ONCE) :]
        return "\n".join(facts) or NO_FACTS[work.language]

    async def _as_brief(self, work: _Work) -> str:
        so_far = work.order.view.notes
        kept_free = work.room + max(work.room, await self._tokens(work, so_far or ""))
        said = [transcript(work.older, work.language)]
        for piece in await self._pieces(work, said, partial(_brief_request, work), kept_free):
            so_far = await self._reply(work, _brief_request(work, piece, so_far))
        return so_far or ""

    async def _pieces(
        self,
        work: _Work,
        said: Sequence[Sequence[str]],
        request: Callable[[Sequence[str]], ChatRequest],
        kept_free: int,
    ) -> list[Sequence[str]]:
        """The lines in pieces that each fit into one request, with so many tokens of the window kept free."""
        waiting, pieces = list(reversed(said)), list[Sequence[str]]()
        while waiting:
            piece = waiting.pop()
            if len(pieces) + len(waiting) >= MAX_PIECES or piece == ("",):
                message = "The conversation is too long to be compacted by this model. Send less, or choose another."
                raise ApiError(400, message, code="context_length_exceeded", param="input")
            if await self._counted(work.backend, request(piece)) + kept_free + RESERVE_TOKENS <= work.window:
                pieces.append(piece)
            else:
                waiting += reversed(_halves(piece))
        return pieces

    async def _quotable(self, work: _Work) -> int:
        """How many of the newest user messages may be quoted."""
        said = [item for item in work.older if is_from(item, "user")]
        count, room = len(said), work.window // QUOTES_SHARE
        while count and await self._tokens(work, _lines_of(said[-count:])) > room:
            count //= 2
        return count

    async def _reply(self, work: _Work, request: ChatRequest) -> str:
        """What the engine answers.

        Raises:
            BackendError: it failed, fell silent, had nothing to say, or broke off.
        """
        work.order.told()
        text: list[str] = []
        async with aclosing(work.backend.stream(request)) as events:
            while True:
                match await self._next(events):
                    case TextDelta(text=more):
                        text.append(more)
                    case Usage() as spent:
                        work.usage = _sum(work.usage, spent)
                    case Finished(reason="stop"):
                        break
                    case Finished(reason=reason):
                        message = f"The model was asked for a summary and broke it off ({reason})."
                        raise BackendStreamBrokenError(message)
                    case _:
                        continue
        reply = "".join(text).strip()
        if not reply:
            raise BackendStreamBrokenError("The model was asked for a summary and gave an empty one.")
        return reply

    async def _tokens(self, work: _Work, text: str) -> int:
        return await self._counted(work.backend, _asking(text)) if text else 0

    async def _counted(self, backend: Backend, request: ChatRequest) -> int:
        return await self._in_time(backend.count_tokens(request))

    async def _next(self, events: AsyncGenerator[BackendEvent, None]) -> BackendEvent:
        try:
            return await self._in_time(anext(events))
        except StopAsyncIteration as error:
            raise BackendStreamBrokenError("The model engine ended its stream without saying why.") from error

    async def _in_time(self, work: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._silence_s):
                return await work
        except TimeoutError as error:
            message = f"The model engine sent nothing for {self._silence_s:.0f} seconds."
            raise BackendStreamBrokenError(message) from error


def _list_request(work: _Work, lines: Sequence[str]) -> ChatRequest:
    # Without the client's instructions: the house model was trained without, and a list of facts needs none.
    return _asking(list_request(lines, work.language), work)


def _brief_request(work: _Work, lines: Sequence[str], so_far: str | None = None) -> ChatRequest:
    words = int(work.room * WORDS_PER_TOKEN)
    return _asking(brief_request(lines, so_far, words), work, instructions=work.order.instructions)


def _asking(text: str, work: _Work | None = None, *, instructions: str | None = None) -> ChatRequest:
    system = (ChatMessage("system", (TextPart(instructions),)),) if instructions else ()
    return ChatRequest(
        (*system, ChatMessage("user", (TextPart(text),))),
        sampling=Sampling(temperature=0),
        max_tokens=work.room if work else None,
        session_id=work.order.session_id if work else None,
    )


def _lines_of(messages: Sequence[Item]) -> str:
    return "\n\n".join(words_of(item.content) for item in messages if isinstance(item, Message))


def _halves(lines: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    if len(lines) > 1:
        middle = len(lines) // 2
        return lines[:middle], lines[middle:]
    middle = len(lines[0]) // 2
    return (lines[0][:middle],), (lines[0][middle:],)


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(
        one.input_tokens + other.input_tokens,
        one.output_tokens + other.output_tokens,
        one.cached_tokens + other.cached_tokens,
        one.reasoning_tokens + other.reasoning_tokens,
    )
