# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so that each starts fast
"""Users, as operators look after them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from domain.viewer import OPERATOR, Role

if TYPE_CHECKING:
    from app.factory import Factory
    from domain.accounts.model import User

app = typer.Typer(help="Make users, list them, shut them out and let them in again.", no_args_is_help=True)

Username = Annotated[str, typer.Option(prompt=True, help="Name to log in with.")]
Email = Annotated[str, typer.Option(prompt=True, help="E-mail address.")]
FullName = Annotated[str, typer.Option(prompt=True, help="Name to show.")]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
Who = Annotated[str, typer.Argument(metavar="USER", help="Username or e-mail address.")]


@app.command("create-admin")
def create_admin(username: Username, email: Email, full_name: FullName, password_stdin: PasswordStdin = False) -> None:
    """Make an administrator. The password comes from a prompt, TMW_ADMIN_PASSWORD or standard input."""
    _create(username, email, full_name, Role.ADMIN, password_stdin)


@app.command()
def create(
    username: Username,
    email: Email,
    full_name: FullName,
    role: Annotated[Role, typer.Option(help="What the person may do.")] = Role.USER,
    password_stdin: PasswordStdin = False,
) -> None:
    """Make a user; also while registration is closed."""
    _create(username, email, full_name, role, password_stdin)


@app.command("list")
def list_(
    search: Annotated[str | None, typer.Option(help="A piece of the username, address or name.")] = None,
    limit: Annotated[int, typer.Option(help="How many at most, the youngest first.", min=1, max=1000)] = 100,
) -> None:
    """List users."""
    from rich.table import Table

    from app.cli.operating import operate
    from app.cli.say import note, out
    from domain.accounts.model import UserFilter
    from domain.pages import NEWEST, Page, Window

    async def page(factory: "Factory") -> "Page[User]":
        return await factory.reads.accounts.page(OPERATOR, Window(limit, NEWEST), UserFilter(search))

    found = operate(page)
    table = Table(box=None, pad_edge=False)
    for title in ("username", "e-mail", "name", "role", "active", "last login"):
        table.add_column(title, overflow="fold")
    for user in found.items:
        active = "yes" if user.is_active else "no"
        table.add_row(user.username, user.email, user.full_name, user.role, active, shown(user.last_login_at))
    out().print(table)
    if found.has_next:
        note(f"These are the youngest {limit}. There are more: see --limit and --search.")


@app.command()
def deactivate(user: Who) -> None:
    """Shut a user out at once, with all sessions and API tokens."""
    from app.cli.operating import operate

    async def act(factory: "Factory") -> str:
        desk = factory.use.accounts.administration
        found = await desk.find(OPERATOR, user)
        await desk.deactivate(OPERATOR, found.id)
        return found.username

    typer.echo(f"{operate(act)} is deactivated.")


@app.command()
def reactivate(user: Who) -> None:
    """Let a user in again, who then logs in anew."""
    from app.cli.operating import operate

    async def act(factory: "Factory") -> str:
        desk = factory.use.accounts.administration
        found = await desk.find(OPERATOR, user)
        await desk.reactivate(OPERATOR, found.id)
        return found.username

    typer.echo(f"{operate(act)} is active.")


@app.command("set-role")
def set_role(user: Who, role: Annotated[Role, typer.Argument(help="What the person may do from now on.")]) -> None:
    """Change what a user may do. It takes effect at once."""
    from app.cli.operating import operate

    async def act(factory: "Factory") -> str:
        desk = factory.use.accounts.administration
        found = await desk.find(OPERATOR, user)
        await desk.set_role(OPERATOR, found.id, role)
        return found.username

    typer.echo(f"{operate(act)} is {role.value} now.")


def shown(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment else "never"


def _create(username: str, email: str, full_name: str, role: Role, password_stdin: bool) -> None:
    from app.cli.operating import operate
    from app.cli.passwords import read_password
    from domain.accounts.registration import NewAccount

    password = read_password(from_stdin=password_stdin)
    new = NewAccount(username=username, email=email, full_name=full_name, password=password)

    async def act(factory: "Factory") -> str:
        return (await factory.use.accounts.registration.create(OPERATOR, new, role)).username

    typer.echo(f"{operate(act)} may log in now, as {role.value}.")
