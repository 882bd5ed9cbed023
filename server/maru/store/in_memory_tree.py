"""What one user has in the store without a disk, and the tree of its items; `sql/tree.py` is the counterpart."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import dropwhile

from maru.protocol.items import Item
from maru.store.base import (
    Conversation,
    DuplicateIdError,
    KeyedResponse,
    LogPiece,
    NotFoundError,
    StoredItem,
    StoredResponse,
)
from maru.store.custom import CustomInstructions
from maru.store.facts import Fact
from maru.store.feedback import Demonstration, Ranking, Rating
from maru.store.files import File
from maru.store.folders import Folder
from maru.store.people import ApiKey, User
from maru.store.prompts import PromptVersion
from maru.store.shares import Share
from maru.store.subtree import subtree
from maru.store.summaries import Summary

Saved = tuple[int, list[PromptVersion]]
"""When a prompt was made, and its versions, oldest first."""


@dataclass(slots=True)
class Belongings:
    """What one user has; each dict in order of making. Of a keyed response the time of its start is kept too."""

    user: User
    files: dict[str, File] = field(default_factory=dict[str, File])
    contents: dict[str, bytes] = field(default_factory=dict[str, bytes])
    folders: dict[str, Folder] = field(default_factory=dict[str, Folder])
    keys: dict[str, ApiKey] = field(default_factory=dict[str, ApiKey])
    conversations: dict[str, Conversation] = field(default_factory=dict[str, Conversation])
    items: dict[str, StoredItem] = field(default_factory=dict[str, StoredItem])
    responses: dict[str, StoredResponse] = field(default_factory=dict[str, StoredResponse])
    summaries: dict[str, Summary] = field(default_factory=dict[str, Summary])
    ratings: dict[str, Rating] = field(default_factory=dict[str, Rating])
    rankings: dict[str, Ranking] = field(default_factory=dict[str, Ranking])
    demonstrations: dict[str, Demonstration] = field(default_factory=dict[str, Demonstration])
    custom: CustomInstructions = field(default_factory=CustomInstructions)
    is_memory_on: bool = False
    facts: dict[str, Fact] = field(default_factory=dict[str, Fact])
    ledgers: dict[str, bytes] = field(default_factory=dict[str, bytes])
    logs: dict[str, list[LogPiece]] = field(default_factory=dict[str, list[LogPiece]])
    shares: dict[str, Share] = field(default_factory=dict[str, Share])
    prompts: dict[str, Saved] = field(default_factory=dict[str, Saved])
    moved: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    keyed: dict[str, tuple[int, KeyedResponse]] = field(default_factory=dict[str, tuple[int, KeyedResponse]])


class InMemoryPart:
    """What the parts of the store without a disk share: what each user has."""

    def __init__(self) -> None:
        """Start empty."""
        self._owners: dict[str, Belongings] = {}

    def _of(self, owner: str) -> Belongings:
        if owner not in self._owners:
            raise NotFoundError("user", owner)
        return self._owners[owner]

    def _peek(self, owner: str) -> Belongings:
        """What the owner has; nothing for one who does not exist, so that his questions fail like a stranger's."""
        return self._owners.get(owner) or Belongings(User(owner, "", 0, is_local_owner=False))


def one_item(mine: Belongings, item_id: str, conversation_id: str | None) -> StoredItem:
    """One item, in the conversation if one is named.

    Raises:
        NotFoundError: the owner has no such item there.
    """
    stored = mine.items.get(item_id)
    if stored is None or conversation_id not in {None, stored.conversation_id}:
        raise NotFoundError("item", item_id)
    return stored


def branch(mine: Belongings, leaf_id: str | None) -> tuple[StoredItem, ...]:
    """The way from the root to the leaf.

    Raises:
        NotFoundError: the owner has no such item.
    """
    way: list[StoredItem] = []
    while leaf_id is not None:
        way.append(one_item(mine, leaf_id, None))
        leaf_id = way[-1].parent_id
    return tuple(reversed(way))


