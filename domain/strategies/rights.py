"""Who may do what with a strategy or a template that they see."""

from __future__ import annotations

from domain.errors import Forbidden
from domain.projects.model import MemberRole
from domain.strategies.model import Strategy, StrategyTemplate
from domain.viewer import Viewer


def must_edit(viewer: Viewer, strategy: Strategy, role: MemberRole | None) -> None:
    """`role` is the viewer's in the project that the strategy lies in."""
    if not (_owns(viewer, strategy) or (role and role.may_edit)):
        raise Forbidden("Only the owner of a strategy, and editors and owners of its project, may change it.")


def must_delete(viewer: Viewer, strategy: Strategy, role: MemberRole | None) -> None:
    if not (_owns(viewer, strategy) or role is MemberRole.OWNER):
        raise Forbidden("Only the owner of a strategy, and owners of its project, may delete it.")


def must_change(viewer: Viewer, template: StrategyTemplate) -> None:
    """Whoever sees a template that is not the platform's is its maker or an admin."""
    if template.is_system:
        raise Forbidden("Templates of the platform cannot be changed. Make one of your own from it.")
    if not (viewer.is_admin or template.created_by == viewer.id):
        raise Forbidden("Only the maker of a template may change it.")


def _owns(viewer: Viewer, strategy: Strategy) -> bool:
    return viewer.is_admin or strategy.owner_id == viewer.id
