"""Questions about the conversations and responses of one user in the store without a disk."""

from collections.abc import Iterable, Sequence

from maru.store.base import (
    IDEMPOTENCY_KEYS_KEPT_S,
    Conversation,
    ConversationLockedError,
    IdempotencyKeyTakenError,
    KeyedResponse,
    LogPiece,
    NewResponse,
    NotFoundError,
    StoredResponse,
)
from maru.store.in_memory_tree import Belongings


def rank(conversation: Conversation) -> tuple[int, str]:
    """Where a conversation stands in a list by last change."""
    return conversation.updated_at, conversation.id


def one_conversation(mine: Belongings, conversation_id: str) -> Conversation:
    """One conversation.

    Raises:
        NotFoundError: the owner has no such conversation.
    """
    if conversation_id not in mine.conversations:
        raise NotFoundError("conversation", conversation_id)
    return mine.conversations[conversation_id]


def unlocked_conversation(mine: Belongings, conversation_id: str) -> Conversation:
    """One conversation in which nothing runs.

    Raises:
        NotFoundError: the owner has no such conversation.
        ConversationLockedError: a response is running in it.
    """
    conversation = one_conversation(mine, conversation_id)
    if running := running_in(mine, conversation_id):
        raise ConversationLockedError(conversation_id, next(iter(running)))
    return conversation


def running_in(mine: Belongings, conversation_id: str) -> dict[str, str | None]:
    """Responses that run in a conversation: the id of each, and the item that its answer stands below."""
    return {
        response.id: response.input_leaf_id
        for response in mine.responses.values()
        if response.conversation_id == conversation_id and response.is_running
    }


def one_response(mine: Belongings, response_id: str) -> StoredResponse:
    """One response.

    Raises:
        NotFoundError: the owner has no such response.
    """
    if response_id not in mine.responses:
        raise NotFoundError("response", response_id)
    return mine.responses[response_id]


def responses_in(mine: Belongings, conversation_id: str) -> tuple[StoredResponse, ...]:
    """All responses of a conversation, oldest first."""
    found = (response for response in mine.responses.values() if response.conversation_id == conversation_id)
    return tuple(sorted(found, key=lambda response: (response.created_at, response.id)))


def keyed_response(mine: Belongings, key: str, now: int) -> KeyedResponse | None:
    """What this idempotency key started a short while ago, if anything."""
    started_at, keyed = mine.keyed.get(key, (0, None))
    return keyed if started_at > now - IDEMPOTENCY_KEYS_KEPT_S else None


def require_free_key(mine: Belongings, new: NewResponse) -> None:
    """Make sure that the key of a new response, if it has one, may start it.

    Raises:
        IdempotencyKeyTakenError: it started another one.
    """
    key = new.idempotency_key
    if key is not None and keyed_response(mine, key.value, new.created_at) is not None:
        raise IdempotencyKeyTakenError(f"idempotency key {key.value!r} has started a response already")


def running_under(everybody: Iterable[Belongings], server_id: str | None) -> list[tuple[Belongings, StoredResponse]]:
    """All that this server runs; with None, all that nobody runs."""
    return [
        (mine, response)
        for mine in everybody
        for response in mine.responses.values()
        if response.is_running and response.server_id == server_id
    ]


def keep_piece(mine: Belongings, response_id: str, piece: LogPiece) -> None:
    """Add a piece of an event log in the place of all from its first number on."""
    before = [kept for kept in mine.logs.get(response_id, ()) if kept.first_number < piece.first_number]
    mine.logs[response_id] = [*before, piece]


def pieces_after(pieces: Sequence[LogPiece], starting_after: int) -> tuple[LogPiece, ...]:
    """The piece that holds the next number, and those that follow it."""
    first = max((piece.first_number for piece in pieces if piece.first_number <= starting_after + 1), default=0)
    return tuple(piece for piece in pieces if piece.first_number >= first)
