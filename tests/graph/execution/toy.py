"""A schema with every kind of field there is, over data that goes wrong at places a seed decides."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID
from zlib import crc32

import strawberry
from strawberry import Info, Parent
from strawberry.dataloader import DataLoader
from strawberry.extensions import FieldExtension
from strawberry.scalars import JSON

MOST = 9


@strawberry.enum
class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Odd:
    """Nothing that any field expects."""

    def __repr__(self) -> str:
        return "odd"


class Fate:
    """What happens at a place: mostly nothing."""

    def __init__(self, seed: int, trouble: int) -> None:
        self._seed = seed
        self._trouble = trouble

    def roll(self, *place: object) -> int:
        return crc32(repr((self._seed, place)).encode())

    def goes_wrong(self, *place: object) -> bool:
        return self.roll("wrong", *place) % 100 < self._trouble

    def value(self, good: Any, *place: object) -> Any:
        """The value, or what should not have been there."""
        if not self.goes_wrong(*place):
            return good
        return [None, RuntimeError(f"{place} is broken"), Odd(), None][self.roll("how", *place) % 4]

    def result(self, good: Any, *place: object) -> Any:
        if self.goes_wrong("raise", *place):
            raise RuntimeError(f"{place} failed")
        return self.value(good, *place)


@dataclass(frozen=True, slots=True)
class BoxRow:
    key: int
    name: Any
    note: Any
    size: Any
    weight: Any
    is_open: Any
    colour: Any
    made_at: Any
    price: Any
    uid: Any
    data: Any
    tags: Any
    grid: Any
    twin: Any
    inner: Any
    balls: Any
    perhaps: Any


@dataclass(frozen=True, slots=True)
class BallRow:
    key: int
    name: Any
    bounce: Any


@dataclass
class Context:
    fate: Fate
    log: list[str]

    def __post_init__(self) -> None:
        self.boxes: DataLoader[int, Any] = DataLoader(self._load)

    async def _load(self, keys: list[int]) -> list[Any]:
        self.log.append("load")
        await asyncio.sleep(0)
        return [RuntimeError(f"no {key}") if self.fate.goes_wrong("load", key) else self.box(key) for key in keys]

    def box(self, key: int, depth: int = 2) -> Any:
        fate, below = self.fate, depth - 1
        when = datetime(2026, 1, 1 + key % 9, tzinfo=UTC)
        values = {
            "key": key,
            "name": fate.value(f"box {key}", "name", key),
            "note": fate.value(None if key % 2 else "note", "note", key),
            "size": fate.value([key, "7", 2**40, 3.0][fate.roll("size", key) % 4], "size", key),
            "weight": fate.value([key / 2, key, float("nan")][fate.roll("weight", key) % 3], "weight", key),
            "is_open": fate.value(key % 2 == 0, "is_open", key),
            "colour": fate.value([Colour.RED, "blue"][fate.roll("colour", key) % 2], "colour", key),
            "made_at": fate.value(when, "made_at", key),
            "price": fate.value(Decimal(f"{key}.50"), "price", key),
            "uid": fate.value(UUID(int=key), "uid", key),
            "data": fate.value({"key": [key]}, "data", key),
            "tags": fate.value(["a", fate.value("b", "tag", key)], "tags", key),
            "grid": fate.value([[1, None], (2,), [fate.value(3, "cell", key)]], "grid", key),
            "twin": fate.value(self.ball(key) if depth else None, "twin", key),
            "inner": fate.value(self.box(key + 1, below) if depth > 0 else None, "inner", key),
            "balls": fate.value({self.ball(key)} if key % 3 else [self.ball(key), self.ball(key + 1)], "balls", key),
            "perhaps": fate.value([self.ball(key), fate.value(None, "perhaps", key)], "perhaps", key),
        }
        return BoxRow(**values) if fate.roll("row", key) % 2 else made(Box, values)

    def ball(self, key: int) -> Any:
        values = {
            "key": key,
            "name": self.fate.value(f"ball {key}", "ball", key),
            "bounce": self.fate.value(key, "bounce", key),
        }
        return BallRow(**values) if self.fate.roll("row", key) % 2 else made(Ball, values)

    def item(self, key: int) -> Any:
        kinds = [self.box, self.ball, lambda _: None, lambda _: Odd()]
        return kinds[self.fate.roll("item", key) % (4 if self.fate.goes_wrong("item", key) else 2)](key)


def made(cls: type, values: dict[str, Any]) -> Any:
    """An object of a graph type itself; those that Strawberry makes can be hashed by identity only when told so."""
    instance = cls.__new__(cls)
    for name, value in values.items():
        object.__setattr__(instance, name, value)
    return instance


class Passing(FieldExtension):
    """An extension that changes nothing, so that the field takes the long way."""

    def resolve(self, next_: Any, source: Any, info: Any, **kwargs: Any) -> Any:
        return next_(source, info, **kwargs)

    async def resolve_async(self, next_: Any, source: Any, info: Any, **kwargs: Any) -> Any:
        return await next_(source, info, **kwargs)


def _path(info: Info) -> str:
    return ".".join(map(str, info.path.as_list()))


@strawberry.input
class Point:
    x: int = 1
    ys: list[int] = strawberry.field(default_factory=list)
    colour: Colour | None = None


@strawberry.interface
class Named:
    name: str

    @strawberry.field
    def id(parent: Parent[Any]) -> strawberry.ID:  # noqa: N805
        return strawberry.ID(f"{type(parent).__name__[:3]}{parent.key}")

    @strawberry.field
    def where(self: Any, info: Info) -> str:
        selected = ",".join(field.name for field in info.selected_fields)
        return f"{_path(info)} {info.field_name} {selected} {info.python_name} {info.return_type}"


@strawberry.type
class Ball(Named):
    __hash__ = object.__hash__
    bounce: int | None

    @classmethod
    def is_type_of(cls, obj: object, _info: object) -> bool:
        return isinstance(obj, (cls, BallRow))

    @strawberry.field
    async def box(parent: Parent[Any], info: Info) -> "Box | None":  # noqa: N805
        return await info.context.boxes.load(parent.key % MOST)


@strawberry.type
class Box(Named):
    __hash__ = object.__hash__
    note: str | None
    size: int
    weight: float | None
    is_open: bool
    colour: Colour
    made_at: datetime | None
    price: Decimal | None
    uid: UUID
    data: JSON | None
    tags: list[str]
    grid: list[list[int | None]] | None
    twin: Ball | None
    inner: "Box"
    balls: list[Ball]
    perhaps: list[Ball | None] | None

    @classmethod
    def is_type_of(cls, obj: object, info: Any) -> bool:
        assert isinstance(info.path.key, str), "the path is that of the field, not of an item"
        return isinstance(obj, (cls, BoxRow))

    @strawberry.field
    def label(self) -> str | None:
        return f"label of {self.key}"  # type: ignore[attr-defined]

    @strawberry.field
    def fragile(parent: Parent[Any], info: Info) -> int:  # noqa: N805
        return info.context.fate.result(parent.key, "fragile", parent.key)  # type: ignore[no-any-return]

    @strawberry.field
    async def slow(info: Info, root: Any) -> str:  # noqa: N805
        await asyncio.sleep(0)
        return info.context.fate.result(f"{_path(info)} {root.key}", "slow", root.key)  # type: ignore[no-any-return]

    @strawberry.field
    def add(
        self, info: Info, x: int, by: int = 2, point: Point | None = None, colours: list[Colour] = []  # noqa: B006
    ) -> str | None:  # fmt: skip
        colours.append(Colour.RED)
        return info.context.fate.result(f"{x} {by} {point} {colours}", "add", x, by)  # type: ignore[no-any-return]

    @strawberry.field(extensions=[Passing()])
    def long(self, info: Info, times: int = 1) -> str | None:
        return info.context.fate.result(_path(info) * times, "long", times)  # type: ignore[no-any-return]

    @strawberry.field(extensions=[Passing()])
    async def longer(self, info: Info) -> "Box | None":
        return info.context.fate.result(self, "longer", self.key)  # type: ignore[no-any-return, attr-defined]

    @strawberry.field
    async def owner(parent: Parent[Any], info: Info) -> "Box":  # noqa: N805
        return await info.context.boxes.load((parent.key + 1) % MOST)

    @strawberry.field
    def sooner(parent: Parent[Any], info: Info) -> "Box | None":  # noqa: N805
        return info.context.boxes.load((parent.key + 2) % MOST)  # type: ignore[no-any-return]

    @strawberry.field
    async def friends(parent: Parent[Any], info: Info) -> "list[Box]":  # noqa: N805
        return await info.context.boxes.load_many([(parent.key + 1) % MOST, (parent.key + 3) % MOST])

    @strawberry.field
    def awaited_items(parent: Parent[Any], info: Info) -> "list[Box | None] | None":  # noqa: N805
        return [info.context.boxes.load(parent.key), None, info.context.box(parent.key), _later(info, parent.key)]

    @strawberry.field
    def streamed(parent: Parent[Any], info: Info) -> list[str] | None:  # noqa: N805
        return _stream(info.context.fate, parent.key)  # type: ignore[return-value]

    @strawberry.field
    def counted(parent: Parent[Any], info: Info) -> list[int | None]:  # noqa: N805
        for number in range(3):
            if info.context.fate.goes_wrong("counted", parent.key, number):
                raise RuntimeError(f"{parent.key} lost count")
            yield number

    @strawberry.field
    def item(parent: Parent[Any], info: Info) -> "Item | None":  # noqa: N805
        return info.context.item(parent.key)  # type: ignore[no-any-return]

    @strawberry.field
    async def items(parent: Parent[Any], info: Info) -> "list[Item] | None":  # noqa: N805
        return [info.context.item(key) for key in range(parent.key, parent.key + 3)]

    @strawberry.field
    def named(parent: Parent[Any], info: Info) -> list[Named | None]:  # noqa: N805
        return [info.context.item(key) for key in range(parent.key, parent.key + 3)]


Item = Annotated[Box | Ball, strawberry.union("Item")]


async def _later(info: Info, key: int) -> Any:
    await asyncio.sleep(0)
    return info.context.fate.result(info.context.box(key), "later", key)


async def _stream(fate: Fate, key: int) -> AsyncIterator[Any]:
    for number in range(3):
        yield fate.result(str(number), "stream", key, number)


@strawberry.type
class Query:
    @strawberry.field
    def box(self, info: Info, key: int = 1) -> Box:
        return info.context.box(key)  # type: ignore[no-any-return]

    @strawberry.field
    async def perhaps_box(self, info: Info, key: int = 2) -> Box | None:
        return info.context.fate.result(info.context.box(key), "root", key)  # type: ignore[no-any-return]

    @strawberry.field
    def boxes(self, info: Info, first: int = 3) -> list[Box]:
        return [info.context.box(key) for key in range(first)]

    @strawberry.field
    async def perhaps_boxes(self, info: Info, first: int | None = 3) -> list[Box | None] | None:
        return [info.context.box(key) for key in range(first or 2)]

    @strawberry.field
    def items(self, info: Info) -> list[Item | None]:
        return [info.context.item(key) for key in range(4)]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def push(self, info: Info, key: int = 1) -> Box:
        info.context.log.append(f"push {key}")
        await asyncio.sleep(0)
        info.context.log.append(f"pushed {key}")
        return info.context.fate.result(info.context.box(key), "push", key)  # type: ignore[no-any-return]

    @strawberry.mutation
    def pop(self, info: Info, key: int = 1) -> Box | None:
        info.context.log.append(f"pop {key}")
        return info.context.fate.result(info.context.box(key), "pop", key)  # type: ignore[no-any-return]

    @strawberry.mutation
    def take(self, info: Info, key: int = 1) -> Box:
        info.context.log.append(f"take {key}")
        return info.context.fate.result(info.context.box(key), "take", key)  # type: ignore[no-any-return]
