"""Content by its hash, and who uses it."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, LargeBinary, String, Table, Uuid

from persistence.tables.base import created_at, metadata, time_column

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", LargeBinary, primary_key=True),
    Column("size", BigInteger, nullable=False),
    # When the content was last brought or given up: for a while afterwards it is left alone.
    time_column("touched_at", nullable=False),
    created_at(),
    CheckConstraint("octet_length(sha256) = 32", name="sha256"),
    CheckConstraint("size >= 0", name="size"),
)

# An owner is a row of another table, so there is no foreign key to it: a trigger on that table (release_blobs of
# migration 0005) deletes the uses of whatever goes, by a cascade too.
blob_uses = Table(
    "blob_uses",
    metadata,
    Column("owner_kind", String(30), primary_key=True),
    Column("owner_id", Uuid, primary_key=True),
    Column("part", String(30), primary_key=True),
    Column("sha256", LargeBinary, ForeignKey("blobs.sha256"), nullable=False),
    created_at(),
)
Index(None, blob_uses.c.sha256)
