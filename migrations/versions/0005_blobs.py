"""Content by its hash, and who uses it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A migration that cannot get its lock gives way, instead of holding up everybody behind it.
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("octet_length(sha256) = 32", name=op.f("ck_blobs_sha256")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_blobs_size")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blobs")),
    )
    op.create_table(
        "blob_uses",
        sa.Column("owner_kind", sa.String(length=30), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(length=30), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["blobs.sha256"], name=op.f("fk_blob_uses_sha256")),
        sa.PrimaryKeyConstraint("owner_kind", "owner_id", "part", name=op.f("pk_blob_uses")),
    )
    op.create_index(op.f("ix_blob_uses_sha256"), "blob_uses", ["sha256"], unique=False)
    # For the tables of owners: CREATE TRIGGER ... AFTER DELETE ON datasets
    # FOR EACH ROW EXECUTE FUNCTION release_blobs('dataset'). So nothing outlives its owner, whatever deleted it.
    op.execute(
        """
        CREATE FUNCTION release_blobs() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            WITH ended AS (
                DELETE FROM blob_uses WHERE owner_kind = TG_ARGV[0] AND owner_id = OLD.id RETURNING sha256
            )
            UPDATE blobs SET touched_at = now() WHERE sha256 IN (SELECT sha256 FROM ended);
            RETURN NULL;
        END $$
        """
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP FUNCTION release_blobs()")
    op.drop_index(op.f("ix_blob_uses_sha256"), table_name="blob_uses")
    op.drop_table("blob_uses")
    op.drop_table("blobs")
