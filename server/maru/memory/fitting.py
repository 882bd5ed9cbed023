"""Makes the request for the engine: counts with its own tokenizer, cuts by `window.py`, remembers the cut."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from maru.memory.messages import messages_of
from maru.memory.window import TurnSize, WindowTooSmallError, first_turn_to_send, turn_starts
from maru.protocol.errors import ApiError
from maru.protocol.items import Item
from maru.protocol.response import ContextReport
from maru_backends.base import Backend, ChatRequest, TextPart

ANSWER_SHARE = 4  # where no answer length is asked for, a quarter of the window is kept free for it ...
ANSWER_TOKENS = 1024  # ... and at most this much
RESERVE_TOKENS = 8  # the template's own words around the answer
TOKENS_PER_MESSAGE = 64  # more than any known chat template spends on one message
REMEMBERED_CUTS = 10_000


@dataclass(frozen=True, slots=True)
class Fitted:
    """A request that fits, and what it leaves out."""

    request: ChatRequest
    report: ContextReport


class Fitter:
    """Fits histories into windows; keeps, for each tree of items, where it was cut last."""

    def __init__(self) -> None:
        """Start without cuts: they are found again from the sizes after a restart."""
        self._cuts: OrderedDict[str, str] = OrderedDict()

    async def fit(
        self,
        backend: Backend,
        request: ChatRequest,
        *,
        instructions: str | None,
        history: Sequence[Item],
        new: Sequence[Item],
        may_cut: bool,
    ) -> Fitted:
        """Put as much of the history as fits before the new items.

        Args:
            backend: the engine that will answer; it counts.
            request: everything but the messages.
            instructions: never cut.
            history: older items, oldest first.
            new: the items of this turn; older turns among them may go like history, the newest never.
            may_cut: False (`truncation: disabled`): too long is an error instead.

        Raises:
            ApiError: `context_length_exceeded`.
            BackendError: the engine could not count.
        """
        items = (*history, *new)
        limits = await backend.limits()
        budget = limits.context_window - RESERVE_TOKENS - _room_for_answer(limits.context_window, request.max_tokens)
        first = self._remembered(history)
        whole = replace(request, messages=messages_of(instructions, items[first:]))
        at_most = most_tokens(whole)
        if at_most is not None and at_most <= budget and at_most + (request.max_tokens or 0) <= limits.context_window:
            # It fits however its text is cut into tokens, so the engine is not asked to count first: its own usage
            # report gives the exact number with the answer.
            return Fitted(whole, _report(limits.context_window, at_most, items, first, before=len(history)))
        used = await backend.count_tokens(whole)
        if used > budget:
            if not may_cut:
                raise _too_long(used, budget, limits.context_window)
            first = await self._cut(backend, request, instructions, items, budget, first)
            whole = replace(request, messages=messages_of(instructions, items[first:]))
            used = await backend.count_tokens(whole)
        if first and history:
            self._remember(items, first)
        room = limits.context_window - used
        # The answer may fill what the prompt really left, not only what was kept free for it.
        fitted = replace(whole, max_tokens=min(request.max_tokens or room, room))
        return Fitted(fitted, _report(limits.context_window, used, items, first, before=len(history)))

    async def _cut(
        self,
        backend: Backend,
        request: ChatRequest,
        instructions: str | None,
        items: Sequence[Item],
        budget: int,
        kept_from: int,
    ) -> int:
        """Index of the first item to send; turns before `kept_from` are out already and not counted again."""
        starts = (kept_from, *(start for start in turn_starts(items) if start > kept_from))
        ends = (*starts[1:], len(items))
        fixed = await backend.count_tokens(replace(request, messages=messages_of(instructions or " ", ())))
        turns = [
            TurnSize(
                start,
                await backend.count_tokens(replace(request, tools=(), messages=messages_of(None, items[start:end]))),
            )
            for start, end in zip(starts, ends, strict=True)
        ]
        try:
            return turns[first_turn_to_send(turns, budget=budget - fixed)].first_index
        except WindowTooSmallError as error:
            raise _too_long(error.needed + fixed, budget, budget) from error

    def _remembered(self, history: Sequence[Item]) -> int:
        if not history:
            return 0
        cut = self._cuts.get(history[0].id)
        return next((index for index, item in enumerate(history) if item.id == cut), 0) if cut else 0

    def _remember(self, items: Sequence[Item], first: int) -> None:
        self._cuts[items[0].id] = items[first].id
        self._cuts.move_to_end(items[0].id)
        if len(self._cuts) > REMEMBERED_CUTS:
            self._cuts.popitem(last=False)


def most_tokens(request: ChatRequest) -> int | None:
    """An upper bound of the prompt's tokens, as a token has a byte at least; None where tools or images hide it."""
    if request.tools or any(not isinstance(part, TextPart) for m in request.messages for part in m.parts):
        return None
    return sum(len(message.text.encode()) + TOKENS_PER_MESSAGE for message in request.messages) + TOKENS_PER_MESSAGE


def _report(window: int, used: int, items: Sequence[Item], first: int, *, before: int) -> ContextReport:
    """`before`: how many of the items are older than this turn."""
    oldest = None if first == before else items[first].id
    return ContextReport(window=window, used=used, first_item=oldest, items_left_out=first)


def _room_for_answer(window: int, max_tokens: int | None) -> int:
    return min(max_tokens if max_tokens is not None else ANSWER_TOKENS, window // ANSWER_SHARE)


def _too_long(used: int, budget: int, window: int) -> ApiError:
    message = (
        f"The input is {used} tokens long and {budget} fit (window {window}). Shorten it, start a new conversation, "
        'or let the oldest turns go, with "truncation": "auto" of /v1/responses.'
    )
    return ApiError(400, message, code="context_length_exceeded", param="input")
