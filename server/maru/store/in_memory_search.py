"""The seam `store/search.py` without a disk: it reads everything."""

from collections.abc import Iterator
from itertools import chain, dropwhile, islice

from maru.store.in_memory_responses import one_conversation, rank
from maru.store.in_memory_tree import Belongings, InMemoryPart, one_item
from maru.store.search import Hit, SearchQuery
from maru.store.words import has_all, words_in


class InMemorySearch(InMemoryPart):
    """A `SearchStore` in dicts."""

    async def search(self, owner: str, query: SearchQuery) -> tuple[tuple[Hit, ...], bool]:
        """See `SearchStore.search`."""
        mine = self._peek(owner)
        is_in_titles = query.after is None or query.after.startswith("conv_")
        titles = _titles(mine, query) if is_in_titles else iter(())
        messages = _messages(mine, query, None if is_in_titles else query.after)
        found = tuple(islice(chain(titles, messages), query.limit + 1))
        return found[: query.limit], len(found) > query.limit

    async def index_some(self) -> bool:
        """See `SearchStore.index_some`."""
        return False


def _titles(mine: Belongings, query: SearchQuery) -> Iterator[Hit]:
    last_rank = None if query.after is None else rank(one_conversation(mine, query.after))
    for conversation in sorted(mine.conversations.values(), key=rank, reverse=True):
        is_next = last_rank is None or rank(conversation) < last_rank
        if is_next and conversation.title is not None and has_all(conversation.title, query.words):
            yield Hit(conversation.id, conversation.title, None, conversation.updated_at)


def _messages(mine: Belongings, query: SearchQuery, after: str | None) -> Iterator[Hit]:
    newest_first = iter(reversed(mine.items.values()))
    if after is not None:
        one_item(mine, after, None)
        newest_first = islice(dropwhile(lambda stored: stored.item.id != after, newest_first), 1, None)
    for stored in newest_first:
        if stored.conversation_id is not None and has_all(words_in(stored.item), query.words):
            title = mine.conversations[stored.conversation_id].title
            yield Hit(stored.conversation_id, title, stored.item, stored.created_at)
