"""Looks at what the platform stands on: Python, packages, folder, disk. It never changes anything."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement

from app.cli.findings import Finding
from app.cli.outside import answering
from app.settings import ROOT, Settings
from domain.clock import Clock, utc_now

NEEDED_MB = 1_000


def findings(settings: Settings, *, clock: Clock = utc_now) -> list[Finding]:
    return [
        _python(),
        packages(ROOT / "requirements.lock"),
        folder(settings.state_dir),
        disk(settings.state_dir),
        *answering(settings, clock),
    ]


def _python() -> Finding:
    return Finding("Python", good=sys.version_info >= (3, 11), version=platform.python_version(), says=sys.executable)


def packages(lock: Path) -> Finding:
    """Whether what is installed is what is locked."""
    lines = [Requirement(line.rstrip(" \\")) for line in lock.read_text().splitlines() if "==" in line]
    wanted = [one for one in lines if one.marker is None or one.marker.evaluate()]
    wrong = [f"{one.name}{one.specifier}" for one in wanted if not _installed(one)]
    if not wrong:
        return Finding("packages", good=True, version=f"{len(wanted)} locked", says=sys.prefix)
    return Finding(
        "packages",
        good=False,
        says=f"{len(wrong)} are not as {lock.name} asks: {', '.join(wrong[:3])}",
        remedy="Start through ./tmw, which installs what is lacking, or install again from the lock.",
    )


def _installed(wanted: Requirement) -> bool:
    try:
        return version(wanted.name) in wanted.specifier
    except PackageNotFoundError:
        return False


def folder(path: Path) -> Finding:
    there = _nearest(path)
    if not there.is_dir() or not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        remedy = "Run as the user it belongs to, or set TMW_STATE_DIR to a folder of your own."
        return Finding("state folder", good=False, says=f"{there} may not be written to.", remedy=remedy)
    if there != path:
        return Finding("state folder", good=True, says=f"{path} is made at the first start")
    if path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        says = f"Others may write to {path}, which holds keys and data."
        return Finding("state folder", good=False, says=says, remedy=f"chmod go-w {path}")
    return Finding("state folder", good=True, says=str(path))


def disk(path: Path) -> Finding:
    there = _nearest(path)
    free = shutil.disk_usage(there).free // 1_000_000
    if free >= NEEDED_MB:
        return Finding("disk", good=True, says=f"{free / 1000:.1f} GB free")
    remedy = f"Make room for {NEEDED_MB} MB, or set TMW_STATE_DIR to a folder on another disk."
    return Finding("disk", good=False, says=f"{free} MB free at {there}", remedy=remedy)


def _nearest(path: Path) -> Path:
    return next(step for step in (path, *path.parents) if step.exists())
