"""A small world in which every kind of person meets every kind of thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from app.factory import Factory
from app.reset_links import reset_tokens
from app.seed import seed
from domain.accounts.api_tokens import NewApiToken
from domain.accounts.model import Scope
from domain.accounts.tokens import TokenKind, hash_token, new_token
from domain.catalogue import AlgorithmName, TaskType
from domain.datasets.saved import RecipeChanges
from domain.ids import new_id
from domain.jobs.status import JobKind, JobStatus
from domain.labellings.model import LabellingOrder
from domain.notifications.model import Notice, NoticeKind, Subject, Tone
from domain.projects.model import Member, MemberRole
from domain.projects.service import ProjectChanges
from domain.strategies.changes import NewStrategy, NewTemplate, Words
from domain.trainings.remote import Choice
from domain.viewer import Role
from graph.ids import decode, encode
from tests.support.artefacts import an_artefact
from tests.support.datasets import ready_row
from tests.support.evaluations import an_evaluation
from tests.support.jobs import dataset_row, job_row
from tests.support.people import PASSWORD_HASH, Person, a_person, a_session
from tests.support.trainings import a_model

ACTORS = ("nobody", "guest", "stranger", "viewer", "editor", "owner", "admin")


@dataclass
class World:
    factory: Factory
    people: dict[str, Person]
    ids: dict[str, str] = field(default_factory=dict)
    """Global ids and secrets by name."""

    def actor(self, name: str) -> Person | None:
        return self.people.get(name)


async def a_world(factory: Factory) -> World:
    """The owner's project has an editor, a viewer and a guest in it; the stranger is outside."""
    async with factory.engine.begin() as connection:
        await seed(connection)
    roles = {"guest": Role.GUEST, "admin": Role.ADMIN}
    people = {name: await a_person(factory, name, roles.get(name, Role.USER)) for name in (*ACTORS[1:], "newcomer")}
    world = World(factory, people, {name: person.id for name, person in people.items()})
    await _add_project(world)
    await _add_strategies(world)
    await _add_datasets(world)
    await _add_jobs(world)
    await _add_model(world)
    await _add_evaluation(world)
    await _add_notification(world)
    await _add_secrets(world)
    return world


async def _add_project(world: World) -> None:
    factory, people = world.factory, world.people
    project = await factory.use.projects.create(people["owner"].viewer, ProjectChanges(name="Alpha"))
    world.ids["project"] = encode("Project", project.id)
    roles = {"editor": MemberRole.EDITOR, "viewer": MemberRole.VIEWER, "guest": MemberRole.VIEWER}
    async with factory.works() as work:
        for name, role in roles.items():
            now = factory.clock()
            member = Member(new_id(), project.id, people[name].user.id, role, now, now)
            await work.members.add(member)
            world.ids[f"{name}_member"] = encode("ProjectMember", member.id)


async def _add_strategies(world: World) -> None:
    use, owner = world.factory.use, world.people["owner"].viewer
    project_id = decode(world.ids["project"], "Project")
    for name in ("strategy", "archived"):
        new = NewStrategy(
            words=Words(name=name),
            project_id=project_id,
            task_type=TaskType.ALGORITHMIC_TRADING,
            algorithm=AlgorithmName.DQN,
        )
        strategy = await use.strategies.create(owner, new)
        world.ids[name] = encode("Strategy", strategy.id)
        if name == "archived":
            await use.strategies.archive(owner, strategy.id)
    template = NewTemplate(
        words=Words(name="mine"), task_type=TaskType.ALGORITHMIC_TRADING, algorithm=AlgorithmName.DQN
    )
    world.ids["template"] = encode("StrategyTemplate", (await use.templates.create(owner, template)).id)


async def _add_datasets(world: World) -> None:
    owner = world.people["owner"]
    dataset = await ready_row(world.factory, owner, decode(world.ids["project"], "Project"))
    world.ids["dataset"] = encode("Dataset", dataset.id)
    steps = RecipeChanges(name="mine", steps=[{"kind": "returns"}])
    recipe = await world.factory.use.datasets.recipes.save(owner.viewer, steps)
    world.ids["recipe"] = encode("Recipe", recipe.id)


