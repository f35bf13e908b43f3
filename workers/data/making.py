"""Makes datasets in a child process: out of canonical data by a recipe, or out of a source. Files in, files out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from domain.datasets.recipes import read_recipe
from domain.datasets.report import BadFile, Correction, Report
from domain.datasets.sources import read_request
from workers.data.inspection import CANONICAL, Limits, inspect
from workers.data.preprocessing import apply
from workers.data.sources import default_registry

OnProgress = Callable[[float, str], None]


def prepare(request: dict[str, Any], on_progress: OnProgress) -> dict[str, Any]:
    """The canonical file `path` after the `recipe`, in `out`: its manifest, and a report where one can be made."""
    return _prepared(request["recipe"], Path(request["path"]), Path(request["out"]), on_progress)


def fetch(request: dict[str, Any], on_progress: OnProgress) -> dict[str, Any]:
    """What the `source` gives, in `out` in canonical form, and through the `recipe` if there is one."""
    out, raw = Path(request["out"]), Path(request["out"]) / "fetched.parquet"
    default_registry().fetch(read_request(request["source"]), raw, _share(on_progress, 0.0, 0.5))
    report = inspect(raw, raw.name, Correction(), out, Limits(), _share(on_progress, 0.5, 0.8))
    if request["recipe"] is None:
        return {"report": report.to_json(), "manifest": None}
    data = (out / CANONICAL).replace(raw)
    return _prepared(request["recipe"], data, out, _share(on_progress, 0.8, 1.0))


def _prepared(recipe: dict[str, Any], data: Path, out: Path, on_progress: OnProgress) -> dict[str, Any]:
    manifest = apply(read_recipe(recipe), data, out / CANONICAL, _share(on_progress, 0.0, 0.8))
    report = _described(out, _share(on_progress, 0.8, 1.0))
    return {"report": report and report.to_json(), "manifest": manifest.to_json()}


def _described(out: Path, on_progress: OnProgress) -> Report | None:
    """What reading the data as a file tells. Its bytes stay those of the recipe."""
    aside = out / "aside"
    aside.mkdir()
    try:
        report = inspect(out / CANONICAL, CANONICAL, Correction(), aside, Limits(), on_progress)
    except BadFile:
        # It may have more columns than a file may have, or no prices any more.
        return None
    return replace(report, columns=tuple(replace(each, name=each.original) for each in report.columns))


def _share(on_progress: OnProgress, start: float, end: float) -> OnProgress:
    return lambda share, what: on_progress(start + (end - start) * share, what)
