"""The seam `store/folders.py` on a database."""

from functools import partial

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from maru.ids import new_id
from maru.store.base import NotFoundError
from maru.store.folders import Folder
from maru.store.sql.database import SqlPart
from maru.store.sql.more_tables import folders
from maru.store.sql.schema import conversations

_COLUMNS = (folders.c.id, folders.c.name, folders.c.created_at)


class SqlFolders(SqlPart):
    """A `FolderStore`."""

    async def create_folder(self, owner: str, name: str, *, now: int) -> Folder:
        """See `FolderStore.create_folder`."""
        folder = Folder(new_id("fold"), name, now)

        def create(connection: Connection) -> Folder:
            row = insert(folders).values(id=folder.id, owner_id=owner, name=name, created_at=now)
            try:
                connection.execute(row)
            except IntegrityError as error:
                raise NotFoundError("user", owner) from error
            return folder

        return await self._database.write(create)

    async def folders_of(self, owner: str) -> tuple[Folder, ...]:
        """See `FolderStore.folders_of`."""
        return await self._database.read(partial(_all_of, owner=owner))

    async def rename_folder(self, owner: str, folder_id: str, name: str) -> Folder:
        """See `FolderStore.rename_folder`."""

        def rename(connection: Connection) -> Folder:
            connection.execute(update(folders).where(_is_it(owner, folder_id)).values(name=name))
            return one_folder(connection, owner, folder_id)

        return await self._database.write(rename)

    async def remove_folder(self, owner: str, folder_id: str) -> None:
        """See `FolderStore.remove_folder`."""

        def remove(connection: Connection) -> None:
            one_folder(connection, owner, folder_id)
            is_in_it = (conversations.c.owner_id == owner) & (conversations.c.folder_id == folder_id)
            connection.execute(update(conversations).where(is_in_it).values(folder_id=None))
            connection.execute(delete(folders).where(_is_it(owner, folder_id)))

        await self._database.write(remove)


def _all_of(connection: Connection, owner: str) -> tuple[Folder, ...]:
    query = select(*_COLUMNS).where(folders.c.owner_id == owner).order_by(folders.c.id)
    return tuple(Folder(*row) for row in connection.execute(query))


def one_folder(connection: Connection, owner: str, folder_id: str) -> Folder:
    """One folder.

    Raises:
        NotFoundError: the owner has no such folder.
    """
    row = connection.execute(select(*_COLUMNS).where(_is_it(owner, folder_id))).one_or_none()
    if row is None:
        raise NotFoundError("folder", folder_id)
    return Folder(*row)


def _is_it(owner: str, folder_id: str) -> ColumnElement[bool]:
    return (folders.c.owner_id == owner) & (folders.c.id == folder_id)
