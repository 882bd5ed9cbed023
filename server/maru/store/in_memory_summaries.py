"""The seam `store/summaries.py` without a disk."""

from dataclasses import replace

from maru.ids import new_id
from maru.store.base import NotFoundError
from maru.store.in_memory_responses import one_conversation
from maru.store.in_memory_tree import Belongings, InMemoryPart, one_item
from maru.store.summaries import Summary


class InMemorySummaries(InMemoryPart):
    """A `SummaryStore` in dicts."""

    async def add_summary(
        self, owner: str, conversation_id: str, *, last_item_id: str, text: str, model: str, now: int
    ) -> Summary:
        """See `SummaryStore.add_summary`."""
        mine = self._peek(owner)
        for there in reversed(await self.summaries_of(owner, conversation_id)):
            if there.last_item_id == last_item_id:
                return there
        one_item(mine, last_item_id, conversation_id)
        new = Summary(new_id("sum"), conversation_id, last_item_id, text, model, now)
        mine.summaries[new.id] = new
        return new

    async def summaries_of(self, owner: str, conversation_id: str) -> tuple[Summary, ...]:
        """See `SummaryStore.summaries_of`."""
        mine = self._peek(owner)
        one_conversation(mine, conversation_id)
        return summaries_in(mine, conversation_id)

    async def summary_for(self, owner: str, conversation_id: str, summary_id: str) -> Summary:
        """See `SummaryStore.summary_for`."""
        found = self._peek(owner).summaries.get(summary_id)
        if found is None or found.conversation_id != conversation_id:
            raise NotFoundError("summary", summary_id)
        return found

    async def edit_summary(self, owner: str, conversation_id: str, summary_id: str, *, text: str, now: int) -> Summary:
        """See `SummaryStore.edit_summary`."""
        old = await self.summary_for(owner, conversation_id, summary_id)
        return self._kept(owner, replace(old, text=text, edited_at=now))

    async def renew_summary(
        self, owner: str, conversation_id: str, summary_id: str, *, text: str, model: str, now: int
    ) -> Summary:
        """See `SummaryStore.renew_summary`."""
        old = await self.summary_for(owner, conversation_id, summary_id)
        return self._kept(owner, replace(old, text=text, model=model, created_at=now, edited_at=None))

    async def delete_summary(self, owner: str, conversation_id: str, summary_id: str) -> None:
        """See `SummaryStore.delete_summary`."""
        await self.summary_for(owner, conversation_id, summary_id)
        del self._peek(owner).summaries[summary_id]

    def _kept(self, owner: str, summary: Summary) -> Summary:
        self._peek(owner).summaries[summary.id] = summary
        return summary


def summaries_in(mine: Belongings, conversation_id: str) -> tuple[Summary, ...]:
    """All summaries of a conversation that is known to exist."""
    return tuple(summary for summary in mine.summaries.values() if summary.conversation_id == conversation_id)
