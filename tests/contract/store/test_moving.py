"""What every store promises about conversations that are taken in whole."""

import asyncio
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings

from maru.ids import new_id
from maru.moving.export import exported
from maru.moving.found import Found, FoundItem, moved
from maru.moving.ours import read_ours
from maru.protocol.exports import encode
from maru.protocol.items import Message, OutputText
from maru.store.base import NotFoundError, Store
from maru.store.paging import PageQuery
from support.moving import NOW, trees, without_ids
from support.stores import KINDS, message, new_store


def _found(source_id: str = "1") -> Found:
    answer = Message(id="a", role="assistant", status="completed", content=(OutputText(text="yes", annotations=()),))
    rows = (FoundItem("q", None, message("hi"), 1), FoundItem("a", "q", answer, 2), FoundItem("b", "q", answer, 3))
    return Found("chatgpt", source_id, "Tea", 1, 5, "a", rows)


async def test_a_conversation_is_taken_in_once(store: Store, owner: str) -> None:
    """A file that is sent twice makes nothing twice; another one of the same program does."""
    first = moved(_found(), now=NOW)
    assert await store.move_in(owner, first)
    assert await store.moved_in(owner, "chatgpt", "1") == first.conversation.id
    assert not await store.move_in(owner, moved(_found(), now=NOW))
    assert await store.move_in(owner, moved(_found("2"), now=NOW))
    page, _ = await store.conversations_of(owner, PageQuery())
    assert len(page) == 2
    assert await store.moved_in("user_stranger", "chatgpt", "1") is None


async def test_one_that_was_deleted_comes_back(store: Store, owner: str) -> None:
    """Whoever deleted it by mistake sends the file again."""
    first, again = moved(_found(), now=NOW), moved(_found(), now=NOW)
    await store.move_in(owner, first)
    await store.delete_conversation(owner, first.conversation.id)
    assert await store.moved_in(owner, "chatgpt", "1") is None
    assert await store.move_in(owner, again)
    assert await store.moved_in(owner, "chatgpt", "1") == again.conversation.id


async def test_a_tree_is_there_with_its_branches(store: Store, owner: str) -> None:
    """And goes on like one that began here."""
    new = moved(_found(), now=NOW)
    await store.move_in(owner, new)
    assert await store.conversation_for(owner, new.conversation.id) == new.conversation
    tree = await store.tree_for(owner, new.conversation.id)
    assert tree == new.items
    assert [one.parent_id for one in tree] == [None, tree[0].item.id, tree[0].item.id]
    (below,) = await store.append_items(owner, new.conversation.id, [message("more")], now=NOW)
    assert below.parent_id == new.conversation.head_id


async def test_nobody_takes_in_nothing(store: Store) -> None:
    """What is kept must be somebody's."""
    with pytest.raises(NotFoundError):
        await store.move_in(f"user_{new_id('x')}", moved(_found(), now=NOW))


async def _there_and_back(found: Found, folder: Path) -> None:
    for kind in KINDS:
        store = new_store(kind, folder)
        owner = (await store.local_owner()).id
        try:
            first = moved(found, now=NOW)
            assert await store.move_in(owner, first)
            out = encode(await exported(store, owner, first.conversation.id))
            again = moved(read_ours(msgspec.json.decode(out)), now=NOW)
            assert await store.move_in(owner, again)
            back = encode(await exported(store, owner, again.conversation.id))
            assert without_ids(back) == without_ids(out)
            assert len(await store.tree_for(owner, again.conversation.id)) == len(found.items)
        finally:
            await store.close()


@settings(max_examples=60, deadline=None)
@given(trees())
def test_what_goes_out_comes_back_the_same(found: Found) -> None:
    """Whatever its shape: branches, Korean, tool calls, images, pins, summaries, feedback."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_there_and_back(found, Path(folder)))