async def _add_jobs(world: World) -> None:
    """Of the owner, about a dataset that all in the project see."""
    factory, owner = world.factory, world.people["owner"]
    dataset = await dataset_row(factory.engine, owner, decode(world.ids["project"], "Project"))
    for name, status in (("job", JobStatus.QUEUED), ("job_over", JobStatus.COMPLETED)):
        job = await job_row(factory.works, owner, dataset_id=dataset, status=status)
        world.ids[name] = encode("Job", job.id)
    strategy = decode(world.ids["strategy"], "Strategy")
    failed = {"kind": JobKind.TRAINING, "status": JobStatus.FAILED, "has_checkpoint": True}
    training = await job_row(factory.works, owner, strategy_id=strategy, **failed)
    await an_artefact(factory, training.id, "test.png")
    world.ids["training"] = encode("Job", training.id)
    await _add_remote_jobs(world)


async def _add_remote_jobs(world: World) -> None:
    """Of the owner, on a service: a training, and a labelling of its data."""
    factory, owner = world.factory, world.people["owner"]
    strategy, dataset = decode(world.ids["strategy"], "Strategy"), decode(world.ids["dataset"], "Dataset")
    done = {"status": JobStatus.COMPLETED, "engine": "trademaster"}
    choice = Choice("algorithmic_trading:BTC", "algorithmic_trading:deepscalper").to_json()
    training = await job_row(
        factory.works, owner, kind=JobKind.TRAINING, strategy_id=strategy, parameters={"config": choice}, **done
    )
    world.ids["remote_training"] = encode("Job", training.id)
    order = LabellingOrder(settings={"regimes": 3}, training=str(training.id)).to_json()
    labelling = await job_row(
        factory.works, owner, kind=JobKind.LABELLING, dataset_id=dataset, parameters=order, **done
    )
    world.ids["labelling"] = encode("Job", labelling.id)


async def _add_model(world: World) -> None:
    """Of the owner, from a strategy that all in the project see."""
    strategy = decode(world.ids["strategy"], "Strategy")
    model = await a_model(world.factory, world.people["owner"], strategy_id=strategy)
    world.ids["model"] = encode("Model", model.id)


async def _add_evaluation(world: World) -> None:
    """Of the owner, of a model that all in the project see."""
    (model,) = await world.factory.reads.models.by_ids(
        world.people["owner"].viewer, [decode(world.ids["model"], "Model")]
    )
    assert model is not None
    evaluation = await an_evaluation(world.factory, world.people["owner"], model, strategy_id=model.strategy_id)
    world.ids["evaluation"] = encode("Evaluation", evaluation.id)


async def _add_notification(world: World) -> None:
    """To the owner alone, about the training."""
    factory, owner = world.factory, world.people["owner"]
    subject = Subject("Job", decode(world.ids["training"], "Job"))
    notice = Notice(NoticeKind.JOB_FAILED, Tone.ERROR, "It failed", "", subject)
    async with factory.works() as work:
        kept = await work.notifications.add(owner.user.id, notice, factory.clock())
    world.ids["notification"] = encode("Notification", kept.id)


async def _add_secrets(world: World) -> None:
    """What somebody must hold in the hand: a refresh token, a link of a mail; and an API token of the owner."""
    factory, newcomer, owner = world.factory, world.people["newcomer"], world.people["owner"]
    session, refresh = a_session(newcomer.user, factory), new_token(TokenKind.REFRESH)
    async with factory.works() as work:
        await work.sessions.add(session, hash_token(refresh))
    made = await factory.use.accounts.api_tokens.create(owner.viewer, NewApiToken(name="script", scopes=[Scope.READ]))
    expiry = factory.clock() + timedelta(hours=1)
    world.ids["refresh_token"] = refresh
    world.ids["reset_token"] = reset_tokens(factory.keys, factory.clock).issue(newcomer.user.id, PASSWORD_HASH, expiry)
    world.ids["api_token"] = encode("ApiToken", made.token.id)
    world.ids["session"] = encode("Session", owner.viewer.session_id or new_id())
