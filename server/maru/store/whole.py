"""The part of the store's seam that shows all of a conversation as it stood at one moment."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from maru.store.feedback import Feedback
from maru.store.summaries import Summary

if TYPE_CHECKING:
    from maru.store.base import Conversation, StoredItem, StoredResponse


@dataclass(frozen=True, slots=True)
class WholeConversation:
    """A conversation and all that is in it.

    Attributes:
        conversation: its own row.
        items: parents before children, siblings in order of creation.
        responses: oldest first; the items of one that has ended are among `items`.
        summaries: in the order of making.
        feedback: all that was said about its answers.
    """

    conversation: "Conversation"
    items: "tuple[StoredItem, ...]"
    responses: "tuple[StoredResponse, ...]"
    summaries: tuple[Summary, ...]
    feedback: Feedback


class WholeStore(Protocol):
    """What must be read together, because an answer may end between two reads."""

    async def whole_for(self, owner: str, conversation_id: str) -> WholeConversation:
        """All of a conversation as it stood at one moment."""
        ...
