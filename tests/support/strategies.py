"""Strategies, projects and memberships without the use cases around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.factory import Factory
from domain.catalogue import AlgorithmName, TaskType
from domain.ids import new_id
from domain.projects.model import Member, MemberRole, Project
from domain.strategies.model import Strategy
from domain.strategies.status import StrategyStatus
from tests.support.people import Person


async def project_row(factory: Factory, owner: Person, *viewers: Person, name: str = "Desk") -> Project:
    now = factory.clock()
    project = Project(new_id(), owner.user.id, name, "", {}, now, now)
    roles = [(owner, MemberRole.OWNER), *((viewer, MemberRole.VIEWER) for viewer in viewers)]
    async with factory.works() as work:
        await work.projects.add(project)
        for person, role in roles:
            await work.members.add(Member(new_id(), project.id, person.user.id, role, now, now))
    return project


def a_strategy(owner: Person, name: str, project: Project | None = None, **values: Any) -> Strategy:
    at = values.pop("updated_at")
    usual: dict[str, Any] = {
        "description": "",
        "task_type": TaskType.PORTFOLIO_MANAGEMENT,
        "algorithm": AlgorithmName.PPO,
        "config": {"epochs": 10},
        "tm_config": {},
        "status": StrategyStatus.DRAFT,
        "tags": (),
        "version": 1,
        "created_at": at,
    }
    project_id = project.id if project else None
    return Strategy(
        id=new_id(), owner_id=owner.user.id, project_id=project_id, name=name, updated_at=at, **usual | values
    )


async def strategy_row(
    factory: Factory, owner: Person, name: str, project: Project | None = None, **values: Any
) -> Strategy:
    strategy = a_strategy(owner, name, project, **{"updated_at": factory.clock()} | values)
    async with factory.works() as work:
        await work.strategies.add(strategy)
    return strategy


def ids_of(strategies: Sequence[Strategy]) -> list[UUID]:
    return [strategy.id for strategy in strategies]
