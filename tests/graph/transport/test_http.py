"""GraphQL over HTTP: what is served, what is refused, and with which status."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from graphql import GraphQLError
from starlette.types import Message
from strawberry.types import ExecutionResult

from graph.transport.answers import headers_of, status_of
from graph.transport.negotiation import Media
from tests.graph.transport.conftest import World

GRAPHQL = {"accept": "application/graphql-response+json"}
JSON = {"accept": "application/json"}
UTF8_JSON = "application/json; charset=utf-8"
UTF8_GRAPHQL = "application/graphql-response+json; charset=utf-8"


async def post(client: httpx.AsyncClient, query: object, headers: Any = None, **rest: Any) -> httpx.Response:
    return await client.post("/graphql", json={"query": query, **rest}, headers=headers)


def codes(response: httpx.Response) -> list[str]:
    errors = response.json()["errors"]
    assert all(error["message"] for error in errors)
    return [error["extensions"]["code"] for error in errors]


def refusal(response: httpx.Response) -> tuple[int, list[str]]:
    """Status and codes of a refusal that the transport made itself."""
    body = response.json()
    assert list(body) == ["errors"]
    assert all(error["extensions"]["requestId"] == "req-1" for error in body["errors"])
    return response.status_code, codes(response)


class TestServed:
    async def test_post(self, client: httpx.AsyncClient) -> None:
        response = await post(client, "query ($n: String!) { hello(name: $n) }", variables={"n": "Zoë"})
        assert (response.status_code, response.json()) == (200, {"data": {"hello": "Hello, Zoë!"}})
        assert response.headers["content-type"] == UTF8_JSON
        assert response.headers["cache-control"] == "no-store"

    async def test_get(self, client: httpx.AsyncClient) -> None:
        params = {
            "query": "query A($n: String!) { hello(name: $n) } query B { whoami }",
            "operationName": "A",
            "variables": '{"n": "GET"}',
            "extensions": "{}",
        }
        response = await client.get("/graphql", params=params)
        assert (response.status_code, response.json()) == (200, {"data": {"hello": "Hello, GET!"}})

    async def test_get_takes_empty_parameters_as_absent(self, client: httpx.AsyncClient) -> None:
        params = {"query": "{ hello }", "operationName": "", "variables": "", "extensions": "", "other": "x"}
        response = await client.get("/graphql", params=params)
        assert response.json() == {"data": {"hello": "Hello, world!"}}

    async def test_mutation_by_post(self, client: httpx.AsyncClient, world: World) -> None:
        assert (await post(client, "mutation { bump }")).json() == {"data": {"bump": 1}}
        assert world.bench.calls["bump"] == 1

    async def test_null_parameters_are_absent_ones(self, client: httpx.AsyncClient) -> None:
        response = await post(client, "{ hello }", variables=None, operationName=None, extensions=None, documentId=None)
        assert response.json() == {"data": {"hello": "Hello, world!"}}

    async def test_without_token_as_nobody(self, client: httpx.AsyncClient) -> None:
        assert (await post(client, "{ whoami }")).json() == {"data": {"whoami": "nobody"}}

    async def test_with_token_as_its_user(self, client: httpx.AsyncClient) -> None:
        response = await post(client, "{ whoami }", {"authorization": "Bearer user:ann"})
        assert response.json() == {"data": {"whoami": "ann"}}

    async def test_json_that_orjson_cannot_write(self, client: httpx.AsyncClient) -> None:
        assert (await post(client, "{ big }")).json() == {"data": {"big": {"n": 2**70}}}
        deep: list[Any] = []
        for _ in range(400):
            deep = [deep]
        response = await post(client, "query ($v: JSON!) { echo(value: $v) }", variables={"v": deep})
        assert response.json() == {"data": {"echo": deep}}


class TestMediaTypes:
    @pytest.mark.parametrize(
        ("accept", "kind"),
        [
            ("application/json", UTF8_JSON),
            ("application/graphql-response+json", UTF8_GRAPHQL),
            ("application/graphql-response+json, application/json;q=0.9", UTF8_GRAPHQL),
            ("application/json;q=0.1, application/graphql-response+json; charset=utf-8;q=0.2", UTF8_GRAPHQL),
            ("application/json, application/graphql-response+json", UTF8_JSON),
            ("*/*, application/graphql-response+json", UTF8_GRAPHQL),
            ("application/json, text/plain, */*", UTF8_JSON),
            ("application/*;q=0.5", UTF8_JSON),
            ("Application/JSON", UTF8_JSON),
            ("image/png, */*;q=nonsense, application/json;q=7", UTF8_JSON),
            ("*/*", UTF8_JSON),
            ("", UTF8_JSON),
        ],
    )
    async def test_the_best_of_what_is_accepted(self, client: httpx.AsyncClient, accept: str, kind: str) -> None:
        response = await post(client, "{ hello }", {"accept": accept})
        assert (response.status_code, response.headers["content-type"]) == (200, kind)
        assert response.headers["vary"] == "Accept"

    @pytest.mark.parametrize("accept", ["image/png", "text/html", "application/json;q=0", "application/xml, text/*"])
    async def test_nothing_that_is_accepted(self, client: httpx.AsyncClient, accept: str) -> None:
        assert refusal(await post(client, "{ hello }", {"accept": accept})) == (406, ["BAD_USER_INPUT"])


class TestStatus:
    """The same faults under both media types."""

    @pytest.mark.parametrize(
        ("query", "variables"),
        [
            ("{", None),
            ("{ unknown }", None),
            ("query ($n: String!) { hello(name: $n) }", {"n": None}),
        ],
    )
    async def test_request_errors(self, client: httpx.AsyncClient, query: str, variables: Any) -> None:
        for headers, status in ((JSON, 200), (GRAPHQL, 400)):
            response = await post(client, query, headers, variables=variables)
            assert (response.status_code, list(response.json())) == (status, ["errors"])

    async def test_unknown_operation(self, client: httpx.AsyncClient) -> None:
        for headers, status in ((JSON, 200), (GRAPHQL, 400)):
            response = await post(client, "query A { hello }", headers, operationName="B")
            assert refusal(response) == (status, ["BAD_USER_INPUT"])

    @pytest.mark.parametrize(("query", "data"), [("{ hello secret }", {"hello": "Hello, world!", "secret": None})])
    async def test_field_errors(self, client: httpx.AsyncClient, query: str, data: Any) -> None:
        for headers, status in ((JSON, 200), (GRAPHQL, 294)):
            response = await post(client, query, headers)
            assert (response.status_code, codes(response)) == (status, ["UNAUTHENTICATED"])
            assert response.json()["data"] == data

    async def test_field_error_that_takes_all_data_along(self, client: httpx.AsyncClient) -> None:
        for headers, status in ((JSON, 200), (GRAPHQL, 294)):
            response = await post(client, "{ vital }", headers)
            assert (response.status_code, codes(response)) == (status, ["FORBIDDEN"])
            assert response.json()["data"] is None

    @pytest.mark.parametrize(
        ("code", "as_json", "as_graphql"),
        [
            ("GRAPHQL_VALIDATION_FAILED", 200, 400),
            ("QUERY_TOO_COMPLEX", 200, 400),
            ("UNAUTHENTICATED", 200, 401),
            ("FORBIDDEN", 200, 403),
            ("RATE_LIMITED", 429, 429),
            ("UNAVAILABLE", 200, 503),
            ("INTERNAL", 200, 500),
            (None, 200, 400),
        ],
    )
    def test_refusals_of_the_schema(self, code: str | None, as_json: int, as_graphql: int) -> None:
        extensions = {"code": code, "retryAfter": 2.1} if code else None
        result = ExecutionResult(data=None, errors=[GraphQLError("No.", extensions=extensions)])
        assert (status_of(result, Media.JSON), status_of(result, Media.GRAPHQL)) == (as_json, as_graphql)
        assert headers_of(result) == ({"retry-after": "3"} if code else {})


class TestMalformed:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"NONSENSE",
            b"[]",
            b'[{"query": "{ hello }"}]',
            b'"{ hello }"',
            b"null",
            b"17",
            b"{}",
            b'{"qeury": "{ hello }"}',
            b'{"query": null}',
            b'{"query": ""}',
            b'{"query": "\xff\xfe"}',
            b'{"query": "\\ud800"}',
            b'\xef\xbb\xbf{"query": "{ hello }"}',
            '{"query": "{ hello }"}'.encode("utf-16"),
            b'{"query": ' + b"[" * 5_000 + b"}",
            b'{"query": "{ hello }", "variables": {"a": NaN}}',
        ],
    )
    async def test_bodies(self, client: httpx.AsyncClient, body: bytes) -> None:
        response = await client.post("/graphql", content=body, headers={"content-type": "application/json"})
        assert refusal(response) == (400, ["BAD_USER_INPUT"])

    @pytest.mark.parametrize("name", ["query", "operationName", "documentId"])
    @pytest.mark.parametrize("value", [0, False, {"a": 1}, ["a"]])
    async def test_no_strings(self, client: httpx.AsyncClient, name: str, value: object) -> None:
        response = await client.post("/graphql", json={"query": "{ hello }", name: value})
        assert refusal(response) == (400, ["BAD_USER_INPUT"])

    @pytest.mark.parametrize("name", ["variables", "extensions"])
    @pytest.mark.parametrize("value", [0, False, "text", ["a"]])
    async def test_no_objects(self, client: httpx.AsyncClient, name: str, value: object) -> None:
        assert refusal(await post(client, "{ hello }", **{name: value})) == (400, ["BAD_USER_INPUT"])
        response = await client.get("/graphql", params={"query": "{ hello }", name: json.dumps(value)})
        assert refusal(response) == (400, ["BAD_USER_INPUT"])

    @pytest.mark.parametrize(
        "query_string",
        [
            "",
            "query=",
            "qeury={hello}",
            "query={hello}&query={hello}",
            "query={hello}&variables={}&variables={}",
            "query={hello}&variables=nonsense",
            "query={hello}&extensions=%7B",
            "query=%FF%FE",
            "query=%ED%A0%80",
            "query={hello}&" + "&".join(f"a{n}=1" for n in range(60)),
        ],
    )
    async def test_query_strings(self, client: httpx.AsyncClient, query_string: str) -> None:
        assert refusal(await client.get(f"/graphql?{query_string}")) == (400, ["BAD_USER_INPUT"])

    @pytest.mark.parametrize(
        ("query_string", "status"),
        [(b"query=\xff\x00%zz", 400), (b"query={hello}&x=" + b"y" * 70_000, 414), (b"query=%", 200)],
    )
    async def test_query_strings_that_no_client_sends(self, world: World, query_string: bytes, status: int) -> None:
        heard = await _speak(world, [], method="GET", query_string=query_string)
        assert heard[0]["status"] == status

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
    async def test_other_methods(self, client: httpx.AsyncClient, method: str) -> None:
        response = await client.request(method, "/graphql")
        assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")

    async def test_mutation_by_get(self, client: httpx.AsyncClient, world: World) -> None:
        for headers in (JSON, GRAPHQL):
            response = await client.get("/graphql", params={"query": "mutation { bump }"}, headers=headers)
            assert refusal(response) == (405, ["BAD_USER_INPUT"])
            assert response.headers["allow"] == "POST"
        assert world.bench.calls["bump"] == 0

    async def test_mutation_hidden_beside_a_query(self, client: httpx.AsyncClient, world: World) -> None:
        params = {"query": "query A { hello } mutation B { bump }", "operationName": "B"}
        assert refusal(await client.get("/graphql", params=params)) == (405, ["BAD_USER_INPUT"])
        assert world.bench.calls["bump"] == 0

    async def test_subscription(self, client: httpx.AsyncClient) -> None:
        query = "subscription { count }"
        assert refusal(await post(client, query)) == (400, ["BAD_USER_INPUT"])
        assert refusal(await client.get("/graphql", params={"query": query})) == (400, ["BAD_USER_INPUT"])

    async def test_refusals_come_in_the_media_type_that_was_asked_for(self, client: httpx.AsyncClient) -> None:
        response = await client.post("/graphql", content=b"{", headers=GRAPHQL | {"content-type": "application/json"})
        assert response.headers["content-type"] == UTF8_GRAPHQL


class TestForgery:
    BODY = b'{"query": "mutation { bump }"}'

    @pytest.mark.parametrize(
        "kind",
        [
            None,
            "text/plain",
            "text/plain; charset=utf-8; application/json",
            "TEXT/PLAIN",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
        ],
    )
    async def test_what_a_form_can_send_is_refused(
        self, client: httpx.AsyncClient, world: World, kind: str | None
    ) -> None:
        headers = {"content-type": kind} if kind else {}
        response = await client.post("/graphql", content=self.BODY, headers=headers)
        assert refusal(response) == (403, ["FORBIDDEN"])
        assert world.bench.calls["bump"] == 0

    @pytest.mark.parametrize("header", ["x-graphql-preflight", "apollo-require-preflight"])
    async def test_the_preflight_header_opens_the_door(
        self, client: httpx.AsyncClient, world: World, header: str
    ) -> None:
        response = await client.post("/graphql", content=self.BODY, headers={header: ""})
        assert response.json() == {"data": {"bump": 1}}

    @pytest.mark.parametrize(
        "kind",
        [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/xml",
            "application/graphql",
            "application/json; charset=utf-16",
            "application/json; charset=latin1",
        ],
    )
    async def test_but_only_json_is_understood(self, client: httpx.AsyncClient, kind: str) -> None:
        headers = {"content-type": kind, "x-graphql-preflight": "1"}
        response = await client.post("/graphql", content=self.BODY, headers=headers)
        assert refusal(response) == (415, ["BAD_USER_INPUT"])

    @pytest.mark.parametrize(
        "kind", ["application/json", "Application/JSON ; Charset=UTF-8", 'application/json;charset="utf-8"']
    )
    async def test_json_needs_no_such_header(self, client: httpx.AsyncClient, kind: str) -> None:
        response = await client.post("/graphql", content=self.BODY, headers={"content-type": kind})
        assert response.json() == {"data": {"bump": 1}}

    @pytest.mark.parametrize("mode", ["no-cors", "navigate"])
    async def test_images_and_links_get_nothing(self, client: httpx.AsyncClient, mode: str) -> None:
        url, headers = "/graphql?query={hello}", {"sec-fetch-mode": mode}
        assert refusal(await client.get(url, headers=headers)) == (403, ["FORBIDDEN"])
        assert (await client.get(url, headers=headers | {"x-graphql-preflight": "1"})).status_code == 200
        assert (await client.get(url, headers={"sec-fetch-mode": "cors"})).status_code == 200


class TestTokensAndFailures:
    @pytest.mark.parametrize(
        ("token", "status", "code"),
        [
            ("wrong", 401, "UNAUTHENTICATED"),
            ("forbidden", 403, "FORBIDDEN"),
            ("down", 503, "UNAVAILABLE"),
            ("bug", 500, "INTERNAL"),
        ],
    )
    async def test_tokens(self, client: httpx.AsyncClient, token: str, status: int, code: str) -> None:
        response = await post(client, "mutation { bump }", {"authorization": f"Bearer {token}"})
        assert refusal(response) == (status, [code])
        assert "secret detail" not in response.text

    async def test_a_bad_token_is_answered_with_a_challenge(self, client: httpx.AsyncClient) -> None:
        response = await post(client, "{ hello }", {"authorization": "Bearer wrong"})
        assert response.headers["www-authenticate"] == "Bearer"

    async def test_a_client_that_leaves_while_it_sends(self, world: World) -> None:
        began: Message = {"type": "http.request", "body": b'{"que', "more_body": True}
        assert await _speak(world, [began, {"type": "http.disconnect"}]) == []

    async def test_a_body_in_pieces(self, world: World) -> None:
        pieces = [b'{"query"', b": ", b'"{ hello }"}']
        said: list[Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
        heard = await _speak(world, [*said, {"type": "http.request", "body": b"", "more_body": False}])
        assert heard[1]["body"] == b'{"data":{"hello":"Hello, world!"}}'

    async def test_without_a_request_id(self, world: World) -> None:
        heard = await _speak(world, [{"type": "http.request", "body": b"{"}], named=False)
        assert json.loads(heard[1]["body"])["errors"][0]["extensions"]["requestId"] == ""


async def _speak(
    world: World, said: list[Message], *, method: str = "POST", query_string: bytes = b"", named: bool = True
) -> list[Message]:
    """Talk to the endpoint without any client between; what it answers."""
    waiting: asyncio.Queue[Message] = asyncio.Queue()
    for message in said:
        waiting.put_nowait(message)
    heard: list[Message] = []

    async def send(message: Message) -> None:
        heard.append(message)

    scope: dict[str, Any] = {"type": "http", "method": method, "path": "/graphql", "root_path": ""}
    scope |= {"headers": [(b"content-type", b"application/json")], "query_string": query_string}
    app = world.app() if named else world.app().routes[0].app  # type: ignore[attr-defined]
    await app(scope, waiting.get, send)
    return heard
