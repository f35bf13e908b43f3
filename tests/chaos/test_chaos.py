"""Whatever is killed, stopped or emptied meanwhile: each job ends as it should, and tells what it would have told."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from app.embedded.endpoints import Endpoints
from app.factory import Factory, open_factory
from app.settings import Settings
from domain.clock import utc_now
from domain.ended import ended
from domain.jobs.events import Fact, Log, Metric, Result
from domain.jobs.model import Job
from domain.jobs.service import RUN, Jobs, enqueue
from domain.jobs.status import JobKind, JobStatus
from domain.work import Queue
from persistence.event_rows import event_columns, event_of
from persistence.tables.jobs import job_events
from persistence.tables.system import outbox
from tests.chaos.conductor import PATIENCE_S, WORKERS, Conductor, Servers, Workers, alive, workers
from tests.chaos.front import KEY, front
from tests.chaos.planted import ask_for_training, model_of, trained_at_peace
from tests.chaos.toy import BROKEN, undisturbed
from tests.support.jobs import a_job, the_job
from tests.support.passwords import QUICK
from tests.support.people import Person, a_person
from tests.support.rows import empty_tables
from workers.scratch import clear_abandoned

pytestmark = [pytest.mark.xdist_group("chaos"), pytest.mark.timeout(600)]

ENGINES = "tests.chaos.real"
STEPS, BREAKS_AT, ENDLESS, PACE_S = 250, 120, 1_000_000, 0.02
# How lines begin that are not from the work itself.
MACHINERY = (
    "Started",
    "Taken up again",
    "Something went wrong",
    "There is no room left",
    "The checkpoint at",
    "Cancelled",
    "It cannot be done",
)
ROUNDS, SOAK = range(2), range(2, 22)


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Servers, Endpoints]]:
    with tempfile.TemporaryDirectory(prefix="tmw-chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        # As root, Postgres runs as another user, who must be able to pass through.
        folder.chmod(0o711)
        made = Servers(folder)
        try:
            yield made, made.start()
        finally:
            made.stop()


@pytest.fixture
async def town(settings: Settings, servers: tuple[Servers, Endpoints]) -> AsyncIterator[Factory]:
    _, endpoints = servers
    with_key = settings.with_(signing_key=SecretStr(KEY))
    async with open_factory(with_key, endpoints, clock=utc_now, passwords=QUICK) as factory:
        await empty_tables(factory.engine)
        yield factory


async def ask_for(town: Factory, who: Person, seed: int, *, steps: int = STEPS, **more: int) -> Job:
    parameters = {"seed": seed, "steps": steps, "pace_s": PACE_S} | more
    job = a_job(who, kind=JobKind.TRAINING, parameters=parameters)
    async with town.works() as work:
        await enqueue(work, job, Queue.TRAINING)
    return job


@pytest.fixture(scope="module")
async def at_peace(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[asyncio.Task[tuple[list[Fact], str]]]:
    """The training, far from all that happens to the others meanwhile."""
    training = asyncio.create_task(trained_at_peace(tmp_path_factory.mktemp("peace")))
    yield training
    await ended(training)


async def told(town: Factory, job: Job) -> list[Fact]:
    """What the work said, without what the machinery adds; that no seq is missing or double is looked at here."""
    statement = select(*event_columns).where(job_events.c.job_id == job.id).order_by(job_events.c.seq)
    async with town.engine.connect() as connection:
        events = [event_of(row) for row in await connection.execute(statement)]
    assert [event.seq for event in events] == list(range(1, (await the_job(town.works, job.id)).last_seq + 1))
    return [event.fact for event in events if isinstance(event.fact, Metric | Result | Log) and not added(event.fact)]


def added(fact: Fact) -> bool:
    """By the machinery, of how it went."""
    return isinstance(fact, Log) and fact.message.startswith(MACHINERY)


@pytest.mark.parametrize("seed", [*ROUNDS, *(pytest.param(seed, marks=pytest.mark.soak) for seed in SOAK)])
async def test_every_job_ends_as_it_should(
    at_peace: asyncio.Task[tuple[list[Fact], str]],
    town: Factory,
    servers: tuple[Servers, Endpoints],
    tmp_path: Path,
    seed: int,
) -> None:
    ann, bob = await a_person(town, "ann"), await a_person(town, "bob")
    whole = [await ask_for(town, who, seed * 10 + number) for number, who in enumerate((ann, bob, ann))]
    broken = await ask_for(town, bob, seed * 10 + 8, breaks_at=BREAKS_AT)
    endless = await ask_for(town, ann, seed * 10 + 9, steps=ENDLESS)
    real = await ask_for_training(town.works, bob, tmp_path)
    async with workers(Workers(servers[1], tmp_path, ENGINES), *WORKERS) as hands, front(servers[1], tmp_path) as api:
        following = asyncio.create_task(api.seqs(bob, real))
        conductor = Conductor(
            seed,
            works=town.works,
            engine=town.engine,
            endpoints=servers[1],
            servers=servers[0],
            workers=hands,
            front=api,
        )
        await conductor.strike()
        await Jobs(works=town.works, clock=utc_now, endings={}).cancel(ann.viewer, endless.id)

        async def all_over() -> bool:
            return not await conductor.open_jobs() and not await tasks_left(town)

        await conductor.until(all_over)
        assert alive(conductor.groups) == []
        async with asyncio.timeout(PATIENCE_S):
            heard = await following
    assert len(conductor.struck) >= 6
    clear_abandoned(tmp_path / "scratch")
    assert list((tmp_path / "scratch").iterdir()) == []
    now = await the_job(town.works, real.id)
    assert (now.status, now.error_code) == (JobStatus.COMPLETED, None)
    assert heard == list(range(1, now.last_seq + 1))
    assert (await told(town, real), await model_of(town.works, real.id)) == await at_peace
    for job in whole:
        now = await the_job(town.works, job.id)
        assert (now.status, now.error_code) == (JobStatus.COMPLETED, None)
        assert await told(town, job) == undisturbed(job.parameters["seed"], STEPS)
    now = await the_job(town.works, broken.id)
    assert (now.status, now.error_code) == (JobStatus.FAILED, BROKEN)
    assert await told(town, broken) == undisturbed(broken.parameters["seed"], BREAKS_AT)[:-1]
    assert (await the_job(town.works, endless.id)).status is JobStatus.CANCELLED
    begun = await told(town, endless)
    assert begun == undisturbed(endless.parameters["seed"], len(begun))[: len(begun)]


async def tasks_left(town: Factory) -> bool:
    async with town.engine.connect() as connection:
        return (await connection.execute(select(outbox.c.id).where(outbox.c.task == RUN))).first() is not None
