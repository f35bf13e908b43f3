"""A small world in which every kind of person meets every kind of thing."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.factory import Factory
from domain.ids import new_id
from domain.projects.model import Member, MemberRole
from domain.projects.service import ProjectChanges
from domain.viewer import Role
from graph.ids import encode
from tests.support.people import Person, a_person

ACTORS = ("nobody", "guest", "stranger", "viewer", "editor", "owner", "admin")


@dataclass
class World:
    factory: Factory
    people: dict[str, Person]
    ids: dict[str, str] = field(default_factory=dict)

    def actor(self, name: str) -> Person | None:
        return self.people.get(name)


async def a_world(factory: Factory) -> World:
    """The owner's project has an editor, a viewer and a guest in it; the stranger is outside."""
    roles = {"guest": Role.GUEST, "admin": Role.ADMIN}
    names = (*ACTORS[1:], "newcomer")
    people = {name: await a_person(factory, name, roles.get(name, Role.USER)) for name in names}
    world = World(factory, people, {name: person.id for name, person in people.items()})
    await _add_project(world)
    return world


async def _add_project(world: World) -> None:
    factory, people = world.factory, world.people
    project = await factory.use.projects.create(people["owner"].viewer, ProjectChanges(name="Alpha"))
    world.ids["project"] = encode("Project", project.id)
    async with factory.works() as work:
        for name, role in (
            ("editor", MemberRole.EDITOR),
            ("viewer", MemberRole.VIEWER),
            ("guest", MemberRole.VIEWER),
        ):
            now = factory.clock()
            member = Member(new_id(), project.id, people[name].user.id, role, now, now)
            await work.members.add(member)
            world.ids[f"{name}_member"] = encode("ProjectMember", member.id)
