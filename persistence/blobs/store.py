"""Which content there is and who uses it, in Postgres."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Row,
    Select,
    String,
    Uuid,
    any_,
    bindparam,
    delete,
    exists,
    select,
    update,
)
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.blobs import Content, KeptRow, Owner
from domain.clock import Clock
from persistence.database import Reader
from persistence.reading import compiled
from persistence.tables.blobs import blob_uses, blobs
from persistence.writing import WriteStore

_content = select(blobs.c.sha256, blobs.c.size).join(blob_uses, blob_uses.c.sha256 == blobs.c.sha256)


def _of(kind: ColumnElement[str], id: ColumnElement[UUID], part: ColumnElement[str]) -> Select[tuple[bytes, int]]:
    return _content.where(blob_uses.c.owner_kind == kind, blob_uses.c.owner_id == id, blob_uses.c.part == part)


_query = _of(bindparam("kind", type_=String), bindparam("id", type_=Uuid), bindparam("part", type_=String))
_compiled = compiled(_query)
_of_many = compiled(
    select(blob_uses.c.owner_id, blob_uses.c.part, blobs.c.sha256, blobs.c.size)
    .join(blob_uses, blob_uses.c.sha256 == blobs.c.sha256)
    .where(
        blob_uses.c.owner_kind == bindparam("kind", type_=String),
        blob_uses.c.owner_id == any_(bindparam("ids", type_=ARRAY(Uuid))),
        blob_uses.c.part == any_(bindparam("parts", type_=ARRAY(String))),
    )
)


class PostgresBlobReads:
    """Implements domain.blobs.BlobReads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def content_of(self, owner: Owner) -> Content | None:
        record = await self._reader.row(_compiled, kind=owner.kind, id=owner.id, part=owner.part)
        return Content(record[0].hex(), record[1]) if record is not None else None

    async def contents_of(self, kind: str, ids: Sequence[UUID], parts: Collection[str]) -> Mapping[Owner, Content]:
        records = await self._reader.rows(_of_many, kind=kind, ids=ids, parts=list(parts))
        return {Owner(kind, record[0], record[1]): Content(record[2].hex(), record[3]) for record in records}


class PostgresBlobs(WriteStore):
    """Implements domain.blobs.BlobStore."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        super().__init__(connection)
        self._clock = clock

    async def expect(self, content: Content) -> None:
        now = self._clock()
        values = {"sha256": bytes.fromhex(content.sha256), "size": content.size, "touched_at": now, "created_at": now}
        statement = insert(blobs).values(**values)
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=["sha256"], set_={"touched_at": now})
        )

    async def use(self, owner: Owner, content: Content) -> None:
        here = blob_uses.c.owner_kind == owner.kind, blob_uses.c.owner_id == owner.id, blob_uses.c.part == owner.part
        await self._end(*here)
        values = {"owner_kind": owner.kind, "owner_id": owner.id, "part": owner.part}
        sha256 = bytes.fromhex(content.sha256)
        statement = plain_insert(blob_uses).values(**values, sha256=sha256, created_at=self._clock())
        await self._connection.execute(statement)

    async def release(self, kind: str, id: UUID, part: str | None = None) -> None:
        parts = [blob_uses.c.part == part] if part is not None else []
        await self._end(blob_uses.c.owner_kind == kind, blob_uses.c.owner_id == id, *parts)

    async def _end(self, *condition: ColumnElement[bool]) -> None:
        ended = await self._connection.execute(delete(blob_uses).where(*condition).returning(blob_uses.c.sha256))
        if hashes := ended.scalars().all():
            given_up = update(blobs).where(blobs.c.sha256.in_(hashes)).values(touched_at=self._clock())
            await self._connection.execute(given_up)

    async def of(self, owner: Owner) -> Content | None:
        row = await self._one(_query, {"kind": owner.kind, "id": owner.id, "part": owner.part})
        return Content(row.sha256.hex(), row.size) if row is not None else None

    async def beginning_with(self, first: int, last: int) -> Sequence[KeptRow]:
        used = exists().where(blob_uses.c.sha256 == blobs.c.sha256)
        columns = blobs.c.sha256, blobs.c.size, blobs.c.touched_at, used.label("used")
        these = blobs.c.sha256.between(bytes([first]), bytes([last]) + b"\xff" * 32)
        rows = await self._connection.execute(select(*columns).where(these))
        return [_kept(row) for row in rows]

    async def adopt(self, stray: Content, touched_at: datetime) -> None:
        values = {"sha256": bytes.fromhex(stray.sha256), "size": stray.size, "touched_at": touched_at}
        statement = insert(blobs).values(**values, created_at=self._clock())
        await self._connection.execute(statement.on_conflict_do_nothing())

    async def lock_unused(self, sha256: str, before: datetime) -> bool:
        key = bytes.fromhex(sha256)
        untouched = blobs.c.sha256 == key, blobs.c.touched_at < before
        locked = await self._one(select(blobs.c.sha256).where(*untouched).with_for_update(skip_locked=True))
        if locked is None:
            return False
        # A statement of its own: only now no use can be added, and only now all that were added are seen.
        return await self._one(select(blob_uses.c.sha256).where(blob_uses.c.sha256 == key).limit(1)) is None

    async def forget(self, sha256: str) -> None:
        await self._connection.execute(delete(blobs).where(blobs.c.sha256 == bytes.fromhex(sha256)))


def _kept(row: Row[tuple[bytes, int, datetime, bool]]) -> KeptRow:
    return KeptRow(Content(row.sha256.hex(), row.size), row.touched_at, row.used)
