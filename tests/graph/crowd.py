"""Lists full of things that somebody may and may not see, put into tables and taken out in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from app.factory import Factory
from domain.catalogue import AlgorithmName, TaskType
from domain.datasets.model import DatasetFilter, DatasetStatus, DataType
from domain.models.model import Stage
from domain.models.stores import ModelFilter
from domain.pages import Key, Sort
from domain.projects.model import ProjectFilter
from domain.strategies.model import StrategyFilter
from domain.strategies.status import StrategyStatus
from domain.viewer import Role
from graph.datasets.filters import DatasetOrder
from graph.models.filters import ModelOrder
from graph.projects.types import ProjectOrder
from graph.strategies.filters import StrategyOrder
from tests.support.people import Person, a_person
from tests.support.strategies import project_row

PEOPLE = ("me", "pal", "friend", "stranger")
VIEWERS = ("me", "pal", "stranger", "admin")
NAMES = ("a", "A", "b", "a b", "Z", "z", "_", "ä", "Ä")
"""Few, and many that are one when case does not matter."""
MOMENTS = tuple(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=step) for step in (0, 1, 10**6))
PLACES: Mapping[str, frozenset[str]] = {
    "nowhere": frozenset(),
    "shared": frozenset({"me", "pal", "friend"}),
    "common": frozenset({"me", "pal"}),
    "foreign": frozenset({"stranger", "pal"}),
}
"""Who belongs where."""


@dataclass(frozen=True, slots=True)
class Item:
    number: int
    name: str
    owner: str
    place: str
    moment: datetime
    put_away: bool

    @property
    def id(self) -> UUID:
        return UUID(int=self.number << 64)


@dataclass(frozen=True)
class Crowd:
    """People, the places where they meet, and a connection that writes without use cases."""

    factory: Factory
    connection: asyncpg.Connection
    people: Mapping[str, Person]
    projects: Mapping[str, UUID | None]


async def a_crowd(factory: Factory, connection: asyncpg.Connection) -> Crowd:
    people = {name: await a_person(factory, name) for name in PEOPLE}
    people["admin"] = await a_person(factory, "admin", Role.ADMIN)
    projects: dict[str, UUID | None] = {"nowhere": None}
    for place, names in PLACES.items():
        if names:
            owner, *others = (people[name] for name in sorted(names))
            projects[place] = (await project_row(factory, owner, *others, name=place)).id
    return Crowd(factory, connection, people, projects)


Sight = Callable[[str, Item], bool]
"""Whether this viewer is to be shown that item."""


def is_member(viewer: str, place: str) -> bool:
    return viewer == "admin" or viewer in PLACES[place]


def _is_reached(viewer: str, item: Item) -> bool:
    return item.owner == viewer or is_member(viewer, item.place)


def _has_a(_viewer: str, item: Item) -> bool:
    return "a" in item.name.lower()


@dataclass(frozen=True)
class Noun:
    """A list of the graph, how it is filled, and what is right."""

    table: str
    insert: str
    sorts: Sequence[Sort]
    reads: Callable[[Factory], Any]
    filters: Mapping[str, tuple[Callable[[Crowd], Any], Sight]]
    is_seen: Sight = _is_reached

    def wanted(self, filter: str, viewer: str, items: Iterable[Item]) -> set[UUID]:
        """Those that the viewer may see and that the filter lets through."""
        passes = self.filters[filter][1]
        return {item.id for item in items if self.is_seen(viewer, item) and passes(viewer, item)}

    async def empty(self, crowd: Crowd) -> None:
        await crowd.connection.execute(f"DELETE FROM {self.table}")

    async def add(self, crowd: Crowd, items: Sequence[Item]) -> list[Item]:
        """Gives back those that had room: an owner may not call two of some things the same."""
        columns = (
            [item.id for item in items],
            [crowd.people[item.owner].user.id for item in items],
            [crowd.projects[item.place] for item in items],
            [item.name for item in items],
            [item.moment for item in items],
            [item.put_away for item in items],
            [item.place for item in items],
        )
        added = {record[0] for record in await crowd.connection.fetch(self.insert, *columns)}
        return [item for item in items if item.id in added]

    async def remove(self, crowd: Crowd, items: Iterable[Item]) -> None:
        await crowd.connection.execute(f"DELETE FROM {self.table} WHERE id = ANY($1)", [item.id for item in items])


async def in_order(crowd: Crowd, items: Sequence[Item], sort: Sort) -> list[tuple[UUID, Key]]:
    """All of them, with what they are sorted by: Postgres alone knows how letters are sorted."""
    keys = {None: "NULL", "name": "lower(name)", "updated_at": "moment", "best_score": _SCORE}
    key = keys[sort.key]
    rows = "unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS items(id, name, moment)"
    columns = [item.id for item in items], [item.name for item in items], [item.moment for item in items]
    found = await crowd.connection.fetch(f"SELECT id, {key} AS key FROM {rows} ORDER BY key, id", *columns)
    ordered = [(record["id"], record["key"]) for record in found]
    return ordered[::-1] if sort.descending else ordered


_SCORE = "CAST(extract(epoch FROM moment) AS double precision)"
_ROWS = """unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::boolean[], $7::text[])
    AS items(id, owner, project, name, moment, put_away, place)"""
_MEMBERS = "VALUES " + ", ".join(f"('{place}', '{name}')" for place, names in PLACES.items() for name in sorted(names))

STRATEGIES = Noun(
    "strategies",
    f"""INSERT INTO strategies
        (id, owner_id, project_id, name, updated_at, task_type, algorithm, config, version, status)
        SELECT id, owner, project, name, moment, '{TaskType.PORTFOLIO_MANAGEMENT}', '{AlgorithmName.PPO}', '{{}}', 1,
        CASE WHEN put_away THEN '{StrategyStatus.ARCHIVED}' ELSE '{StrategyStatus.DRAFT}' END FROM {_ROWS}
        ON CONFLICT DO NOTHING RETURNING id""",
    [order.value for order in StrategyOrder],
    lambda factory: factory.reads.strategies,
    {
        "kept": (lambda _: StrategyFilter(), lambda _, item: not item.put_away),
        "archived": (lambda _: StrategyFilter(statuses=(StrategyStatus.ARCHIVED,)), lambda _, item: item.put_away),
        "any": (lambda _: StrategyFilter(statuses=tuple(StrategyStatus)), lambda *_: True),
        "text": (lambda _: StrategyFilter(text="A", statuses=tuple(StrategyStatus)), _has_a),
        "project": (
            lambda crowd: StrategyFilter(project_id=crowd.projects["shared"], statuses=tuple(StrategyStatus)),
            lambda viewer, item: item.place == "shared" and is_member(viewer, "shared"),
        ),
        # Of a person whom the stranger does not know, nothing is told that way.
        "owner": (
            lambda crowd: StrategyFilter(owner_id=crowd.people["friend"].user.id, statuses=tuple(StrategyStatus)),
            lambda viewer, item: item.owner == "friend" and viewer != "stranger",
        ),
    },
)

DATASETS = Noun(
    "datasets",
    f"""INSERT INTO datasets (id, owner_id, project_id, name, updated_at, data_type, status)
        SELECT id, owner, project, name, moment, '{DataType.MARKET_DATA}',
        CASE WHEN put_away THEN '{DatasetStatus.BAD}' ELSE '{DatasetStatus.EMPTY}' END FROM {_ROWS}
        RETURNING id""",
    [order.value for order in DatasetOrder],
    lambda factory: factory.reads.datasets,
    {
        "any": (lambda _: DatasetFilter(), lambda *_: True),
        "bad": (lambda _: DatasetFilter(statuses=(DatasetStatus.BAD,)), lambda _, item: item.put_away),
        "text": (lambda _: DatasetFilter(text="A"), _has_a),
        "project": (
            lambda crowd: DatasetFilter(project_id=crowd.projects["shared"]),
            lambda viewer, item: item.place == "shared" and is_member(viewer, "shared"),
        ),
    },
)

MODELS = Noun(
    # Each of a strategy of its own, which lies in the place and takes the model along when it goes.
    "strategies",
    f"""WITH planned AS (
            INSERT INTO strategies (id, owner_id, project_id, name, task_type, algorithm, config, version, status)
            SELECT items.id, users.id, project, items.id::text, 'order_execution', 'pd', '{{}}', 1, 'draft'
            FROM {_ROWS} JOIN users ON users.username = 'friend'),
        ran AS (
            INSERT INTO jobs (id, owner_id, kind, strategy_id, name, status, queued_at)
            SELECT id, owner, 'training', id, 'Train', 'completed', moment FROM {_ROWS})
        INSERT INTO models (id, owner_id, job_id, strategy_id, name, task_type, algorithm, size, sha256, card,
            hyperparameters, measures, score, best_score, stage)
        SELECT id, owner, id, id, name, 'order_execution', 'pd', 1, '', '{{}}', '{{}}', '{{}}', 'sharpe', {_SCORE},
        CASE WHEN put_away THEN '{Stage.ARCHIVED}' ELSE '{Stage.NONE}' END FROM {_ROWS} RETURNING id""",
    [order.value for order in ModelOrder],
    lambda factory: factory.reads.models,
    {
        "kept": (lambda _: ModelFilter(), lambda _, item: not item.put_away),
        "any": (lambda _: ModelFilter(stages=tuple(Stage)), lambda *_: True),
        "text": (lambda _: ModelFilter(text="A", stages=tuple(Stage)), _has_a),
    },
)

PROJECTS = Noun(
    "projects",
    # Whoever belongs to the place of an item belongs to the project; who owned it first does not matter.
    f"""WITH made AS (
            INSERT INTO projects (id, owner_id, name, updated_at) SELECT id, owner, name, moment FROM {_ROWS}
            RETURNING id),
        joined AS (
            INSERT INTO project_members (id, project_id, user_id, role)
            SELECT gen_random_uuid(), items.id, users.id, 'viewer'
            FROM {_ROWS} JOIN ({_MEMBERS}) AS theirs(place, username) USING (place) JOIN users USING (username))
        SELECT id FROM made""",
    [order.value for order in ProjectOrder],
    lambda factory: factory.reads.projects,
    {"any": (lambda _: ProjectFilter(), lambda *_: True), "text": (lambda _: ProjectFilter("A"), _has_a)},
    lambda viewer, item: is_member(viewer, item.place),
)
