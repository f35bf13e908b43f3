"""A small schema in this house's ways: domain objects as values, connections, loaders, refusals."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import strawberry
from strawberry import Info, Parent

from domain.errors import Code, Forbidden, Problem, Refused, Unauthenticated, Unavailable
from graph.errors import RateLimited
from graph.execution import Cost, Limits, Loader, Schema, edge

T = TypeVar("T")
ROOMY = Limits(
    max_depth=15, max_aliases=30, max_root_fields=20, max_tokens=5_000, max_cost=20_000, introspection=True
)  # fmt: skip
ERRORS: dict[str, Callable[[], Exception]] = {
    "unauthenticated": Unauthenticated,
    "forbidden": Forbidden,
    "refused": lambda: Refused(Problem(Code.TOO_SHORT, "Too short.", ("user_name", "0")), Problem(Code.INVALID, "No.")),
    "unavailable": Unavailable,
    "connection": lambda: ConnectionRefusedError("10.0.0.1:5432"),
    "limited": lambda: RateLimited(1.5),
    "broken": lambda: ValueError("the password is hunter2"),
}


def error_of(how: str) -> Exception:
    return ERRORS[how]()


@dataclass(frozen=True, slots=True)
class PersonRow:
    key: int
    name: str
    boss: int | None


PEOPLE = [PersonRow(key, f"person {key}", key - 1 if key else None) for key in range(30)]


@dataclass
class Context:
    request_id: str = "req-1"
    batches: list[list[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.people: Loader[int, PersonRow] = Loader(self._load)

    async def _load(self, keys: list[int]) -> list[PersonRow | Exception]:
        self.batches.append(keys)
        await asyncio.sleep(0)
        return [PEOPLE[key] for key in keys]


@strawberry.type
class Edge(Generic[T]):
    node: T


@strawberry.type
class Connection(Generic[T]):
    edges: list[Edge[T]]
    nodes: list[T]
    total_count: int


@dataclass
class Page:
    nodes: list[PersonRow]
    total_count: int = len(PEOPLE)

    @property
    def edges(self) -> list[Any]:
        return [Edge(node=node) for node in self.nodes]


@strawberry.interface
class Node:
    @strawberry.field
    def id(parent: Parent[PersonRow]) -> strawberry.ID:  # noqa: N805
        return strawberry.ID(str(parent.key))


@strawberry.type
class Person(Node):
    name: str
    boss: "Person | None" = edge("boss", lambda context: context.people.load)

    @classmethod
    def is_type_of(cls, obj: object, _info: object) -> bool:
        return isinstance(obj, PersonRow)

    @strawberry.field
    async def chief(parent: Parent[PersonRow], info: Info[Context]) -> "Person | None":  # noqa: N805
        return None if parent.boss is None else await info.context.people.load(parent.boss)  # type: ignore[return-value]

    @strawberry.field
    def friends(self, first: int | None = None, last: int | None = None) -> "Connection[Person]":
        return Page(PEOPLE[: first or last or 20])  # type: ignore[return-value]


@strawberry.type
class Query:
    @strawberry.field
    def person(self, key: int = 5) -> Person:
        return PEOPLE[key]  # type: ignore[return-value]

    @strawberry.field
    def people(self, first: int | None = None, last: int | None = None) -> Connection[Person]:
        return Page(PEOPLE[: first or last or 20])  # type: ignore[return-value]

    @strawberry.field(metadata={"cost": Cost(weight=7, multiplier_args=("limit",))})
    def dear(self, limit: int = 3) -> list[Person]:
        return PEOPLE[:limit]  # type: ignore[return-value]

    @strawberry.field(metadata={"cost": Cost(weight=4)})
    def report(self) -> str:
        return "report"

    @strawberry.field
    def node(self) -> Node:
        return PEOPLE[3]  # type: ignore[return-value]

    @strawberry.field
    def fail(self, how: str) -> str | None:
        raise error_of(how)

    @strawberry.field
    async def fail_late(self, how: str) -> str:
        raise error_of(how)


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def rename(self, name: str) -> Person:
        return PersonRow(1, name, None)  # type: ignore[return-value]


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, info: Info[Context], to: int) -> AsyncIterator[int]:
        for number in range(to):
            await asyncio.sleep(0)
            yield number

    @strawberry.subscription
    async def hires(self, info: Info[Context]) -> AsyncIterator[Person]:
        for person in PEOPLE[1:3]:
            yield person  # type: ignore[misc]

    @strawberry.subscription
    async def breaks(self, info: Info[Context], how: str) -> AsyncIterator[int]:
        yield 1
        raise error_of(how)

    @strawberry.subscription
    async def guarded(self, info: Info[Context], how: str) -> AsyncIterator[int]:
        raise error_of(how)


def schema(limits: Limits = ROOMY, **options: Any) -> Schema:
    return Schema(Query, Mutation, Subscription, limits=limits, **options)
