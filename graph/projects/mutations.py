"""Changing projects and who works in them."""

import strawberry
from strawberry.scalars import JSON

from domain.projects.model import MemberRole
from domain.projects.service import ProjectChanges
from graph.context import Info
from graph.fields import optional, plain
from graph.ids import decode
from graph.inputs import given
from graph.node import shown
from graph.payloads import Payload, mutation
from graph.policy import SIGNED_IN, WRITER
from graph.projects.types import Project, ProjectMember


@strawberry.input(description="A new project.")
class CreateProjectInput:
    name: str = plain("Name, 1 to 100 characters.")
    description: str = optional("What it is about, up to 2,000 characters.", "")
    settings: JSON | None = optional("Free settings of your front end: an object.")


@strawberry.input(description="Changes to a project. What is left out stays as it is.")
class UpdateProjectInput:
    id: strawberry.ID = plain("The project.")
    name: strawberry.Maybe[str] = plain("New name.")
    description: strawberry.Maybe[str] = plain("New description.")
    settings: strawberry.Maybe[JSON] = plain("New settings; they replace the old ones.")


@strawberry.input(description="The project to delete.")
class DeleteProjectInput:
    id: strawberry.ID = plain("The project.")


@strawberry.input(description="Whom to invite, and as what.")
class InviteMemberInput:
    project_id: strawberry.ID = plain("The project.")
    user: str = plain("Username or e-mail address of somebody who has an account.")
    role: MemberRole = optional("What the person may do.", MemberRole.VIEWER)


@strawberry.input(description="A member and the new role.")
class ChangeMemberRoleInput:
    project_id: strawberry.ID = plain("The project.")
    user_id: strawberry.ID = plain("The person.")
    role: MemberRole = plain("What the person may do from now on.")


@strawberry.input(description="Whom to remove.")
class RemoveMemberInput:
    project_id: strawberry.ID = plain("The project.")
    user_id: strawberry.ID = plain("The person.")


@strawberry.input(description="The project to leave.")
class LeaveProjectInput:
    project_id: strawberry.ID = plain("The project.")


@strawberry.type(description="Answer to createProject.")
class CreateProjectPayload(Payload):
    project: Project | None = optional("The new project.")


@strawberry.type(description="Answer to updateProject.")
class UpdateProjectPayload(Payload):
    project: Project | None = optional("The project as it is now.")


@strawberry.type(description="Answer to deleteProject.")
class DeleteProjectPayload(Payload):
    project: Project | None = optional("The project as it was.")


@strawberry.type(description="Answer to inviteMember.")
class InviteMemberPayload(Payload):
    member: ProjectMember | None = optional("The new member.")


@strawberry.type(description="Answer to changeMemberRole.")
class ChangeMemberRolePayload(Payload):
    member: ProjectMember | None = optional("The member as it is now.")


@strawberry.type(description="Answer to removeMember.")
class RemoveMemberPayload(Payload):
    member: ProjectMember | None = optional("The membership as it was.")


@strawberry.type(description="Answer to leaveProject.")
class LeaveProjectPayload(Payload):
    member: ProjectMember | None = optional("Your membership as it was.")


async def _create(info: Info, input: CreateProjectInput) -> CreateProjectPayload:
    new = ProjectChanges(name=input.name, description=input.description, settings=input.settings)
    return CreateProjectPayload(project=shown(await info.context.use.projects.create(info.context.viewer, new)))


async def _update(info: Info, input: UpdateProjectInput) -> UpdateProjectPayload:
    changes = ProjectChanges(
        name=given(input.name),
        description=given(input.description),
        settings=given(input.settings),
    )
    id_ = decode(input.id, "Project", "id")
    return UpdateProjectPayload(
        project=shown(await info.context.use.projects.update(info.context.viewer, id_, changes))
    )


async def _delete(info: Info, input: DeleteProjectInput) -> DeleteProjectPayload:
    id_ = decode(input.id, "Project", "id")
    return DeleteProjectPayload(project=shown(await info.context.use.projects.delete(info.context.viewer, id_)))


async def _invite(info: Info, input: InviteMemberInput) -> InviteMemberPayload:
    project = decode(input.project_id, "Project", "project_id")
    member = await info.context.use.projects.invite(info.context.viewer, project, input.user, input.role)
    return InviteMemberPayload(member=shown(member))


async def _change_role(info: Info, input: ChangeMemberRoleInput) -> ChangeMemberRolePayload:
    project, user = decode(input.project_id, "Project", "project_id"), decode(input.user_id, "User", "user_id")
    member = await info.context.use.projects.change_role(info.context.viewer, project, user, input.role)
    return ChangeMemberRolePayload(member=shown(member))


async def _remove(info: Info, input: RemoveMemberInput) -> RemoveMemberPayload:
    project, user = decode(input.project_id, "Project", "project_id"), decode(input.user_id, "User", "user_id")
    return RemoveMemberPayload(member=shown(await info.context.use.projects.remove(info.context.viewer, project, user)))


async def _leave(info: Info, input: LeaveProjectInput) -> LeaveProjectPayload:
    project = decode(input.project_id, "Project", "project_id")
    return LeaveProjectPayload(member=shown(await info.context.use.projects.leave(info.context.viewer, project)))


@strawberry.type
class ProjectMutations:
    create_project: CreateProjectPayload = mutation(
        _create, policy=WRITER, description="Start a project. You become its owner."
    )
    update_project: UpdateProjectPayload = mutation(
        _update, policy=WRITER, description="Change name, description or settings. Editors and owners may."
    )
    delete_project: DeleteProjectPayload = mutation(
        _delete,
        policy=WRITER,
        description="Delete a project. Its strategies stay with their owners. Only owners may.",
    )
    invite_member: InviteMemberPayload = mutation(
        _invite, policy=WRITER, description="Let somebody into a project. Only owners may."
    )
    change_member_role: ChangeMemberRolePayload = mutation(
        _change_role, policy=WRITER, description="Change what a member may do. Only owners may."
    )
    remove_member: RemoveMemberPayload = mutation(
        _remove, policy=WRITER, description="Take somebody out of a project. Only owners may."
    )
    leave_project: LeaveProjectPayload = mutation(
        _leave, policy=SIGNED_IN, description="Leave a project. The last owner cannot."
    )


__all__ = ["ProjectMutations"]
