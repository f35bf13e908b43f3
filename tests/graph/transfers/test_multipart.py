"""Files that come with a GraphQL request."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from domain.errors import Forbidden
from graph.transfers.bodies import Pace
from graph.transfers.multipart import FormLimits, MultipartForms
from graph.transport.documents import TrustedDocuments
from graph.transport.http import GraphQLOverHTTP
from persistence.blobs.parts import PartFolder
from tests.graph.transfers.conftest import content_of
from tests.graph.transfers.toy import Seen, schema
from tests.graph.transport.conftest import NamedRequests
from tests.graph.transport.toy import Bench, Context, ToyDocuments, ToySessions

DATA = os.urandom(300_000)
PREFLIGHT = {"x-graphql-preflight": "1"}
ONE = {"query": "mutation($f: Upload!) { send(file: $f) }", "variables": {"f": None}}
MAP = {"0": ["variables.f"]}
FILE = {"0": ("prices.csv", DATA, "text/csv")}


class World:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.parts = PartFolder(folder)
        self.sessions = ToySessions(Bench())
        self.seen = Seen()
        self.limits = FormLimits(max_file_bytes=1_000_000, max_text_bytes=2_000, max_files=3)
        self.idle_s = 30.0

    def app(self) -> Starlette:
        forms = MultipartForms(parts=self.parts, limits=self.limits, admit=self.admit, pace=Pace(), idle_s=self.idle_s)
        documents = TrustedDocuments(store=ToyDocuments(), trusted_only=False)
        http = GraphQLOverHTTP(schema=schema(self.seen), sessions=self.sessions, documents=documents, forms=forms)
        return Starlette(routes=[Route("/graphql", http)], middleware=[Middleware(NamedRequests)])

    def admit(self, context: Context) -> None:
        if context.user == "guest":
            raise Forbidden

    def left(self) -> list[Path]:
        return list(self.folder.iterdir())


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "uploads")
    yield world
    assert world.left() == []
    world.parts.close()


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(world.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=PREFLIGHT) as client:
        yield client


def form(operations: object = ONE, places: object = MAP, files: Any = FILE) -> Any:
    """In the order of the dict, as httpx sends it."""
    texts = {"operations": operations, "map": places}
    fields = {name: (None, value if isinstance(value, str) else json.dumps(value)) for name, value in texts.items()}
    return fields | files


def refusal(answer: httpx.Response) -> tuple[int, str]:
    (error,) = answer.json()["errors"]
    assert error["extensions"]["requestId"] == "req-1"
    return answer.status_code, error["extensions"]["code"]


async def test_a_file_reaches_its_mutation(world: World, client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", files=form())
    assert answer.json()["data"] == {"send": content_of(DATA).sha256}
    (file,) = world.seen.files
    assert (file.name, file.type, file.received.content) == ("prices.csv", "text/csv", content_of(DATA))
    assert world.seen.bytes == [DATA]


async def test_many_files_and_places(world: World, client: httpx.AsyncClient) -> None:
    fields = "send(file: $a) many(files: $b) deep(bundle: $c)"
    operations = {
        "query": f"mutation($a: Upload!, $b: [Upload!]!, $c: Bundle!) {{ {fields} }}",
        "variables": {"a": None, "b": [None, None], "c": {"file": None, "note": "n"}},
    }
    places = {"x": ["variables.a", "variables.c.file"], "y": ["variables.b.0"], "z": ["variables.b.1"]}
    files = {name: (f"{name}.csv", name.encode()) for name in "xyz"}
    answer = await client.post("/graphql", files=form(operations, places, files))
    x, y, z = (content_of(name.encode()).sha256 for name in "xyz")
    assert answer.json()["data"] == {"send": x, "many": [y, z], "deep": x}


async def test_the_same_document_with_another_file(world: World, client: httpx.AsyncClient) -> None:
    for data in (b"one", b"two", b""):
        answer = await client.post("/graphql", files=form(files={"0": ("a", data)}))
        assert answer.json()["data"] == {"send": content_of(data).sha256}


async def test_whoever_takes_the_file_keeps_it(world: World, client: httpx.AsyncClient, tmp_path: Path) -> None:
    world.seen.takes_to = tmp_path / "taken"
    await client.post("/graphql", files=form())
    assert (tmp_path / "taken").read_bytes() == DATA


async def test_a_failing_mutation_leaves_nothing(world: World, client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", files=form({**ONE, "query": "mutation($f: Upload!) { fail(file: $f) }"}))
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["INTERNAL"]


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\a\\b.csv", "b.csv"),
        ("Kurse März.csv", "Kurse März.csv"),
        ("x" * 300, "x" * 150),
    ],
)
async def test_names_are_made_harmless(world: World, client: httpx.AsyncClient, given_name: str, name: str) -> None:
    await client.post("/graphql", files=form(files={"0": (given_name, b"x")}))
    assert world.seen.files[0].name == name


async def test_a_forged_form_is_refused_before_it_is_read(world: World, client: httpx.AsyncClient) -> None:
    del client.headers["x-graphql-preflight"]
    assert refusal(await client.post("/graphql", files=form())) == (403, "FORBIDDEN")
    assert world.sessions.opened == []


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [("user:guest", 403, "FORBIDDEN"), ("expired", 401, "UNAUTHENTICATED"), ("down", 503, "UNAVAILABLE")],
)
async def test_only_some_may_bring_files(
    world: World, client: httpx.AsyncClient, token: str, status: int, code: str
) -> None:
    read: list[bytes] = []

    async def body() -> AsyncIterator[bytes]:
        read.append(b"")
        yield b"--b"

    headers = {"authorization": f"Bearer {token}", "content-type": "multipart/form-data; boundary=b"}
    assert refusal(await client.post("/graphql", content=body(), headers=headers)) == (status, code)


async def test_too_large_a_file(world: World, client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", files=form(files={"0": ("a", b"x" * 1_000_001)}))
    assert refusal(answer) == (413, "BAD_USER_INPUT")
    answer = await client.post("/graphql", files=form(files={"0": ("a", b"x" * 1_000_000)}))
    assert answer.json()["data"] == {"send": content_of(b"x" * 1_000_000).sha256}


@pytest.mark.parametrize("name", ["operations", "places"])
async def test_too_long_a_text(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.post("/graphql", files=form(**{name: "{" + " " * 30_000 + "}"}))
    assert refusal(answer) == (413, "BAD_USER_INPUT")


def part(name: str, data: str = "{}", file_name: str | None = None) -> str:
    more = f'; filename="{file_name}"' if file_name is not None else ""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{data}\r\n'


OPERATIONS, PLACES = part("operations", json.dumps(ONE)), part("map", json.dumps(MAP))
GOOD = OPERATIONS + PLACES + part("0", "x", "a.csv")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "--b--\r\n",
        GOOD,
        GOOD + "--b",
        GOOD + "--b-",
        "rubbish" + GOOD + "--b--\r\n",
        PLACES + OPERATIONS + part("0", "x", "a.csv") + "--b--\r\n",
        OPERATIONS + part("0", "x", "a.csv") + PLACES + "--b--\r\n",
        OPERATIONS + "--b--\r\n",
        OPERATIONS + PLACES + "--b--\r\n",
        OPERATIONS + PLACES + part("1", "x", "a.csv") + "--b--\r\n",
        GOOD + part("0", "x", "a.csv") + "--b--\r\n",
        GOOD + part("1", "x", "a.csv") + "--b--\r\n",
        part("operations", "{") + PLACES + "--b--\r\n",
        part("operations", "[]") + PLACES + "--b--\r\n",
        part("operations", json.dumps([ONE])) + PLACES + part("0", "x", "a.csv") + "--b--\r\n",
        OPERATIONS + part("map", "[]") + "--b--\r\n",
        OPERATIONS + part("map", '{"0": "variables.f"}') + "--b--\r\n",
        OPERATIONS + part("map", '{"0": [1]}') + "--b--\r\n",
        OPERATIONS + part("map", json.dumps({str(n): [] for n in range(4)})) + "--b--\r\n",
        "--b\r\nContent-Type: text/plain\r\n\r\n{}\r\n--b--\r\n",
        "--b\r\nContent-Disposition: attachment; name=x\r\n\r\n{}\r\n--b--\r\n",
        "--b\r\nno header\r\n\r\n{}\r\n--b--\r\n",
        "--b\r\n" + "X: y\r\n" * 100 + "\r\n{}\r\n--b--\r\n",
    ],
)
async def test_what_is_no_such_form(client: httpx.AsyncClient, body: str) -> None:
    answer = await client.post("/graphql", content=body, headers={"content-type": "multipart/form-data; boundary=b"})
    assert refusal(answer) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize("cut", range(1, 12))
async def test_any_cut_gives_the_same(world: World, client: httpx.AsyncClient, cut: int) -> None:
    body = (GOOD + "--b--\r\n").encode()

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), cut):
            yield body[start : start + cut]

    headers = {"content-type": 'multipart/form-data; boundary="b"'}
    answer = await client.post("/graphql", content=pieces(), headers=headers)
    assert answer.json()["data"] == {"send": content_of(b"x").sha256}


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", f"multipart/form-data; boundary={'b' * 300}"]
)
async def test_a_boundary_is_needed(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post("/graphql", content=GOOD, headers={"content-type": kind})
    assert refusal(answer) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    "path",
    [
        "f",
        "variables",
        "variables.",
        "variables.g",
        "variables.f.x",
        "variables.f.0",
        "query",
        "",
        "variables.n",
        "variables.l.2",
        "variables.l.x",
    ],
)
async def test_places_that_are_none(client: httpx.AsyncClient, path: str) -> None:
    operations = {**ONE, "variables": {"f": None, "n": 1, "l": [None, 2]}}
    answer = await client.post("/graphql", files=form(operations, {"0": [path]}))
    assert refusal(answer) == (400, "BAD_USER_INPUT")


async def test_a_file_does_not_take_a_place_twice(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", files=form(places={"0": ["variables.f", "variables.f"]}))
    assert refusal(answer) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize("value", ["text", 7, {"sha256": "x"}, ["x"]])
async def test_nothing_else_passes_for_a_file(client: httpx.AsyncClient, value: object) -> None:
    answer = await client.post("/graphql", json={**ONE, "variables": {"f": value}})
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["BAD_USER_INPUT"]
    answer = await client.post("/graphql", json={"query": f"mutation {{ send(file: {json.dumps('x')}) }}"})
    assert "errors" in answer.json()


async def test_silence_is_given_up(world: World) -> None:
    world.idle_s = 0.05

    async def silent() -> AsyncIterator[bytes]:
        yield (OPERATIONS + PLACES).encode()
        await asyncio.Event().wait()

    transport = httpx.ASGITransport(world.app())
    headers = {"content-type": "multipart/form-data; boundary=b", **PREFLIGHT}
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert refusal(await client.post("/graphql", content=silent(), headers=headers)) == (408, "BAD_USER_INPUT")


async def test_other_requests_are_as_before(client: httpx.AsyncClient) -> None:
    assert (await client.post("/graphql", json={"query": "{ hello }"})).json()["data"] == {"hello": "hello"}
