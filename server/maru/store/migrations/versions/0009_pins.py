"""pins of conversations.

Revision: 0009, after 0008, made 2026-11-26 22:20:00.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; only add."""
    op.add_column("conversations", sa.Column("is_pinned", sa.Boolean(), nullable=True))
    op.create_index(
        "ix_conversations_pinned",
        "conversations",
        ["owner_id", "updated_at", "id"],
        sqlite_where=sa.text("is_pinned"),
        postgresql_where=sa.text("is_pinned"),
    )
