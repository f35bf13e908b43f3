"""Relay connections over keyset pages."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Generic, TypeVar, cast
from uuid import UUID

import orjson
import strawberry
from strawberry import UNSET, Parent

from domain.errors import Code, Refused
from domain.pages import Key, Page, Position, Sort, Window

DEFAULT_SIZE = 20
MAX_SIZE = 100

T = TypeVar("T")

First = Annotated[int | None, strawberry.argument(description="How many from the start (or after `after`): 1 to 100.")]
Last = Annotated[int | None, strawberry.argument(description="How many from the end (or before `before`): 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="Only what comes after this cursor.")]
Before = Annotated[str | None, strawberry.argument(description="Only what comes before this cursor.")]


class EdgeView:
    """An item and its place; the cursor is only made when somebody asks for it."""

    __slots__ = ("_position", "_sort", "node")

    def __init__(self, node: Any, position: Position, sort: Sort) -> None:
        self.node = node
        self._position = position
        self._sort = sort

    @property
    def cursor(self) -> str:
        return to_cursor(self._sort, self._position)


class PageView:
    """The value of a connection."""

    __slots__ = ("_count", "_page")

    def __init__(self, page: Page[Any], count: Callable[[], Awaitable[int]]) -> None:
        self._page = page
        self._count = count

    @property
    def nodes(self) -> Sequence[Any]:
        return self._page.items

    @property
    def edges(self) -> list[EdgeView]:
        sort = self._page.window.sort
        return [EdgeView(item, place, sort) for item, place in zip(self._page.items, self._page.positions, strict=True)]

    @property
    def page_info(self) -> "PageInfo":
        page, places, sort = self._page, self._page.positions, self._page.window.sort
        return PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=to_cursor(sort, places[0]) if places else None,
            end_cursor=to_cursor(sort, places[-1]) if places else None,
        )

    async def count(self) -> int:
        return await self._count()


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there is more after this page.")
    has_previous_page: bool = strawberry.field(description="Whether there is more before this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first item.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last item.")


@strawberry.type(description="An item of a list and its cursor.")
class Edge(Generic[T]):
    node: T = strawberry.field(description="The item.")
    cursor: str = strawberry.field(description="Where the item stands; give it as `after` or `before`.")


async def _total_count(parent: Parent[PageView]) -> int:
    return await parent.count()


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The items with their cursors.")
    nodes: list[T] = strawberry.field(description="The items.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")
    total_count: int = strawberry.field(
        resolver=_total_count, description="How many there are in all. Counting costs: ask only when you show it."
    )


async def below(
    parents: Sequence[Any], page_of: Callable[[UUID], Awaitable[Page[Any]]], count_of: Callable[[UUID], Awaitable[int]]
) -> list[PageView]:
    """The pages of a list that each parent has; all are asked for before one is waited for."""
    pages = [page_of(parent.id) for parent in parents]
    return [PageView(await page, partial(count_of, parent.id)) for page, parent in zip(pages, parents, strict=True)]


def window(sort: Sort, first: int | None, after: str | None, last: int | None, before: str | None) -> Window:
    """The part of a list that the arguments ask for."""
    if first and last:
        raise _wrong("Ask for `first` or for `last`, not for both.", "last")
    size = _size(first, "first") or _size(last, "last") or DEFAULT_SIZE
    return Window(
        size=size,
        sort=sort,
        after=from_cursor(sort, after, "after") if after else None,
        before=from_cursor(sort, before, "before") if before else None,
        backward=bool(last),
    )


def _size(value: int | None, argument: str) -> int | None:
    if value is None or value is UNSET:
        return None
    if not 1 <= value <= MAX_SIZE:
        raise Refused.because(Code.OUT_OF_RANGE, f"`{argument}` must be from 1 to {MAX_SIZE}.", argument)
    return value


def to_cursor(sort: Sort, position: Position) -> str:
    key = None if sort.key is None else position.key
    return urlsafe_b64encode(orjson.dumps([sort.name, key, position.id.hex])).rstrip(b"=").decode()


def from_cursor(sort: Sort, cursor: str, argument: str) -> Position:
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        name, key, id_ = orjson.loads(raw)
        position = Position(_key(sort, key), UUID(id_))
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise _wrong(f"`{argument}` is not a cursor of this list.", argument) from error
    if name != sort.name:
        raise _wrong(f"`{argument}` was made for another order. Start again without it.", argument)
    return position


def _key(sort: Sort, key: object) -> Key:
    """A cursor is a client's input: only a value of the kind that the list is sorted by may reach the database."""
    if sort.key is None:
        return None
    if sort.kind is datetime and isinstance(key, str):
        return _moment(key)
    if sort.kind is int and type(key) is int and abs(key) < 2**31:
        return key
    if sort.kind is float and type(key) in {int, float}:
        return float(cast("float", key))
    if sort.kind is str and isinstance(key, str) and "\x00" not in key:
        return key
    raise ValueError(key)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)


def _wrong(message: str, argument: str) -> Refused:
    return Refused.because(Code.INVALID, message, argument)
