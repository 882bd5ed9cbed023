"""Makes the request for the engine: counts with its own tokenizer, cuts by the model's policy, says what is shown."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

import msgspec

from maru.memory.counting import Counter, Sizes
from maru.memory.ledger import Ledger
from maru.memory.messages import messages_of
from maru.memory.policies import policy_of
from maru.memory.prompt import Branch, Note, Prompt
from maru.memory.summary import SMALL_WINDOW
from maru.memory.view import View
from maru.memory.window import KeepAll, Policy, WindowTooSmallError, cut_of, next_cut
from maru.memory_settings import MemorySettings
from maru.protocol.errors import ApiError
from maru.protocol.response import ContextReport
from maru_backends.base import Backend, ChatRequest, Limits, TextPart

ANSWER_SHARE = 4  # where no answer length is asked for, a quarter of the window is kept free for it ...
ANSWER_TOKENS = 1024  # ... and at most this much
RESERVE_TOKENS = 8  # the template's own words around the answer
ESTIMATE_SHARE = 0.9  # of the budget, where the engine's tokens can only be guessed
TOKENS_PER_MESSAGE = 64  # more than any known chat template spends on one message


@dataclass(frozen=True, slots=True)
class Remembered:
    """What earlier turns left for this one.

    Attributes:
        cut: id of the oldest item that was sent last time, everything before being left out; None: nothing was.
        notes: summaries of the branch, the newest last.
    """

    cut: str | None = None
    notes: tuple[Note, ...] = ()


async def nothing() -> Remembered:
    """Where nothing was left."""
    return Remembered()


@dataclass(frozen=True, slots=True)
class FitOrder:
    """What is to be fitted.

    Attributes:
        model: its id.
        request: everything but the messages.
        instructions: never cut.
        view: the branch as it is shown.
        may_cut: False (`truncation: disabled`): too long is an error instead.
        pinned: ids of items that are never cut.
        remembered: asked only where it may matter, because it costs reads.
        at_most: tokens that the prompt may have, whatever the window; None: as many as fit.
    """

    model: str
    request: ChatRequest
    instructions: str | None
    view: View
    may_cut: bool
    pinned: frozenset[str] = frozenset()
    remembered: Callable[[], Awaitable[Remembered]] = nothing
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """A request that fits, and what it leaves out.

    Attributes:
        sizes: what was counted; None where it fits in any case.
        summarise_to: id of the last item that a summary should stand for before the next cut; None: one does already.
    """

    request: ChatRequest
    report: ContextReport
    ledger: Ledger
    sizes: Sizes | None = None
    summarise_to: str | None = None


class Fitter:
    """Fits branches into windows."""

    def __init__(self, counter: Counter, memory: Mapping[str, MemorySettings] | None = None) -> None:
        """Use the settings of each model's memory, by its id; those that are not named have the usual ones."""
        self._counter = counter
        self._memory = dict(memory or {})
        self._policies: dict[str, Policy] = {}

    def settings(self, model: str) -> MemorySettings:
        """Of this model's memory."""
        return self._memory.get(model) or MemorySettings()

    def reconcile(self, fitted: Fitted, reported: int) -> None:
        """Hear how many tokens the engine read of a prompt that was fitted."""
        if fitted.sizes is not None:
            self._counter.reconcile(fitted.ledger.model, fitted.sizes, reported)

    async def fit(self, backend: Backend, order: FitOrder) -> Fitted:
        """Put as much of the branch as fits before the newest turn.

        Args:
            backend: the engine that will answer; it counts.
            order: what to fit.

        Raises:
            ApiError: `context_length_exceeded`.
            BackendError: the engine could not count.
        """
        limits = await backend.limits()
        room = _Room.of(limits, self.settings(order.model), order.request.max_tokens, order.at_most)
        policy = self._policy(order.model)
        is_small = limits.context_window < SMALL_WINDOW
        branch = Branch.of(order.view, order.instructions, order.pinned, reminds=is_small)
        free = room.surely_free(self.settings(order.model), policy)
        # A long branch is not made into messages only to find that it is long.
        whole = branch.prompt(0, None) if branch.least_messages * TOKENS_PER_MESSAGE <= free else None
        at_most = None if whole is None else most_tokens(replace(order.request, messages=whole.messages))
        if whole is not None and at_most is not None and at_most <= free:
            # It fits however its text is cut into tokens, so the engine is not asked to count first: its own usage
            # report gives the exact number with the answer.
            request = order.request
            if room.is_capped:
                request = _answered_within(order, room.window - at_most)
            fitted = self._fitted(order, request, room, branch, whole, at_most)
            return replace(fitted, ledger=msgspec.structs.replace(fitted.ledger, is_exact=False))
        remembered = await order.remembered() if order.may_cut else Remembered()
        notes = remembered.notes if policy.summarises and order.view.compaction_id is None else ()
        branch = branch.with_notes(notes)
        branch, prompt, sizes = await self._cut(backend, order, room, branch, branch.turn_of(remembered.cut))
        return replace(
            self._fitted(order, _answered_within(order, room.window - sizes.total), room, branch, prompt, sizes.total),
            sizes=sizes,
            summarise_to=self._summary_wanted(order, room, branch, prompt, sizes),
        )

    async def _cut(
        self, backend: Backend, order: FitOrder, room: "_Room", branch: Branch, first: int
    ) -> tuple[Branch, Prompt, Sizes]:
        policy = self._policy(order.model)
        while True:
            prompt = branch.prompt(first, branch.note_for(first))
            asked = replace(order.request, messages=messages_of(prompt.instructions, ()))
            sizes = await self._counter.sizes(backend, order.model, asked, prompt.turns)
            if sizes.total <= room.budget:
                return branch, prompt, sizes
            if not order.may_cut:
                raise _too_long(sizes, room, branch)
            if prompt.note is not None and sizes.fixed > room.budget // 2:
                branch = branch.without_summaries()  # better no summary than nothing else
                continue
            try:
                # What is shown before the turns may change with the cut, so it is looked at again afterwards.
                first = max(
                    first + 1,
                    cut_of(
                        branch.sized(prompt, sizes.turns),
                        policy,
                        budget=room.budget - sizes.fixed,
                        kept_from=first,
                        summarised=branch.summarised,
                    ),
                )
            except WindowTooSmallError as error:
                if prompt.note is not None:
                    branch = branch.without_summaries()
                    continue
                raise _cannot_fit(error, sizes, room, branch, order.request, policy) from error
            if first >= len(branch.starts):
                raise _too_long(sizes, room, branch)

    def _summary_wanted(
        self, order: FitOrder, room: "_Room", branch: Branch, prompt: Prompt, sizes: Sizes
    ) -> str | None:
        policy = self._policy(order.model)
        if not policy.summarises or not order.may_cut or order.view.compaction_id is not None:
            return None
        wanted = prompt.first
        if branch.ready >= wanted and sizes.total > room.budget * self.settings(order.model).ahead_ratio:
            turns = branch.sized(prompt, sizes.turns)
            try:
                wanted = next_cut(turns, policy, budget=room.budget - sizes.fixed, first=prompt.first)
            except WindowTooSmallError:
                return None
        return branch.items[branch.starts[wanted] - 1].id if wanted > branch.ready else None

    def _fitted(
        self, order: FitOrder, request: ChatRequest, room: "_Room", branch: Branch, prompt: Prompt, used: int
    ) -> Fitted:
        note_id = None if prompt.note is None else prompt.note.id
        cut = branch.items[branch.starts[prompt.first]].id if prompt.first else None
        return Fitted(
            replace(request, messages=prompt.messages),
            ContextReport(
                window=room.window,
                budget=room.budget,
                used=used,
                first_item=branch.first_shown(prompt),
                items_left_out=prompt.left_out,
                compaction=order.view.compaction_id,
                summary=note_id,
                pinned=prompt.pinned,
                images_left_out=order.view.images_left_out,
            ),
            Ledger(
                model=order.model,
                policy=self.settings(order.model).policy,
                window=room.window,
                budget=room.budget,
                used=used,
                is_exact=room.is_exact,
                cut=cut,
                pinned=prompt.pinned,
                notes=prompt.notes,
                summary_id=note_id,
                compaction_id=order.view.compaction_id,
                template=room.template,
            ),
        )

    def _policy(self, model: str) -> Policy:
        if model not in self._policies:
            self._policies[model] = policy_of(self.settings(model))
        return self._policies[model]


