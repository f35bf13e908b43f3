"""The inspection as a job of a child process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from domain.datasets.report import Correction
from workers.data.inspection.inspecting import OnProgress, inspect
from workers.data.inspection.limits import Limits


def run(request: dict[str, Any], on_progress: OnProgress) -> dict[str, Any]:
    """Takes path, name and out (a folder), and may take correction and limits. Its answer has the report as JSON."""
    report = inspect(
        Path(request["path"]),
        request["name"],
        Correction.from_json(request.get("correction") or {}),
        Path(request["out"]),
        Limits(**(request.get("limits") or {})),
        on_progress,
    )
    return {"report": report.to_json()}
