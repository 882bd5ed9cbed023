"""The seam `store/whole.py` without a disk."""

from maru.store.in_memory_feedback import feedback_in
from maru.store.in_memory_responses import one_conversation, responses_in
from maru.store.in_memory_summaries import summaries_in
from maru.store.in_memory_tree import InMemoryPart, whole_tree
from maru.store.whole import WholeConversation


class InMemoryWhole(InMemoryPart):
    """A `WholeStore`."""

    async def whole_for(self, owner: str, conversation_id: str) -> WholeConversation:
        """See `WholeStore.whole_for`."""
        mine = self._peek(owner)
        return WholeConversation(
            one_conversation(mine, conversation_id),
            whole_tree(mine, conversation_id),
            responses_in(mine, conversation_id),
            summaries_in(mine, conversation_id),
            feedback_in(mine, conversation_id),
        )
