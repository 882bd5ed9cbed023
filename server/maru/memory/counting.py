"""Tokens of a prompt and of each of its turns, as the engine counts them, at the cost of what is new in it.

A turn is counted behind a short exchange (the anchor) and before a short question, less those two alone, and the count
is kept by the turn's content. Instructions, tools and the first turn are counted together, because templates join them.
The sums are the prompt's tokens as long as the template shows a turn alike wherever it stands. That is tried once for
each model and held against what the engine reports; for a model that breaks it, whole prompts are counted.

The question stands in for the newest message, because templates show what is last in a way of its own:

    prefix k = instructions, tools, turns 0 to k, question
    turn k   = prefix k - prefix (k - 1)              = (anchor, turn k, question) - (anchor, question)
    prompt   = prefix (n - 1) - question + newest turn, where newest - question = (anchor, newest) - (anchor, question)
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, pairwise
from typing import Literal

from maru.memory.fingerprint import content_of, request_content, running_keys
from maru_backends.base import Backend, ChatMessage, ChatRequest, TextPart, ToolCall
from maru_backends.errors import RequestRefusedError

REMEMBERED_COUNTS = 50_000
FEW = 16
"""So many unknown turns are counted one by one; more of them are counted together, which is one call."""

Turn = tuple[ChatMessage, ...]
Place = Literal["prompt", "prefix", "closed", "newest"]

_QUESTION = ChatMessage("user", (TextPart("a"),))
_EXCHANGE: Turn = (_QUESTION, ChatMessage("assistant", (TextPart("b"),)))
_CALL = ToolCall("call00001", "look_up", '{"word": "four"}')
# Two writings, code, a call, and white space at the borders: what merges across turns merges here.
_TRIAL: tuple[Turn, ...] = (
    (ChatMessage("user", (TextPart("Hello, 안녕!\n"),)), ChatMessage("assistant", (TextPart("Yes? One. \n\n"),))),
    (
        ChatMessage("user", (TextPart("\n 2\n```py\nprint('셋')\n```"),)),
        ChatMessage("assistant", (), (_CALL,)),
        ChatMessage("tool", (TextPart('{"found": 4}'),), tool_call_id=_CALL.id),
        ChatMessage("assistant", (TextPart(" 다섯 "),)),
    ),
    (ChatMessage("user", (TextPart("  Six."),)), ChatMessage("assistant", (TextPart("- a\n- b\n"),))),
    (ChatMessage("user", (TextPart("'seven' "),)),),
)
_TRIAL_WITHOUT_CALLS: tuple[Turn, ...] = (_TRIAL[0], (_TRIAL[1][0], _TRIAL[1][-1]), *_TRIAL[2:])

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Tokens of a prompt, in parts.

    `total` is the engine's count of the whole whenever the engine counts exactly. So are the parts, except where more
    than `FEW` turns were met for the first time at once, which share the exact sum of theirs by length, and where
    `is_exact` is False.

    Attributes:
        fixed: instructions, tools and what opens the answer.
        turns: each turn.
        is_exact: the engine counts exactly, and its template lets the sum of parts be exact.
    """

    fixed: int
    turns: tuple[int, ...]
    is_exact: bool

    @property
    def total(self) -> int:
        """Tokens of the rendered prompt."""
        return self.fixed + sum(self.turns)


