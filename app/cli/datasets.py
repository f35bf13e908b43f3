# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so that each starts fast
"""Datasets, as operators look after them."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.factory import Factory

app = typer.Typer(help="Give people datasets to begin with.", no_args_is_help=True)


@app.callback()
def _datasets() -> None:
    """So that `demo` stays a command of its own name while it is the only one."""


@app.command()
def demo(user: Annotated[str, typer.Argument(metavar="USER", help="Username or e-mail address.")]) -> None:
    """Make a synthetic dataset for each task, for this person. The data workers do it, so let ./tmw up run."""
    from app.cli.operating import operate
    from app.cli.say import note
    from app.demo import seed_demo_datasets
    from app.errors import CannotStart
    from domain.viewer import Viewer

    async def make(factory: "Factory") -> int:
        async with factory.works() as work:
            found = await work.users.find(user)
        if found is None:
            raise CannotStart(f"Nobody is called {user}.", "List the users: ./tmw user list")
        return len(await seed_demo_datasets(factory, Viewer(found.user.id, found.user.role)))

    note(f"{operate(make)} datasets belong to {user} and are made by the data workers.")
