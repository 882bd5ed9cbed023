"""What the model of one response was shown, told from its ledger and its branch."""

import contextlib
from collections.abc import Sequence
from itertools import chain, islice, pairwise

import msgspec

from maru.engines import Engines
from maru.memory.counting import Counter
from maru.memory.ledger import Ledger, decode_ledger
from maru.memory.messages import messages_of
from maru.memory.split import split
from maru.memory.window import turn_starts
from maru.memory.words import is_instruction
from maru.protocol.context_body import ContextBody, ContextItem, ContextTurn, TurnState
from maru.protocol.errors import ApiError
from maru.protocol.items import Item, Message
from maru.protocol.response import decode_response
from maru.store.base import NotFoundError, Store
from maru.turns.attachments import Attachments
from maru_backends.base import ChatRequest
from maru_backends.errors import BackendError

COUNTED_TURNS = 500  # the newest; a count of a turn that was never counted asks the engine


class Contexts:
    """Tells contexts; one per process."""

    def __init__(self, store: Store, engines: Engines, counter: Counter, attachments: Attachments) -> None:
        """Read from the store; let engines count."""
        self._store = store
        self._engines = engines
        self._counter = counter
        self._attachments = attachments

    async def of(self, owner: str, response_id: str) -> ContextBody:
        """What the model of a response that has ended was shown.

        Raises:
            NotFoundError: the owner has no such response.
            ApiError: it goes on, or it left no ledger.
        """
        stored = await self._store.response_for(owner, response_id)
        if stored.is_running:
            message = f"Response {response_id!r} is still running; ask again when it has ended."
            raise ApiError(400, message, code="response_not_finished", param="response_id")
        ledgers = await self._store.ledgers_of(owner, [response_id])
        if response_id not in ledgers:
            message = f"What the model of response {response_id!r} was shown is not kept: it was asked nothing."
            raise ApiError(404, message, code="context_not_kept", param="response_id")
        try:
            ledger = decode_ledger(ledgers[response_id])
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            message = f"What the model of response {response_id!r} was shown is damaged and cannot be told."
            raise ApiError(404, message, code="context_not_kept", param="response_id") from error
        items = [entry.item for entry in await self._store.response_input_for(owner, response_id)]
        response = decode_response(stored.body)
        turns = _turns(items, len(items) - len(response.maru_input))
        stands_for = await self._stands_for(owner, stored.conversation_id, ledger, items)
        tokens = await self._tokens(owner, ledger, turns)
        return ContextBody(
            response_id=response_id,
            model=ledger.model,
            policy=ledger.policy,
            window=ledger.window,
            budget=ledger.budget,
            used=ledger.used,
            cached=ledger.cached,
            is_exact=ledger.is_exact,
            template=ledger.template,
            instructions=response.instructions,
            notes=ledger.notes,
            summary=ledger.summary_id,
            compaction=ledger.compaction_id,
            turns=tuple(
                ContextTurn(state=state, tokens=count, items=tuple(map(_named, turn)))
                for turn, state, count in zip(turns, _states(turns, ledger, stands_for), tokens, strict=True)
            ),
        )

    async def _stands_for(self, owner: str, conversation_id: str | None, ledger: Ledger, items: Sequence[Item]) -> int:
        """How many of the items, from the first on, a summary or a compaction stands for."""
        last: str | None = None
        if ledger.compaction_id is not None:
            if all(item.id != ledger.compaction_id for item in items):  # this response made it
                return len(items) - len(split(items).tail)
            last = ledger.compaction_id
        elif ledger.summary_id is not None and conversation_id is not None:
            with contextlib.suppress(NotFoundError):  # it was deleted
                last = (await self._store.summary_for(owner, conversation_id, ledger.summary_id)).last_item_id
        return next((index + 1 for index, item in enumerate(items) if item.id == last), 0)

    async def _tokens(self, owner: str, ledger: Ledger, turns: Sequence[Sequence[Item]]) -> list[int | None]:
        unknown: list[int | None] = [None] * len(turns)
        limits = self._engines.known_limits(ledger.model) if self._engines.has(ledger.model) else None
        if limits is None:
            return unknown
        sees = "images" in limits.features
        newest = turns[-COUNTED_TURNS:]
        shown = iter(await self._attachments.shown(owner, list(chain.from_iterable(newest)), sees=sees))
        counted = [messages_of(None, list(islice(shown, len(turn)))) for turn in newest]
        try:
            backend = await self._engines.ready(ledger.model)
            sizes = await self._counter.sizes(backend, ledger.model, ChatRequest(()), counted)
        except BackendError:
            return unknown
        return [*unknown[: len(turns) - len(counted)], *sizes.turns]


def _turns(items: Sequence[Item], before: int) -> list[Sequence[Item]]:
    starts = turn_starts(items, before)
    return [items[start:end] for start, end in pairwise((*starts, len(items)))]


def _states(turns: Sequence[Sequence[Item]], ledger: Ledger, stands_for: int) -> list[TurnState]:
    states: list[TurnState] = []
    # Of an item that was deleted it is not known any more where it stood.
    is_sent, count = all(turn[0].id != ledger.cut for turn in turns), 0
    for turn in turns:
        is_sent = is_sent or turn[0].id == ledger.cut
        count += len(turn)
        states.append(_state(turn, ledger, is_sent=is_sent, is_covered=count <= stands_for))
    return states


def _state(turn: Sequence[Item], ledger: Ledger, *, is_sent: bool, is_covered: bool) -> TurnState:
    if is_covered and ledger.compaction_id is not None:
        return "summarised"
    if is_sent or any(is_instruction(item) for item in turn):
        return "sent"
    if any(item.id in ledger.pinned for item in turn):
        return "pinned"
    return "summarised" if is_covered else "left_out"


def _named(item: Item) -> ContextItem:
    return ContextItem(id=item.id, type=_type_of(item), role=item.role if isinstance(item, Message) else None)


def _type_of(item: Item) -> str:
    return str(item.__struct_config__.tag)
