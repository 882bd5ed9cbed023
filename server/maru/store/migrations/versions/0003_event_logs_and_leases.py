"""event logs and leases.

Revision: 0003, after 0002, made 2026-11-26 15:40:00.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; only add."""
    op.create_table(
        "servers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_servers")),
    )
    op.create_table(
        "response_events",
        sa.Column("response_id", sa.Text(), nullable=False),
        sa.Column("first_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("fk_response_events_response_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("response_id", "first_number", name=op.f("pk_response_events")),
    )
    # Plain columns are added in place: copying the table would, by its foreign keys, empty those that point to it.
    op.add_column("responses", sa.Column("server_id", sa.Text(), nullable=True))
    op.add_column("responses", sa.Column("is_stop_asked", sa.Boolean(), nullable=True))
    op.add_column("responses", sa.Column("is_streamed", sa.Boolean(), nullable=True))
    is_running = sa.text("status IN ('queued', 'in_progress')")
    op.create_index(
        "ix_responses_running_by_server",
        "responses",
        ["server_id", "is_stop_asked", "id"],
        unique=False,
        sqlite_where=is_running,
        postgresql_where=is_running,
    )
