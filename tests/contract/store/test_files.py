"""What every store promises about files that people upload."""

import pytest

from maru.protocol.items import InputFile, Message
from maru.store.base import FilesFullError, NotFoundError, Store
from maru.store.files import KEPT_UNUSED_S, File, NewFile
from maru.store.paging import PageQuery
from support.stores import message, new_response, run

ROOM = 1000


def new(content: bytes = b"words", *, goes: bool = False) -> NewFile:
    """A file to be kept."""
    return NewFile("a.txt", "user_data", "text/plain; charset=utf-8", content, goes_with_chat=goes)


async def add(store: Store, owner: str, content: bytes = b"words", *, goes: bool = False, now: int = 10) -> File:
    """A kept file."""
    return await store.add_file(owner, new(content, goes=goes), most_bytes=ROOM, now=now)


def about(*files: File) -> Message:
    """A message that refers to files."""
    parts = tuple(InputFile(filename=file.name, file_id=file.id) for file in files)
    return Message(id=message().id, role="user", status="completed", content=parts)


async def is_there(store: Store, owner: str, file: File) -> bool:
    """Whether it still can be read."""
    return file.id in await store.files_for(owner, [file.id])


async def test_a_file_is_kept_byte_for_byte(store: Store, owner: str) -> None:
    """With all that is said of it."""
    picture = NewFile("b.png", "vision", "image/png", bytes(range(256)), width=2, height=3)
    made = await store.add_file(owner, picture, most_bytes=ROOM, now=10)
    assert made == File(made.id, "b.png", "vision", "image/png", 256, 10, 2, 3, goes_with_chat=False)
    assert await store.file_for(owner, made.id) == made
    assert await store.content_of_file(owner, made.id) == bytes(range(256))
    assert await store.files_for(owner, [made.id, "file_missing"]) == {made.id: made}
    assert await store.files_for(owner, []) == {}


async def test_files_are_listed_by_time_of_making(store: Store, owner: str) -> None:
    """Page by page, in both directions, and by purpose."""
    made = [await add(store, owner) for _ in range(3)]
    picture = await store.add_file(
        owner, NewFile("b.png", "vision", "image/png", b"x", width=1, height=1), most_bytes=ROOM, now=10
    )
    assert await store.files_of(owner, PageQuery(limit=2)) == ((picture, made[2]), True)
    assert await store.files_of(owner, PageQuery(after=made[1].id)) == ((made[0],), False)
    assert await store.files_of(owner, PageQuery(order="asc", after=made[1].id)) == ((made[2], picture), False)
    assert await store.files_of(owner, PageQuery(), "vision") == ((picture,), False)


async def test_a_deleted_file_is_gone(store: Store, owner: str) -> None:
    """What refers to it stays."""
    made = await add(store, owner)
    conversation = await store.create_conversation(owner, metadata={}, title=None, items=[about(made)], now=1)
    await store.delete_file(owner, made.id)
    for ask in (store.file_for, store.content_of_file, store.delete_file):
        with pytest.raises(NotFoundError):
            await ask(owner, made.id)
    (kept,) = await store.tree_for(owner, conversation.id)
    assert isinstance(kept.item, Message)
    assert kept.item.content == about(made).content


async def test_all_files_of_a_person_are_bounded(store: Store, owner: str) -> None:
    """A deleted one makes room."""
    first = await add(store, owner, b"x" * 600)
    await add(store, owner, b"x" * 400)
    with pytest.raises(FilesFullError):
        await add(store, owner, b"x")
    await store.delete_file(owner, first.id)
    await add(store, owner, b"x" * 600)


async def test_a_file_goes_with_the_last_chat_that_has_it(store: Store, owner: str) -> None:
    """Where it was uploaded so; one that was not stays."""
    goes, stays, twice = await add(store, owner, goes=True), await add(store, owner), await add(store, owner, goes=True)
    first = await store.create_conversation(owner, metadata={}, title=None, items=[about(goes, stays, twice)], now=1)
    second = await store.create_conversation(owner, metadata={}, title=None, items=[about(twice)], now=1)
    await store.delete_conversation(owner, first.id)
    assert [await is_there(store, owner, file) for file in (goes, stays, twice)] == [False, True, True]
    await store.delete_conversation(owner, second.id)
    assert not await is_there(store, owner, twice)


async def test_a_file_goes_with_its_item_branch_or_chain(store: Store, owner: str) -> None:
    """By whichever way the last item goes that refers to it."""
    one, two, three = [await add(store, owner, goes=True) for _ in range(3)]
    first, second = about(one), about(two)
    conversation = await store.create_conversation(owner, metadata={}, title=None, items=[first, second], now=1)
    await store.delete_item(owner, conversation.id, first.id)
    assert [await is_there(store, owner, file) for file in (one, two)] == [False, True]
    await store.delete_branch(owner, conversation.id, second.id)
    assert not await is_there(store, owner, two)
    response = new_response(about(three))
    await run(store, owner, response, message("ok", "assistant"))
    assert await is_there(store, owner, three)
    await store.delete_response(owner, response.id)
    assert not await is_there(store, owner, three)


async def test_what_no_chat_ever_had_is_forgotten_in_the_end(store: Store, owner: str) -> None:
    """A message that was never sent leaves nothing for ever; a file of a program stays."""
    draft, kept, held = await add(store, owner, goes=True), await add(store, owner), await add(store, owner, goes=True)
    await store.create_conversation(owner, metadata={}, title=None, items=[about(held)], now=1)
    await add(store, owner, now=10 + KEPT_UNUSED_S)
    assert await is_there(store, owner, draft)
    await add(store, owner, now=11 + KEPT_UNUSED_S)
    assert [await is_there(store, owner, file) for file in (draft, kept, held)] == [False, True, True]
