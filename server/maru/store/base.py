"""The seam to the database: everything Maru keeps, and the one door to it.

Every call names the owner; a stranger's id and a missing id both raise `NotFoundError`. There is no fetch by id
alone. One contract suite (`tests/contract/store/`) runs on every implementation.

Items form a forest: each has a parent (None: a root), and a branch is the way from a leaf to its root. A conversation
is one such tree with a head; a chain made by `previous_response_id` alone is a tree without a conversation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from maru.protocol.idempotency import IdempotencyKey
from maru.protocol.items import Item
from maru.store.attached import AttachedStore
from maru.store.contexts import ContextStore
from maru.store.leases import LeaseStore
from maru.store.paging import PageQuery
from maru.store.people import PeopleStore
from maru.store.shelves import EVERYWHERE, Shelf
from maru.store.titles import TitleStore
from maru.store.whole import WholeStore

IDEMPOTENCY_KEYS_KEPT_S = 24 * 60 * 60

RUNNING = ("queued", "in_progress")
ResponseStatus = Literal["queued", "in_progress", "completed", "incomplete", "failed", "cancelled"]


class StoreError(Exception):
    """The store could not do what was asked."""


class NotFoundError(StoreError):
    """No such thing for this owner."""

    def __init__(self, kind: str, id_: str) -> None:
        """Keep what was looked for, e.g. kind "conversation"."""
        super().__init__(f"{kind} {id_!r} was not found")
        self.kind = kind
        self.id = id_


class ConversationLockedError(StoreError):
    """A response runs in this conversation, whose end has to be waited for."""

    def __init__(self, conversation_id: str, response_id: str) -> None:
        """Keep which response runs."""
        super().__init__(f"conversation {conversation_id!r} is busy with response {response_id!r}")
        self.conversation_id = conversation_id
        self.response_id = response_id


class DuplicateIdError(StoreError):
    """An item with this id exists already."""


class IdempotencyKeyTakenError(StoreError):
    """A key has started a response already, less than `IDEMPOTENCY_KEYS_KEPT_S` ago."""


class LeaseLostError(StoreError):
    """The server's lease was taken away, because it was silent for too long: it must open another."""


class StoreFullError(StoreError):
    """The disk is full or the database is read-only: nothing was written."""


class MemoryFullError(StoreError):
    """The owner has `MAX_FACTS` facts: one has to go before another is kept."""


class FilesFullError(StoreError):
    """The owner's files would have more bytes than they may: one has to go before another is kept."""


class DuplicateFactError(StoreError):
    """The owner has a fact of these words already: `fact_id`."""

    def __init__(self, fact_id: str) -> None:
        """Keep which one."""
        super().__init__(f"fact {fact_id!r} says the same")
        self.fact_id = fact_id


class DuplicatePromptError(StoreError):
    """The owner has a prompt of this word already: `prompt_id`."""

    def __init__(self, prompt_id: str, word: str) -> None:
        """Keep which one."""
        super().__init__(f"prompt {prompt_id!r} is used by the word {word!r}")
        self.prompt_id = prompt_id


class TooManyPromptsError(StoreError):
    """The owner has as many prompts as are kept."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as its owner sees it; times are Unix seconds."""

    id: str
    created_at: int
    updated_at: int
    title: str | None
    metadata: dict[str, str]
    head_id: str | None
    is_pinned: bool = False
    is_archived: bool = False
    folder_id: str | None = None


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item and its place in the tree."""

    item: Item
    parent_id: str | None
    conversation_id: str | None
    response_id: str | None
    created_at: int
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class NewResponse:
    """What is written before the engine is asked: acknowledged words are on disk first.

    Attributes:
        body: the Response object as JSON at its start (status in_progress or queued).
        parent_id: the item below which `input_items` are put, in order, each the parent of the next.
        input_items: new items of this turn; their ids are new.
        conversation_id: the conversation whose head moves to the last input item.
        title: given to the conversation, unless it has one.
        idempotency_key: what the client named the request, remembered for `IDEMPOTENCY_KEYS_KEPT_S`.
        server_id: the server that runs it, which holds a lease; None: nobody does.
        is_streamed: the client asked for events.
    """

    id: str
    created_at: int
    status: ResponseStatus
    model: str
    body: bytes
    parent_id: str | None
    input_items: tuple[Item, ...]
    conversation_id: str | None
    previous_response_id: str | None
    title: str | None = None
    idempotency_key: IdempotencyKey | None = None
    server_id: str | None = None
    is_streamed: bool = True


@dataclass(frozen=True, slots=True)
class LogPiece:
    """A run of events without a gap: the number of the first, and all of them as `turns/packing.py` packs them."""

    first_number: int
    packed: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The response so far, body JSON with partial output; written at most once a second.

    Attributes:
        piece: the events since the last checkpoint; what the store has from its first number on is replaced.
    """

    response_id: str
    body: bytes
    piece: LogPiece


