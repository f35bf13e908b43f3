"""Users, as far as the command line looks after them."""

import typer

app = typer.Typer(help="Make an administrator.", no_args_is_help=True)


@app.callback()
def users() -> None:
    """Users, as far as the command line looks after them."""
