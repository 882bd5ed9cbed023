"""The seam `store/files.py` on a database, and which items use which files."""

from collections.abc import Collection, Iterable
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, exists, func, insert, literal, select
from sqlalchemy.exc import IntegrityError

from maru.protocol.items import Item, file_ids
from maru.store.base import FilesFullError, NotFoundError
from maru.store.files import KEPT_UNUSED_S, File, NewFile, Purpose
from maru.store.paging import PageQuery
from maru.store.sql.among import among
from maru.store.sql.database import SqlPart
from maru.store.sql.more_tables import file_uses, files

_COLUMNS = (
    files.c.id,
    files.c.name,
    files.c.purpose,
    files.c.media_type,
    files.c.size_bytes,
    files.c.created_at,
    files.c.width,
    files.c.height,
    files.c.goes_with_chat,
)
_IS_USED = exists().where(file_uses.c.file_id == files.c.id)


class SqlFiles(SqlPart):
    """A `FileStore`."""

    async def add_file(self, owner: str, new: NewFile, *, most_bytes: int, now: int) -> File:
        """See `FileStore.add_file`."""
        return await self._database.write(partial(_add, owner=owner, new=new, most_bytes=most_bytes, now=now))

    async def files_of(
        self, owner: str, page: PageQuery, purpose: Purpose | None = None
    ) -> tuple[tuple[File, ...], bool]:
        """See `FileStore.files_of`."""
        return await self._database.read(partial(_page, owner=owner, page=page, purpose=purpose))

    async def file_for(self, owner: str, file_id: str) -> File:
        """See `FileStore.file_for`."""
        return await self._database.read(partial(_one, owner=owner, file_id=file_id))

    async def files_for(self, owner: str, ids: Collection[str]) -> dict[str, File]:
        """See `FileStore.files_for`."""
        if not ids:
            return {}
        query = select(*_COLUMNS).where(files.c.owner_id == owner, among(files.c.id, ids))
        found = await self._database.read(lambda connection: [_file(row) for row in connection.execute(query)])
        return {file.id: file for file in found}

    async def content_of_file(self, owner: str, file_id: str) -> bytes:
        """See `FileStore.content_of_file`."""
        query = select(files.c.content).where(_is_it(owner, file_id))
        content = await self._database.read(lambda connection: connection.execute(query).scalar_one_or_none())
        if content is None:
            raise NotFoundError("file", file_id)
        return bytes(content)

    async def delete_file(self, owner: str, file_id: str) -> None:
        """See `FileStore.delete_file`."""

        def remove(connection: Connection) -> None:
            _one(connection, owner, file_id)
            connection.execute(delete(files).where(_is_it(owner, file_id)))

        await self._database.write(remove)


def note_uses(connection: Connection, owner: str, items: Iterable[Item]) -> None:
    """Remember which files these items refer to, as far as the owner has them; the items are in the database."""
    for item in items:
        if ids := file_ids((item,)):
            there = select(literal(owner), literal(item.id), files.c.id).where(
                files.c.owner_id == owner, among(files.c.id, ids)
            )
            connection.execute(insert(file_uses).from_select(["owner_id", "item_id", "file_id"], there))


def used_by(connection: Connection, owner: str, item_ids: Select[tuple[str]] | Collection[str]) -> tuple[str, ...]:
    """Files that go with their chat and that these items refer to: asked before the items are removed."""
    uses = file_uses.c.item_id
    is_its = uses.in_(item_ids) if isinstance(item_ids, Select) else among(uses, item_ids)
    query = (
        select(files.c.id)
        .distinct()
        .join(file_uses, file_uses.c.file_id == files.c.id)
        .where(file_uses.c.owner_id == owner, is_its, files.c.goes_with_chat)
    )
    return tuple(connection.execute(query).scalars())


def drop_unused(connection: Connection, owner: str, candidates: Collection[str]) -> None:
    """Remove those of these files to which no item refers any more."""
    if candidates:
        connection.execute(delete(files).where(files.c.owner_id == owner, among(files.c.id, candidates), ~_IS_USED))


def _add(connection: Connection, owner: str, new: NewFile, most_bytes: int, now: int) -> File:
    is_forgotten = files.c.goes_with_chat & (files.c.created_at < now - KEPT_UNUSED_S) & ~_IS_USED
    connection.execute(delete(files).where(files.c.owner_id == owner, is_forgotten))
    total = select(func.coalesce(func.sum(files.c.size_bytes), 0)).where(files.c.owner_id == owner)
    if connection.execute(total).scalar_one() + len(new.content) > most_bytes:
        message = f"the files of {owner!r} would have more than {most_bytes} bytes"
        raise FilesFullError(message)
    file = File.made_of(new, now=now)
    row = insert(files).values(
        id=file.id,
        owner_id=owner,
        name=file.name,
        purpose=file.purpose,
        media_type=file.media_type,
        size_bytes=file.size_bytes,
        created_at=now,
        width=file.width,
        height=file.height,
        goes_with_chat=file.goes_with_chat,
        content=new.content,
    )
    try:
        connection.execute(row)
    except IntegrityError as error:
        raise NotFoundError("user", owner) from error
    return file


def _page(
    connection: Connection, owner: str, page: PageQuery, purpose: Purpose | None
) -> tuple[tuple[File, ...], bool]:
    query = select(*_COLUMNS).where(files.c.owner_id == owner).limit(page.limit + 1)
    query = query.order_by(files.c.id.desc() if page.order == "desc" else files.c.id)
    if purpose is not None:
        query = query.where(files.c.purpose == purpose)
    if page.after is not None:
        _one(connection, owner, page.after)
        query = query.where(files.c.id < page.after if page.order == "desc" else files.c.id > page.after)
    found = tuple(_file(row) for row in connection.execute(query))
    return found[: page.limit], len(found) > page.limit


def _one(connection: Connection, owner: str, file_id: str) -> File:
    row = connection.execute(select(*_COLUMNS).where(_is_it(owner, file_id))).one_or_none()
    if row is None:
        raise NotFoundError("file", file_id)
    return _file(row)


def _file(row: Row[*tuple[Any, ...]]) -> File:
    return File(*row)


def _is_it(owner: str, file_id: str) -> ColumnElement[bool]:
    return (files.c.owner_id == owner) & (files.c.id == file_id)
