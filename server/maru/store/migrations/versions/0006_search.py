"""search: an index of what is said.

Revision: 0006, after 0005, made 2026-11-26 21:55:00.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; only add. The index is empty: the server fills it in the background."""
    progress = op.create_table(
        "search_progress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_progress")),
    )
    op.bulk_insert(progress, [{"id": 1, "last_seq": 0, "version": 1}])
    if op.get_bind().dialect.name == "sqlite":
        _index_on_sqlite()
    else:
        _index_on_postgresql()


def _index_on_sqlite() -> None:
    """The pieces of what every item says, by its `seq`; `store/sql/sqlite_pieces.py` fills it."""
    op.execute(
        "CREATE VIRTUAL TABLE item_pieces USING fts5(pieces, content='', columnsize=0, detail=none, tokenize='ascii')"
    )
    op.execute("""
        CREATE TRIGGER item_pieces_leave AFTER DELETE ON items
        WHEN old.seq <= (SELECT last_seq FROM search_progress)
        BEGIN
            INSERT INTO item_pieces (item_pieces, rowid, pieces)
            VALUES ('delete', old.seq, maru_pieces(old.owner_id, old.payload));
            UPDATE search_progress SET last_seq = (SELECT coalesce(max(seq), 0) FROM items)
            WHERE last_seq > (SELECT coalesce(max(seq), 0) FROM items);
        END
    """)


def _index_on_postgresql() -> None:
    """The same, filled by `store/sql/postgresql_pieces.py`."""
    op.create_table(
        "item_pieces",
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("pieces", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["items.seq"], name=op.f("fk_item_pieces_seq_items"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_item_pieces")),
    )
    op.create_index(op.f("ix_item_pieces_pieces"), "item_pieces", ["pieces"], postgresql_using="gin")
