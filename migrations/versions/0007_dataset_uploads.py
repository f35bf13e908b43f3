"""Uploads that were promised, and the keys by which a second try is known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A migration that cannot get its lock gives way, instead of holding up everybody behind it.
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("datasets", sa.Column("idempotency_key", sa.String(length=100), nullable=True))
    op.create_index("uq_datasets_owner_id_idempotency_key", "datasets", ["owner_id", "idempotency_key"], unique=True)
    op.create_table(
        "dataset_uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dataset_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("idempotency_key", sa.String(length=100), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name=op.f("fk_dataset_uploads_dataset_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_dataset_uploads_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset_uploads")),
    )
    op.create_index(op.f("ix_dataset_uploads_dataset_id"), "dataset_uploads", ["dataset_id"], unique=False)
    op.create_index(
        "uq_dataset_uploads_user_id_idempotency_key", "dataset_uploads", ["user_id", "idempotency_key"], unique=True
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("uq_dataset_uploads_user_id_idempotency_key", table_name="dataset_uploads")
    op.drop_index(op.f("ix_dataset_uploads_dataset_id"), table_name="dataset_uploads")
    op.drop_table("dataset_uploads")
    op.drop_index("uq_datasets_owner_id_idempotency_key", table_name="datasets")
    op.drop_column("datasets", "idempotency_key")
