"""The tables of folders and shares, beside those of `schema.py`, which it would make too long."""

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, Table, Text

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

# Branches that everybody who knows the token may read.
shares = Table(
    "shares",
    metadata,
    Column("id", Text, primary_key=True),
    owner_column(),
    Column("token", Text, nullable=False, unique=True),
    Column("conversation_id", Text, nullable=False),
    Column("leaf_id", Text, nullable=False),
    Column("title", Text),
    Column("created_at", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["owner_id", "conversation_id"], ["conversations.owner_id", "conversations.id"], ondelete="CASCADE"
    ),
    Index(None, "owner_id", "conversation_id"),
)
