"""All checks side by side, with one table at the end."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass

from rich.table import Table

from app.cli.say import out
from app.settings import ROOT

PYTHON = [sys.executable, "-P", "-m"]
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CHECKS = {
    "format": [*PYTHON, "ruff", "format", "--check", "--quiet", "."],
    "lint": [*PYTHON, "ruff", "check", "--quiet", "--output-format=concise", "."],
    "types": [*PYTHON, "mypy"],
    "imports": [sys.executable, "-c", LINT_IMPORTS],
    "schema": [*PYTHON, "app", "schema", "--check"],
    "migrations": [*PYTHON, "app", "migrate", "--check"],
}


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    passed: bool
    said: str


def run() -> int:
    running = {name: _start(command) for name, command in CHECKS.items()}
    results = [_result(name, child) for name, child in running.items()]
    for result in results:
        if not result.passed:
            out().rule(result.name, style="red", align="left")
            out().file.write(result.said.rstrip() + "\n")
    out().print(_table(results))
    return 0 if all(result.passed for result in results) else 1


def _start(command: list[str]) -> subprocess.Popen[str]:
    env = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: S603


def _result(name: str, child: subprocess.Popen[str]) -> Result:
    said, _ = child.communicate()
    return Result(name, child.returncode == 0, said)


def _table(results: list[Result]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("check", "result"):
        table.add_column(title)
    for result in results:
        verdict = "[green]passed[/green]" if result.passed else "[bold red]failed[/bold red]"
        table.add_row(result.name, verdict)
    return table
