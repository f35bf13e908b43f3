"""Trusted documents in Postgres."""

from __future__ import annotations

from sqlalchemy import LargeBinary, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from domain.documents import TrustedDocument
from persistence.database import Reader
from persistence.reading import compiled
from persistence.tables.system import trusted_documents
from persistence.writing import WriteStore

_by_hash = compiled(
    select(trusted_documents.c.document).where(trusted_documents.c.sha256 == bindparam("sha256", type_=LargeBinary))
)


class DocumentReads:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def get(self, sha256: str) -> str | None:
        document: str | None = await self._reader.value(_by_hash, sha256=bytes.fromhex(sha256))
        return document


class PostgresDocuments(WriteStore):
    """Implements domain.documents.DocumentStore."""

    async def add(self, document: TrustedDocument) -> bool:
        values = {"sha256": document.sha256, "name": document.name, "document": document.document}
        statement = insert(trusted_documents).values(**values).on_conflict_do_nothing()
        return (await self._connection.execute(statement)).rowcount == 1
