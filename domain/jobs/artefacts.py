"""Pictures and tables that came out of a job. They belong to it, and stay as long as it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol
from uuid import UUID

from domain.blobs import Owner
from domain.jobs.model import KIND
from domain.viewer import Viewer

PREFIX = "artefact/"
_MEDIA_TYPES = {".png": "image/png", ".csv": "text/csv; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Artefact:
    name: str
    size: int

    @property
    def media_type(self) -> str:
        return media_type_of(self.name)


class ArtefactReads(Protocol):
    async def artefacts(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Sequence[Artefact]]:
        """Of each job that the viewer sees, by name."""


def artefact_of(job_id: UUID, name: str) -> Owner:
    """The engine names it, in at most 21 characters."""
    return Owner(KIND, job_id, PREFIX + name)


def media_type_of(name: str) -> str:
    return _MEDIA_TYPES.get(PurePath(name).suffix, "application/octet-stream")
