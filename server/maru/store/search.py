"""The part of the store's seam that finds words in titles and messages."""

from dataclasses import dataclass
from typing import Protocol

from maru.protocol.items import Item

MOST_READ = 20_000
"""Messages that are read for one page; older ones are not found. Only what no index narrows down reads so many."""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is looked for, and which page of it.

    Attributes:
        words: folded, at least one; all of them stand in what is found.
        after: the id of the last hit seen, a conversation's for a title.
    """

    words: tuple[str, ...]
    limit: int = 20
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A message in which the words stand, or with `item` None a title.

    Attributes:
        at: when the message was made, or the conversation changed last, in Unix seconds.
    """

    conversation_id: str
    title: str | None
    item: Item | None
    at: int

    @property
    def id(self) -> str:
        """By which the next page goes on."""
        return self.conversation_id if self.item is None else self.item.id


class SearchStore(Protocol):
    """Finds words; `store/words.py` says what a word is and when it stands in a text."""

    async def search(self, owner: str, query: SearchQuery) -> tuple[tuple[Hit, ...], bool]:
        """One page, and whether more follow: titles by last change, then messages of conversations, newest first.

        What is written is found at once.
        """
        ...

    async def index_some(self) -> bool:
        """Make a part of what was written quicker to find; whether more is left. Changes nothing that is found."""
        ...
