"""Whatever people do with strategies, in any order: what is stored is what a small model of the rules says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from app.factory import Factory
from domain.catalogue import AlgorithmName, TaskType, complete
from domain.errors import Forbidden, Refused
from domain.ids import new_id
from domain.projects.model import Member, MemberRole
from domain.strategies.changes import NewStrategy, StrategyChanges, Words
from domain.strategies.status import TRANSITIONS, StrategyAction, StrategyStatus, next_status
from domain.viewer import Role
from persistence.tables.strategies import strategies, strategy_versions
from tests.support.people import Person, a_person
from tests.support.strategies import project_row

OK, NOT_FOUND, FORBIDDEN, WRONG_STATE, ALREADY_EXISTS = (
    "OK", "NOT_FOUND", "FORBIDDEN", "WRONG_STATE", "ALREADY_EXISTS",
)  # fmt: skip
ACTORS = ("ann", "ed", "vic", "sam", "admin")
ROLES = {
    "desk": {"ann": MemberRole.OWNER, "ed": MemberRole.EDITOR, "vic": MemberRole.VIEWER},
    "den": {"sam": MemberRole.OWNER, "ed": MemberRole.VIEWER},
}
USUAL = complete(TaskType.ORDER_EXECUTION, AlgorithmName.PD, {})


class Deed(StrEnum):
    ARCHIVE = "archive"
    RESTORE = "restore"
    DELETE = "delete"
    UPDATE = "update"
    RESTORE_VERSION = "restore_version"
    CLONE = "clone"
    RUN = "run"
    """What the platform does with it: activate, pause and so on."""


@dataclass(frozen=True)
class Step:
    actor: str
    deed: Deed
    target: int
    epochs: int
    number: int
    name: str | None
    place: str | None
    expected: int | None
    action: StrategyAction


_RUNNING = [action for action in StrategyAction if action not in (StrategyAction.ARCHIVE, StrategyAction.RESTORE)]
_steps = st.lists(
    st.builds(
        Step,
        # Mostly people who may, or little would ever happen.
        actor=st.sampled_from(("ann", "ann", "admin", *ACTORS)),
        deed=st.sampled_from((Deed.RUN, *Deed)),
        target=st.sampled_from((0, 0, 1, 2)),
        epochs=st.integers(1, 3),
        number=st.integers(1, 4),
        name=st.none() | st.sampled_from(["one", "ONE", "two"]),
        place=st.none() | st.sampled_from(list(ROLES)),
        expected=st.none() | st.none() | st.integers(1, 3),
        action=st.sampled_from((StrategyAction.ACTIVATE, StrategyAction.ACTIVATE, *_RUNNING)),
    ),
    min_size=6,
    max_size=20,
)


@dataclass
class Thing:
    """A strategy as it ought to be. `versions` holds the epochs and the author of each."""

    owner: str
    place: str | None
    name: str
    status: StrategyStatus = StrategyStatus.DRAFT
    versions: list[tuple[int, str]] = field(default_factory=list)
    gone: bool = False

    def role(self, actor: str) -> MemberRole | None:
        return ROLES[self.place].get(actor) if self.place else None

    def rules(self, actor: str) -> bool:
        return actor in ("admin", self.owner)

    def sees(self, actor: str) -> bool:
        return not self.gone and (self.rules(actor) or self.role(actor) is not None)

    def edits(self, actor: str) -> bool:
        return self.rules(actor) or self.role(actor) in (MemberRole.OWNER, MemberRole.EDITOR)

    def deletes(self, actor: str) -> bool:
        return self.rules(actor) or self.role(actor) is MemberRole.OWNER


class Model:
    """The rules once more, without a database."""

    def __init__(self) -> None:
        self.things: list[Thing] = []

    def do(self, step: Step) -> str:
        thing = self.things[step.target % len(self.things)]
        if step.deed is Deed.CLONE:
            return self._clone(step, thing)
        if step.deed is Deed.RUN:
            return self._move(thing, step.action) if not thing.gone else NOT_FOUND
        if not thing.sees(step.actor):
            return NOT_FOUND
        if not (thing.deletes(step.actor) if step.deed is Deed.DELETE else thing.edits(step.actor)):
            return FORBIDDEN
        return self._allowed(step, thing)

    def _allowed(self, step: Step, thing: Thing) -> str:
        match step.deed:
            case Deed.ARCHIVE | Deed.RESTORE:
                return self._move(thing, StrategyAction(step.deed.value))
            case Deed.DELETE:
                thing.gone = thing.status not in (StrategyStatus.ACTIVE, StrategyStatus.PAUSED)
                return OK if thing.gone else WRONG_STATE
        if thing.status is StrategyStatus.ARCHIVED:
            return WRONG_STATE
        return self._restore_version(step, thing) if step.deed is Deed.RESTORE_VERSION else self._update(step, thing)

    def _move(self, thing: Thing, action: StrategyAction) -> str:
        if (thing.status, action) not in TRANSITIONS:
            return WRONG_STATE
        thing.status = TRANSITIONS[thing.status, action]
        return OK

    def _update(self, step: Step, thing: Thing) -> str:
        if step.expected not in (None, len(thing.versions)):
            return WRONG_STATE
        name = step.name or thing.name
        if self._is_taken(thing.owner, name, but=thing):
            return ALREADY_EXISTS
        thing.name = name
        self._keep(thing, step.epochs, step.actor)
        return OK

    def _restore_version(self, step: Step, thing: Thing) -> str:
        if step.number > len(thing.versions):
            return NOT_FOUND
        self._keep(thing, thing.versions[step.number - 1][0], step.actor)
        return OK

    def _keep(self, thing: Thing, epochs: int, author: str) -> None:
        if thing.versions[-1][0] != epochs:
            thing.versions.append((epochs, author))

    def _clone(self, step: Step, source: Thing) -> str:
        if step.place and step.actor != "admin":
            role = ROLES[step.place].get(step.actor)
            if role is None or role is MemberRole.VIEWER:
                return FORBIDDEN if role else NOT_FOUND
        if not source.sees(step.actor):
            return NOT_FOUND
        name = step.name or f"{source.name} copy"
        if self._is_taken(step.actor, name):
            return ALREADY_EXISTS
        versions = [(source.versions[-1][0], step.actor)]
        self.things.append(Thing(step.actor, step.place, name, versions=versions))
        return OK

    def _is_taken(self, owner: str, name: str, but: Thing | None = None) -> bool:
        others = (thing for thing in self.things if thing is not but and not thing.gone and thing.owner == owner)
        return any(thing.name.lower() == name.lower() for thing in others)


@dataclass
class House:
    """The use cases, the same people in it, and what is really stored."""

    factory: Factory
    people: dict[str, Person]
    projects: dict[str, UUID]
    ids: list[UUID] = field(default_factory=list)

    async def do(self, step: Step) -> str:
        use, viewer = self.factory.use.strategies, self.people[step.actor].viewer
        id_ = self.ids[step.target % len(self.ids)]
        changes = StrategyChanges(
            words=Words(name=step.name), config={"epochs": step.epochs}, expected_version=step.expected
        )
        deeds: dict[Deed, Callable[[], Awaitable[Any]]] = {
            Deed.ARCHIVE: lambda: use.archive(viewer, id_),
            Deed.RESTORE: lambda: use.restore(viewer, id_),
            Deed.DELETE: lambda: use.delete(viewer, id_),
            Deed.UPDATE: lambda: use.update(viewer, id_, changes),
            Deed.RESTORE_VERSION: lambda: use.restore_version(viewer, id_, step.number),
            Deed.CLONE: lambda: self._clone(step, id_),
            Deed.RUN: lambda: self._run(id_, step.action),
        }
        try:
            await deeds[step.deed]()
        except Refused as refused:
            [problem] = refused.problems
            return problem.code.value
        except Forbidden:
            return FORBIDDEN
        return OK

    async def _clone(self, step: Step, id: UUID) -> None:
        place = self.projects[step.place] if step.place else None
        viewer = self.people[step.actor].viewer
        copy = await self.factory.use.strategies.clone(viewer, id, name=step.name, project_id=place)
        self.ids.append(copy.id)

    async def _run(self, id: UUID, action: StrategyAction) -> None:
        async with self.factory.works() as work:
            strategy, _ = await work.strategies.lock(self.people["admin"].viewer, id)
            await work.strategies.save(replace(strategy, status=next_status(strategy.status, action)))

    async def new(self, thing: Thing) -> None:
        new = NewStrategy(
            words=Words(name=thing.name),
            project_id=self.projects[thing.place] if thing.place else None,
            task_type=TaskType.ORDER_EXECUTION,
            algorithm=AlgorithmName.PD,
            config={"epochs": thing.versions[0][0]},
        )
        strategy = await self.factory.use.strategies.create(self.people[thing.owner].viewer, new)
        self.ids.append(strategy.id)

    async def stored(self) -> tuple[set[Any], dict[UUID, list[Any]]]:
        """Strategies, and the versions of each in the order of their numbers."""
        row = strategies.c
        columns = row.id, row.owner_id, row.project_id, row.name, row.status, row.version, row.config["epochs"].astext
        version = strategy_versions.c
        async with self.factory.engine.connect() as connection:
            found = {tuple(one) for one in await connection.execute(select(*columns))}
            versions: dict[UUID, list[Any]] = {}
            ordered = select(strategy_versions).order_by(version.strategy_id, version.version_number)
            for one in await connection.execute(ordered):
                kept = (one.version_number, one.config, one.author_id)
                versions.setdefault(one.strategy_id, []).append(kept)
        return found, versions

    def right(self, model: Model) -> tuple[set[Any], dict[UUID, list[Any]]]:
        """What ought to be stored."""
        pairs = [(id_, thing) for id_, thing in zip(self.ids, model.things, strict=True) if not thing.gone]
        rows = {
            (
                id_,
                self.people[thing.owner].user.id,
                self.projects[thing.place] if thing.place else None,
                thing.name,
                thing.status.value,
                len(thing.versions),
                str(thing.versions[-1][0]),
            )
            for id_, thing in pairs
        }
        return rows, {id_: self._versions(thing) for id_, thing in pairs}

    def _versions(self, thing: Thing) -> list[Any]:
        return [
            (number, USUAL | {"epochs": epochs}, self.people[author].user.id)
            for number, (epochs, author) in enumerate(thing.versions, start=1)
        ]


@pytest.fixture
async def house(factory: Factory) -> House:
    people = {name: await a_person(factory, name, Role.ADMIN if name == "admin" else Role.USER) for name in ACTORS}
    projects = {}
    for place, roles in ROLES.items():
        [owner] = (name for name, role in roles.items() if role is MemberRole.OWNER)
        project = await project_row(factory, people[owner], name=place)
        projects[place] = project.id
        async with factory.works() as work:
            for name, role in roles.items():
                if name != owner:
                    now = factory.clock()
                    await work.members.add(Member(new_id(), project.id, people[name].user.id, role, now, now))
    return House(factory, people, projects)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_steps)
async def test_what_is_stored_is_what_the_rules_say(house: House, steps: list[Step]) -> None:
    async with house.factory.engine.begin() as connection:
        await connection.execute(delete(strategies))
    model = Model()
    house.ids.clear()
    for thing in (Thing("ann", "desk", "one", versions=[(1, "ann")]), Thing("sam", None, "one", versions=[(2, "sam")])):
        model.things.append(thing)
        await house.new(thing)
    for step in steps:
        assert await house.do(step) == model.do(step), step
        assert await house.stored() == house.right(model), step
