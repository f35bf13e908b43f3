"""Pages add up to the list: every item once and in order, whatever comes and goes between two of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.embedded.endpoints import Endpoints
from app.factory import Factory
from domain.pages import Page, Position, Sort
from graph.pages import to_cursor, window
from tests.graph.crowd import (
    DATASETS,
    MODELS,
    MOMENTS,
    NAMES,
    PEOPLE,
    PLACES,
    PROJECTS,
    STRATEGIES,
    VIEWERS,
    Crowd,
    Item,
    Noun,
    a_crowd,
    in_order,
)

_NAMES = ("strategies", "datasets", "models", "projects")
_NOUNS = pytest.mark.parametrize("noun", [STRATEGIES, DATASETS, MODELS, PROJECTS], ids=_NAMES)
_BELOW = pytest.mark.parametrize("noun", [STRATEGIES, DATASETS], ids=lambda noun: noun.table)
_SOME = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

_item = st.builds(
    Item,
    number=st.integers(1, 10_000),
    name=st.sampled_from(NAMES),
    owner=st.sampled_from(PEOPLE),
    place=st.sampled_from(list(PLACES)),
    moment=st.sampled_from(MOMENTS),
    put_away=st.booleans(),
)
# Few are easy to read when something fails; only among many are there ties, and pages from several places.
_few = st.lists(_item, max_size=10, unique_by=lambda item: item.number)
_items = _few | st.lists(_item, min_size=30, max_size=50, unique_by=lambda item: item.number)


@dataclass(frozen=True)
class Edit:
    """What happens between two pages: some come, some go, and perhaps the one where the reader stands."""

    come: list[Item]
    go: list[int]
    cursor_goes: bool


_edits = st.lists(st.builds(Edit, _few, st.lists(st.integers(0, 50), max_size=10), st.booleans()), max_size=5)
_sizes = st.lists(st.integers(1, 7), min_size=1, max_size=5)
_viewers = st.sampled_from(VIEWERS)
_choices = st.integers(0, 100)
"""Of orders and filters, which differ from noun to noun."""


@pytest.fixture
async def crowd(factory: Factory, endpoints: Endpoints) -> AsyncIterator[Crowd]:
    connection = await asyncpg.connect(endpoints.database_url)
    try:
        yield await a_crowd(factory, connection)
    finally:
        await connection.close()


@dataclass
class Walk:
    """One reader's way through a list that changes."""

    crowd: Crowd
    noun: Noun
    viewer: str
    filter: str
    sort: Sort
    there: list[Item]

    def __post_init__(self) -> None:
        self.ever = list(self.there)
        self.seen: list[UUID] = []

    async def go(self, sizes: Sequence[int], edits: Sequence[Edit], *, backward: bool) -> None:
        cursor: str | None = None
        for step in range(200):
            page = await self._page(sizes[step % len(sizes)], cursor, backward=backward)
            if not (page.has_previous if backward else page.has_next):
                return
            end = page.positions[0 if backward else -1]
            cursor = to_cursor(self.sort, end)
            if step < len(edits):
                await self._edit(edits[step], end.id)
        raise AssertionError("The list does not end.")

    async def _page(self, size: int, cursor: str | None, *, backward: bool) -> Page[Item]:
        places = (None, None, size, cursor) if backward else (size, cursor, None, None)
        page = await a_page(self.crowd, self.noun, self.viewer, self.filter, self.sort, *places)
        assert len(page.items) <= size
        ids = [item.id for item in page.items]
        self.seen = [*ids, *self.seen] if backward else [*self.seen, *ids]
        return page

    async def _edit(self, edit: Edit, cursor: UUID) -> None:
        numbers = {item.number for item in self.ever}
        new = await self.noun.add(self.crowd, [item for item in edit.come if item.number not in numbers])
        self.ever += new
        self.there += new
        gone = {self.there[place].id for place in edit.go if place < len(self.there)}
        gone |= {cursor} if edit.cursor_goes else set()
        await self.noun.remove(self.crowd, [item for item in self.there if item.id in gone])
        self.there = [item for item in self.there if item.id not in gone]


