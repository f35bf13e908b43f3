# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so that each starts fast
"""Trusted documents, as operators register them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.factory import Factory
    from domain.documents import Registered

app = typer.Typer(help="Register the operations that clients may name by hash.", no_args_is_help=True)


@app.callback()
def documents() -> None:
    """Register the operations that clients may name by hash."""


@app.command()
def add(
    files: Annotated[
        list[Path],
        typer.Argument(
            exists=True,
            dir_okay=False,
            metavar="FILE...",
            help="Manifests (*.json) as Relay, Apollo or GraphQL Code Generator write them, or *.graphql files.",
        ),
    ],
) -> None:
    """Check documents against the schema and register them: all, or none when one is no good."""
    from functools import partial

    from app.asgi import limits
    from app.cli.manifests import operations
    from app.cli.operating import operate
    from domain.documents import MOST_AT_ONCE
    from domain.viewer import OPERATOR
    from graph.documents.check import faults
    from graph.schema import build

    given = [operation for file in files for operation in operations(file)]

    async def act(factory: "Factory") -> "Sequence[Registered]":
        check = partial(faults, build(limits(factory.settings)).documents)
        portions = [given[start : start + MOST_AT_ONCE] for start in range(0, len(given), MOST_AT_ONCE)]
        register = factory.use.documents.register
        return [each for portion in portions for each in await register(OPERATOR, portion, check)]

    for registered in operate(act):
        document = registered.document
        typer.echo(f"{document.sha256.hex()}  {document.name}{'' if registered.is_new else '  (known)'}")
