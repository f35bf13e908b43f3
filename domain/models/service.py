"""What people do with models."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from domain.audit import Action
from domain.blobs import Owner
from domain.clock import Clock
from domain.errors import Code, Forbidden, Refused
from domain.models.model import KIND, Model, Part, Stage
from domain.projects.model import MemberRole
from domain.text import clean_text
from domain.transfers import Link, TransferLinks
from domain.viewer import Viewer
from domain.work import UnitOfWork, Works

MAX_NAME = 200
_FILES = {
    Part.WEIGHTS: ("{}.safetensors", "application/octet-stream"),
    Part.CARD: ("{}.json", "application/json"),
    Part.ONNX: ("{}.onnx", "application/octet-stream"),
    Part.SERIES: ("{}.parquet", "application/vnd.apache.parquet"),
}


class Models:
    """Take models home, name them, say how far they have come, and delete them."""

    def __init__(self, *, works: Works, clock: Clock, links: TransferLinks) -> None:
        self._works = works
        self._clock = clock
        self._links = links

    async def request_download(self, viewer: Viewer, id: UUID, part: Part) -> Link:
        async with self._works() as work:
            model, _ = await work.models.lock(viewer, id)
            owner = Owner(KIND, model.id, part.value)
            if await work.blobs.of(owner) is None:
                message = "This model has no such file: not every network can be exported, and not each has an account."
                raise Refused.because(Code.WRONG_STATE, message, "part")
        name, media_type = _FILES[part]
        return self._links.download(owner, user_id=viewer.id, name=name.format(model.name), media_type=media_type)

    async def rename(self, viewer: Viewer, id: UUID, name: str) -> Model:
        name, now = clean_text(name, "name", maximum=MAX_NAME), self._clock()
        async with self._works() as work:
            model = await _editable(work, viewer, id)
            await work.models.rename(id, name, now)
        return replace(model, name=name, updated_at=now)

    async def set_stage(self, viewer: Viewer, id: UUID, stage: Stage) -> Model:
        """The model of a strategy that was in production gives way to this one, and is archived."""
        now = self._clock()
        async with self._works() as work:
            model = await _editable(work, viewer, id)
            if model.stage is stage:
                return model
            if stage is Stage.PRODUCTION and model.strategy_id:
                for other in await work.models.in_production(model.strategy_id):
                    await self._move(work, viewer, other, Stage.ARCHIVED)
            await self._move(work, viewer, model, stage)
        return replace(model, stage=stage, updated_at=now)

    async def delete(self, viewer: Viewer, id: UUID) -> Model:
        async with self._works() as work:
            model = await _editable(work, viewer, id)
            if model.stage is Stage.PRODUCTION:
                message = "This model is in production. Give it another stage first, then delete it."
                raise Refused.because(Code.WRONG_STATE, message, "id")
            await work.models.delete(id)
            before = {"name": model.name, "owner": str(model.owner_id), "stage": model.stage.value}
            await work.audit.record(viewer, Action.MODEL_DELETED, of="Model", id=id, before=before)
        return model

    async def _move(self, work: UnitOfWork, viewer: Viewer, model: Model, stage: Stage) -> None:
        await work.models.set_stage(model.id, stage, self._clock())
        before, after = {"stage": model.stage.value}, {"stage": stage.value}
        await work.audit.record(viewer, Action.MODEL_STAGE_CHANGED, of="Model", id=model.id, before=before, after=after)


async def _editable(work: UnitOfWork, viewer: Viewer, id: UUID) -> Model:
    model, role = await work.models.lock(viewer, id)
    if not (viewer.is_admin or model.owner_id == viewer.id or _may_edit(role)):
        raise Forbidden("Only the owner of a model, and editors and owners of its strategy's project, may change it.")
    return model


def _may_edit(role: MemberRole | None) -> bool:
    return role is not None and role.may_edit
