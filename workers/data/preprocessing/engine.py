"""Runs a recipe over a canonical file. Equal input and recipe give equal bytes."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import polars as pl

from domain.datasets.columns import SPLIT, SYMBOL, TIME, kind_of
from domain.datasets.recipes.manifest import Column, Manifest
from domain.datasets.recipes.model import Group, Recipe
from domain.datasets.recipes.offer import step_kind
from domain.datasets.recipes.reading import read_recipe
from workers.data.frames import SYNTHETIC, notes_of, read_frame, sha256_of, write_frame
from workers.data.preprocessing.steps import run_step
from workers.data.preprocessing.work import Work

ENGINE = "1"
"""Grows whenever the same recipe would give other bytes."""
_LIBRARIES = ("numpy", "polars", "TA-Lib")

OnProgress = Callable[[float, str], None]
"""Takes the share that is done, 0 to 1, and what is being done."""


def apply(recipe: Recipe, in_path: Path, out_path: Path, on_progress: OnProgress) -> Manifest:
    """Writes the processed data and returns its papers. Refuses a recipe that does not fit the data."""
    on_progress(0.0, "Reading")
    frame, ignored = read_frame(in_path)
    read_recipe(recipe.to_json(), frame.columns)
    work, rows = Work(frame), frame.height
    del frame
    _run(recipe, work, on_progress)
    on_progress(0.9, "Writing")
    write_frame(_in_order(work.frame), out_path, notes_of(in_path))
    manifest = _manifest(recipe, work, in_path, out_path, input_rows=rows, ignored=ignored)
    on_progress(1.0, "Done")
    return manifest


def _run(recipe: Recipe, work: Work, on_progress: OnProgress) -> None:
    for place, step in enumerate(recipe.steps):
        on_progress(0.1 + 0.8 * place / len(recipe.steps), step_kind(step.kind).form.title)
        work.step = place
        run_step(step.kind, work, step.values)
        if work.frame.is_empty():
            raise work.refuse(f"After {step_kind(step.kind).form.title} no row is left.")


def _in_order(frame: pl.DataFrame) -> pl.DataFrame:
    first = [name for name in (TIME, SYMBOL, SPLIT) if name in frame.columns]
    return frame.select(*first, *(name for name in frame.columns if name not in first))


def _manifest(
    recipe: Recipe, work: Work, in_path: Path, out_path: Path, *, input_rows: int, ignored: tuple[str, ...]
) -> Manifest:
    frame = _in_order(work.frame)
    times = frame.get_column(TIME)
    return Manifest(
        engine=ENGINE,
        libraries={name: version(name) for name in _LIBRARIES},
        recipe=recipe,
        input_sha256=sha256_of(in_path),
        input_rows=input_rows,
        output_sha256=sha256_of(out_path),
        output_bytes=out_path.stat().st_size,
        rows=frame.height,
        symbols=frame.get_column(SYMBOL).n_unique(),
        first=times.min(),  # type: ignore[arg-type]
        last=times.max(),  # type: ignore[arg-type]
        columns=tuple(Column(name, kind_of(name), frame.get_column(name).null_count()) for name in frame.columns),
        scales=tuple(work.scales),
        parts=work.parts,
        changes=tuple(work.changes),
        looks_ahead=_looks_ahead(recipe),
        ignored=ignored,
        synthetic=notes_of(out_path).get(SYNTHETIC) == "true",
    )


def _looks_ahead(recipe: Recipe) -> tuple[str, ...]:
    kinds = ((place, step, step_kind(step.kind)) for place, step in enumerate(recipe.steps))
    return tuple(
        f"steps.{place}.{step.kind}"
        for place, step, kind in kinds
        if kind.group is not Group.LABEL and kind.looks_ahead(step.values)
    )
