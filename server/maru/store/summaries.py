"""The part of the store's seam that keeps the summaries of conversations.

A summary stands for a branch from its root to one item; it is no item itself. Whichever branches go through that item
share it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Summary:
    """What stands for older items; times are Unix seconds.

    Attributes:
        last_item_id: the last item that it stands for.
        model: who wrote it.
        edited_at: when a person last changed its text; None: it is as the model wrote it.
    """

    id: str
    conversation_id: str
    last_item_id: str
    text: str
    model: str
    created_at: int
    edited_at: int | None = None


class SummaryStore(Protocol):
    """Summaries of conversations; each method is one transaction. A conversation takes its summaries with it.

    When an item is deleted, every summary goes that may hold words of it: whose last item is it or was made after it.
    """

    async def add_summary(
        self, owner: str, conversation_id: str, *, last_item_id: str, text: str, model: str, now: int
    ) -> Summary:
        """Keep a summary up to this item of the conversation; the one that stands there already stays, and is given."""
        ...

    async def summaries_of(self, owner: str, conversation_id: str) -> tuple[Summary, ...]:
        """All summaries of a conversation, oldest first."""
        ...

    async def summary_for(self, owner: str, conversation_id: str, summary_id: str) -> Summary:
        """One summary."""
        ...

    async def edit_summary(self, owner: str, conversation_id: str, summary_id: str, *, text: str, now: int) -> Summary:
        """A person puts another text in its place."""
        ...

    async def renew_summary(
        self, owner: str, conversation_id: str, summary_id: str, *, text: str, model: str, now: int
    ) -> Summary:
        """A model writes it anew: `created_at` is now, and it is not edited any more."""
        ...

    async def delete_summary(self, owner: str, conversation_id: str, summary_id: str) -> None:
        """It is gone; the items that it stood for stay."""
        ...


def newest_on(branch: Sequence[str], summaries: Sequence[Summary]) -> Summary | None:
    """The summary that stands for most of a branch.

    Args:
        branch: ids of its items, root first; as many as the summary may stand for.
        summaries: of the conversation, oldest first; of two at one item the newer counts.
    """
    places = {item_id: place for place, item_id in enumerate(branch)}
    here = [summary for summary in summaries if summary.last_item_id in places]
    return max(reversed(here), key=lambda summary: places[summary.last_item_id], default=None)