def whole_tree(mine: Belongings, conversation_id: str) -> tuple[StoredItem, ...]:
    """Every item of a conversation in order of making, hence parents before children."""
    return tuple(stored for stored in mine.items.values() if stored.conversation_id == conversation_id)


def require_new(mine: Belongings, items: Sequence[Item]) -> None:
    """Make sure that these items can be put.

    Raises:
        DuplicateIdError: they cannot, because an id is taken.
    """
    ids = [item.id for item in items]
    if len(set(ids)) < len(ids) or not mine.items.keys().isdisjoint(ids):
        raise DuplicateIdError(f"an item among {ids} exists already")


def put_below(mine: Belongings, first: StoredItem, items: Sequence[Item]) -> tuple[StoredItem, ...]:
    """Put items in a row, the first one as `first` says, the others like it."""
    stored: list[StoredItem] = []
    parent_id = first.parent_id
    for item in items:
        stored.append(replace(first, item=item, parent_id=parent_id))
        mine.items[item.id] = stored[-1]
        parent_id = item.id
    return tuple(stored)


def move_head(mine: Belongings, conversation_id: str | None, head_id: str | None, now: int) -> None:
    """Let the conversation, if it is one, show this item last."""
    if conversation_id is not None:
        old = mine.conversations[conversation_id]
        mine.conversations[conversation_id] = replace(old, head_id=head_id, updated_at=now)


def entitle(mine: Belongings, conversation_id: str | None, title: str | None) -> None:
    """Give the conversation, if it is one, a title unless it has one."""
    if conversation_id is not None and mine.conversations[conversation_id].title is None:
        mine.conversations[conversation_id] = replace(mine.conversations[conversation_id], title=title)


def point_elsewhere(mine: Belongings, gone: set[str], to: str | None) -> None:
    """Let everything that points to one of `gone` point to `to`."""
    for id_, stored in mine.items.items():
        if stored.parent_id in gone:
            mine.items[id_] = replace(stored, parent_id=to)
    for id_, conversation in mine.conversations.items():
        if conversation.head_id in gone:
            mine.conversations[id_] = replace(conversation, head_id=to)
    for id_, response in mine.responses.items():
        mine.responses[id_] = replace(
            response,
            input_leaf_id=to if response.input_leaf_id in gone else response.input_leaf_id,
            output_leaf_id=to if response.output_leaf_id in gone else response.output_leaf_id,
        )
    for id_, share in tuple(mine.shares.items()):
        if share.leaf_id in gone and to is None:
            del mine.shares[id_]
        elif share.leaf_id in gone and to is not None:
            mine.shares[id_] = replace(share, leaf_id=to)


def drop_summaries_over(mine: Belongings, item_id: str) -> None:
    """Remove every summary that may hold words of this item, which is about to be deleted."""
    conversation_id = mine.items[item_id].conversation_id
    later = set(dropwhile(lambda id_: id_ != item_id, mine.items))
    for id_, summary in tuple(mine.summaries.items()):
        if summary.conversation_id == conversation_id and summary.last_item_id in later:
            del mine.summaries[id_]


def take_branch_out(mine: Belongings, conversation_id: str, item_id: str) -> tuple[StoredItem, ...]:
    """Remove an item of the conversation and everything below it; returns what is gone."""
    above = mine.items[item_id].parent_id
    gone = subtree(item_id, [one for one in mine.items.values() if one.conversation_id == conversation_id])
    drop_summaries_over(mine, item_id)
    point_elsewhere(mine, {stored.item.id for stored in gone}, above)
    for stored in gone:
        del mine.items[stored.item.id]
    return gone


def is_out_of_reach(mine: Belongings, item_id: str) -> bool:
    """Whether nobody can come to this item any more."""
    stored = mine.items.get(item_id)
    return (
        stored is not None
        and stored.conversation_id is None
        and stored.response_id is None
        and not any(other.parent_id == item_id for other in mine.items.values())
        and not any(item_id in {one.input_leaf_id, one.output_leaf_id} for one in mine.responses.values())
    )
