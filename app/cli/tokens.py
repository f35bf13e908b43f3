# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so that each starts fast
"""API tokens, as operators look after them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.users import Who, shown
from domain.accounts.model import ApiToken, Scope
from domain.viewer import OPERATOR

if TYPE_CHECKING:
    from app.factory import Factory

app = typer.Typer(help="Make API tokens for users, list them, revoke them.", no_args_is_help=True)


@app.command()
def create(
    user: Who,
    name: Annotated[str, typer.Option(help="What it is for.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; give it several times for several scopes.")],
    days: Annotated[int | None, typer.Option(help="How long it works; left out: for ever.", min=1, max=36_500)] = None,
) -> None:
    """Make a token for a user, and print it: it is not shown again."""
    from app.cli.operating import operate
    from domain.accounts.api_tokens import NewApiToken

    async def act(factory: "Factory") -> str:
        owner = await factory.use.accounts.administration.find(OPERATOR, user)
        expires_at = factory.clock() + timedelta(days=days) if days else None
        new = NewApiToken(name=name, scopes=scope, expires_at=expires_at)
        return (await factory.use.accounts.api_tokens.create_for(OPERATOR, owner.id, new)).secret

    typer.echo(operate(act))


@app.command("list")
def list_(user: Who) -> None:
    """List the tokens of a user that work."""
    from rich.table import Table

    from app.cli.operating import operate
    from app.cli.say import out

    async def act(factory: "Factory") -> Sequence[ApiToken]:
        owner = await factory.use.accounts.administration.find(OPERATOR, user)
        return await factory.use.accounts.api_tokens.of(OPERATOR, owner.id)

    table = Table(box=None, pad_edge=False)
    for title in ("prefix", "name", "scopes", "ends", "last used"):
        table.add_column(title, overflow="fold")
    for token in operate(act):
        scopes = " ".join(token.scopes)
        table.add_row(token.prefix, token.name, scopes, shown(token.expires_at), shown(token.last_used_at))
    out().print(table)


@app.command()
def revoke(
    user: Who, prefix: Annotated[str, typer.Argument(help="The characters that `list` shows, or enough of them.")]
) -> None:
    """End a token at once."""
    from app.cli.operating import operate

    async def act(factory: "Factory") -> str:
        owner = await factory.use.accounts.administration.find(OPERATOR, user)
        return (await factory.use.accounts.api_tokens.revoke_for(OPERATOR, owner.id, prefix)).name

    typer.echo(f"{operate(act)} is revoked.")
