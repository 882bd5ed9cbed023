"""The table of folders, beside those of `schema.py`."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from maru.store.sql.schema import conversations, metadata, owner_column

# A conversation names its folder without a foreign key: SQLite adds none to a table that is there.
folders = Table(
    "folders",
    metadata,
    Column("id", Text, primary_key=True),
    owner_column(),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "owner_id"),
)
IS_IN_FOLDER = conversations.c.folder_id.is_not(None)
Index(
    "ix_conversations_folder",
    conversations.c.owner_id,
    conversations.c.folder_id,
    conversations.c.updated_at,
    conversations.c.id,
    sqlite_where=IS_IN_FOLDER,
    postgresql_where=IS_IN_FOLDER,
)
