"""A small schema, sessions and documents that the tests of the transport run against."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256

import strawberry
from graphql import GraphQLError
from starlette.requests import HTTPConnection
from strawberry.scalars import JSON
from strawberry.types import Info

from domain.errors import Forbidden, Unauthenticated, Unavailable
from graph.transport.sessions import Revocation
from tests.support.patience import PATIENCE_S


@dataclass
class Bench:
    """What a test looks at and pulls on while operations run."""

    calls: Counter[str] = field(default_factory=Counter)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Context:
    user: str
    bench: Bench


ToyInfo = Info[Context, None]


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"Hello, {name}!"

    @strawberry.field
    def whoami(self, info: ToyInfo) -> str:
        return info.context.user

    @strawberry.field
    def echo(self, value: JSON) -> JSON:
        return value

    @strawberry.field
    def big(self) -> JSON:
        return JSON({"n": 2**70})

    @strawberry.field
    def secret(self) -> str | None:
        raise GraphQLError("Log in.", extensions={"code": "UNAUTHENTICATED", "requestId": ""})

    @strawberry.field
    def vital(self) -> str:
        raise GraphQLError("No.", extensions={"code": "FORBIDDEN", "requestId": ""})

    @strawberry.field
    async def patient(self, info: ToyInfo) -> str:
        bench = info.context.bench
        bench.waiting.set()
        try:
            await bench.go.wait()
        finally:
            bench.ended.set()
        return "done"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def bump(self, info: ToyInfo) -> int:
        info.context.bench.calls["bump"] += 1
        return info.context.bench.calls["bump"]


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int = 3) -> AsyncIterator[int]:
        for n in range(1, to + 1):
            yield n

    @strawberry.subscription
    async def forever(self, info: ToyInfo, size: int = 1) -> AsyncIterator[str]:
        """Yields without end, as fast as it is taken."""
        bench = info.context.bench
        bench.waiting.set()
        try:
            while True:
                bench.calls["forever"] += 1
                yield "x" * size
                await asyncio.sleep(0)
        finally:
            bench.ended.set()

    @strawberry.subscription
    async def quiet(self, info: ToyInfo) -> AsyncIterator[int]:
        """Yields nothing until `go`."""
        bench = info.context.bench
        bench.calls["quiet"] += 1
        bench.waiting.set()
        try:
            await bench.go.wait()
            yield 1
        finally:
            bench.calls["quiet"] -= 1
            bench.ended.set()

    @strawberry.subscription
    async def broken(self) -> AsyncIterator[int]:
        yield 1
        raise GraphQLError("It broke.", extensions={"code": "INTERNAL", "requestId": ""})


schema = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)


@dataclass
class ToySocketSession:
    user: str
    bench: Bench
    expires_at: float | None = None
    revoked: Revocation = field(default_factory=Revocation)
    closed: bool = False

    @property
    def user_key(self) -> str:
        return self.user

    async def context(self) -> Context:
        return Context(self.user, self.bench)

    async def close(self) -> None:
        self.closed = True


class ToySessions:
    """A token `user:NAME` is good; so is none. Some names stand for what can go wrong."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.opened: list[ToySocketSession] = []
        self.expires_at: float | None = None

    async def open_http(self, connection: HTTPConnection) -> Context:
        header = connection.headers.get("authorization")
        return Context(self._user(header.removeprefix("Bearer ") if header else None), self.bench)

    async def open_socket(self, connection: HTTPConnection, token: str | None) -> ToySocketSession:
        session = ToySocketSession(self._user(token), self.bench, self.expires_at)
        self.opened.append(session)
        return session

    @staticmethod
    def _user(token: str | None) -> str:
        failures = {"forbidden": Forbidden(), "down": Unavailable(), "bug": RuntimeError("a secret detail")}
        if token is None:
            return "nobody"
        if token in failures:
            raise failures[token]
        if not token.startswith("user:"):
            raise Unauthenticated
        return token.removeprefix("user:")


class ToyDocuments:
    """Registered documents, and how often each was asked for."""

    def __init__(self, *texts: str) -> None:
        self.texts = {sha256(text.encode()).hexdigest(): text for text in texts}
        self.asked: Counter[str] = Counter()

    async def get(self, sha256: str) -> str | None:
        self.asked[sha256] += 1
        return self.texts.get(sha256)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@asynccontextmanager
async def within(seconds: float = PATIENCE_S) -> AsyncIterator[None]:
    """A test that waits for something that never comes fails instead of hanging."""
    async with asyncio.timeout(seconds):
        yield
