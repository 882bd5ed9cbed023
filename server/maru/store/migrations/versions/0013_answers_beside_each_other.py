"""answers beside each other.

Revision: 0013, after 0012, made 2026-11-27 01:15:00.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; a version of Maru that knows the unique index works without it, as it looks before it writes."""
    is_running = sa.text("status IN ('queued', 'in_progress')")
    op.drop_index("ix_responses_one_running", table_name="responses")
    op.create_index(
        "ix_responses_running_in",
        "responses",
        ["conversation_id"],
        sqlite_where=is_running,
        postgresql_where=is_running,
    )
