"""feedback.

Revision: 0007, after 0006, made 2026-11-26 21:50:00.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _said_about(table: str, item: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column(item, sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f(f"fk_{table}_owner_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["owner_id", item],
            ["items.owner_id", "items.id"],
            name=op.f(f"fk_{table}_owner_id_{item}"),
            ondelete="CASCADE",
        ),
    ]


def _own(table: str, item: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("owner_id", item, name=op.f(f"uq_{table}_owner_id_{item}")),
        *_said_about(table, item),
    ]


def _author() -> list[sa.Column[str]]:
    return [sa.Column("response_id", sa.Text(), nullable=True), sa.Column("model", sa.Text(), nullable=True)]


def upgrade() -> None:
    """Go forward; no version of Maru has ever read or written the three tables that are made anew."""
    for table in ("ratings", "rankings", "demonstrations"):
        op.drop_table(table)
    op.create_table(
        "ratings",
        *_own("ratings", "item_id"),
        *_author(),
        sa.Column("is_up", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
    )
    op.create_table("rankings", *_own("rankings", "prompt_id"))
    op.create_table(
        "ranked_answers",
        sa.Column("ranking_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *_said_about("ranked_answers", "item_id"),
        *_author(),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ranking_id"], ["rankings.id"], name=op.f("fk_ranked_answers_ranking_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ranking_id", "position", name=op.f("pk_ranked_answers")),
    )
    op.create_table(
        "demonstrations",
        *_own("demonstrations", "item_id"),
        *_author(),
        sa.Column("text", sa.Text(), nullable=False),
    )
    for table in ("ratings", "rankings", "demonstrations"):
        op.create_index(op.f(f"ix_{table}_owner_id_conversation_id"), table, ["owner_id", "conversation_id"])
    op.create_index(op.f("ix_ranked_answers_owner_id_item_id"), "ranked_answers", ["owner_id", "item_id"])
