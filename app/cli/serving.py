# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so that each starts fast
"""The commands that run the platform or a part of it."""

from typing import Annotated, Literal

import typer

Host = Annotated[str | None, typer.Option(help="Address to listen on; also TMW_HOST.", show_default=False)]
Port = Annotated[
    int | None, typer.Option(help="Port to listen on; also TMW_PORT.", show_default=False, min=1, max=65535)
]
Queue = Literal["training", "evaluation", "data"]
# How `up` runs its parts: on its servers or not at all.
Attached = Annotated[str | None, typer.Option("--attached-to", hidden=True)]


def up(
    host: Host = None,
    port: Port = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="With an account to look around in, and agents in training.")
    ] = False,
) -> None:
    """Run everything: database, broker, API and workers, until Ctrl-C."""
    from app.cli.config import load
    from app.cli.panels import announce
    from app.cli.say import note
    from app.client.account import demo_account
    from app.supervisor.up import up as run

    settings = load(host=host, port=port)
    if settings.signing_key or settings.signing_keys or not settings.embedded:
        from app.keys import load_keys

        # Each part would refuse a bad key; said here, it is said once.
        load_keys(settings)
    account = demo_account(settings.state_dir) if demo else None
    run(settings, announce=lambda: announce(settings, account), say=note, demo=demo)


def serve(host: Host = None, port: Port = None, attached_to: Attached = None) -> None:
    """Run the API alone."""
    from app.cli.config import load
    from app.embedded.endpoints import open_endpoints
    from app.serve import run

    settings = load(host=host, port=port, state_dir=attached_to)
    with open_endpoints(settings, start=attached_to is None) as endpoints:
        run(settings, endpoints)


def worker(
    queue: Annotated[Queue, typer.Option(help="The queue that it works on.")], attached_to: Attached = None
) -> None:
    """Run one worker."""
    from app.cli.config import load
    from app.embedded.endpoints import open_endpoints
    from app.work import run

    settings = load(state_dir=attached_to)
    with open_endpoints(settings, start=attached_to is None) as endpoints:
        run(settings, endpoints, queue)


def engine(attached_to: Attached = None) -> None:  # noqa: ARG001 - `up` marks its programs with it
    """Install the training engine, PyTorch; `up` does so by itself."""
    import asyncio

    from app.torch import install, torch_is_there

    if not torch_is_there() and not asyncio.run(install()):
        raise typer.Exit(1)


def migrate(
    seed: Annotated[bool, typer.Option("--seed", help="Then put in what the platform needs to begin with.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only tell whether tables and migrations agree.")] = False,
    attached_to: Attached = None,
) -> None:
    """Bring the database to the newest form."""
    from app.cli.config import load
    from app.embedded.endpoints import open_endpoints

    if check:
        from app.cli.migrations import check as compare

        compare()
        return
    from app.cli.trouble import database_trouble
    from app.migrate import upgrade

    settings = load(state_dir=attached_to)
    with open_endpoints(settings, start=attached_to is None) as endpoints, database_trouble():
        upgrade(endpoints)
        if seed:
            from app.seed import run

            run(settings, endpoints)


def seed(attached_to: Attached = None) -> None:
    """Put in what the platform needs to begin with; what is there stays as it is."""
    from app.cli.config import load
    from app.cli.trouble import database_trouble
    from app.embedded.endpoints import open_endpoints
    from app.seed import run

    settings = load(state_dir=attached_to)
    with open_endpoints(settings, start=attached_to is None) as endpoints, database_trouble():
        run(settings, endpoints)


def settings() -> None:
    """Print every setting with its meaning, in the form of a .env file."""
    from app.cli.example import env_example

    typer.echo(env_example(), nl=False)
