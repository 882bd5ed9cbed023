"""fewer indexes of responses.

Revision: 0005, after 0004, made 2026-11-26 19:10:00.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; a version of Maru that knows these indexes works without them."""
    # No query needed either. SQLite chose the second for the responses of one conversation, because it has their order,
    # and read every response of the owner.
    op.drop_index("ix_responses_running", table_name="responses")
    op.drop_index("ix_responses_owner_id_created_at", table_name="responses")
