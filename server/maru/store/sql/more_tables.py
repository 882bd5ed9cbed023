"""The tables of folders, shares and files, beside those of `schema.py`, which it would make too long."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

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

# The bytes lie beside the rest, so that one backup has all of it and every server sees it. They come last, because a
# row is read only up to the last column that is asked for.
files = Table(
    "files",
    metadata,
    Column("id", Text, primary_key=True),
    owner_column(),
    Column("name", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("goes_with_chat", Boolean, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index(None, "owner_id", "id"),
)

# Which items refer to which files.
file_uses = Table(
    "file_uses",
    metadata,
    owner_column(is_key=True),
    Column("item_id", Text, primary_key=True),
    Column("file_id", Text, ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
    ForeignKeyConstraint(["owner_id", "item_id"], ["items.owner_id", "items.id"], ondelete="CASCADE"),
    Index(None, "file_id"),
)

# One row a person: what all models are told in chats that ask for it.
custom_instructions = Table(
    "custom_instructions",
    metadata,
    owner_column(is_key=True),
    Column("is_on", Boolean, nullable=False),
    Column("about", Text, nullable=False),
    Column("style", Text, nullable=False),
)

prompts = Table(
    "prompts",
    metadata,
    Column("id", Text, primary_key=True),
    owner_column(),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "owner_id"),
)

# A row each time that a prompt was saved.
prompt_versions = Table(
    "prompt_versions",
    metadata,
    Column("prompt_id", Text, ForeignKey("prompts.id", ondelete="CASCADE"), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
