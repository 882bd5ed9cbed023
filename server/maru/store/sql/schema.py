"""The tables of Maru's database, and nothing that asks them.

Times are Unix seconds, ids are text, documents are JSON text. `migrations/` makes these tables; a test holds the two
together. Types and constraints are those that SQLite and PostgreSQL share.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

# The migration that makes exactly these tables; the start needs Alembic only when the database says another.
REVISION = "0015"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_USER = "users.id"
# SQLite gives numbers by itself only to INTEGER keys, which hold 64 bits there.
_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")


def owner_column(*, is_key: bool = False) -> Column[str]:
    """Whose a row is."""
    return Column("owner_id", Text, ForeignKey(_USER, ondelete="CASCADE"), primary_key=is_key, nullable=False)


users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("is_local_owner", Boolean, nullable=False),
    Column("is_memory_on", Boolean),  # NULL: no
)
Index(
    "ix_users_one_local_owner",
    users.c.is_local_owner,
    unique=True,
    sqlite_where=text("is_local_owner"),
    postgresql_where=text("is_local_owner"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    owner_column(),
    Column("secret_hash", Text, nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Index(None, "owner_id"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    owner_column(),
    Column("name", Text, nullable=False),
    Column("secret_hash", Text, nullable=False, unique=True),
    Column("prefix", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
    Column("revoked_at", BigInteger),
    Index(None, "owner_id"),
)

quota_use = Table(
    "quota_use",
    metadata,
    owner_column(is_key=True),
    Column("day", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("requests", BigInteger, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Text, primary_key=True),
    owner_column(),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("archived_at", BigInteger),
    Column("title", Text),
    Column("metadata", Text, nullable=False),
    Column("head_id", Text),
    Column("is_pinned", Boolean),  # NULL: no
    Column("folder_id", Text),
    UniqueConstraint("owner_id", "id"),
    Index(None, "owner_id", "updated_at", "id"),
)
IS_PINNED = text("is_pinned")
Index(
    "ix_conversations_pinned",
    conversations.c.owner_id,
    conversations.c.updated_at,
    conversations.c.id,
    sqlite_where=IS_PINNED,
    postgresql_where=IS_PINNED,
)

responses = Table(
    "responses",
    metadata,
    Column("id", Text, primary_key=True),
    owner_column(),
    Column("status", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("completed_at", BigInteger),
    Column("request", Text, nullable=False),  # empty: nobody read it, and each checkpoint wrote the whole row again
    Column("body", Text, nullable=False),
    # No foreign key: a running response outlives its conversation, and then must not write into another place.
    Column("conversation_id", Text),
    Column("previous_response_id", Text),
    Column("input_leaf_id", Text),
    Column("output_leaf_id", Text),
    # No foreign key: it would need an index over all that ever ended. NULL: nobody runs it.
    Column("server_id", Text),
    Column("is_stop_asked", Boolean),  # NULL: no
    Column("is_streamed", Boolean),  # NULL: it began before this was noted
    Index(None, "conversation_id"),
    Index(None, "owner_id", "input_leaf_id"),
    Index(None, "owner_id", "output_leaf_id"),
)
IS_RUNNING = text("status IN ('queued', 'in_progress')")
Index(
    "ix_responses_running_in",
    responses.c.conversation_id,
    sqlite_where=IS_RUNNING,
    postgresql_where=IS_RUNNING,
)

# Finds what is asked for every second or so without reading the rows of all that runs, which may be megabytes each.
Index(
    "ix_responses_running_by_server",
    responses.c.server_id,
    responses.c.is_stop_asked,
    responses.c.id,
    sqlite_where=IS_RUNNING,
    postgresql_where=IS_RUNNING,
)

# One row a server process that lives: its lease, renewed every few seconds.
servers = Table(
    "servers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("lease_until", BigInteger, nullable=False),
)

# The event log: a piece a checkpoint while the response runs, one piece for all when it has ended (`turns/packing.py`).
response_events = Table(
    "response_events",
    metadata,
    Column("response_id", Text, ForeignKey("responses.id", ondelete="CASCADE"), primary_key=True),
    Column("first_number", BigInteger, primary_key=True, autoincrement=False),
    Column("packed", LargeBinary, nullable=False),
)

# A deleted response frees its key.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    owner_column(is_key=True),
    Column("value", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("response_id", Text, ForeignKey("responses.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "response_id"),
    Index(None, "owner_id", "created_at"),
)

# `seq` is the order of making. A parent is always older than its child, so this order also puts parents first.
# The keys hold the owner too: an id taken by a stranger is free here, and a branch cannot cross to another owner.
items = Table(
    "items",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
    owner_column(),
    Column("id", Text, nullable=False),
    Column("parent_id", Text),
    Column("conversation_id", Text),
    Column("response_id", Text, ForeignKey("responses.id", ondelete="SET NULL")),
    Column("created_at", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),
    Column("is_pinned", Boolean),  # NULL: no
    UniqueConstraint("owner_id", "id"),
    ForeignKeyConstraint(["owner_id", "parent_id"], ["items.owner_id", "items.id"]),
    ForeignKeyConstraint(["owner_id", "conversation_id"], ["conversations.owner_id", "conversations.id"]),
    Index(None, "owner_id", "parent_id"),
    Index(None, "owner_id", "conversation_id", "seq"),
    Index(None, "response_id"),
)

# Up to which `seq` the items are in the index of pieces, which SQLite holds in a table of its own kind (one row).
search_progress = Table(
    "search_progress",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
)

context_ledger = Table(
    "context_ledger",
    metadata,
    Column("response_id", Text, ForeignKey("responses.id", ondelete="CASCADE"), primary_key=True),
    owner_column(),
    Column("payload", Text, nullable=False),
)

# What stands for the items of a branch from its root to `last_item_id`, where the model is not shown them any more.
summaries = Table(
    "summaries",
    metadata,
    Column("id", Text, primary_key=True),
    owner_column(),
    Column("conversation_id", Text, nullable=False),
    Column("last_item_id", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("edited_at", BigInteger),
    ForeignKeyConstraint(
        ["owner_id", "conversation_id"], ["conversations.owner_id", "conversations.id"], ondelete="CASCADE"
    ),
    Index(None, "owner_id", "conversation_id"),
)

# What a person wants to be known in all conversations.
memory_facts = Table(
    "memory_facts",
    metadata,
    Column("id", Text, primary_key=True),
    owner_column(),
    Column("text", Text, nullable=False),
    Column("conversation_id", Text),  # where it was said; no foreign key, because it outlives that
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index(None, "owner_id"),
)


# What people say about answers, and who wrote those. It goes with the item that it is about.
def _said_about(item: str) -> tuple[Column[str] | ForeignKeyConstraint, ...]:
    return (
        Column(item, Text, nullable=False),
        ForeignKeyConstraint(["owner_id", item], ["items.owner_id", "items.id"], ondelete="CASCADE"),
    )


def _author() -> tuple[Column[str], Column[str]]:
    # No foreign key: it stays known when the response is deleted. NULL: nobody knows.
    return Column("response_id", Text), Column("model", Text)


ratings = Table(
    "ratings",
    metadata,
    Column("id", Text, primary_key=True),
    owner_column(),
    Column("conversation_id", Text, nullable=False),
    *_said_about("item_id"),
    *_author(),
    Column("is_up", Boolean, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("comment", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("owner_id", "item_id"),
    Index(None, "owner_id", "conversation_id"),
)

rankings = Table(
    "rankings",
    metadata,
    Column("id", Text, primary_key=True),
    owner_column(),
    Column("conversation_id", Text, nullable=False),
    *_said_about("prompt_id"),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("owner_id", "prompt_id"),
    Index(None, "owner_id", "conversation_id"),
)

# Best first by `position`; answers of the same `place` are as good as each other.
ranked_answers = Table(
    "ranked_answers",
    metadata,
    Column("ranking_id", Text, ForeignKey("rankings.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    owner_column(),
    *_said_about("item_id"),
    *_author(),
    Column("place", Integer, nullable=False),
    Index(None, "owner_id", "item_id"),
)

demonstrations = Table(
    "demonstrations",
    metadata,
    Column("id", Text, primary_key=True),
    owner_column(),
    Column("conversation_id", Text, nullable=False),
    *_said_about("item_id"),
    *_author(),
    Column("text", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("owner_id", "item_id"),
    Index(None, "owner_id", "conversation_id"),
)

# Which conversation was taken in from elsewhere, by its name there, so that a file is taken in once.
moved_conversations = Table(
    "moved_conversations",
    metadata,
    owner_column(is_key=True),
    Column("source", Text, primary_key=True),
    Column("source_id", Text, primary_key=True),
    Column("conversation_id", Text, nullable=False),
    ForeignKeyConstraint(
        ["owner_id", "conversation_id"], ["conversations.owner_id", "conversations.id"], ondelete="CASCADE"
    ),
    Index(None, "owner_id", "conversation_id"),
)

# Nothing writes here: files lie in `files`, with their bytes. A later release drops this table.
blobs = Table(
    "blobs",
    metadata,
    owner_column(is_key=True),
    Column("sha256", Text, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

model_versions = Table(
    "model_versions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("parent_id", Text, ForeignKey("model_versions.id")),
    Column("name", Text, nullable=False),
    Column("lineage", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

training_runs = Table(
    "training_runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("status", Text, nullable=False),
    Column("recipe", Text, nullable=False),
    Column("model_version_id", Text, ForeignKey("model_versions.id")),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
)

gate_reports = Table(
    "gate_reports",
    metadata,
    Column("id", Text, primary_key=True),
    Column("model_version_id", Text, ForeignKey("model_versions.id"), nullable=False),
    Column("is_passed", Boolean, nullable=False),
    Column("report", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
