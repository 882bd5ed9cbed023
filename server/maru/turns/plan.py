"""What a run is to do, resolved and checked, and what it works with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from maru.engines import Engines
from maru.memory.compaction import Compactor
from maru.memory.fitting import Fitter, Remembered, nothing
from maru.memory.sealing import Sealer
from maru.memory.view import View
from maru.protocol.idempotency import IdempotencyKey
from maru.protocol.items import Item
from maru.protocol.response import Response, encode_response
from maru.store.base import NewResponse, Store
from maru.turns.attachments import Attachments
from maru_backends.base import ChatRequest


@dataclass(frozen=True, slots=True)
class CompactNow:
    """Compact, and answer nothing."""


@dataclass(frozen=True, slots=True)
class CompactOver:
    """Compact before the answer when the prompt passes so many tokens; None: when the window fills."""

    threshold: int | None


@dataclass(frozen=True, slots=True)
class RunPlan:
    """Everything a run needs, resolved and checked.

    Attributes:
        start: the Response before any output.
        request: sampling, tools and limits; the messages are chosen by the window.
        history: items before this turn, oldest first.
        new: items of this turn.
        view: of both, what the model is to see.
        parent_id: the stored item below which `new` goes.
        is_detached: the run goes on when its creator's connection closes.
        ends_with_its_tab: detached, but stopped when the last tab that follows it is closed.
        generates: False for a warm-up, which ends at once without asking the engine.
        new_title: the title to give the conversation, which has none yet.
        idempotency_key: what the client named the request.
        compaction: whether and when the context is compacted first.
        is_streamed: the client asked for events.
        pinned: ids of items that the window never cuts.
        remembered: see `FitOrder`.
    """

    owner: str
    start: Response
    request: ChatRequest
    history: tuple[Item, ...]
    new: tuple[Item, ...]
    view: View
    parent_id: str | None
    may_cut: bool
    is_detached: bool
    generates: bool
    ends_with_its_tab: bool = False
    new_title: str | None = None
    idempotency_key: IdempotencyKey | None = None
    compaction: CompactNow | CompactOver | None = None
    is_streamed: bool = True
    pinned: frozenset[str] = frozenset()
    remembered: Callable[[], Awaitable[Remembered]] = nothing

    def as_stored(self, server_id: str) -> NewResponse:
        """The start as the store takes it; `server_id` says under which lease it runs."""
        start = self.start
        return NewResponse(
            id=start.id,
            created_at=start.created_at,
            status=start.status,
            model=start.model,
            body=encode_response(start),
            parent_id=self.parent_id,
            input_items=self.new,
            conversation_id=start.conversation.id if start.conversation else None,
            previous_response_id=start.previous_response_id,
            title=self.new_title,
            idempotency_key=self.idempotency_key,
            server_id=server_id,
            is_streamed=self.is_streamed,
        )


@dataclass(frozen=True, slots=True)
class Workshop:
    """What every run works with."""

    engines: Engines
    store: Store
    fitter: Fitter
    compactor: Compactor
    sealer: Sealer
    attachments: Attachments
