"""Conversations in the store without a disk; their items are in `in_memory.py`."""

from collections.abc import Sequence
from dataclasses import replace

from maru.ids import new_id
from maru.protocol.items import Item
from maru.store.base import Conversation, StoredItem
from maru.store.in_memory_feedback import drop_feedback_on
from maru.store.in_memory_files import drop_files_of
from maru.store.in_memory_folders import one_folder
from maru.store.in_memory_responses import one_conversation, rank
from maru.store.in_memory_tree import (
    InMemoryPart,
    move_head,
    one_item,
    point_elsewhere,
    put_below,
    require_new,
)
from maru.store.paging import PageQuery
from maru.store.shelves import EVERYWHERE, NO_FOLDER, Shelf


class InMemoryConversations(InMemoryPart):
    """What a `Store` does with whole conversations, in dicts."""

    async def create_conversation(
        self, owner: str, *, metadata: dict[str, str], title: str | None, items: Sequence[Item], now: int
    ) -> Conversation:
        """See `Store.create_conversation`."""
        mine = self._of(owner)
        require_new(mine, items)
        conversation = Conversation(new_id("conv"), now, now, title, dict(metadata), head_id=None)
        mine.conversations[conversation.id] = conversation
        if items:
            put_below(mine, StoredItem(items[0], None, conversation.id, None, now), items)
            move_head(mine, conversation.id, items[-1].id, now)
        return mine.conversations[conversation.id]

    async def conversation_for(self, owner: str, conversation_id: str) -> Conversation:
        """See `Store.conversation_for`."""
        return one_conversation(self._peek(owner), conversation_id)

    async def conversations_of(
        self, owner: str, page: PageQuery, shelf: Shelf = EVERYWHERE
    ) -> tuple[tuple[Conversation, ...], bool]:
        """See `Store.conversations_of`."""
        mine = self._peek(owner)
        found = sorted(mine.conversations.values(), key=rank, reverse=page.order == "desc")
        if page.after is not None:
            # The last one seen may have changed since: its rank now is where the page goes on.
            found = found[found.index(one_conversation(mine, page.after)) + 1 :]
        found = [one for one in found if _is_on(shelf, one)]
        return tuple(found[: page.limit]), len(found) > page.limit

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
        """See `Store.update_conversation`."""
        mine = self._peek(owner)
        old = one_conversation(mine, conversation_id)
        if head_id is not None:
            one_item(mine, head_id, conversation_id)
        folder_id = old.folder_id
        if shelf.folder_id is not None:
            folder_id = None if shelf.folder_id == NO_FOLDER else one_folder(mine, shelf.folder_id).id
        new = replace(
            old,
            updated_at=now if any(value is not None for value in (metadata, title, head_id)) else old.updated_at,
            metadata=old.metadata if metadata is None else dict(metadata),
            title=old.title if title is None else title,
            head_id=old.head_id if head_id is None else head_id,
            is_pinned=old.is_pinned if shelf.is_pinned is None else shelf.is_pinned,
            is_archived=old.is_archived if shelf.is_archived is None else shelf.is_archived,
            folder_id=folder_id,
        )
        mine.conversations[conversation_id] = new
        return new

    async def delete_conversation(self, owner: str, conversation_id: str) -> None:
        """See `Store.delete_conversation`."""
        mine = self._peek(owner)
        one_conversation(mine, conversation_id)
        gone = {id_ for id_, stored in mine.items.items() if stored.conversation_id == conversation_id}
        point_elsewhere(mine, gone, None)
        drop_feedback_on(mine, gone)
        mine.summaries = {id_: one for id_, one in mine.summaries.items() if one.conversation_id != conversation_id}
        drop_files_of(mine, [mine.items.pop(id_).item for id_ in gone])
        for response in mine.responses.values():
            if response.conversation_id == conversation_id and not response.is_running:
                mine.responses[response.id] = replace(response, conversation_id=None)
        del mine.conversations[conversation_id]

    async def replace_title(self, owner: str, conversation_id: str, title: str, *, instead_of: str) -> bool:
        """See `TitleStore.replace_title`."""
        mine = self._peek(owner)
        old = one_conversation(mine, conversation_id)
        if old.title == instead_of:
            mine.conversations[conversation_id] = replace(old, title=title)
        return old.title == instead_of


def _is_on(shelf: Shelf, conversation: Conversation) -> bool:
    is_pinned, is_archived = conversation.is_pinned, conversation.is_archived
    is_in_folder = shelf.folder_id in {None, conversation.folder_id or NO_FOLDER}
    return is_in_folder and shelf.is_pinned in {None, is_pinned} and shelf.is_archived in {None, is_archived}
