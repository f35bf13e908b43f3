"""Keyset lists: one engine for every list in the graph.

A viewer reaches rows by one or more access paths (what is mine; what lies in a project I belong to). Each path is its
own index scan of at most one page, and the union of the paths is cut to a page again. An OR over the paths would read
and sort everything that can be seen: a page must cost the same at depth 10 and 1,000,000.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Integer,
    Select,
    Uuid,
    any_,
    bindparam,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union,
)
from sqlalchemy.dialects.postgresql import array

from domain.pages import Page, Position, Window
from persistence.database import Reader
from persistence.reading import Mapped, Query, compiled

Entity = TypeVar("Entity")


@dataclass(frozen=True, slots=True)
class Place:
    """Rows that have one value in the column that an index begins with: what is mine, what lies in one project."""

    column: ColumnElement[Any]
    value: ColumnElement[Any]

    @property
    def found(self) -> ColumnElement[bool]:
        """The condition that finds them in that index, and in no other.

        With a plain `=` the planner, which does not know the value, may read a whole other index that has the wanted
        order: good where everybody has much, and a scan of all there is for somebody who has nothing.
        """
        return self.column == any_(array([self.value]))

    @property
    def condition(self) -> ColumnElement[bool]:
        return self.column == self.value


@dataclass(frozen=True, slots=True)
class Path:
    """One way a viewer comes to a row. `via` is a table to walk (memberships, say), `walk` restricts it."""

    condition: ColumnElement[bool]
    via: FromClause | None = None
    walk: ColumnElement[bool] = field(default_factory=true)
    place: Place | None = None

    @property
    def found(self) -> ColumnElement[bool]:
        return self.condition if self.place is None else self.place.found


def lying_in(
    column: ColumnElement[Any],
    value: ColumnElement[Any],
    *,
    via: FromClause | None = None,
    walk: ColumnElement[bool] | None = None,
) -> Path:
    """The path to what lies in one place, or by `via` in several."""
    place = Place(column, value)
    return Path(place.condition, via, true() if walk is None else walk, place)


EVERYTHING = (Path(true()),)


@dataclass(frozen=True, slots=True)
class Shape:
    """All that changes the text of a statement; the values themselves are arguments."""

    access: str
    filters: tuple[str, ...]
    sort: str | None = None
    descending: bool = False
    backward: bool = False
    after: bool = False
    before: bool = False
    below: str = ""

    @property
    def scans_down(self) -> bool:
        """Backward pages are read from their far end and turned round afterwards."""
        return self.descending is not self.backward


def _arguments(window: Window) -> dict[str, object]:
    after, before = window.after, window.before
    return {
        "size": window.size + 1,
        "after_key": after and after.key,
        "after_id": after and after.id,
        "before_key": before and before.key,
        "before_id": before and before.id,
    }


class Listing(Generic[Entity]):
    """A noun's list: what it shows, how it sorts and filters, and by which paths a viewer reaches it."""

    def __init__(
        self,
        mapped: Mapped[Entity],
        table: FromClause,
        *,
        sorts: Mapping[str, ColumnElement[Any]],
        filters: Mapping[str, ColumnElement[bool]],
        paths: Mapping[str, Sequence[Path]],
        parents: Mapping[str, ColumnElement[Any]] | None = None,
        searches: Iterable[str] = (),
    ) -> None:
        """`searches` names filters that have an index of their own, which finds few rows among all there are."""
        self._mapped = mapped
        self._table = table
        self._sorts = sorts
        self._filters = filters
        self._paths = paths
        self._parents = parents or {}
        self._searches = frozenset(searches)
        self._queries: dict[tuple[str, Shape], Query] = {}

    async def page(self, reader: Reader, window: Window, access: str, **values: object) -> Page[Entity]:
        """One page of what the viewer may see."""
        query = self._query("page", self._shape(window, access, values))
        records = await reader.rows(query, **values, **_arguments(window))
        return self._cut(window, records)

    async def pages_of(
        self, reader: Reader, below: str, parents: Sequence[UUID], window: Window, access: str, **values: object
    ) -> list[Page[Entity]]:
        """The first page below each parent, for all parents in one statement."""
        query = self._query("pages_of", self._shape(window, access, values, below))
        below_each: list[list[Any]] = [[] for _ in parents]
        for record in await reader.rows(query, parents=parents, **values, **_arguments(window)):
            below_each[record["number_of_parent"] - 1].append(record)
        return [self._cut(window, records) for records in below_each]

    async def count(self, reader: Reader, access: str, **values: object) -> int:
        """How many there are in all. Costs what counting costs, so only when somebody asks."""
        shape = Shape(access, self._given(values))
        return int(await reader.value(self._query("count", shape), **values))

    async def counts_of(
        self, reader: Reader, below: str, parents: Sequence[UUID], access: str, **values: object
    ) -> list[int]:
        """How many there are below each parent."""
        shape = Shape(access, self._given(values), below=below)
        records = await reader.rows(self._query("counts_of", shape), parents=parents, **values)
        found = {record[0]: record[1] for record in records}
        return [found.get(parent, 0) for parent in parents]

    def _cut(self, window: Window, records: Sequence[Any]) -> Page[Entity]:
        more = len(records) > window.size
        records = records[: window.size]
        if window.backward:
            records = records[::-1]
        items = self._mapped.many(records)
        return Page(
            items=items,
            positions=_positions(window, records),
            window=window,
            has_next=window.before is not None if window.backward else more,
            has_previous=more if window.backward else window.after is not None,
        )

    def _given(self, values: Mapping[str, object]) -> tuple[str, ...]:
        return tuple(sorted(name for name in self._filters if values.get(name) is not None))

    def _shape(self, window: Window, access: str, values: Mapping[str, object], below: str = "") -> Shape:
        sort = window.sort
        return Shape(
            access=access,
            filters=self._given(values),
            sort=sort.key,
            descending=sort.descending,
            backward=window.backward,
            after=window.after is not None,
            before=window.before is not None,
            below=below,
        )

    def _query(self, kind: str, shape: Shape) -> Query:
        found = self._queries.get((kind, shape))
        if found is None:
            found = self._queries[kind, shape] = compiled(getattr(self, f"_{kind}_statement")(shape))
        return found

    # Statements

    def _page_statement(self, shape: Shape) -> Select[Any]:
        paths = self._paths[shape.access]
        if len(paths) == 1 and paths[0].via is None:
            return self._seek(self._rows(shape).where(paths[0].found), shape, place=paths[0].place)
        found = self._gathered(paths, shape).subquery()
        ids = self._ordered(select(found.c.id), found.c.key, found.c.id, shape).limit(_SIZE).subquery()
        statement = self._rows(shape).join(ids, ids.c.id == self._id)
        return self._ordered(statement, self._key(shape), self._id, shape)

    def _pages_of_statement(self, shape: Shape) -> Select[Any]:
        parent = column("parent", Uuid)
        parents = func.unnest(_PARENTS).table_valued(parent, with_ordinality="number_of_parent").render_derived()
        place = Place(self._parents[shape.below], parents.c.parent)
        rows = self._rows(shape).where(self._visible(shape), place.found)
        below = self._seek(rows, shape, place=place).lateral()
        return select(below, parents.c.number_of_parent).select_from(parents.join(below, true()))

    def _count_statement(self, shape: Shape) -> Select[Any]:
        return select(func.count()).select_from(self._table).where(self._visible(shape), *self._conditions(shape))

    def _counts_of_statement(self, shape: Shape) -> Select[Any]:
        return (
            select(self._parents[shape.below], func.count())
            .where(self._parents[shape.below] == any_(_PARENTS), self._visible(shape), *self._conditions(shape))
            .group_by(self._parents[shape.below])
        )

    # Parts of statements

    def _rows(self, shape: Shape) -> Select[Any]:
        key = [] if shape.sort is None else [self._key(shape).label("key_of_page")]
        return select(*self._mapped.columns, *key)

    def _gathered(self, paths: Sequence[Path], shape: Shape) -> CompoundSelect[Any]:
        """Ids and sort keys along all paths, the wanted page among them.

        Whoever walks sixty places needs few rows of each. So a first look takes a page of all places together; the last
        row of that page is an edge that nothing wanted lies beyond, and a second look stays within it.
        """
        walked = [path for path in paths if self._is_walked(path, shape)]
        direct = [self._reached(path, shape) for path in paths if not self._is_walked(path, shape)]
        if not walked:
            return union(*(found.subquery().select() for found in direct))
        looks = [*direct, *(self._walk(path, shape, size=_share(path)) for path in walked)]
        first = union(*(look.subquery().select() for look in looks)).cte("first_look")
        edge = self._ordered(select(first.c.id, first.c.key), first.c.key, first.c.id, shape)
        edge_ = edge.offset(_SIZE - 1).limit(1).cte("edge")
        within = [self._walk(path, shape, edge=edge_).subquery() for path in walked]
        unbounded = [self._walk(path, shape).where(~exists(edge_.select())).subquery() for path in walked]
        return union(first.select(), *(look.select() for look in [*within, *unbounded]))

    def _is_walked(self, path: Path, shape: Shape) -> bool:
        """To search once and then ask whose it is beats searching again in each place that is walked."""
        return path.via is not None and self._searches.isdisjoint(shape.filters)

    def _reached(self, path: Path, shape: Shape) -> Select[Any]:
        """Ids and sort keys of at most one page, along a path that is not walked place by place."""
        columns = select(self._id.label("id"), self._key(shape).label("key"))
        if path.via is None:
            return self._seek(columns.where(path.found), shape, place=path.place)
        return self._seek(columns.select_from(self._table.join(path.via, path.condition)).where(path.walk), shape)

    def _walk(
        self, path: Path, shape: Shape, *, size: ColumnElement[int] | None = None, edge: FromClause | None = None
    ) -> Select[Any]:
        """The same, from each place that is walked: at most `size`, and nothing beyond the edge."""
        assert path.via is not None  # noqa: S101
        key, id_ = self._key(shape), self._id
        inner = select(id_.label("id"), key.label("key")).where(path.found).correlate(path.via)
        places: FromClause = path.via
        if edge is not None:
            inner = inner.where(_within(key, id_, edge, down=shape.scans_down, own=shape.sort is None)).correlate(edge)
            places = places.join(edge, true())
        found = self._seek(inner, shape, size, path.place).lateral()
        return select(found.c.id, found.c.key).select_from(places.join(found, true())).where(path.walk)

    def _visible(self, shape: Shape) -> ColumnElement[bool]:
        """The same paths as one condition, for single rows and counts."""
        return or_(*(self._as_condition(path) for path in self._paths[shape.access]))

    def _as_condition(self, path: Path) -> ColumnElement[bool]:
        if path.via is None:
            return path.condition
        walked = select(literal(1)).select_from(path.via).where(path.condition, path.walk)
        return walked.correlate(self._table).exists()

    def _seek(
        self,
        statement: Select[Any],
        shape: Shape,
        size: ColumnElement[int] | None = None,
        place: Place | None = None,
    ) -> Select[Any]:
        """From the cursor on, in order, one more than a page (to know whether there is more)."""
        key, id_ = self._key(shape), self._id
        statement = statement.where(*self._conditions(shape))
        own = shape.sort is None
        if shape.after:
            statement = statement.where(_beyond(key, id_, "after", larger=not shape.descending, own=own))
        if shape.before:
            statement = statement.where(_beyond(key, id_, "before", larger=shape.descending, own=own))
        return self._ordered(statement, key, id_, shape, place).limit(_SIZE if size is None else size)

    def _ordered(
        self,
        statement: Select[Any],
        key: ColumnElement[Any],
        id_: ColumnElement[Any],
        shape: Shape,
        place: Place | None = None,
    ) -> Select[Any]:
        columns = (id_,) if shape.sort is None else (key, id_)
        if place is not None:
            columns = (place.column, *columns)
        return statement.order_by(*(column.desc() if shape.scans_down else column.asc() for column in columns))

    def _conditions(self, shape: Shape) -> list[ColumnElement[bool]]:
        return [self._filters[name] for name in shape.filters]

    def _key(self, shape: Shape) -> ColumnElement[Any]:
        """The sort column; the id itself when age is the order, since ids are made in the order of time."""
        return self._id if shape.sort is None else self._sorts[shape.sort]

    @property
    def _id(self) -> ColumnElement[Any]:
        return self._table.c.id


