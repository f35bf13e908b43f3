"""What came out of jobs."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from uuid import UUID

from app.factory import Factory
from app.storage import storage_for
from domain.blobs import Content
from domain.jobs.artefacts import artefact_of


async def an_artefact(factory: Factory, job_id: UUID, name: str, data: bytes = b"picture") -> None:
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(data)
    content = Content(hashlib.sha256(data).hexdigest(), len(data))
    await factory.transfers.blobs.keep(Path(file.name), content)
    async with factory.works() as work:
        await work.blobs.use(artefact_of(job_id, name), content)


async def artefacts_of(factory: Factory, job_id: UUID, *names: str) -> dict[str, bytes]:
    """Those of these names that are there."""
    async with factory.works() as work:
        found = {name: await work.blobs.of(artefact_of(job_id, name)) for name in names}
    return {name: await _read(factory, content) for name, content in found.items() if content}


async def _read(factory: Factory, content: Content) -> bytes:
    return b"".join([part async for part in storage_for(factory.settings).read(content)])
