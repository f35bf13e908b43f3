"""Who may change and delete what they see."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.catalogue import AlgorithmName, TaskType
from domain.errors import Forbidden
from domain.ids import new_id
from domain.projects.model import MemberRole
from domain.strategies.model import Strategy, StrategyTemplate
from domain.strategies.rights import must_change, must_delete, must_edit
from domain.strategies.status import StrategyStatus
from domain.viewer import Role, Viewer

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
OWNER, OTHER, ADMIN = Viewer(new_id(), Role.USER), Viewer(new_id(), Role.USER), Viewer(new_id(), Role.ADMIN)
STRATEGY = Strategy(
    id=new_id(),
    owner_id=OWNER.id,
    project_id=new_id(),
    name="Alpha",
    description="",
    task_type=TaskType.PORTFOLIO_MANAGEMENT,
    algorithm=AlgorithmName.PPO,
    config={},
    tm_config={},
    status=StrategyStatus.DRAFT,
    tags=(),
    version=1,
    created_at=NOON,
    updated_at=NOON,
)
TEMPLATE = StrategyTemplate(
    id=new_id(),
    name="T",
    slug=None,
    description="",
    task_type=TaskType.PORTFOLIO_MANAGEMENT,
    algorithm=AlgorithmName.PPO,
    config_template={},
    is_system=False,
    created_by=OWNER.id,
    created_at=NOON,
    updated_at=NOON,
)
CASES = [
    (OWNER, None, True, True),
    (OWNER, MemberRole.VIEWER, True, True),
    (ADMIN, None, True, True),
    (OTHER, MemberRole.OWNER, True, True),
    (OTHER, MemberRole.EDITOR, True, False),
    (OTHER, MemberRole.VIEWER, False, False),
    (OTHER, None, False, False),
]


@pytest.mark.parametrize(("viewer", "role", "may_edit", "may_delete"), CASES)
def test_rights_come_from_owning_or_from_the_project(
    viewer: Viewer, role: MemberRole | None, may_edit: bool, may_delete: bool
) -> None:
    for must, may in ((must_edit, may_edit), (must_delete, may_delete)):
        if may:
            must(viewer, STRATEGY, role)
        else:
            with pytest.raises(Forbidden):
                must(viewer, STRATEGY, role)


def test_a_template_belongs_to_its_maker_and_admins() -> None:
    for viewer in (OWNER, ADMIN):
        must_change(viewer, TEMPLATE)
    with pytest.raises(Forbidden):
        must_change(OTHER, TEMPLATE)


def test_nobody_changes_a_template_of_the_platform() -> None:
    system = replace(TEMPLATE, is_system=True, created_by=None, slug="t")
    for viewer in (OWNER, ADMIN):
        with pytest.raises(Forbidden):
            must_change(viewer, system)
