"""What GraphiQL shows of a subscription whose connection ends, over the whole platform."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.factory import Factory
from tests.graph.live.following import id_of
from tests.support.events import a_running_job, lines
from tests.support.node import Script, running
from tests.support.people import Person
from tests.support.proxy import Proxy
from tests.support.town import Town

Show = Callable[..., AbstractAsyncContextManager[Script]]
EVENTS = 'subscription { jobEvents(id: "%s") { seq } }'


@pytest.fixture
def show(scripts: Path, proxy: Proxy, ann: Person) -> Show:
    @asynccontextmanager
    async def showing(query: str, token: str = ann.token) -> AsyncIterator[Script]:
        url = f"ws://127.0.0.1:{proxy.port}/graphql"
        async with running("node", scripts / "showing.mjs", url, token, query) as script:
            yield script

    return showing


def told(message: str) -> list[dict[str, str]]:
    return [{"message": message}]


async def seen(script: Script, *seqs: int) -> dict[str, Any]:
    for seq in seqs:
        last: dict[str, Any] = await script.hear()
        assert last["data"] == {"jobEvents": {"seq": seq}}
    return last


async def test_the_last_item_stays_when_the_network_goes(
    show: Show, proxy: Proxy, factory: Factory, ann: Person
) -> None:
    job = await a_running_job(factory, ann, *lines("1", "2"))
    async with show(EVENTS % id_of(job)) as script:
        last = await seen(script, 0, 1, 2)
        proxy.cut()
        lost = told("The connection was lost (1006). Run this again with after: 2, and nothing is missing.")
        assert await script.rest() == [last | {"errors": lost}, "over"]


async def test_so_it_does_when_the_token_ends(show: Show, town: Town, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann, *lines("1"))
    async with show(EVENTS % id_of(job)) as script:
        last = await seen(script, 0, 1)
        await town.api.data("mutation { logout { errors { code } } }", ann)
        lost = told(
            "The token was revoked (4403). Log in again, and put the new token into Headers. "
            "Run this again with after: 1, and nothing is missing."
        )
        assert await script.rest() == [last | {"errors": lost}, "over"]


async def test_what_is_no_job_goes_on_after_its_cursor(show: Show, proxy: Proxy) -> None:
    async with show("subscription { notifications { cursor } }") as script:
        first = await script.hear()
        cursor = first["data"]["notifications"]["cursor"]
        proxy.cut()
        lost = told(f'The connection was lost (1006). Run this again with after: "{cursor}", and nothing is missing.')
        assert await script.rest() == [first | {"errors": lost}, "over"]


async def test_a_bad_token(show: Show) -> None:
    async with show("subscription { systemStatus { ready } }", token="nonsense") as script:
        why = "The token is wrong, has expired, or was revoked (4403)."
        lost = told(f"{why} Log in again, and put the new token into Headers. Run this again.")
        assert await script.rest() == [{"errors": lost}, "over"]


async def test_what_cannot_run_is_told_by_the_server(show: Show) -> None:
    async with show("subscription { nothing }") as script:
        [shown, over] = await script.rest()
    assert (shown["errors"][0]["extensions"]["code"], over) == ("GRAPHQL_VALIDATION_FAILED", "over")