@dataclass(frozen=True, slots=True)
class _Room:
    """Tokens of the window, and those that the prompt may have; `answer` were asked for."""

    window: int
    budget: int
    answer: int
    is_exact: bool
    template: str | None
    is_capped: bool

    @classmethod
    def of(
        cls, limits: Limits, settings: MemorySettings, max_tokens: int | None, at_most: int | None = None
    ) -> "_Room":
        window = min(limits.context_window, settings.window or limits.context_window)
        budget = window - RESERVE_TOKENS - _room_for_answer(window, max_tokens)
        if not limits.counts_exactly:
            budget = int(budget * ESTIMATE_SHARE)
        if at_most is not None:
            budget = min(budget, at_most)
        is_capped = window < limits.context_window
        return cls(window, budget, max_tokens or 0, limits.counts_exactly, limits.template, is_capped)

    def surely_free(self, settings: MemorySettings, policy: Policy) -> int:
        """As many tokens may be used without a look at what earlier turns left, and with all of the answer's."""
        free = min(self.budget, self.window - self.answer)
        return int(free * settings.ahead_ratio) if policy.summarises else free


def most_tokens(request: ChatRequest) -> int | None:
    """An upper bound of the prompt's tokens, as a token has a byte at least; None where tools or images hide it."""
    if request.tools or any(not isinstance(part, TextPart) for m in request.messages for part in m.parts):
        return None
    return sum(len(message.text.encode()) + TOKENS_PER_MESSAGE for message in request.messages) + TOKENS_PER_MESSAGE


