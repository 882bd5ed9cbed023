"""The seam `store/base.py` on a database: each method is one piece of work in one transaction."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from maru.ids import new_id
from maru.protocol.items import Item
from maru.store.base import (
    Checkpoint,
    Conversation,
    FinishedResponse,
    KeyedResponse,
    LogPiece,
    NewResponse,
    StoredItem,
    StoredResponse,
    StoreError,
    StoreFullError,
)
from maru.store.leases import Lease
from maru.store.paging import PageQuery
from maru.store.people import ApiKey, User
from maru.store.shelves import EVERYWHERE, NO_FOLDER, Shelf
from maru.store.sql import conversations, leases, logs, people, repeats, runs, tree
from maru.store.sql.contexts import SqlContexts
from maru.store.sql.custom import SqlCustom
from maru.store.sql.database import Database
from maru.store.sql.facts import SqlFacts
from maru.store.sql.feedback import SqlFeedback, drop_short_rankings
from maru.store.sql.files import SqlFiles
from maru.store.sql.folders import SqlFolders, one_folder
from maru.store.sql.moving import SqlMoving
from maru.store.sql.prompts import SqlPrompts
from maru.store.sql.rows import metadata_text
from maru.store.sql.search import SqlSearch
from maru.store.sql.server_locks import ServerLocks
from maru.store.sql.shares import SqlShares, end_higher
from maru.store.sql.sqlite import file_of, open_engines
from maru.store.sql.summaries import SqlSummaries, drop_over
from maru.store.sql.whole import SqlWhole
from maru.store.subtree import subtree


def open_store(url: str, *, clock: Callable[[], float] = time.time) -> "SqlStore":
    """Store on a database that `migrate` has made; connects at first use.

    Args:
        url: `sqlite:///folder/file`.
        clock: seconds since 1970, asked only for the time at which the local owner is made.

    Raises:
        StoreError: the URL names no database that Maru can use.
    """
    file = file_of(url)
    locks = ServerLocks(file.with_name(f"{file.name}-servers"))
    return SqlStore(Database(open_engines(url)), locks, clock)


class SqlStore(
    SqlContexts,
    SqlCustom,
    SqlFacts,
    SqlFeedback,
    SqlFiles,
    SqlFolders,
    SqlMoving,
    SqlPrompts,
    SqlSearch,
    SqlShares,
    SqlSummaries,
    SqlWhole,
):
    """A `Store`; one instance serves all tasks of one event loop."""

    def __init__(self, database: Database, locks: ServerLocks, clock: Callable[[], float]) -> None:
        """Work on this database until `close`; `locks` tell which servers are gone."""
        super().__init__(database)
        self._locks = locks
        self._clock = clock
        self._local_owner: User | None = None

    async def local_owner(self) -> User:
        """See `PeopleStore.local_owner`."""
        if self._local_owner is not None:  # asked for every request, and who it is never changes
            return self._local_owner
        found = await self._database.read(people.find_local_owner)
        if found is None:
            found = await self._database.write(partial(people.make_local_owner, now=int(self._clock())))
        self._local_owner = found
        return found

    async def create_key(self, owner: str, *, name: str, secret_hash: str, prefix: str, now: int) -> ApiKey:
        """See `PeopleStore.create_key`."""
        key = ApiKey(new_id("key"), owner, name, prefix, now, last_used_at=None, revoked_at=None)
        await self._database.write(partial(people.insert_key, key=key, secret_hash=secret_hash))
        return key

    async def keys_of(self, owner: str) -> tuple[ApiKey, ...]:
        """See `PeopleStore.keys_of`."""
        return await self._database.read(partial(people.keys_newest_first, owner=owner))

    async def revoke_key(self, owner: str, key_id: str, *, now: int) -> ApiKey:
        """See `PeopleStore.revoke_key`."""
        return await self._database.write(partial(people.revoke, owner=owner, key_id=key_id, now=now))

    async def user_by_key_hash(self, secret_hash: str, *, now: int) -> User | None:
        """See `PeopleStore.user_by_key_hash`."""
        found = await self._database.read(partial(people.find_by_key, secret_hash=secret_hash))
        if found is None:
            return None
        user, last_used_at = found
        if last_used_at is None or now - last_used_at >= people.USE_IS_NOTED_EVERY_S:
            try:
                await self._database.write_lightly(partial(people.note_use, secret_hash=secret_hash, now=now))
            except StoreFullError:
                # Whoever has a key may read what is stored although the disk is full.
                return user
        return user

    async def create_conversation(
        self, owner: str, *, metadata: dict[str, str], title: str | None, items: Sequence[Item], now: int
    ) -> Conversation:
        """See `Store.create_conversation`."""
        head_id = items[-1].id if items else None
        conversation = Conversation(new_id("conv"), now, now, title, dict(metadata), head_id)

        def create(connection: Connection) -> Conversation:
            conversations.insert_conversation(connection, owner, conversation)
            place = tree.Place(owner, conversation.id, response_id=None, created_at=now)
            tree.put_below(connection, place, None, items)
            return conversation

        return await self._database.write(create)

    async def conversation_for(self, owner: str, conversation_id: str) -> Conversation:
        """See `Store.conversation_for`."""
        work = partial(conversations.one_conversation, owner=owner, conversation_id=conversation_id)
        return await self._database.read(work)

    async def conversations_of(
        self, owner: str, page: PageQuery, shelf: Shelf = EVERYWHERE
    ) -> tuple[tuple[Conversation, ...], bool]:
        """See `Store.conversations_of`."""
        return await self._database.read(partial(conversations.page_of, owner=owner, page=page, shelf=shelf))

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
        text = None if metadata is None else metadata_text(metadata)
        wanted = {"metadata": text, "title": title, "head_id": head_id}
        changes: dict[str, object] = {name: value for name, value in wanted.items() if value is not None}
        if changes:
            changes["updated_at"] = now
        if shelf.is_pinned is not None:
            changes["is_pinned"] = shelf.is_pinned or None
        if shelf.is_archived is not None:
            changes["archived_at"] = now if shelf.is_archived else None
        if shelf.folder_id is not None:
            changes["folder_id"] = None if shelf.folder_id == NO_FOLDER else shelf.folder_id

        def update(connection: Connection) -> Conversation:
            conversations.one_conversation(connection, owner, conversation_id)
            if head_id is not None:
                tree.require_item(connection, owner, head_id, conversation_id)
            if shelf.folder_id is not None and shelf.folder_id != NO_FOLDER:
                one_folder(connection, owner, shelf.folder_id)
            if changes:
                conversations.change(connection, owner, conversation_id, **changes)
            return conversations.one_conversation(connection, owner, conversation_id)

        return await self._database.write(update)

    async def replace_title(self, owner: str, conversation_id: str, title: str, *, instead_of: str) -> bool:
        """See `TitleStore.replace_title`."""

        def change(connection: Connection) -> bool:
            is_free = conversations.one_conversation(connection, owner, conversation_id).title == instead_of
            if is_free:
                conversations.change(connection, owner, conversation_id, title=title)
            return is_free

        return await self._database.write(change)

    async def delete_conversation(self, owner: str, conversation_id: str) -> None:
        """See `Store.delete_conversation`."""

        def delete(connection: Connection) -> None:
            conversations.one_conversation(connection, owner, conversation_id)
            tree.clear_conversation(connection, owner, conversation_id)
            conversations.remove(connection, owner, conversation_id)

        await self._database.write(delete)

    async def append_items(
        self, owner: str, conversation_id: str, items: Sequence[Item], *, now: int
    ) -> tuple[StoredItem, ...]:
        """See `Store.append_items`."""

        def append(connection: Connection) -> tuple[StoredItem, ...]:
            conversation = conversations.unlocked_conversation(connection, owner, conversation_id)
            place = tree.Place(owner, conversation_id, response_id=None, created_at=now)
            stored = tree.put_below(connection, place, conversation.head_id, items)
            if stored:
                head_id = stored[-1].item.id
                conversations.change(connection, owner, conversation_id, head_id=head_id, updated_at=now)
            return stored

        return await self._database.write(append)

    async def item_for(self, owner: str, conversation_id: str | None, item_id: str) -> StoredItem:
        """See `Store.item_for`."""
        work = partial(tree.one_item, owner=owner, conversation_id=conversation_id, item_id=item_id)
        return await self._database.read(work)

    async def delete_item(self, owner: str, conversation_id: str, item_id: str) -> Conversation:
        """See `Store.delete_item`."""

        def delete(connection: Connection) -> Conversation:
            stored = tree.one_item(connection, owner, conversation_id, item_id)
            drop_over(connection, owner, conversation_id, item_id)
            end_higher(connection, owner, conversation_id, [item_id], stored.parent_id)
            tree.take_out(connection, owner, [item_id], stored.parent_id)
            drop_short_rankings(connection, owner, conversation_id)
            return conversations.one_conversation(connection, owner, conversation_id)

        return await self._database.write(delete)

    async def delete_branch(self, owner: str, conversation_id: str, item_id: str) -> Conversation:
        """See `Store.delete_branch`."""

        def delete(connection: Connection) -> Conversation:
            top = tree.one_item(connection, owner, conversation_id, item_id)
            conversations.unlocked_conversation(connection, owner, conversation_id)
            gone = subtree(item_id, tree.whole_tree(connection, owner, conversation_id))
            drop_over(connection, owner, conversation_id, item_id)
            ids = [stored.item.id for stored in gone]
            end_higher(connection, owner, conversation_id, ids, top.parent_id)
            tree.take_out(connection, owner, ids, top.parent_id)
            drop_short_rankings(connection, owner, conversation_id)
            for response_id in {stored.response_id for stored in gone if stored.response_id is not None}:
                runs.remove(connection, owner, response_id)
            return conversations.one_conversation(connection, owner, conversation_id)

        return await self._database.write(delete)

    async def branch_for(self, owner: str, leaf_id: str | None) -> tuple[StoredItem, ...]:
        """See `Store.branch_for`."""
        return await self._database.read(partial(tree.branch, owner=owner, leaf_id=leaf_id))

    async def tree_for(self, owner: str, conversation_id: str) -> tuple[StoredItem, ...]:
        """See `Store.tree_for`."""

        def read(connection: Connection) -> tuple[StoredItem, ...]:
            conversations.one_conversation(connection, owner, conversation_id)
            return tree.whole_tree(connection, owner, conversation_id)

        return await self._database.read(read)

    async def start_response(self, owner: str, new: NewResponse) -> None:
        """See `Store.start_response`."""
        await self._database.write(partial(runs.start, owner=owner, new=new))

    async def keyed_response_for(self, owner: str, key: str, *, now: int) -> KeyedResponse:
        """See `Store.keyed_response_for`."""
        return await self._database.read(partial(repeats.one_keyed_response, owner=owner, key=key, now=now))

    async def checkpoint(self, server_id: str | None, checkpoints: Sequence[Checkpoint]) -> None:
        """See `Store.checkpoint`."""
        if checkpoints:
            work = partial(runs.keep_checkpoints, server_id=server_id, checkpoints=checkpoints)
            await self._database.write_lightly(work)

    async def finish_response(self, owner: str, finished: FinishedResponse) -> bool:
        """See `Store.finish_response`."""
        return await self._database.write(partial(runs.finish, owner=owner, finished=finished))

    async def ask_to_stop(self, owner: str, response_id: str) -> None:
        """See `Store.ask_to_stop`."""
        await self._database.write(partial(runs.ask_to_stop, owner=owner, response_id=response_id))

    async def log_of(self, owner: str, response_id: str, *, starting_after: int) -> tuple[LogPiece, ...]:
        """See `Store.log_of`."""
        work = partial(logs.pieces_after, owner=owner, response_id=response_id, starting_after=starting_after)
        return await self._database.read(work)

    async def response_for(self, owner: str, response_id: str) -> StoredResponse:
        """See `Store.response_for`."""
        return await self._database.read(partial(runs.one_response, owner=owner, response_id=response_id))

    async def is_running_for(self, owner: str, response_id: str) -> bool:
        """See `Store.is_running_for`."""
        return await self._database.read(partial(runs.is_running, owner=owner, response_id=response_id))

    async def response_input_for(self, owner: str, response_id: str) -> tuple[StoredItem, ...]:
        """See `Store.response_input_for`."""

        def read(connection: Connection) -> tuple[StoredItem, ...]:
            response = runs.one_response(connection, owner, response_id)
            return tree.branch(connection, owner, response.input_leaf_id)

        return await self._database.read(read)

    async def running_responses_of(self, owner: str, conversation_id: str) -> tuple[str, ...]:
        """See `Store.running_responses_of`."""

        def read(connection: Connection) -> tuple[str, ...]:
            conversations.one_conversation(connection, owner, conversation_id)
            return tuple(conversations.running_in(connection, owner, conversation_id))

        return await self._database.read(read)

    async def responses_of(self, owner: str, conversation_id: str) -> tuple[StoredResponse, ...]:
        """See `Store.responses_of`."""

        def read(connection: Connection) -> tuple[StoredResponse, ...]:
            conversations.one_conversation(connection, owner, conversation_id)
            return runs.responses_in(connection, owner, conversation_id)

        return await self._database.read(read)

    async def delete_response(self, owner: str, response_id: str) -> None:
        """See `Store.delete_response`."""
        await self._database.write(partial(runs.remove, owner=owner, response_id=response_id))

    async def abandoned_responses(self) -> tuple[tuple[str, StoredResponse], ...]:
        """See `Store.abandoned_responses`."""
        return await self._database.read(runs.abandoned)

    async def open_lease(self, server_id: str, *, lease_until: int) -> None:
        """See `LeaseStore.open_lease`."""
        # The lock comes first: whoever sees the lease must find it held.
        await asyncio.to_thread(self._locks.hold, server_id)
        await self._database.write(partial(leases.insert_lease, server_id=server_id, lease_until=lease_until))

    async def renew_lease(self, server_id: str, *, lease_until: int) -> bool:
        """See `LeaseStore.renew_lease`."""
        work = partial(leases.renew, server_id=server_id, lease_until=lease_until)
        return await self._database.write_lightly(work)

    async def leases(self) -> tuple[Lease, ...]:
        """See `LeaseStore.leases`."""

        def read(connection: Connection) -> tuple[Lease, ...]:
            held = leases.all_leases(connection)
            return tuple(replace(lease, is_orphaned=self._locks.is_let_go(lease.server_id)) for lease in held)

        return await self._database.read(read)

    async def take_lease(self, lease: Lease) -> bool:
        """See `LeaseStore.take_lease`."""
        is_taken = await self._database.write(partial(leases.take, lease=lease))
        if is_taken:
            await asyncio.to_thread(self._locks.remove, lease.server_id)
        return is_taken

    async def stop_marks(self, server_id: str) -> tuple[str, ...]:
        """See `LeaseStore.stop_marks`."""
        return await self._database.read(partial(leases.marked, server_id=server_id))

    async def is_healthy(self) -> bool:
        """See `Store.is_healthy`."""
        try:
            await self._database.read(people.find_local_owner)
        except StoreError:
            return False
        return True

    async def close(self) -> None:
        """See `Store.close`."""
        await self._database.close()
        self._locks.close()