@dataclass(frozen=True, slots=True)
class FinishedResponse:
    """The end of a response; everything in here is written in one transaction.

    Attributes:
        output_items: become children of the last input item, in order; the conversation's head moves to the last.
        packed_log: all its events; takes the place of the pieces of the checkpoints.
        server_id: who ends it must be the server that runs it; None: nobody runs it any more.
        ledger: what its model was shown, as `memory/ledger.py` encodes it; None: it was shown nothing.
    """

    id: str
    status: ResponseStatus
    completed_at: int | None
    body: bytes
    output_items: tuple[Item, ...]
    packed_log: bytes
    server_id: str | None = None
    ledger: bytes | None = None


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response as kept.

    Attributes:
        input_leaf_id: last item of its input (its parent item where there were no new ones).
        output_leaf_id: last item of its output; equals `input_leaf_id` while there is none. The context of a
            continuation is the way from the root to this item.
        server_id: the server that runs it; None: it has ended, or its server is gone.
        is_stop_asked: somebody wants it to be stopped.
        is_streamed: its client asked for events.
    """

    id: str
    status: ResponseStatus
    model: str
    created_at: int
    body: bytes
    conversation_id: str | None
    previous_response_id: str | None
    input_leaf_id: str | None
    output_leaf_id: str | None
    server_id: str | None
    is_stop_asked: bool
    is_streamed: bool

    @property
    def is_running(self) -> bool:
        """Whether its end is still to come."""
        return self.status in RUNNING


@dataclass(frozen=True, slots=True)
class KeyedResponse:
    """Which response an idempotency key started, and by what request: see `IdempotencyKey.fingerprint`."""

    response_id: str
    fingerprint: str


class Store(AttachedStore, ContextStore, LeaseStore, PeopleStore, TitleStore, WholeStore, Protocol):
    """All that is kept. Every method may be called concurrently; each is one transaction, durable on return.

    Raises everywhere:
        NotFoundError: the id does not exist or belongs to somebody else.
        StoreFullError: nothing could be written; reading still works.
    """

    async def create_conversation(
        self, owner: str, *, metadata: dict[str, str], title: str | None, items: Sequence[Item], now: int
    ) -> Conversation:
        """A new conversation, its first items in a row."""
        ...

    async def conversation_for(self, owner: str, conversation_id: str) -> Conversation:
        """One conversation."""
        ...

    async def conversations_of(
        self, owner: str, page: PageQuery, shelf: Shelf = EVERYWHERE
    ) -> tuple[tuple[Conversation, ...], bool]:
        """One page by last change, and whether more follow; `page.after` may stand elsewhere than on the shelf."""
        ...

    async def update_conversation(
        self,
        owner: str,
        conversation_id: str,
        *,
        now: int,
        metadata: dict[str, str] | None = None,
        title: str | None = None,
        head_id: str | None = None,
        shelf: Shelf = EVERYWHERE,
    ) -> Conversation:
        """Change what is not None, all of it or nothing; `head_id` must be an item of this conversation.

        What `shelf` says is so from now on: to pin it, put it away or move it is no change in the order of the list.
        """
        ...

    async def delete_conversation(self, owner: str, conversation_id: str) -> None:
        """The conversation and its items are gone; its responses keep their bodies."""
        ...

    async def append_items(
        self, owner: str, conversation_id: str, items: Sequence[Item], *, now: int
    ) -> tuple[StoredItem, ...]:
        """Put items below the head, which moves to the last.

        Raises:
            DuplicateIdError: an item id is taken.
            ConversationLockedError: a response is running in it.
        """
        ...

    async def item_for(self, owner: str, conversation_id: str | None, item_id: str) -> StoredItem:
        """One item of a conversation; with None, one of the owner's items, wherever it stands."""
        ...

    async def delete_item(self, owner: str, conversation_id: str, item_id: str) -> Conversation:
        """Remove one item; its children move up to its parent, as does a head that pointed to it."""
        ...

    async def delete_branch(self, owner: str, conversation_id: str, item_id: str) -> Conversation:
        """Remove an item, everything below it and the responses that wrote any of it; what pointed there points above.

        Raises:
            ConversationLockedError: an answer runs in the conversation.
        """
        ...

    async def branch_for(self, owner: str, leaf_id: str | None) -> tuple[StoredItem, ...]:
        """The way from the root to this item, root first; empty for None."""
        ...

    async def tree_for(self, owner: str, conversation_id: str) -> tuple[StoredItem, ...]:
        """Every item of a conversation, parents before children, siblings in order of creation."""
        ...

    async def start_response(self, owner: str, new: NewResponse) -> None:
        """Write the response row and its input items, move the head, lock the conversation: one transaction.

        Only answers without input of their own, below the item that all which runs stands below, need not wait for the
        others: `beside.MOST_BESIDE` of them at once.

        Raises:
            LeaseLostError: its server holds no lease.
            IdempotencyKeyTakenError: its key has started another response.
            ConversationLockedError: what runs in the conversation must end first.
            DuplicateIdError: an item id is taken.
        """
        ...

    async def keyed_response_for(self, owner: str, key: str, *, now: int) -> KeyedResponse:
        """What this idempotency key started in the last `IDEMPOTENCY_KEYS_KEPT_S`."""
        ...

    async def checkpoint(self, server_id: str | None, checkpoints: Sequence[Checkpoint]) -> None:
        """Write how far the running responses of this server are. Need not survive a power cut.

        Those that have ended or are another server's by now are left alone.
        """
        ...

    async def finish_response(self, owner: str, finished: FinishedResponse) -> bool:
        """Write the end, once; False when it had ended already or is not this server's (then nothing changes)."""
        ...

    async def ask_to_stop(self, owner: str, response_id: str) -> None:
        """Mark a running response as to be stopped, for the server that runs it; does nothing to one that has ended."""
        ...

    async def log_of(self, owner: str, response_id: str, *, starting_after: int) -> tuple[LogPiece, ...]:
        """The pieces that hold its events after this number (and maybe some before), in order.

        One piece for a response that has ended; none where its log was not kept.
        """
        ...

    async def response_for(self, owner: str, response_id: str) -> StoredResponse:
        """One response."""
        ...

    async def is_running_for(self, owner: str, response_id: str) -> bool:
        """Whether the end of a response is still to come; cheap however long its answer is."""
        ...

    async def response_input_for(self, owner: str, response_id: str) -> tuple[StoredItem, ...]:
        """Everything that was put before its output, root first."""
        ...

    async def running_responses_of(self, owner: str, conversation_id: str) -> tuple[str, ...]:
        """Ids of responses that run in this conversation now."""
        ...

    async def responses_of(self, owner: str, conversation_id: str) -> tuple[StoredResponse, ...]:
        """All responses of a conversation, oldest first."""
        ...

    async def delete_response(self, owner: str, response_id: str) -> None:
        """The response is gone, and its idempotency key is free again; items of a conversation stay in it."""
        ...

    async def abandoned_responses(self) -> tuple[tuple[str, StoredResponse], ...]:
        """(owner, response) of all that are queued or in progress and that no server runs, oldest first."""
        ...

    async def is_healthy(self) -> bool:
        """Whether a read works now."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
