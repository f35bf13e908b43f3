"""From an uploaded file to its report and its canonical form."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import polars as pl

from domain.datasets.report import CanonicalForm, Correction, FileKind, Finding, Report
from workers.data.frames import sha256_of, write_frame
from workers.data.inspection.checks import about_values
from workers.data.inspection.clockchanges import told_apart
from workers.data.inspection.layout import plan_of
from workers.data.inspection.limits import Limits
from workers.data.inspection.oddities import about_cells, without_unplaced
from workers.data.inspection.opening import Opened, open_table
from workers.data.inspection.ordering import Ordered, order
from workers.data.inspection.plan import Plan
from workers.data.inspection.reading import read
from workers.data.inspection.reporting import report_of
from workers.data.inspection.spacing import spacing_of
from workers.data.inspection.tables.model import PLACE
from workers.data.inspection.tables.parquet import damage_told

CANONICAL = "canonical.parquet"
REPORT = "report.json"

OnProgress = Callable[[float, str], None]
"""Takes the share that is done, 0 to 1, and what is being done."""


def inspect(  # noqa: PLR0917 - they come in the order of the work
    path: Path, name: str, correction: Correction, out_folder: Path, limits: Limits, on_progress: OnProgress
) -> Report:
    """Writes canonical.parquet and report.json into the folder, or raises BadFile and leaves nothing there.

    `name` is what the person called the file. Equal content, name and correction give equal bytes.
    """
    with tempfile.TemporaryDirectory(dir=out_folder, prefix="scratch-") as folder:
        scratch = Path(folder)
        on_progress(0.02, "Opening")
        opened = open_table(path, name, correction, limits, scratch)
        on_progress(0.15, "Looking at the columns")
        with damage_told(opened.table.voice, may_be_damaged=opened.kind is FileKind.PARQUET):
            plan = plan_of(opened.table, name, correction)
            report = _inspected(opened, plan, limits, scratch, on_progress)
        (scratch / REPORT).write_text(json.dumps(report.to_json(), ensure_ascii=False, allow_nan=False), "utf-8")
        for part in (CANONICAL, REPORT):
            (scratch / part).replace(out_folder / part)
    on_progress(1.0, "Done")
    return report


def _inspected(opened: Opened, plan: Plan, limits: Limits, scratch: Path, on_progress: OnProgress) -> Report:
    table = opened.table
    on_progress(0.2, "Reading")
    plan, rows, ordered, odd = _read(opened, plan, limits)
    on_progress(0.6, "Checking")
    spacing = spacing_of(ordered.frame, plan.time.original, table.voice)
    wrong = about_values(ordered.frame, plan.columns, table.voice)
    on_progress(0.75, "Writing")
    canonical = _write(ordered.frame, scratch / CANONICAL, opened.notes)
    on_progress(0.9, "Reporting")
    findings = (*opened.findings, *plan.findings, *odd, *ordered.findings, *wrong, *spacing.findings)
    return report_of(
        opened=opened,
        plan=plan,
        rows=rows,
        ordered=ordered,
        spacing=spacing,
        findings=findings,
        canonical=canonical,
    )


def _read(opened: Opened, plan: Plan, limits: Limits) -> tuple[Plan, int, Ordered, list[Finding]]:
    table = opened.table
    reading = read(table, plan, limits)
    odd = list(about_cells(table, reading))
    rows, plan = reading.frame.height, reading.plan
    frame, unplaced = without_unplaced(table, reading)
    frame, changes = told_apart(table, plan, frame)
    # Sorting takes its columns away one by one, so nothing else may hold the frame.
    del reading
    return plan, rows, order(table, plan, frame, limits), [*unplaced, *changes, *odd]


def _write(frame: pl.DataFrame, path: Path, notes: dict[str, str]) -> CanonicalForm:
    write_frame(frame.drop(PLACE), path, notes)
    return CanonicalForm(rows=frame.height, size=path.stat().st_size, sha256=sha256_of(path))
