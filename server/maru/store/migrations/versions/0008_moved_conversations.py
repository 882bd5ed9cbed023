"""moved conversations.

Revision: 0008, after 0007, made 2026-11-26 22:15:00.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; only add."""
    op.create_table(
        "moved_conversations",
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_moved_conversations_owner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "conversation_id"],
            ["conversations.owner_id", "conversations.id"],
            name=op.f("fk_moved_conversations_owner_id_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "source", "source_id", name=op.f("pk_moved_conversations")),
    )
    op.create_index(
        op.f("ix_moved_conversations_owner_id_conversation_id"),
        "moved_conversations",
        ["owner_id", "conversation_id"],
    )
