# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so that each starts fast
"""The commands that show the platform at work, as clients of its API."""

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.settings import Settings


def _address(url: str | None) -> str | None:
    with suppress(ValueError):
        parts = urlsplit(url or "http://left.out")
        if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0:
            return url
    raise typer.BadParameter("Write an address such as http://127.0.0.1:8000.")


def demo() -> None:
    """One whole round in this terminal: data, a strategy, a training, and what it came to."""
    import asyncio

    from app.cli.config import load
    from app.cli.say import note
    from app.client.platform import platform

    settings = load()
    if not settings.registration_open:
        note("Registration is closed here (TMW_REGISTRATION_OPEN), so the demo cannot make an account.")
        raise typer.Exit(1)
    note(f"Looking for a platform at {settings.url}; if there is none, one is started for the demo.")
    with platform(settings) as was_there:
        status = asyncio.run(_round(settings))
    if not was_there:
        note("The platform of the demo is stopped; its data stays. Start it with ./tmw up.")
    if status != "COMPLETED":
        raise typer.Exit(1)


def watch(
    job: Annotated[str, typer.Argument(help="The id of the job, as the API shows it.")],
    url: Annotated[
        str | None, typer.Option(help="Where the platform is; this machine's if left out.", callback=_address)
    ] = None,
    after: Annotated[int, typer.Option(min=0, help="Begin after this seq.")] = 0,
    token: Annotated[
        str, typer.Option(envvar="TMW_TOKEN", help="An access token or API token; better given as TMW_TOKEN.")
    ] = "",
) -> None:
    """Show the log and the metrics of a job as they come, until it is over. A lost connection loses nothing."""
    import asyncio

    from app.cli.config import load
    from app.cli.say import note, note_above_bar, out, refuse
    from app.client.api import Api, Refusal
    from app.client.live import follow
    from app.client.round import EVENTS
    from app.client.showing import show

    if not token:
        refuse("A token is needed: give an access token or an API token as TMW_TOKEN. ./tmw token create makes one.")
        raise typer.Exit(1)
    seen = after

    async def noted(api: Api) -> "AsyncIterator[dict[str, Any]]":
        nonlocal seen
        broken = f"{api.url} cannot be reached; trying again until it can, without losing anything."
        async for event in follow(api, EVENTS, id=job, after=after, on_break=lambda: note_above_bar(broken)):
            seen = event["seq"]
            yield event

    async def watched() -> str:
        async with Api(url or load().url, token) as api:
            status, _ = await show(noted(api), out())
            return status

    def tell_how_to_go_on() -> None:
        there = f" --url {url}" if url else ""
        note(f"To go on from here: ./tmw watch {job}{there} --after {seen}")

    try:
        status = asyncio.run(watched())
    except KeyboardInterrupt:
        tell_how_to_go_on()
        raise
    except Refusal as refusal:
        refuse(str(refusal))
        if seen > after:
            tell_how_to_go_on()
        raise typer.Exit(1) from refusal
    if status not in {"COMPLETED", ""}:
        raise typer.Exit(1)


def furnish(attached_to: Annotated[str, typer.Option("--attached-to", hidden=True)]) -> None:
    """What `up --demo` does when the platform is ready."""
    import asyncio

    from app.cli.config import load
    from app.cli.say import note
    from app.client.account import demo_account
    from app.client.api import Api, Refusal, Unreachable
    from app.client.showcase import Showcase

    settings = load(state_dir=attached_to)

    async def furnished() -> None:
        async with Api(settings.url) as api:
            await Showcase(api).furnish(demo_account(settings.state_dir))

    try:
        asyncio.run(furnished())
    except (Refusal, Unreachable) as problem:
        note(f"The demo is not complete: {problem} The next ./tmw up --demo makes up for it.")
        raise typer.Exit(1) from problem
    note("The demo is furnished: a project, four datasets, four strategies, and a training of each.")


async def _round(settings: "Settings") -> str:
    import secrets

    from app.cli.say import out, refuse
    from app.client.account import Account
    from app.client.api import Api, Refusal
    from app.client.round import MARKET, STEPS, Round
    from app.client.showing import show
    from app.client.table import result_table
    from domain.catalogue import AlgorithmName, TaskType

    console = out()
    account = Account(f"demo-{secrets.token_hex(4)}", secrets.token_urlsafe(18))
    async with Api(settings.url) as api:
        round_ = Round(api)
        try:
            await round_.register(account)
            console.print(f"Registered {account.username}, with a password made up for it.")
            project = await round_.project()
            dataset = await round_.begin_dataset(project, MARKET, STEPS, name="A market with a signal (synthetic)")
            await round_.until_ready(dataset)
            console.print("Made a dataset of 2,000 bars, with one feature of ten that knows something.")
            task = TaskType.ALGORITHMIC_TRADING
            strategy = await round_.strategy(project, "DQN", task, AlgorithmName.DQN, epochs=20)
            console.print("Described a strategy: DQN for algorithmic trading. Now it trains:")
            job = await round_.train(strategy, dataset, seeds=[1])
            status, body = await show(round_.events(job), console)
        except Refusal as refusal:
            refuse(str(refusal))
            return "FAILED"
        found = await round_.result(job)
    if body and (model := found["model"]):
        console.print(result_table(body))
        console.print(body["verdict"]["sentences"][0], style="bold", soft_wrap=True)
        console.print(f"The model has {model['size']:,} bytes; sha256 {model['sha256']}.", soft_wrap=True)
    return status
