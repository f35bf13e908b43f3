"""What people do with evaluations that exist."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from domain.audit import Action
from domain.clock import Clock
from domain.errors import Code, Forbidden, Refused
from domain.evaluations.model import Evaluation
from domain.text import clean_text
from domain.trainings.wish import MAX_NAME
from domain.viewer import Viewer
from domain.work import Works


class EvaluationUpkeep:
    """Call evaluations something else, and delete them. As of jobs, only who started one may."""

    def __init__(self, *, works: Works, clock: Clock) -> None:
        self._works = works
        self._clock = clock

    async def rename(self, viewer: Viewer, id: UUID, name: str) -> Evaluation:
        name, now = clean_text(name, "name", maximum=MAX_NAME), self._clock()
        async with self._works() as work:
            evaluation = _own(viewer, await work.evaluations.lock(viewer, id))
            await work.evaluations.rename(id, name, now)
        return replace(evaluation, name=name, updated_at=now)

    async def delete(self, viewer: Viewer, id: UUID) -> Evaluation:
        """With its files, and with its job: neither means anything without the other."""
        async with self._works() as work:
            evaluation = _own(viewer, await work.evaluations.find(viewer, id))
            # The job first, as whoever needs both does.
            job = await work.jobs.lock(viewer, evaluation.job_id)
            if not job.status.is_over:
                message = f"This evaluation is {job.status.value}. Cancel its job first."
                raise Refused.because(Code.WRONG_STATE, message, "id")
            await work.jobs.delete(job.id)
            before = {"name": evaluation.name, "kind": evaluation.kind.value, "job": str(job.id)}
            await work.audit.record(viewer, Action.EVALUATION_DELETED, of="Evaluation", id=id, before=before)
        return evaluation


def _own(viewer: Viewer, evaluation: Evaluation) -> Evaluation:
    if evaluation.owner_id != viewer.id and not viewer.is_admin:
        raise Forbidden("Only who started an evaluation may do this.")
    return evaluation