class Counter:
    """Counts the prompts of all conversations; one serves many at once, and keeps nothing but counts by content."""

    def __init__(self, remembered: int = REMEMBERED_COUNTS) -> None:
        """`remembered` counts are kept; the one that was not needed for longest goes first."""
        self._counts = _Counts(remembered)
        self._anchors: dict[str, _Anchor] = {}

    async def sizes(self, backend: Backend, model: str, request: ChatRequest, turns: Sequence[Turn]) -> Sizes:
        """Tokens of the prompt that these turns make.

        Args:
            backend: the engine that will read it.
            model: the model's id; counts are kept for each.
            request: everything but the history; its messages are the instructions.
            turns: oldest first, the newest last.

        Raises:
            BackendError: the engine could not count, or its template does not take these messages.
        """
        is_exact = (await backend.limits()).counts_exactly
        asked = _Asked(self._counts, backend, model, request)
        said = [turn for turn in turns if turn]
        if not said:
            return Sizes(await asked.prompt(()), (0,) * len(turns), is_exact)
        anchor = await self._anchor(backend, model, is_exact=is_exact)
        try:
            parts = await asked.sums(anchor, said) if anchor.is_additive else None
        except _TurnRefusedError:
            parts = None
        if parts is None:
            is_exact = False
            parts = shares(await asked.prompt(said), [asked.weight, *(content_of(turn).weight for turn in said)])
        fixed, *sizes = parts
        sized = iter(sizes)
        return Sizes(fixed, tuple(next(sized) if turn else 0 for turn in turns), is_exact)

    def reconcile(self, model: str, counted: Sizes, reported: int) -> None:
        """Hear how many tokens the engine read of what was counted; where they differ, sums are trusted no more."""
        anchor = self._anchors.get(model)
        if anchor is None or not anchor.is_additive or not counted.is_exact or counted.total == reported:
            return
        self._anchors[model] = replace(anchor, is_additive=False)
        logger.warning(
            "model %r: the engine read %d tokens where %d were counted; whole prompts are counted from now on",
            model,
            reported,
            counted.total,
        )

    async def _anchor(self, backend: Backend, model: str, *, is_exact: bool) -> "_Anchor":
        """What is known of the model's template, which is tried out when it is met first."""
        known = self._anchors.get(model)
        if known is None:
            found = await _tried_out(_Asked(self._counts, backend, model, ChatRequest(())), is_exact=is_exact)
            # Another request may have been faster, and may have heard what the engine reports.
            known = self._anchors.setdefault(model, found)
            if known is found and not found.is_additive:
                logger.warning("model %r: the tokens of turns do not add up; whole prompts are counted", model)
        return known


# ------------------------------------------------------------------------------------------------------ arithmetic


