"""GraphiQL: who gets the page, and that it needs nothing from anywhere else."""

import re
from pathlib import Path

import httpx
import pytest
from graphql import parse, validate

from graph.execution import Limits
from graph.schema import build
from graph.transport import graphiql
from tests.graph.transport.conftest import World

LIMITS = Limits(max_depth=15, max_aliases=30, max_root_fields=20, max_tokens=5_000, max_cost=20_000, introspection=True)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"


async def page(client: httpx.AsyncClient, url: str = "/graphql") -> httpx.Response:
    return await client.get(url, headers={"accept": BROWSER, "sec-fetch-mode": "navigate"})


@pytest.mark.parametrize("url", ["/graphql", "/graphql?query={hello}", "/graphql?query=mutation{bump}"])
async def test_a_browser_gets_the_page_and_nothing_runs(client: httpx.AsyncClient, world: World, url: str) -> None:
    response = await page(client, url)
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert world.bench.calls["bump"] == 0


async def test_a_program_does_not(client: httpx.AsyncClient) -> None:
    for accept in ("application/json", "*/*", "application/json, text/html"):
        response = await client.get("/graphql?query={hello}", headers={"accept": accept})
        assert response.json() == {"data": {"hello": "Hello, world!"}}


async def test_the_page_loads_only_what_this_server_has(client: httpx.AsyncClient) -> None:
    response = await page(client)
    files = re.findall(r'(?:src|href)="([^"]+)"', response.text)
    assert [file for file in files if not file.startswith("/graphql/assets/")] == ["data:,"]
    for file in files[1:]:
        asset = await client.get(file)
        assert (asset.status_code, asset.headers["content-encoding"]) == (200, "gzip")
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert asset.headers["content-type"].startswith(("text/css", "text/javascript", "application/javascript"))


def test_the_first_query_fits_the_schema() -> None:
    text = (Path(graphiql.__file__).parent / "welcome.graphql").read_text()
    assert validate(build(LIMITS)._schema, parse(text)) == []


def test_the_script_has_the_words_of_its_recipe() -> None:
    """Those of `recipe/endings.js`, which tests/clients tries: the bundle was made after they were changed."""
    (script,) = (Path(graphiql.__file__).parent / "assets").glob("*.js")
    text = script.read_text()
    for words in ("Log in again, and put the new token into Headers. ", "The connection was lost", "No answer came ("):
        assert words in text


async def test_the_policy_lets_no_foreign_script_in(client: httpx.AsyncClient) -> None:
    policy = (await page(client)).headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"} <= set(policy)
    assert "<script>" not in (await page(client)).text


@pytest.mark.parametrize("name", ["", "nothing.js", "../__init__.py", "%2e%2e/__init__.py", "..%2f..%2fhttp.py"])
async def test_nothing_else_is_served(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/graphql/assets/{name}")).status_code == 404


@pytest.mark.parametrize(("method", "status"), [("GET", 404), ("POST", 405)])
async def test_what_is_not_there_is_no_error_of_ours(method: str, status: int) -> None:
    """In an app that turns no exceptions into answers."""
    transport = httpx.ASGITransport(graphiql.graphiql_assets())
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.request(method, "/graphiql-0LD.js")).status_code == status


async def test_switched_off(world: World) -> None:
    world.graphiql = False
    transport = httpx.ASGITransport(world.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await page(client, "/graphql?query={hello}")).status_code == 403
        assert (await client.get("/graphql", headers={"accept": "text/html"})).status_code == 406
        assert (await client.get("/graphql/assets/graphiql.js")).status_code == 404
