"""Makes reports of evaluations that are over."""

from __future__ import annotations

import asyncio

from domain.errors import Code, Refused
from domain.evaluations.model import Evaluation
from domain.evaluations.pictures.material import Material, PictureFiles
from domain.evaluations.pictures.offers import OF_ONE, Offer, pictures_of, symbols_of
from domain.pictures.names import Look, PictureKind, Theme

BROAD, NARROW = 880, 330
_MOST_MODELS = 4
"""Of so many models, the first ones, there are pictures of their own."""


class EvaluationReports:
    """The same evaluation gives the same page, byte by byte."""

    def __init__(self, files: PictureFiles) -> None:
        self._files = files

    async def html(self, evaluation: Evaluation) -> str:
        if evaluation.result is None:
            message = "This evaluation has no result. Wait for its job, or retry it."
            raise Refused.because(Code.WRONG_STATE, message, "part")
        offers = shown_in(evaluation)
        materials = [await self._files.material(evaluation, offer, BROAD) for offer in offers]
        return await asyncio.to_thread(_written, evaluation, offers, materials)


def shown_in(evaluation: Evaluation) -> list[Offer]:
    """Of one symbol its trades tell most, of many what was held of each."""
    left_out = PictureKind.TRADES if len(symbols_of(evaluation)) > 1 else PictureKind.WEIGHTS
    some = [each["key"] for each in evaluation.parameters["models"]][:_MOST_MODELS]
    return [
        each
        for each in pictures_of(evaluation)
        if each.kind is not left_out and (each.kind not in OF_ONE or each.key in some)
    ]


def _written(evaluation: Evaluation, offers: list[Offer], materials: list[Material]) -> str:
    # Here, so that a process that draws nothing does without numpy.
    from domain.evaluations.pictures.drawing import drawn  # noqa: PLC0415
    from domain.evaluations.report.page import Shown, report  # noqa: PLC0415
    from domain.evaluations.told import Told  # noqa: PLC0415

    shown = [
        Shown(offer, *(drawn(evaluation, offer, material, Look(Theme.AUTO, width)) for width in (BROAD, NARROW)))
        for offer, material in zip(offers, materials, strict=True)
    ]
    return report(Told(evaluation), shown)
