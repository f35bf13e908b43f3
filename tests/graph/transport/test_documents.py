"""Trusted documents: named by hash, cached, and the only ones where that is the rule."""

from typing import Any

import httpx
import pytest

from tests.graph.transport.conftest import Connect, World
from tests.graph.transport.test_http import refusal
from tests.graph.transport.toy import ToyDocuments, digest

HELLO = "query Known { hello }"
STRANGE = "query Strange { hello }"
GREETED = {"data": {"hello": "Hello, world!"}}
NOT_FOUND = (400, ["PERSISTED_QUERY_NOT_FOUND"])
NOT_TRUSTED = (403, ["DOCUMENT_NOT_TRUSTED"])


@pytest.fixture(autouse=True)
def store(world: World) -> ToyDocuments:
    world.store = ToyDocuments(HELLO, "mutation Known { bump }", "{ whoami }", "{ a: hello }")
    return world.store


def apollo(hash_: object) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_}}}


@pytest.mark.parametrize(
    "named",
    [
        {"documentId": f"sha256:{digest(HELLO)}"},
        {"documentId": digest(HELLO)},
        apollo(digest(HELLO)),
        {"documentId": digest(HELLO), **apollo(digest(HELLO))},
        {"documentId": digest(HELLO), "query": HELLO},
        {"documentId": digest(HELLO), "query": None},
    ],
)
async def test_a_known_document_runs_by_its_hash(client: httpx.AsyncClient, named: dict[str, Any]) -> None:
    assert (await client.post("/graphql", json=named)).json() == GREETED


async def test_by_get_too_but_for_queries_only(client: httpx.AsyncClient, world: World) -> None:
    response = await client.get("/graphql", params={"documentId": f"sha256:{digest(HELLO)}"})
    assert response.json() == GREETED
    response = await client.get("/graphql", params={"documentId": digest("mutation Known { bump }")})
    assert refusal(response) == (405, ["BAD_USER_INPUT"])
    assert world.bench.calls["bump"] == 0


@pytest.mark.parametrize("named", [{"documentId": digest(STRANGE)}, apollo(digest(STRANGE))])
async def test_an_unknown_hash_is_answered_as_apollo_expects(client: httpx.AsyncClient, named: dict[str, Any]) -> None:
    response = await client.post("/graphql", json=named)
    assert refusal(response) == NOT_FOUND
    assert response.json()["errors"][0]["message"] == "PersistedQueryNotFound"


@pytest.mark.parametrize(
    "named",
    [
        {"documentId": "sha256:short"},
        {"documentId": "md5:" + "0" * 64},
        {"documentId": digest(HELLO).upper()},
        {"documentId": ""},
        apollo(17),
        apollo(None),
        {"extensions": {"persistedQuery": "text"}},
        {"documentId": digest(HELLO), **apollo(digest(STRANGE))},
        {"documentId": digest(HELLO), "query": STRANGE},
    ],
)
async def test_names_that_are_none(client: httpx.AsyncClient, named: dict[str, Any]) -> None:
    assert refusal(await client.post("/graphql", json=named)) == (400, ["BAD_USER_INPUT"])


async def test_free_text_runs_where_it_may_and_asks_no_store(client: httpx.AsyncClient, store: ToyDocuments) -> None:
    assert (await client.post("/graphql", json={"query": STRANGE})).json() == GREETED
    response = await client.post("/graphql", json={"query": STRANGE, "documentId": digest(STRANGE)})
    assert response.json() == GREETED
    assert not store.asked


async def test_found_documents_are_kept_and_the_oldest_forgotten(
    client: httpx.AsyncClient, store: ToyDocuments
) -> None:
    # The cache of these tests holds two.
    for text in (HELLO, HELLO, "{ whoami }", HELLO, "{ a: hello }", HELLO, "{ whoami }"):
        assert (await client.post("/graphql", json={"documentId": digest(text)})).status_code == 200
    assert store.asked == {digest(HELLO): 1, digest("{ whoami }"): 2, digest("{ a: hello }"): 1}


async def test_a_document_that_was_not_there_is_asked_for_again(client: httpx.AsyncClient, store: ToyDocuments) -> None:
    assert refusal(await client.post("/graphql", json={"documentId": digest(STRANGE)})) == NOT_FOUND
    store.texts[digest(STRANGE)] = STRANGE
    assert (await client.post("/graphql", json={"documentId": digest(STRANGE)})).json() == GREETED


class TestTrustedOnly:
    @pytest.fixture(autouse=True)
    def only(self, world: World, store: ToyDocuments) -> None:
        world.trusted_only = True

    @pytest.mark.parametrize("request_", [{"query": HELLO}, {"documentId": digest(HELLO)}])
    async def test_a_registered_text_runs(self, client: httpx.AsyncClient, request_: dict[str, Any]) -> None:
        assert (await client.post("/graphql", json=request_)).json() == GREETED

    @pytest.mark.parametrize("request_", [{"query": STRANGE}, {"query": STRANGE, "documentId": digest(STRANGE)}])
    async def test_any_other_text_does_not(self, client: httpx.AsyncClient, request_: dict[str, Any]) -> None:
        assert refusal(await client.post("/graphql", json=request_)) == NOT_TRUSTED
        query = {"query": "{ __typename }"}
        assert refusal(await client.get("/graphql", params=query)) == NOT_TRUSTED

    async def test_nor_on_a_socket(self, connect: Connect) -> None:
        async with connect(init={}) as talker:
            await talker.subscribe("1", STRANGE)
            assert await talker.hear_error("1") == ["DOCUMENT_NOT_TRUSTED"]


async def test_on_a_socket(connect: Connect) -> None:
    async with connect(init={}) as talker:
        await talker.say(type="subscribe", id="1", payload={"documentId": digest(HELLO)})
        assert await talker.hear_next("1") == GREETED
        assert await talker.hear() == {"type": "complete", "id": "1"}
        await talker.say(type="subscribe", id="2", payload=apollo(digest(STRANGE)))
        assert await talker.hear_error("2") == ["PERSISTED_QUERY_NOT_FOUND"]