def shares(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in whole parts by weight."""
    reached = list(accumulate(weights))
    whole = reached[-1] or 1
    return [after - before for before, after in pairwise([0, *(total * part // whole for part in reached)])]


# ------------------------------------------------------------------------------------------------------ the engine


class _TurnRefusedError(Exception):
    """The template does not take this turn behind the anchor; it may take it where it really stands."""


class _Counts:
    """The engine's counts; bounded."""

    def __init__(self, most: int) -> None:
        self._tokens: OrderedDict[tuple[str, Place, bytes], int] = OrderedDict()
        self._most = most

    def get(self, model: str, place: Place, key: bytes) -> int | None:
        found = self._tokens.get((model, place, key))
        if found is not None:
            self._tokens.move_to_end((model, place, key))
        return found

    def put(self, model: str, place: Place, key: bytes, tokens: int) -> None:
        self._tokens[model, place, key] = tokens
        while len(self._tokens) > self._most:
            self._tokens.popitem(last=False)


@dataclass(frozen=True, slots=True)
class _Anchor:
    """What a model's template makes of the anchor and the question; `alone` is both, with nothing between them."""

    alone: int
    question: int
    is_additive: bool


class _Asked:
    """What one request asks the engine; what was asked before is remembered."""

    def __init__(self, counts: _Counts, backend: Backend, model: str, request: ChatRequest) -> None:
        self._counts = counts
        self._backend = backend
        self._model = model
        self._request = request
        content = request_content(request)
        self._key, self.weight = content.key, content.weight

    async def prompt(self, turns: Sequence[Turn]) -> int:
        """The whole prompt, as it is."""
        messages = tuple(chain.from_iterable(turns))
        (key,) = running_keys(self._key, (content_of(messages).key,))
        return await self._with_request("prompt", key, messages)

    async def fixed(self, anchor: _Anchor) -> int:
        """What every prompt of this request has, whatever is said."""
        return await self._with_request("prefix", self._key, (_QUESTION,)) - anchor.question

    async def behind(self, anchor: _Anchor, turn: Turn) -> int:
        """The size of a turn that an answer has closed, or else is the newest.

        Raises:
            _TurnRefusedError: it cannot be counted alone.
        """
        if turn[-1].role == "assistant":
            return await self.alone("closed", turn) - anchor.alone
        return await self.alone("newest", turn) - anchor.alone + anchor.question

    async def alone(self, place: Literal["closed", "newest"], turn: Turn) -> int:
        """The anchor and the turn, and the question where the turn is closed.

        Raises:
            _TurnRefusedError: the template does not take them.
        """
        messages = (*_EXCHANGE, *turn, _QUESTION) if place == "closed" else (*_EXCHANGE, *turn)
        request = ChatRequest(messages, session_id=self._request.session_id)
        try:
            return await self._count(place, content_of(turn).key, request)
        except RequestRefusedError as error:
            raise _TurnRefusedError from error

    async def sums(self, anchor: _Anchor, turns: Sequence[Turn]) -> list[int]:
        """The fixed part, then every turn.

        Raises:
            _TurnRefusedError: one of them cannot be counted alone.
        """
        *earlier, newest = turns
        fixed = await self.fixed(anchor)
        if not earlier:
            return [fixed, await self.prompt(turns) - fixed]
        sizes, last = await asyncio.gather(self._earlier(anchor, earlier, fixed), self.alone("newest", newest))
        return [fixed, *sizes, last - anchor.alone + anchor.question]

    async def _earlier(self, anchor: _Anchor, turns: Sequence[Turn], fixed: int) -> list[int]:
        """All turns but the newest."""
        contents = [content_of(turn) for turn in turns]
        counted = [self._counts.get(self._model, "closed", content.key) for content in contents]
        sizes = [None if tokens is None else tokens - anchor.alone for tokens in counted]
        sizes[0] = None  # it is counted with what stands before it
        is_few = sizes.count(None) - 1 <= FEW
        prefixes = list(running_keys(self._key, [content.key for content in (contents[:1] if is_few else contents)]))
        end = 0 if is_few else self._end_of_prefix(prefixes, sizes)
        alone = [index for index in range(end + 1, len(turns)) if sizes[index] is None]
        prefix, *found = await asyncio.gather(
            self._with_request("prefix", prefixes[end], (*chain.from_iterable(turns[: end + 1]), _QUESTION)),
            *(self.alone("closed", turns[index]) for index in alone),
        )
        for index, tokens in zip(alone, found, strict=True):
            sizes[index] = tokens - anchor.alone
        rest = prefix - anchor.question - fixed - sum(size for size in sizes[: end + 1] if size is not None)
        unknown = [content.weight for content, size in zip(contents, sizes, strict=True) if size is None]
        parts = iter(shares(rest, unknown))
        return [next(parts) if size is None else size for size in sizes]

    def _end_of_prefix(self, prefixes: Sequence[bytes], sizes: Sequence[int | None]) -> int:
        """The turn up to which all are counted together: where it was done before, or else the last."""
        unknown = 0
        for index in reversed(range(len(prefixes))):
            if self._counts.get(self._model, "prefix", prefixes[index]) is not None:
                return index
            unknown += sizes[index] is None
            if unknown > FEW:
                break
        return len(prefixes) - 1

    async def _with_request(self, place: Place, key: bytes, messages: Turn) -> int:
        """Instructions and tools, then the messages."""
        return await self._count(place, key, replace(self._request, messages=(*self._request.messages, *messages)))

    async def _count(self, place: Place, key: bytes, request: ChatRequest) -> int:
        tokens = self._counts.get(self._model, place, key)
        if tokens is None:
            tokens = await self._backend.count_tokens(request)
            self._counts.put(self._model, place, key, tokens)
        return tokens


async def _tried_out(asked: _Asked, *, is_exact: bool) -> _Anchor:
    """Learn what a model's template does to short turns; `asked` is a request of nothing."""
    try:
        alone = await asked.alone("closed", ())
        question = await _question(asked, alone)
    except _TurnRefusedError:
        return _Anchor(0, 0, is_additive=False)
    anchor = _Anchor(alone, question, is_additive=True)
    return anchor if not is_exact or await _adds_up(asked, anchor) else replace(anchor, is_additive=False)


async def _question(asked: _Asked, alone: int) -> int:
    try:
        return await asked.alone("closed", (_QUESTION,)) - alone
    except _TurnRefusedError:  # two questions without an answer: half an exchange is as good
        return (await asked.alone("closed", _EXCHANGE) - alone) // 2


async def _adds_up(asked: _Asked, anchor: _Anchor) -> bool:
    for trial in (_TRIAL, _TRIAL_WITHOUT_CALLS):
        try:
            return sum(await asked.sums(anchor, trial)) == await asked.prompt(trial)
        except (_TurnRefusedError, RequestRefusedError):
            continue
    return False
