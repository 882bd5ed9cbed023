"""The seam `store/files.py` without a disk."""

from collections.abc import Collection, Iterable

from maru.protocol.items import Item, file_ids
from maru.store.base import FilesFullError, NotFoundError
from maru.store.files import KEPT_UNUSED_S, File, NewFile, Purpose
from maru.store.in_memory_tree import Belongings, InMemoryPart
from maru.store.paging import PageQuery


class InMemoryFiles(InMemoryPart):
    """A `FileStore` in dicts."""

    async def add_file(self, owner: str, new: NewFile, *, most_bytes: int, now: int) -> File:
        """See `FileStore.add_file`."""
        mine = self._of(owner)
        used = _used_files(mine)
        for file in tuple(mine.files.values()):
            if file.goes_with_chat and file.created_at < now - KEPT_UNUSED_S and file.id not in used:
                _remove(mine, file.id)
        if sum(file.size_bytes for file in mine.files.values()) + len(new.content) > most_bytes:
            message = f"the files of {owner!r} would have more than {most_bytes} bytes"
            raise FilesFullError(message)
        file = File.made_of(new, now=now)
        mine.files[file.id], mine.contents[file.id] = file, new.content
        return file

    async def files_of(
        self, owner: str, page: PageQuery, purpose: Purpose | None = None
    ) -> tuple[tuple[File, ...], bool]:
        """See `FileStore.files_of`."""
        mine = self._peek(owner)
        ordered = sorted(mine.files.values(), key=lambda file: file.id, reverse=page.order == "desc")
        if page.after is not None:
            last = _one_file(mine, page.after)
            ordered = [file for file in ordered if (file.id < last.id if page.order == "desc" else file.id > last.id)]
        found = [file for file in ordered if purpose in {None, file.purpose}]
        return tuple(found[: page.limit]), len(found) > page.limit

    async def file_for(self, owner: str, file_id: str) -> File:
        """See `FileStore.file_for`."""
        return _one_file(self._peek(owner), file_id)

    async def files_for(self, owner: str, ids: Collection[str]) -> dict[str, File]:
        """See `FileStore.files_for`."""
        mine = self._peek(owner)
        return {id_: mine.files[id_] for id_ in ids if id_ in mine.files}

    async def content_of_file(self, owner: str, file_id: str) -> bytes:
        """See `FileStore.content_of_file`."""
        mine = self._peek(owner)
        return mine.contents[_one_file(mine, file_id).id]

    async def delete_file(self, owner: str, file_id: str) -> None:
        """See `FileStore.delete_file`."""
        mine = self._peek(owner)
        _remove(mine, _one_file(mine, file_id).id)


def drop_files_of(mine: Belongings, gone: Iterable[Item]) -> None:
    """Remove the files that go with their chat and that only these items, which are removed already, referred to."""
    used = _used_files(mine)
    for id_ in file_ids(gone):
        if id_ in mine.files and mine.files[id_].goes_with_chat and id_ not in used:
            _remove(mine, id_)


def _used_files(mine: Belongings) -> set[str]:
    return set(file_ids(stored.item for stored in mine.items.values()))


def _remove(mine: Belongings, file_id: str) -> None:
    mine.files.pop(file_id, None)
    mine.contents.pop(file_id, None)


def _one_file(mine: Belongings, file_id: str) -> File:
    if file_id not in mine.files:
        raise NotFoundError("file", file_id)
    return mine.files[file_id]
