"""The artefacts of jobs, read in batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, func, select

from domain.jobs.artefacts import PREFIX, Artefact
from domain.jobs.model import KIND
from domain.viewer import Viewer
from persistence.access import access, jobs_seen
from persistence.database import Reader
from persistence.reading import Query, compiled
from persistence.tables.blobs import blob_uses, blobs
from persistence.tables.jobs import jobs


def _artefacts(*seen: ColumnElement[bool]) -> Query:
    ours = blob_uses.c.owner_kind == KIND, blob_uses.c.part.startswith(PREFIX)
    used = jobs.join(blob_uses, blob_uses.c.owner_id == jobs.c.id).join(blobs, blobs.c.sha256 == blob_uses.c.sha256)
    columns = jobs.c.id, func.substr(blob_uses.c.part, len(PREFIX) + 1), blobs.c.size
    asked = jobs.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    return compiled(select(*columns).select_from(used).where(asked, *ours, *seen).order_by(blob_uses.c.part))


_ARTEFACTS = {"admin": _artefacts(), "member": _artefacts(jobs_seen())}


class PostgresArtefacts:
    """Implements domain.jobs.artefacts.ArtefactReads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def artefacts(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Sequence[Artefact]]:
        found: dict[UUID, list[Artefact]] = defaultdict(list)
        for id_, name, size in await self._reader.rows(_ARTEFACTS[access(viewer)], ids=ids, viewer=viewer.user_id):
            found[id_].append(Artefact(name, size))
        return [found[id_] for id_ in ids]
