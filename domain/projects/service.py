"""What people do with projects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from domain.audit import Action
from domain.clock import Clock
from domain.errors import Code, Forbidden, Refused
from domain.free_json import clean_object
from domain.ids import new_id
from domain.notifications.notices import Notices
from domain.projects.model import Member, MemberRole, Project
from domain.text import Problems, clean_text
from domain.viewer import Viewer
from domain.work import AccessChanged, UnitOfWork, Works


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectChanges:
    """None: leave it as it is."""

    name: str | None = None
    description: str | None = None
    settings: object | None = None

    def cleaned(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        with Problems() as problems:
            if self.name is not None:
                values["name"] = problems.take(clean_text, self.name, "name", maximum=100)
            if self.description is not None:
                values["description"] = problems.take(
                    clean_text, self.description, "description", minimum=0, maximum=2000, multiline=True
                )
            if self.settings is not None:
                values["settings"] = problems.take(clean_object, self.settings, "settings")
        return values


class Projects:
    """Create, change and delete projects; invite, promote and remove people."""

    def __init__(self, *, works: Works, clock: Clock) -> None:
        self._works = works
        self._clock = clock
        self._notices = Notices(clock=clock)

    async def create(self, viewer: Viewer, new: ProjectChanges) -> Project:
        values = {"name": "", "description": "", "settings": {}} | replace(new, name=new.name or "").cleaned()
        now = self._clock()
        project = Project(id=new_id(), owner_id=viewer.id, created_at=now, updated_at=now, **values)
        async with self._works() as work:
            await work.projects.add(project)
            await work.members.add(self._member(project.id, viewer.id, MemberRole.OWNER))
        return project

    async def update(self, viewer: Viewer, id: UUID, changes: ProjectChanges) -> Project:
        values = changes.cleaned()
        async with self._works() as work:
            project, role = await work.projects.lock(viewer, id)
            if not role.may_edit:
                raise Forbidden("Only editors and owners of a project may change it.")
            project = replace(project, **values, updated_at=self._clock())
            await work.projects.save(project)
        return project

    async def delete(self, viewer: Viewer, id: UUID) -> Project:
        async with self._works() as work:
            project = await self._owned(work, viewer, id, "delete it")
            await work.projects.delete(id)
            await work.audit.record(viewer, Action.PROJECT_DELETED, of="Project", id=id, before={"name": project.name})
        return project

    async def invite(self, viewer: Viewer, id: UUID, person: str, role: MemberRole) -> Member:
        """Add somebody by username or e-mail address."""
        async with self._works() as work:
            project = await self._owned(work, viewer, id, "invite people", "project_id")
            found = await work.users.find(person)
            if found is None or not found.user.is_active:
                message = "Nobody has this username or e-mail address. Ask them to register first."
                raise Refused.because(Code.NOT_FOUND, message, "user")
            member = self._member(id, found.user.id, role)
            await work.members.add(member)
            await self._note(work, viewer, Action.MEMBER_ADDED, member, after=role)
            await self._notices.invited(work, project, member)
        return member

    async def change_role(self, viewer: Viewer, id: UUID, user_id: UUID, role: MemberRole) -> Member:
        async with self._works() as work:
            project = await self._owned(work, viewer, id, "change roles", "project_id")
            member = await self._present(work, id, user_id, "user_id")
            if member.role is role:
                return member
            if role is not MemberRole.OWNER:
                await self._keep_an_owner(work, project, member, "user_id")
            changed = replace(member, role=role, updated_at=self._clock())
            await work.members.save(changed)
            await self._note(work, viewer, Action.MEMBER_ROLE_CHANGED, member, before=member.role, after=role)
        return changed

    async def remove(self, viewer: Viewer, id: UUID, user_id: UUID) -> Member:
        async with self._works() as work:
            project = await self._owned(work, viewer, id, "remove people", "project_id")
            return await self._part(work, viewer, project, user_id, "user_id")

    async def leave(self, viewer: Viewer, id: UUID) -> Member:
        async with self._works() as work:
            project, _ = await _seen(work, viewer, id, "project_id")
            return await self._part(work, viewer, project, viewer.id, "project_id")

    async def _part(self, work: UnitOfWork, viewer: Viewer, project: Project, user_id: UUID, field: str) -> Member:
        member = await self._present(work, project.id, user_id, field)
        await self._keep_an_owner(work, project, member, field)
        await work.members.delete(member.id)
        await self._note(work, viewer, Action.MEMBER_REMOVED, member, before=member.role)
        return member

    async def _owned(self, work: UnitOfWork, viewer: Viewer, id: UUID, deed: str, field: str = "id") -> Project:
        project, role = await _seen(work, viewer, id, field)
        if role is not MemberRole.OWNER:
            raise Forbidden(f"Only owners of a project may {deed}.")
        return project

    async def _present(self, work: UnitOfWork, project_id: UUID, user_id: UUID, field: str) -> Member:
        member = await work.members.get(project_id, user_id)
        if member is None:
            raise Refused.because(Code.NOT_FOUND, "This person is not a member of the project.", field)
        return member

    async def _keep_an_owner(self, work: UnitOfWork, project: Project, parting: Member, field: str) -> None:
        """A project never loses its last owner; one that names the parting owner as its first gets the next one."""
        if parting.role is not MemberRole.OWNER:
            return
        others = [owner for owner in await work.members.owners(project.id) if owner.id != parting.id]
        if not others:
            message = "This is the last owner. Make somebody else an owner first, or delete the project."
            raise Refused.because(Code.LAST_OWNER, message, field)
        if project.owner_id == parting.user_id:
            await work.projects.save(replace(project, owner_id=others[0].user_id))

    async def _note(
        self,
        work: UnitOfWork,
        viewer: Viewer,
        action: Action,
        member: Member,
        *,
        before: MemberRole | None = None,
        after: MemberRole | None = None,
    ) -> None:
        def state(role: MemberRole | None) -> dict[str, str] | None:
            return {"user": str(member.user_id), "role": role.value} if role else None

        await work.audit.record(
            viewer, action, of="Project", id=member.project_id, before=state(before), after=state(after)
        )
        work.publish(AccessChanged(member.user_id))

    def _member(self, project_id: UUID, user_id: UUID, role: MemberRole) -> Member:
        now = self._clock()
        return Member(new_id(), project_id, user_id, role, created_at=now, updated_at=now)


async def _seen(work: UnitOfWork, viewer: Viewer, id: UUID, field: str) -> tuple[Project, MemberRole]:
    """The project as whoever sees it, with the viewer's role. Refuses at the field that named it."""
    try:
        return await work.projects.lock(viewer, id)
    except Refused as refused:
        raise Refused(*(replace(problem, field=(field,)) for problem in refused.problems)) from refused


__all__ = ["ProjectChanges", "Projects"]