def _room_for_answer(window: int, max_tokens: int | None) -> int:
    return min(max_tokens if max_tokens is not None else ANSWER_TOKENS, window // ANSWER_SHARE)


def _answered_within(order: FitOrder, free: int) -> ChatRequest:
    """The request with a bound on its answer: it may fill what the prompt really left, not only what was kept free."""
    wished = order.request.max_tokens
    if order.at_most is None:
        return replace(order.request, max_tokens=min(wished or free, free))
    # The window is not what it was told to be, so that only the engine knows what is left.
    return replace(order.request, max_tokens=None if wished is None else min(wished, order.at_most))


def _too_long(sizes: Sizes, room: _Room, branch: Branch) -> ApiError:
    message = (
        f"The input is {sizes.total} tokens long and {room.budget} fit (window {room.window}). Shorten it, start a new "
        'conversation, or let the oldest turns go, with "truncation": "auto" of /v1/responses.'
        f"{_advice_on_facts(sizes, room, branch)}"
    )
    return ApiError(400, message, code="context_length_exceeded", param="input")


def _cannot_fit(
    error: WindowTooSmallError, sizes: Sizes, room: _Room, branch: Branch, request: ChatRequest, policy: Policy
) -> ApiError:
    fixed, newest = sizes.fixed, branch.newest_in_words
    if fixed > room.budget:
        what = f"{branch.fixed_in_words(has_tools=bool(request.tools))} alone need {fixed} tokens"
        advice = "Shorten them, or choose a model with a larger window."
    elif error.newest + fixed > room.budget:
        what = f"{newest} {error.newest} tokens"
        what += f" beside {fixed} of instructions and tools" if fixed > room.budget // ANSWER_SHARE else ""
        advice = "Shorten it or send it in parts, or choose a model with a larger window."
    elif isinstance(policy, KeepAll):
        what = f"The conversation is {sizes.total} tokens long"
        advice = "Start a new one, or choose a model with a larger window: this one is set to leave nothing out."
    elif branch.has_pins:
        what = f"The newest message and what is pinned need {error.needed + fixed} tokens"
        advice = "Unpin something, or shorten the message."
    else:
        what = f"The newest message and the instructions in the conversation need {error.needed + fixed} tokens"
        advice = "Go on from before the instructions, or choose a model with a larger window."
    message = f"{what} and {room.budget} fit (window {room.window}). {advice}{_advice_on_facts(sizes, room, branch)}"
    return ApiError(400, message, code="context_length_exceeded", param="input")


def _advice_on_facts(sizes: Sizes, room: _Room, branch: Branch) -> str:
    """For who would meet the same error in every new conversation."""
    if branch.view.facts is None or sizes.fixed <= room.budget // ANSWER_SHARE:
        return ""
    return " The facts of your memory are part of every prompt: delete some, or turn memory off."
