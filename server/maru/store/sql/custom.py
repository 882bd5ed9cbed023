"""The seam `store/custom.py` on a database."""

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from maru.store.base import NotFoundError
from maru.store.custom import CustomInstructions
from maru.store.sql.database import SqlPart
from maru.store.sql.more_tables import custom_instructions

# Made once: to put a statement together takes as long as to run it, and this is run for every answer.
_ONE = select(custom_instructions.c.is_on, custom_instructions.c.about, custom_instructions.c.style).where(
    custom_instructions.c.owner_id == bindparam("its_owner")
)


class SqlCustom(SqlPart):
    """A `CustomStore`."""

    async def custom_instructions_of(self, owner: str) -> CustomInstructions:
        """See `CustomStore.custom_instructions_of`."""

        def read(connection: Connection) -> CustomInstructions:
            row = connection.execute(_ONE, {"its_owner": owner}).one_or_none()
            return CustomInstructions() if row is None else CustomInstructions(*row)

        return await self._database.read(read)

    async def keep_custom_instructions(self, owner: str, custom: CustomInstructions) -> None:
        """See `CustomStore.keep_custom_instructions`."""
        values = {"is_on": custom.is_on, "about": custom.about, "style": custom.style}

        def keep(connection: Connection) -> None:
            is_it = custom_instructions.c.owner_id == owner
            if connection.execute(update(custom_instructions).where(is_it).values(values)).rowcount == 0:
                try:
                    connection.execute(insert(custom_instructions).values(owner_id=owner, **values))
                except IntegrityError as error:
                    raise NotFoundError("user", owner) from error

        await self._database.write(keep)
