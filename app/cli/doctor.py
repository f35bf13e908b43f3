# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so that each starts fast
"""The command that says how each part is."""

import typer


def doctor() -> None:
    """Show each part, its version, whether it answers, and what to do where it does not."""
    from app.cli.config import load
    from app.cli.findings import table
    from app.cli.inspection import findings
    from app.cli.say import out

    found = findings(load())
    out().print(table(found))
    raise typer.Exit(0 if all(one.good for one in found) else 1)
