"""A store without a disk, for tests and trials: the same contract, everything gone at the end of the process.

No method awaits anything between its first check and its last change, which makes each one a transaction.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from maru.ids import new_id
from maru.protocol.items import Item
from maru.store.base import (
    Checkpoint,
    Conversation,
    DuplicateIdError,
    FinishedResponse,
    KeyedResponse,
    LeaseLostError,
    LogPiece,
    NewResponse,
    NotFoundError,
    StoredItem,
    StoredResponse,
)
from maru.store.beside import require_room
from maru.store.in_memory_contexts import InMemoryContexts
from maru.store.in_memory_conversations import InMemoryConversations
from maru.store.in_memory_custom import InMemoryCustom
from maru.store.in_memory_facts import InMemoryFacts
from maru.store.in_memory_feedback import InMemoryFeedback, drop_feedback_on
from maru.store.in_memory_files import InMemoryFiles, drop_files_of
from maru.store.in_memory_folders import InMemoryFolders
from maru.store.in_memory_moving import InMemoryMoving
from maru.store.in_memory_prompts import InMemoryPrompts
from maru.store.in_memory_responses import (
    keep_piece,
    keyed_response,
    one_conversation,
    one_response,
    pieces_after,
    require_free_key,
    responses_in,
    running_in,
    running_under,
    unlocked_conversation,
)
from maru.store.in_memory_search import InMemorySearch
from maru.store.in_memory_shares import InMemoryShares
from maru.store.in_memory_summaries import InMemorySummaries
from maru.store.in_memory_tree import (
    Belongings,
    branch,
    drop_summaries_over,
    entitle,
    is_out_of_reach,
    move_head,
    one_item,
    point_elsewhere,
    put_below,
    require_new,
    take_branch_out,
    whole_tree,
)
from maru.store.in_memory_whole import InMemoryWhole
from maru.store.leases import Lease
from maru.store.people import ApiKey, User

_USE_IS_NOTED_EVERY_S = 60


class InMemoryStore(
    InMemoryContexts,
    InMemoryConversations,
    InMemoryCustom,
    InMemoryFacts,
    InMemoryFeedback,
    InMemoryFiles,
    InMemoryFolders,
    InMemoryMoving,
    InMemoryPrompts,
    InMemorySearch,
    InMemoryShares,
    InMemorySummaries,
    InMemoryWhole,
):
    """A `Store` in dicts; one instance serves all tasks of one event loop."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """Start empty; `clock` (seconds since 1970) dates the local owner."""
        super().__init__()
        self._clock = clock
        self._key_by_hash: dict[str, tuple[str, str]] = {}
        self._leases: dict[str, int] = {}

    async def local_owner(self) -> User:
        """See `PeopleStore.local_owner`."""
        for belongings in self._owners.values():
            if belongings.user.is_local_owner:
                return belongings.user
        user = User(new_id("user"), "owner", int(self._clock()), is_local_owner=True)
        self._owners[user.id] = Belongings(user)
        return user

    async def create_key(self, owner: str, *, name: str, secret_hash: str, prefix: str, now: int) -> ApiKey:
        """See `PeopleStore.create_key`."""
        key = ApiKey(new_id("key"), owner, name, prefix, now, last_used_at=None, revoked_at=None)
        self._of(owner).keys[key.id] = key
        self._key_by_hash[secret_hash] = (owner, key.id)
        return key

    async def keys_of(self, owner: str) -> tuple[ApiKey, ...]:
        """See `PeopleStore.keys_of`."""
        return tuple(reversed(self._peek(owner).keys.values()))

    async def revoke_key(self, owner: str, key_id: str, *, now: int) -> ApiKey:
        """See `PeopleStore.revoke_key`."""
        keys = self._peek(owner).keys
        if key_id not in keys:
            raise NotFoundError("key", key_id)
        if keys[key_id].revoked_at is None:
            keys[key_id] = replace(keys[key_id], revoked_at=now)
        return keys[key_id]

    async def user_by_key_hash(self, secret_hash: str, *, now: int) -> User | None:
        """See `PeopleStore.user_by_key_hash`."""
        owner, key_id = self._key_by_hash.get(secret_hash, ("", ""))
        key = self._peek(owner).keys.get(key_id)
        if key is None or key.revoked_at is not None:
            return None
        if key.last_used_at is None or now - key.last_used_at >= _USE_IS_NOTED_EVERY_S:
            self._owners[owner].keys[key_id] = replace(key, last_used_at=now)
        return self._owners[owner].user

    async def append_items(
        self, owner: str, conversation_id: str, items: Sequence[Item], *, now: int
    ) -> tuple[StoredItem, ...]:
        """See `Store.append_items`."""
        mine = self._peek(owner)
        conversation = unlocked_conversation(mine, conversation_id)
        require_new(mine, items)
        if not items:
            return ()
        move_head(mine, conversation_id, items[-1].id, now)
        return put_below(mine, StoredItem(items[0], conversation.head_id, conversation_id, None, now), items)

    async def item_for(self, owner: str, conversation_id: str | None, item_id: str) -> StoredItem:
        """See `Store.item_for`."""
        return one_item(self._peek(owner), item_id, conversation_id)

    async def delete_item(self, owner: str, conversation_id: str, item_id: str) -> Conversation:
        """See `Store.delete_item`."""
        mine = self._peek(owner)
        stored = one_item(mine, item_id, conversation_id)
        drop_summaries_over(mine, item_id)
        drop_feedback_on(mine, {item_id})
        point_elsewhere(mine, {item_id}, stored.parent_id)
        del mine.items[item_id]
        drop_files_of(mine, [stored.item])
        return mine.conversations[conversation_id]

    async def delete_branch(self, owner: str, conversation_id: str, item_id: str) -> Conversation:
        """See `Store.delete_branch`."""
        mine = self._peek(owner)
        one_item(mine, item_id, conversation_id)
        unlocked_conversation(mine, conversation_id)
        gone = take_branch_out(mine, conversation_id, item_id)
        drop_feedback_on(mine, {stored.item.id for stored in gone})
        drop_files_of(mine, (stored.item for stored in gone))
        for response_id in {stored.response_id for stored in gone if stored.response_id is not None}:
            await self.delete_response(owner, response_id)
        return mine.conversations[conversation_id]

    async def branch_for(self, owner: str, leaf_id: str | None) -> tuple[StoredItem, ...]:
        """See `Store.branch_for`."""
        return branch(self._peek(owner), leaf_id)

    async def tree_for(self, owner: str, conversation_id: str) -> tuple[StoredItem, ...]:
        """See `Store.tree_for`."""
        mine = self._peek(owner)
        one_conversation(mine, conversation_id)
        return whole_tree(mine, conversation_id)

    async def start_response(self, owner: str, new: NewResponse) -> None:
        """See `Store.start_response`."""
        mine = self._peek(owner)
        if new.server_id is not None and new.server_id not in self._leases:
            raise LeaseLostError(f"server {new.server_id!r} holds no lease any more")
        require_free_key(mine, new)
        if new.conversation_id is not None:
            one_conversation(mine, new.conversation_id)
            require_room(new, new.conversation_id, running_in(mine, new.conversation_id).items())
        if new.parent_id is not None:
            one_item(mine, new.parent_id, new.conversation_id)
        if any(new.id in belongings.responses for belongings in self._owners.values()):
            raise DuplicateIdError(f"response {new.id!r} exists already")
        require_new(mine, new.input_items)
        leaf_id = new.input_items[-1].id if new.input_items else new.parent_id
        self._of(owner).responses[new.id] = StoredResponse(
            id=new.id,
            status=new.status,
            model=new.model,
            created_at=new.created_at,
            body=new.body,
            conversation_id=new.conversation_id,
            previous_response_id=new.previous_response_id,
            input_leaf_id=leaf_id,
            output_leaf_id=leaf_id,
            server_id=new.server_id,
            is_stop_asked=False,
            is_streamed=new.is_streamed,
        )
        if new.idempotency_key is not None:
            keyed = KeyedResponse(new.id, new.idempotency_key.fingerprint)
            mine.keyed[new.idempotency_key.value] = (new.created_at, keyed)
        if new.input_items:
            first = StoredItem(new.input_items[0], new.parent_id, new.conversation_id, new.id, new.created_at)
            put_below(mine, first, new.input_items)
            move_head(mine, new.conversation_id, leaf_id, new.created_at)
            entitle(mine, new.conversation_id, new.title)

    async def keyed_response_for(self, owner: str, key: str, *, now: int) -> KeyedResponse:
        """See `Store.keyed_response_for`."""
        found = keyed_response(self._peek(owner), key, now)
        if found is None:
            raise NotFoundError("idempotency key", key)
        return found

    async def checkpoint(self, server_id: str | None, checkpoints: Sequence[Checkpoint]) -> None:
        """See `Store.checkpoint`."""
        its = {response.id: (mine, response) for mine, response in running_under(self._owners.values(), server_id)}
        for checkpoint in checkpoints:
            if checkpoint.response_id in its:
                mine, response = its[checkpoint.response_id]
                mine.responses[response.id] = replace(response, body=checkpoint.body)
                keep_piece(mine, response.id, checkpoint.piece)

    async def finish_response(self, owner: str, finished: FinishedResponse) -> bool:
        """See `Store.finish_response`."""
        mine = self._peek(owner)
        response = one_response(mine, finished.id)
        if not response.is_running or response.server_id != finished.server_id:
            return False
        ended = replace(response, status=finished.status, body=finished.body, server_id=None)
        if response.conversation_id is not None and response.conversation_id not in mine.conversations:
            mine.responses[finished.id] = replace(ended, conversation_id=None)
            keep_piece(mine, finished.id, LogPiece(0, finished.packed_log))
            return True
        require_new(mine, finished.output_items)
        if finished.output_items:
            now = finished.completed_at or response.created_at
            outputs = finished.output_items
            place = StoredItem(outputs[0], response.input_leaf_id, response.conversation_id, response.id, now)
            put_below(mine, place, outputs)
            ended = replace(ended, output_leaf_id=outputs[-1].id)
            move_head(mine, response.conversation_id, outputs[-1].id, now)
        mine.responses[finished.id] = ended
        if finished.ledger is not None:
            mine.ledgers[finished.id] = finished.ledger
        keep_piece(mine, finished.id, LogPiece(0, finished.packed_log))
        return True

    async def ask_to_stop(self, owner: str, response_id: str) -> None:
        """See `Store.ask_to_stop`."""
        mine = self._peek(owner)
        response = one_response(mine, response_id)
        if response.is_running:
            mine.responses[response_id] = replace(response, is_stop_asked=True)

    async def log_of(self, owner: str, response_id: str, *, starting_after: int) -> tuple[LogPiece, ...]:
        """See `Store.log_of`."""
        return pieces_after(self._peek(owner).logs.get(response_id, ()), starting_after)

    async def response_for(self, owner: str, response_id: str) -> StoredResponse:
        """See `Store.response_for`."""
        return one_response(self._peek(owner), response_id)

    async def is_running_for(self, owner: str, response_id: str) -> bool:
        """See `Store.is_running_for`."""
        return one_response(self._peek(owner), response_id).is_running

    async def response_input_for(self, owner: str, response_id: str) -> tuple[StoredItem, ...]:
        """See `Store.response_input_for`."""
        mine = self._peek(owner)
        return branch(mine, one_response(mine, response_id).input_leaf_id)

    async def running_responses_of(self, owner: str, conversation_id: str) -> tuple[str, ...]:
        """See `Store.running_responses_of`."""
        mine = self._peek(owner)
        one_conversation(mine, conversation_id)
        return tuple(running_in(mine, conversation_id))

    async def responses_of(self, owner: str, conversation_id: str) -> tuple[StoredResponse, ...]:
        """See `Store.responses_of`."""
        mine = self._peek(owner)
        one_conversation(mine, conversation_id)
        return responses_in(mine, conversation_id)

    async def delete_response(self, owner: str, response_id: str) -> None:
        """See `Store.delete_response`."""
        mine = self._peek(owner)
        gone = one_response(mine, response_id)
        del mine.responses[response_id]
        mine.logs.pop(response_id, None)
        mine.ledgers.pop(response_id, None)
        mine.keyed = {key: kept for key, kept in mine.keyed.items() if kept[1].response_id != response_id}
        candidates = {leaf for leaf in (gone.input_leaf_id, gone.output_leaf_id) if leaf is not None}
        for id_, stored in mine.items.items():
            if stored.response_id == response_id:
                mine.items[id_] = replace(stored, response_id=None)
                candidates.add(id_)
        while candidates:
            bare = [id_ for id_ in candidates if is_out_of_reach(mine, id_)]
            taken = [mine.items.pop(id_) for id_ in bare]
            drop_files_of(mine, (stored.item for stored in taken))
            candidates = {stored.parent_id for stored in taken if stored.parent_id is not None}

    async def abandoned_responses(self) -> tuple[tuple[str, StoredResponse], ...]:
        """See `Store.abandoned_responses`."""
        found = ((mine.user.id, response) for mine, response in running_under(self._owners.values(), None))
        return tuple(sorted(found, key=lambda pair: pair[1].id))

    async def open_lease(self, server_id: str, *, lease_until: int) -> None:
        """See `LeaseStore.open_lease`."""
        self._leases[server_id] = lease_until

    async def renew_lease(self, server_id: str, *, lease_until: int) -> bool:
        """See `LeaseStore.renew_lease`."""
        if server_id in self._leases:
            self._leases[server_id] = lease_until
        return server_id in self._leases

    async def leases(self) -> tuple[Lease, ...]:
        """See `LeaseStore.leases`."""
        return tuple(Lease(server_id, lease_until) for server_id, lease_until in self._leases.items())

    async def take_lease(self, lease: Lease) -> bool:
        """See `LeaseStore.take_lease`."""
        if self._leases.get(lease.server_id) != lease.lease_until:
            return False
        del self._leases[lease.server_id]
        for mine, response in running_under(self._owners.values(), lease.server_id):
            mine.responses[response.id] = replace(response, server_id=None)
        return True

    async def stop_marks(self, server_id: str) -> tuple[str, ...]:
        """See `LeaseStore.stop_marks`."""
        its = running_under(self._owners.values(), server_id)
        return tuple(response.id for _, response in its if response.is_stop_asked)

    async def is_healthy(self) -> bool:
        """See `Store.is_healthy`."""
        return True

    async def close(self) -> None:
        """See `Store.close`."""
