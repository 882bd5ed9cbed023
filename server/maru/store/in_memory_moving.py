"""The seam `store/moving.py` without a disk."""

from maru.store.in_memory_tree import InMemoryPart
from maru.store.moving import MovedConversation


class InMemoryMoving(InMemoryPart):
    """A `MovingStore` in dicts."""

    async def moved_in(self, owner: str, source: str, source_id: str) -> str | None:
        """See `MovingStore.moved_in`."""
        mine = self._peek(owner)
        found = mine.moved.get((source, source_id))
        return found if found in mine.conversations else None

    async def move_in(self, owner: str, moved: MovedConversation) -> bool:
        """See `MovingStore.move_in`."""
        mine = self._of(owner)
        if await self.moved_in(owner, moved.source, moved.source_id) is not None:
            return False
        mine.moved[moved.source, moved.source_id] = moved.conversation.id
        mine.conversations[moved.conversation.id] = moved.conversation
        mine.items.update({stored.item.id: stored for stored in moved.items})
        mine.responses.update({response.id: response for response in moved.responses})
        mine.summaries.update({summary.id: summary for summary in moved.summaries})
        mine.ratings.update({one.answer.item_id: one for one in moved.feedback.ratings})
        mine.rankings.update({one.prompt_id: one for one in moved.feedback.rankings})
        mine.demonstrations.update({one.answer.item_id: one for one in moved.feedback.demonstrations})
        return True