async def a_page(
    crowd: Crowd,
    noun: Noun,
    viewer: str,
    filter: str,
    sort: Sort,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> Page[Item]:
    wanted = noun.filters[filter][0](crowd)
    part = window(sort, first, after, last, before)
    page: Page[Item] = await noun.reads(crowd.factory).page(crowd.people[viewer].viewer, part, wanted)
    return page


async def _filled(crowd: Crowd, noun: Noun, items: Sequence[Item]) -> list[Item]:
    await noun.empty(crowd)
    return await noun.add(crowd, items)


def _chosen(noun: Noun, choice: int) -> tuple[Sort, str]:
    filters = list(noun.filters)
    return noun.sorts[choice % len(noun.sorts)], filters[choice // len(noun.sorts) % len(filters)]


@_NOUNS
@_SOME
@given(items=_items, viewer=_viewers, choice=_choices, sizes=_sizes, edits=_edits, backward=st.booleans())
async def test_a_walk_meets_each_item_once_and_in_order(
    crowd: Crowd,
    noun: Noun,
    items: list[Item],
    viewer: str,
    choice: int,
    sizes: list[int],
    edits: list[Edit],
    backward: bool,
) -> None:
    sort, filter_ = _chosen(noun, choice)
    before = await _filled(crowd, noun, items)
    walk = Walk(crowd, noun, viewer, filter_, sort, list(before))
    await walk.go(sizes, edits, backward=backward)
    wanted = noun.wanted(filter_, viewer, walk.ever)
    assert set(walk.seen) <= wanted, "something was shown that is not to be seen"
    rank = {id_: place for place, (id_, _) in enumerate(await in_order(crowd, walk.ever, sort))}
    assert all(rank[one] < rank[other] for one, other in pairwise(walk.seen)), "out of order, or twice"
    stayed = noun.wanted(filter_, viewer, before) & {item.id for item in walk.there}
    assert stayed <= set(walk.seen), "an item that was there all the time was passed over"


@_NOUNS
@_SOME
@given(
    items=_items,
    viewer=_viewers,
    choice=_choices,
    size=st.integers(1, 45),
    between=st.tuples(st.none() | st.integers(0, 39), st.none() | st.integers(0, 39)),
    backward=st.booleans(),
)
async def test_a_page_is_that_part_of_the_list_between_two_cursors(
    crowd: Crowd,
    noun: Noun,
    items: list[Item],
    viewer: str,
    choice: int,
    size: int,
    between: tuple[int | None, int | None],
    backward: bool,
) -> None:
    sort, filter_ = _chosen(noun, choice)
    there = await _filled(crowd, noun, items)
    ordered = await in_order(crowd, there, sort)
    # Cursors stand anywhere, at what another viewer sees too.
    after, before = (place if place is not None and place < len(ordered) else None for place in between)
    cursors = [to_cursor(sort, Position(key, id_)) for id_, key in ordered]
    after_, before_ = (None if place is None else cursors[place] for place in (after, before))
    wanted = noun.wanted(filter_, viewer, there)
    part = ordered[0 if after is None else after + 1 : before]
    expected = [id_ for id_, _ in part if id_ in wanted]
    sizes = (None, size) if backward else (size, None)
    page = await a_page(crowd, noun, viewer, filter_, sort, sizes[0], after_, sizes[1], before_)
    assert [item.id for item in page.items] == (expected[-size:] if backward else expected[:size])
    assert (page.has_previous if backward else page.has_next) == (len(expected) > size)
    count = await noun.reads(crowd.factory).count(crowd.people[viewer].viewer, noun.filters[filter_][0](crowd))
    assert count == len(wanted)


@_BELOW
@_SOME
@given(items=_items, viewer=_viewers, choice=_choices, size=st.integers(1, 10), backward=st.booleans())
async def test_the_pages_below_projects_are_parts_of_the_same_list(
    crowd: Crowd, noun: Noun, items: list[Item], viewer: str, choice: int, size: int, backward: bool
) -> None:
    sort, filter_ = _chosen(noun, choice)
    there = await _filled(crowd, noun, items)
    ordered = [id_ for id_, _ in await in_order(crowd, there, sort)]
    places = [place for place, id_ in crowd.projects.items() if id_]
    who, reads, wanted = crowd.people[viewer].viewer, noun.reads(crowd.factory), noun.filters[filter_][0](crowd)
    part = window(sort, None if backward else size, None, size if backward else None, None)
    pages = await reads.pages_in_projects(who, [crowd.projects[place] for place in places], part, wanted)
    counts = await reads.counts_in_projects(who, [crowd.projects[place] for place in places], wanted)
    for place, page, count in zip(places, pages, counts, strict=True):
        below = noun.wanted(filter_, viewer, [item for item in there if item.place == place])
        expected = [id_ for id_ in ordered if id_ in below]
        assert [item.id for item in page.items] == (expected[-size:] if backward else expected[:size])
        assert count == len(expected)
