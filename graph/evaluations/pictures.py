"""Pictures of evaluations, drawn here: as text, and by addresses that a browser can show."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET, Parent

from domain.evaluations.model import Evaluation
from domain.evaluations.pictures.offers import PictureWish, must_fit, pictures_of
from domain.evaluations.pictures.service import Picture
from domain.pictures.names import Look, PictureKind, Theme
from domain.transfers import Link
from graph.context import Info
from graph.datasets.data import LOOK
from graph.enums import described
from graph.execution.limits import Cost
from graph.fields import edge
from graph.ids import split
from graph.node import shown
from graph.payloads import query
from graph.policy import SIGNED_IN

described(
    PictureKind,
    "PictureKind",
    "What a picture shows.",
    {
        PictureKind.EQUITY: "What the account was worth, and how far below its peak; of all entries, or of one.",
        PictureKind.MONTHLY: "Returns by month and year; of one entry.",
        PictureKind.ROLLING_SHARPE: "The Sharpe ratio of the last bars as time went on; of all entries, or of one.",
        PictureKind.DISTRIBUTION: "How often which return of a bar came; of all entries, or of one.",
        PictureKind.TRADES: "The trades of a model on the price of a symbol.",
        PictureKind.WEIGHTS: "What a model held as time went on.",
        PictureKind.RADAR: "Several measures of several entries at once.",
        PictureKind.REGIMES: "When it was which kind of market.",
        PictureKind.COMPARISON: "Differences of entries with their intervals.",
        PictureKind.STRESS: "Total returns under each scenario.",
        PictureKind.SHORTFALL: "What carrying orders out cost.",
        PictureKind.FOLDS: "What came of each window of a walk-forward.",
    },
)
described(
    Theme,
    "PictureTheme",
    "The colours of a picture.",
    {
        Theme.LIGHT: "Dark on light.",
        Theme.DARK: "Light on dark.",
        Theme.AUTO: "As the device of whoever looks at it is set.",
    },
)

_Theme = Annotated[Theme, strawberry.argument(description="Its colours.")]
_Width = Annotated[int, strawberry.argument(description="In pixels, 280 to 2,000; its height follows.")]


def _link(parent: Picture, info: Info) -> Link:
    return info.context.use.evaluations.pictures.link(info.context.viewer, parent)


def _url(parent: Parent[Picture], info: Info) -> str:
    return _link(parent, info).url


def _expires_at(parent: Parent[Picture], info: Info) -> datetime:
    return _link(parent, info).expires_at


async def _svg(parent: Parent[Picture], info: Info) -> str:
    return await info.context.use.evaluations.pictures.svg(parent)


def _kind(parent: Parent[Picture]) -> PictureKind:
    return parent.offer.kind


def _key(parent: Parent[Picture]) -> str | None:
    return parent.offer.key


def _symbol(parent: Parent[Picture]) -> str | None:
    return parent.offer.symbol


def _title(parent: Parent[Picture]) -> str:
    return parent.offer.title


@strawberry.type(description="A picture that makes sense for an evaluation, and where to fetch it.")
class EvaluationPictureLink:
    kind: PictureKind = edge(_kind, "What it shows.")
    key: str | None = edge(_key, "Of which entry; null: of all, or of none in particular.")
    symbol: str | None = edge(_symbol, "Of which symbol, where it is of one.")
    title: str = edge(_title, "What stands above it.")
    url: str = edge(
        _url,
        "Where to GET it, without logging in: for <img>. For some minutes it stays the same. Whoever has it sees the "
        "picture for as long as you see the evaluation: keep it to yourself.",
    )
    expires_at: datetime = edge(_expires_at, "Until when the address is good.")


@strawberry.type(description="A picture of an evaluation.")
class EvaluationPicture(EvaluationPictureLink):
    svg: str = strawberry.field(
        resolver=_svg,
        description="The picture itself. It has its own styles, no script, and a text for those who cannot see it.",
        metadata={"cost": Cost(weight=LOOK)},
    )


def pictures(
    parent: Parent[Evaluation], theme: _Theme = Theme.AUTO, width: _Width = 800
) -> list[EvaluationPictureLink]:
    look = Look(theme, width)
    must_fit(look)
    return [shown(Picture(parent, offer, look)) for offer in pictures_of(parent)]


async def _picture(
    info: Info,
    evaluation_id: Annotated[strawberry.ID, strawberry.argument(description="The evaluation. It must be at its end.")],
    kind: Annotated[PictureKind, strawberry.argument(description="What to show; see `pictures` of the evaluation.")],
    key: Annotated[
        str | None,
        strawberry.argument(description="Of which entry. Left out: of all, or of the model where there is only one."),
    ] = UNSET,
    symbol: Annotated[
        str | None, strawberry.argument(description="For TRADES: of which symbol. Left out: of the first.")
    ] = UNSET,
    theme: _Theme = Theme.AUTO,
    width: _Width = 800,
) -> Any:
    parts = split(evaluation_id)
    if parts is None or parts[0] != "Evaluation":
        return None
    wish = PictureWish(kind, key or None, symbol or None, Look(theme, width))
    return await info.context.use.evaluations.pictures.picture(info.context.viewer, parts[1], wish)


@strawberry.type
class EvaluationPictureQueries:
    evaluation_picture: EvaluationPicture | None = query(
        _picture,
        policy=SIGNED_IN,
        description="A picture of an evaluation; null when there is no evaluation that you may see.",
    )


__all__ = ["EvaluationPictureLink", "EvaluationPictureQueries", "pictures"]