def _positions(window: Window, records: Sequence[Any]) -> list[Position]:
    if window.sort.key is None:
        return [Position(None, record["id"]) for record in records]
    return [Position(record["key_of_page"], record["id"]) for record in records]


_SIZE = bindparam("size", type_=Integer)
_PARENTS = bindparam("parents", type_=ARRAY(Uuid))


def _share(path: Path) -> ColumnElement[int]:
    """A page divided by the places that are walked, and one more."""
    assert path.via is not None  # noqa: S101
    places = select(func.greatest(func.count(), 1)).select_from(path.via).where(path.walk).scalar_subquery()
    return 1 + _SIZE // places


def _within(
    key: ColumnElement[Any], id_: ColumnElement[Any], edge: FromClause, *, down: bool, own: bool
) -> ColumnElement[bool]:
    if own:
        return id_ >= edge.c.id if down else id_ <= edge.c.id
    here, there = tuple_(key, id_), tuple_(edge.c.key, edge.c.id)
    return here >= there if down else here <= there


def _beyond(
    key: ColumnElement[Any], id_: ColumnElement[Any], side: str, *, larger: bool, own: bool
) -> ColumnElement[bool]:
    id_argument = bindparam(f"{side}_id", type_=Uuid)
    if own:
        return id_ > id_argument if larger else id_ < id_argument
    here = tuple_(key, id_)
    there = tuple_(bindparam(f"{side}_key", type_=key.type), id_argument)
    return here > there if larger else here < there


__all__ = ["EVERYTHING", "Listing", "Path", "Shape", "lying_in"]
