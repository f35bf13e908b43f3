"""Draws pictures of evaluations for those who see them."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

from domain.errors import Forbidden, Refused
from domain.evaluations.model import Evaluation
from domain.evaluations.pictures.links import PictureLinks, PictureTicket
from domain.evaluations.pictures.material import Material, PictureFiles
from domain.evaluations.pictures.offers import Offer, PictureWish, settled
from domain.evaluations.stores import EvaluationReads
from domain.pictures.names import Look
from domain.transfers import Link
from domain.viewer import Viewer
from domain.work import Works

_DOMAIN = Path(__file__).resolve().parents[2]
_DRAWERS = "pictures", "evaluations/pictures"


@dataclass(frozen=True, slots=True)
class Picture:
    """One that can be drawn, as somebody wishes it."""

    evaluation: Evaluation
    offer: Offer
    look: Look

    @property
    def tag(self) -> str:
        """Other bytes, another tag: of what was found out, of the wish, and of the way of drawing."""
        evaluation, offer, look = self.evaluation, self.offer, self.look
        finished = evaluation.finished_at.isoformat() if evaluation.finished_at else ""
        wish = offer.kind, offer.key, offer.symbol, offer.title, look.theme, look.width
        return hashlib.sha256(json.dumps([evaluation.id.hex, finished, *wish, _way()]).encode()).hexdigest()


class EvaluationPictures:
    """Nothing is read or drawn before `svg`."""

    def __init__(self, *, works: Works, reads: EvaluationReads, files: PictureFiles, links: PictureLinks) -> None:
        self._works = works
        self._reads = reads
        self._files = files
        self._links = links

    async def picture(self, viewer: Viewer, id: UUID, wish: PictureWish) -> Picture | None:
        """None when there is no such evaluation for this viewer."""
        [evaluation] = await self._reads.by_ids(viewer, [id])
        if evaluation is None:
            return None
        return Picture(evaluation, settled(evaluation, wish), wish.look)

    async def ticketed(self, text: str) -> tuple[PictureTicket, Picture | None]:
        """What somebody was given an address of. None: they do not see it any more. Raises BadTicket and Forbidden."""
        ticket = self._links.open(text)
        viewer = await self._behind(ticket.user_id)
        return ticket, await self.picture(viewer, ticket.evaluation_id, ticket.wish)

    async def svg(self, picture: Picture) -> str:
        material = await self._files.material(picture.evaluation, picture.offer, picture.look.width)
        return await asyncio.to_thread(_drawn, picture, material)

    def link(self, viewer: Viewer, picture: Picture) -> Link:
        offer = picture.offer
        wish = PictureWish(offer.kind, offer.key, offer.symbol, picture.look)
        return self._links.link(picture.evaluation.id, viewer.id, wish)

    async def _behind(self, user_id: UUID) -> Viewer:
        """Who was given the address, as they are now."""
        async with self._works() as work:
            try:
                user = (await work.users.get(user_id)).user
            except Refused as refused:
                raise Forbidden("Who asked for this picture is gone.") from refused
        if not user.is_active:
            raise Forbidden("You may not see pictures any more.")
        return Viewer(user.id, user.role)


def _drawn(picture: Picture, material: Material) -> str:
    # Here, so that a process that draws nothing does without numpy.
    from domain.evaluations.pictures.drawing import drawn  # noqa: PLC0415

    return drawn(picture.evaluation, picture.offer, material, picture.look)


@cache
def _way() -> str:
    """How pictures are drawn: the code that does it."""
    files = [path for folder in _DRAWERS for path in sorted((_DOMAIN / folder).glob("*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
