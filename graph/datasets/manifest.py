"""The papers of a dataset that the platform made."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry.scalars import JSON

from domain.datasets.columns import ColumnKind


@strawberry.type(description="A column of a dataset that the platform made.")
class ManifestColumn:
    name: str = strawberry.field(description="Its name.")
    kind: ColumnKind = strawberry.field(description="What it may be used for.")
    missing: int = strawberry.field(description="How many values are missing.")


@strawberry.type(description="One part of a split, both ends included.")
class SplitPart:
    name: str = strawberry.field(description="train, valid or test.")
    rows: int = strawberry.field(description="How many rows it has.")
    times: int = strawberry.field(description="How many different times it has.")
    first: datetime = strawberry.field(description="Its first time.")
    last: datetime = strawberry.field(description="Its last time.")


@strawberry.type(description="What a step did to rows or values.")
class StepChange:
    step: int = strawberry.field(description="Which step, counted from 0.")
    what: str = strawberry.field(description="added, removed, filled, clipped, purged, warm_up ...")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="How a dataset was made, in full: with it, the same input gives the same bytes again.")
class DatasetManifest:
    engine: str = strawberry.field(description="Version of the engine; it grows whenever bytes would differ.")
    libraries: JSON = strawberry.field(description="Versions of the libraries that bytes depend on.")
    recipe: JSON = strawberry.field(description="The recipe, complete.")
    input_sha256: str = strawberry.field(description="Hash of the canonical form that it was made of.")
    output_sha256: str = strawberry.field(description="Hash of its own canonical form.")
    rows: int = strawberry.field(description="How many rows it has.")
    symbols: int = strawberry.field(description="How many symbols it has.")
    columns: list[ManifestColumn] = strawberry.field(description="Its columns.")
    features: list[str] = strawberry.field(description="What an agent may see.")
    labels: list[str] = strawberry.field(description="What is known only afterwards.")
    parts: list[SplitPart] = strawberry.field(description="Its split; empty: none.")
    changes: list[StepChange] = strawberry.field(description="What the steps did.")
    scales: JSON = strawberry.field(description="How columns were normalised.")
    looks_ahead: list[str] = strawberry.field(
        description="Steps that let later rows speak into earlier ones, beside labels."
    )
    ignored: list[str] = strawberry.field(description="Columns of the input that hold no numbers.")
    synthetic: bool = strawberry.field(description="Whether the data was made up by a generator.")


def manifest_of(papers: dict[str, Any]) -> DatasetManifest:
    return DatasetManifest(
        engine=papers["engine"],
        libraries=JSON(papers["libraries"]),
        recipe=JSON(papers["recipe"]),
        input_sha256=papers["input_sha256"],
        output_sha256=papers["output_sha256"],
        rows=papers["rows"],
        symbols=papers["symbols"],
        columns=[ManifestColumn(**column | {"kind": ColumnKind(column["kind"])}) for column in papers["columns"]],
        features=papers["features"],
        labels=papers["labels"],
        parts=[_part(part) for part in papers["parts"]],
        changes=[StepChange(**change) for change in papers["changes"]],
        scales=JSON(papers["scales"]),
        looks_ahead=papers["looks_ahead"],
        ignored=papers["ignored"],
        synthetic=papers["synthetic"],
    )


def _part(part: dict[str, Any]) -> SplitPart:
    times = {name: datetime.fromisoformat(part[name]) for name in ("first", "last")}
    return SplitPart(**part | times)
