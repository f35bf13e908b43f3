"""Projects and members in Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, delete, func, select
from sqlalchemy.exc import IntegrityError

from domain.errors import Code, Refused
from domain.pages import Page, Window
from domain.projects.model import Member, MemberRole, Project, ProjectFilter
from domain.viewer import Viewer
from persistence.access import MEMBERS, PROJECTS, VIEWER, access, belongs_to, seen
from persistence.database import Reader, in_order
from persistence.listing import Listing
from persistence.reading import Mapped, compiled
from persistence.search import contains, pattern
from persistence.tables.projects import project_members, projects
from persistence.writing import WriteStore

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_project = Mapped(Project, projects)
_member = Mapped(Member, project_members, convert={"role": MemberRole})

_projects = Listing(
    _project,
    projects,
    sorts={"name": func.lower(projects.c.name)},
    filters={"text": contains(projects.c.name, projects.c.description)},
    paths=PROJECTS,
)
_members = Listing(
    _member,
    project_members,
    sorts={},
    filters={},
    paths=MEMBERS,
    parents={"project": project_members.c.project_id},
)

_projects_by_ids = {
    "admin": compiled(select(*_project.columns).where(projects.c.id == any_(_IDS))),
    "member": compiled(select(*_project.columns).where(projects.c.id == any_(_IDS), belongs_to(projects.c.id))),
}
_members_by_ids = {
    "admin": compiled(select(*_member.columns).where(project_members.c.id == any_(_IDS))),
    "member": compiled(
        select(*_member.columns).where(project_members.c.id == any_(_IDS), belongs_to(project_members.c.project_id))
    ),
}
_roles = compiled(
    select(project_members.c.project_id, project_members.c.role).where(
        project_members.c.project_id == any_(_IDS), project_members.c.user_id == VIEWER
    )
)


class PostgresProjectReads:
    """Implements domain.projects.stores.ProjectReads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Project | None]:
        records = await self._reader.rows(_projects_by_ids[access(viewer)], ids=ids, viewer=viewer.id)
        return in_order(ids, _project.by("id", records))

    async def page(self, viewer: Viewer, window: Window, filter: ProjectFilter) -> Page[Project]:
        return await _projects.page(self._reader, window, access(viewer), viewer=viewer.id, text=pattern(filter.text))

    async def count(self, viewer: Viewer, filter: ProjectFilter) -> int:
        return await _projects.count(self._reader, access(viewer), viewer=viewer.id, text=pattern(filter.text))

    async def roles(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[MemberRole | None]:
        records = await self._reader.rows(_roles, ids=ids, viewer=viewer.id)
        return in_order(ids, {record[0]: MemberRole(record[1]) for record in records})

    async def members_by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Member | None]:
        records = await self._reader.rows(_members_by_ids[access(viewer)], ids=ids, viewer=viewer.id)
        return in_order(ids, _member.by("id", records))

    async def members_of(self, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[Member]]:
        return await _members.pages_of(self._reader, "project", ids, window, access(viewer), viewer=viewer.id)

    async def member_counts(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]:
        return await _members.counts_of(self._reader, "project", ids, access(viewer), viewer=viewer.id)


class PostgresProjects(WriteStore):
    """Implements domain.projects.stores.ProjectStore."""

    async def lock(self, viewer: Viewer, id: UUID) -> tuple[Project, MemberRole]:
        role = project_members.c.role
        statement = (
            select(*_project.columns, role)
            .select_from(
                projects.outerjoin(
                    project_members,
                    (project_members.c.project_id == projects.c.id) & (project_members.c.user_id == VIEWER),
                )
            )
            .where(projects.c.id == id, seen(viewer, role.is_not(None)))
            .with_for_update(of=projects)
        )
        row = await self._one(statement, {"viewer": viewer.id})
        if row is None:
            raise Refused.because(Code.NOT_FOUND, "There is no such project, or you are not a member of it.", "id")
        return _project.one(row), MemberRole.OWNER if viewer.is_admin else MemberRole(row.role)

    async def add(self, project: Project) -> None:
        await self._insert(projects, project)

    async def save(self, project: Project) -> None:
        await self._update(projects, project)

    async def delete(self, id: UUID) -> None:
        await self._connection.execute(delete(projects).where(projects.c.id == id))


class PostgresMembers(WriteStore):
    """Implements domain.projects.stores.MemberStore."""

    async def get(self, project_id: UUID, user_id: UUID) -> Member | None:
        row = await self._one(
            select(*_member.columns).where(
                project_members.c.project_id == project_id, project_members.c.user_id == user_id
            )
        )
        return _member.one(row) if row else None

    async def add(self, member: Member) -> None:
        try:
            await self._insert(project_members, member)
        except IntegrityError as error:
            message = "This person is a member already. Change their role instead."
            raise Refused.because(Code.ALREADY_EXISTS, message, "user") from error

    async def save(self, member: Member) -> None:
        await self._update(project_members, member)

    async def delete(self, id: UUID) -> None:
        await self._connection.execute(delete(project_members).where(project_members.c.id == id))

    async def owners(self, project_id: UUID) -> Sequence[Member]:
        statement = (
            select(*_member.columns)
            .where(project_members.c.project_id == project_id, project_members.c.role == MemberRole.OWNER)
            .order_by(project_members.c.id)
        )
        return _member.many((await self._connection.execute(statement)).all())


__all__ = ["PostgresMembers", "PostgresProjectReads", "PostgresProjects"]
