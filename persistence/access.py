"""Which rows a viewer may see, as conditions of SQL. Authorisation is part of the query, never an `if` after it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Uuid, bindparam, literal, or_, select, true

from domain.errors import Unauthenticated
from domain.jobs.status import OF_DATASETS
from domain.viewer import Viewer
from persistence.listing import EVERYTHING, Path, lying_in
from persistence.tables.datasets import datasets
from persistence.tables.evaluations import evaluations
from persistence.tables.jobs import jobs
from persistence.tables.models import models
from persistence.tables.projects import project_members, projects
from persistence.tables.strategies import strategies, strategy_templates

VIEWER = bindparam("viewer", type_=Uuid)

_mine = project_members.alias("my_memberships")


def access(viewer: Viewer) -> str:
    """The name of the paths by which this viewer reaches things."""
    if viewer.is_admin:
        return "admin"
    if viewer.user_id is None:
        raise Unauthenticated
    return "member"


def belongs_to(project_id: ColumnElement[Any], mine: FromClause = _mine) -> ColumnElement[bool]:
    """Whether the viewer is a member of that project. Where memberships are walked already, `mine` must be others."""
    found = select(literal(1)).where(mine.c.project_id == project_id, mine.c.user_id == VIEWER)
    return found.exists()


def through_membership(project_id: ColumnElement[Any]) -> Path:
    """What lies in projects the viewer belongs to, by walking the memberships."""
    return lying_in(project_id, _mine.c.project_id, via=_mine, walk=_mine.c.user_id == VIEWER)


PROJECTS = {"admin": EVERYTHING, "member": (through_membership(projects.c.id),)}
MEMBERS = {"admin": EVERYTHING, "member": (Path(belongs_to(project_members.c.project_id)),)}
STRATEGIES = {
    "admin": EVERYTHING,
    "member": (lying_in(strategies.c.owner_id, VIEWER), through_membership(strategies.c.project_id)),
}
DATASETS = {
    "admin": EVERYTHING,
    "member": (lying_in(datasets.c.owner_id, VIEWER), through_membership(datasets.c.project_id)),
}
_my_strategies = (
    select(strategies.c.id, _mine.c.user_id)
    .join_from(strategies, _mine, _mine.c.project_id == strategies.c.project_id)
    .subquery("strategies_in_my_projects")
)
MODELS = {
    "admin": EVERYTHING,
    "member": (
        lying_in(models.c.owner_id, VIEWER),
        lying_in(
            models.c.strategy_id, _my_strategies.c.id, via=_my_strategies, walk=_my_strategies.c.user_id == VIEWER
        ),
    ),
}
EVALUATIONS = {
    "admin": EVERYTHING,
    "member": (
        lying_in(evaluations.c.owner_id, VIEWER),
        lying_in(
            evaluations.c.strategy_id, _my_strategies.c.id, via=_my_strategies, walk=_my_strategies.c.user_id == VIEWER
        ),
    ),
}
TEMPLATES = {
    "admin": EVERYTHING,
    "member": (Path(strategy_templates.c.is_system), lying_in(strategy_templates.c.created_by, VIEWER)),
}


def strategies_seen() -> ColumnElement[bool]:
    """One's own, and those in projects one belongs to."""
    return or_(strategies.c.owner_id == VIEWER, belongs_to(strategies.c.project_id))


def datasets_seen() -> ColumnElement[bool]:
    """One's own, and those in projects one belongs to."""
    return or_(datasets.c.owner_id == VIEWER, belongs_to(datasets.c.project_id))


def jobs_seen() -> ColumnElement[bool]:
    """One's own, those that read or make a dataset in a project one belongs to, and those about a strategy there. Who
    trains a strategy of his own on a dataset that he shares does not show its configuration to everybody."""
    of_data = or_(*(jobs.c.kind == kind.value for kind in sorted(OF_DATASETS)))
    data = select(datasets.c.id).where(datasets.c.id == jobs.c.dataset_id, belongs_to(datasets.c.project_id), of_data)
    plan = select(strategies.c.id).where(strategies.c.id == jobs.c.strategy_id, belongs_to(strategies.c.project_id))
    return or_(jobs.c.owner_id == VIEWER, data.exists(), plan.exists())


def evaluations_seen(rows: FromClause = evaluations) -> ColumnElement[bool]:
    """Where one sees their jobs: one's own, and those of strategies in projects one belongs to."""
    plan = select(strategies.c.id).where(strategies.c.id == rows.c.strategy_id, belongs_to(strategies.c.project_id))
    return or_(rows.c.owner_id == VIEWER, plan.exists())


def models_seen() -> ColumnElement[bool]:
    """One's own, and those of strategies in projects one belongs to."""
    plan = select(strategies.c.id).where(strategies.c.id == models.c.strategy_id, belongs_to(strategies.c.project_id))
    return or_(models.c.owner_id == VIEWER, plan.exists())


def users_seen(user_id: ColumnElement[Any], mine: FromClause = _mine) -> ColumnElement[bool]:
    """Oneself, and those one shares a project with."""
    theirs = project_members.alias("their_memberships")
    shared = select(literal(1)).where(
        theirs.c.user_id == user_id, theirs.c.project_id == mine.c.project_id, mine.c.user_id == VIEWER
    )
    return or_(user_id == VIEWER, shared.exists())


def seen(viewer: Viewer, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return true() if viewer.is_admin else condition
