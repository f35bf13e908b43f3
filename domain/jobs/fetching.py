"""Taking home what came out of jobs."""

from __future__ import annotations

from uuid import UUID

from domain.errors import Code, Refused
from domain.jobs.artefacts import artefact_of, media_type_of
from domain.text import readable
from domain.transfers import Link, TransferLinks
from domain.viewer import Viewer
from domain.work import Works


class Artefacts:
    """Gives links to the artefacts of jobs that the viewer sees."""

    def __init__(self, *, works: Works, links: TransferLinks) -> None:
        self._works = works
        self._links = links

    async def request(self, viewer: Viewer, id: UUID, name: str) -> Link:
        async with self._works() as work:
            job = await work.jobs.lock(viewer, id)
            owner = artefact_of(job.id, name)
            if not name.isprintable() or await work.blobs.of(owner) is None:
                message = f'This job has no artefact "{readable(name)}".'
                raise Refused.because(Code.NOT_FOUND, message, "name")
        return self._links.download(owner, user_id=viewer.id, name=name, media_type=media_type_of(name))
