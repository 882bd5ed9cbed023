"""The part of the store's seam that takes in whole conversations from elsewhere: from an export, ours or another's.

All ids in a `MovedConversation` are new and fit together; only `source_id` is as it was there.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from maru.store.feedback import Feedback
from maru.store.summaries import Summary

NOTHING_SAID = Feedback()

if TYPE_CHECKING:
    from maru.store.base import Conversation, StoredItem, StoredResponse


@dataclass(frozen=True, slots=True)
class MovedConversation:
    """A conversation that is complete elsewhere.

    Attributes:
        source: the program it comes from, e.g. "chatgpt".
        source_id: its name there; a conversation is taken in once by these two.
        items: parents before children.
        responses: all have ended.
    """

    source: str
    source_id: str
    conversation: "Conversation"
    items: "tuple[StoredItem, ...]"
    responses: "tuple[StoredResponse, ...]" = ()
    summaries: tuple[Summary, ...] = ()
    feedback: Feedback = NOTHING_SAID


class MovingStore(Protocol):
    """Takes conversations in."""

    async def moved_in(self, owner: str, source: str, source_id: str) -> str | None:
        """Id of the conversation that was taken in under this name and is still there."""
        ...

    async def move_in(self, owner: str, moved: MovedConversation) -> bool:
        """Write all of it in one transaction; False when it was taken in before and is still there.

        Raises:
            NotFoundError: the owner does not exist.
        """
        ...
