"""What every store promises about folders, and about a conversation that is put into one."""

from dataclasses import replace

import pytest

from maru.store.base import Conversation, NotFoundError, Store
from maru.store.paging import PageQuery
from maru.store.shelves import NO_FOLDER, Shelf
from support.stores import message


async def begin(store: Store, owner: str, now: int) -> Conversation:
    """A conversation with one message."""
    return await store.create_conversation(owner, metadata={}, title=None, items=[message()], now=now)


async def test_folders_are_made_renamed_and_listed(store: Store, owner: str) -> None:
    """In the order of making; two may have the same name."""
    first, second = await store.create_folder(owner, "요리", now=1), await store.create_folder(owner, "요리", now=2)
    assert await store.folders_of(owner) == (first, second)
    renamed = await store.rename_folder(owner, first.id, "여행")
    assert renamed == replace(first, name="여행")
    assert await store.folders_of(owner) == (renamed, second)
    with pytest.raises(NotFoundError):
        await store.create_folder("user_stranger", "x", now=1)


async def test_a_conversation_lies_in_one_folder_or_none(store: Store, owner: str) -> None:
    """It is listed there, keeps its place in the list of all, and stays when the folder goes."""
    folder, other = await store.create_folder(owner, "a", now=1), await store.create_folder(owner, "b", now=1)
    made = [await begin(store, owner, now) for now in range(4)]
    for one in made[:3]:
        await store.update_conversation(owner, one.id, now=9, shelf=Shelf(folder_id=folder.id))
    await store.update_conversation(owner, made[2].id, now=9, shelf=Shelf(folder_id=other.id))
    await store.update_conversation(owner, made[1].id, now=9, shelf=Shelf(folder_id=NO_FOLDER))

    async def listed(shelf: Shelf) -> list[int]:
        page, _ = await store.conversations_of(owner, PageQuery(), shelf)
        return [[one.id for one in made].index(one.id) for one in page]

    assert await store.conversation_for(owner, made[0].id) == replace(made[0], folder_id=folder.id)
    assert await listed(Shelf(folder_id=folder.id)) == [0]
    assert await listed(Shelf(folder_id=other.id)) == [2]
    assert await listed(Shelf(folder_id=NO_FOLDER)) == [3, 1]
    assert await listed(Shelf(folder_id="fold_missing")) == []
    assert await listed(Shelf()) == [3, 2, 1, 0]
    await store.remove_folder(owner, folder.id)
    assert await store.folders_of(owner) == (other,)
    assert await store.conversation_for(owner, made[0].id) == made[0]
    assert await listed(Shelf(folder_id=NO_FOLDER)) == [3, 1, 0]
    with pytest.raises(NotFoundError):
        await store.update_conversation(owner, made[0].id, now=9, shelf=Shelf(folder_id=folder.id))


async def test_a_conversation_is_changed_as_a_whole_or_not(store: Store, owner: str) -> None:
    """A head or a folder that is not there keeps it also from its new name."""
    made = await begin(store, owner, 1)
    folder = await store.create_folder(owner, "a", now=1)
    for head_id, folder_id in (("msg_missing", folder.id), (made.head_id, "fold_missing")):
        place = Shelf(is_pinned=True, folder_id=folder_id)
        with pytest.raises(NotFoundError):
            await store.update_conversation(owner, made.id, now=9, title="new", head_id=head_id, shelf=place)
        assert await store.conversation_for(owner, made.id) == made
