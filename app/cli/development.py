# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so that each starts fast
"""The commands for those who work on the platform."""

import os
import subprocess
import sys
from typing import Annotated

import typer


def test(context: typer.Context) -> None:
    """Run the tests in parallel; everything after `test` goes to pytest."""
    _pytest("-n", "auto", "--dist", "loadgroup", "-m", "not soak", *context.args)


def soak(context: typer.Context) -> None:
    """Run the long chaos and load tests; choose with -k NAME."""
    _pytest("-m", "soak", *context.args)


def check() -> None:
    """Look at format, lint, types, import rules, schema and migrations."""
    from app.cli.checks import run

    raise typer.Exit(run())


def schema(
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Fail when schema.graphql is stale, or a change breaks clients and CHANGELOG.md is silent about it.",
        ),
    ] = False,
) -> None:
    """Print the GraphQL schema."""
    from app import schema_file
    from app.settings import ROOT

    if check:
        schema_file.check(ROOT)
    else:
        typer.echo(schema_file.printed(), nl=False)


def migration(
    number: Annotated[str, typer.Argument(help="Its number, such as 0008.")],
    message: Annotated[str, typer.Argument(help="What it does.")],
) -> None:
    """Draft a migration from what differs between tables and migrations."""
    from app.cli.migrations import write

    write(number, message)


def _pytest(*words: str) -> None:
    from app.settings import ROOT

    os.chdir(ROOT)
    sys.stdout.flush()
    raise typer.Exit(subprocess.call([sys.executable, "-m", "pytest", *words]))  # noqa: S603
