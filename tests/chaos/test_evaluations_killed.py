"""Evaluations whose worker or child is killed: each ends as if nothing had happened, and tells everything once."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.embedded.endpoints import Endpoints
from app.factory import Factory, open_factory
from app.settings import Settings
from domain.analysis.names import Scenario
from domain.clock import utc_now
from domain.evaluations.model import Evaluation, EvaluationKind
from domain.evaluations.walk import WalkWish
from domain.evaluations.wish import EvaluationWish, StressWish
from domain.jobs.events import Checkpoint, Fact, Log, Result
from domain.jobs.service import Jobs
from domain.jobs.status import JobStatus
from domain.models.model import Model
from domain.work import Queue
from persistence.tables.blobs import blob_uses
from persistence.tables.system import outbox
from tests.chaos.conductor import Workers, alive, workers
from tests.chaos.test_chaos import MACHINERY
from tests.support.evaluations import a_judged_model
from tests.support.jobs import facts_of, the_job
from tests.support.passwords import QUICK
from tests.support.people import Person, a_person
from tests.support.rows import empty_tables
from tests.workers.evaluations.trained import a_quick_trader
from workers.machine import this_machine
from workers.scratch import clear_abandoned

pytestmark = [pytest.mark.xdist_group("chaos"), pytest.mark.timeout(300)]

PATIENCE_S = 120.0
# Nobody waits for it: who is started again finds what was left.
LEASE_S = 600.0
HARD = tuple(StressWish(Scenario.BOOTSTRAP, float(block), runs=25) for block in range(3, 11))
WISHES: Mapping[str, dict[str, Any]] = {
    "stress": {"kind": EvaluationKind.STRESS_TEST, "split": "train", "stress": HARD},
    "walk": {"kind": EvaluationKind.WALK_FORWARD, "walk": WalkWish(folds=8, epochs=50)},
}
ENDLESS: dict[str, Any] = {"kind": EvaluationKind.WALK_FORWARD, "walk": WalkWish(folds=2, epochs=1_000)}
FIRST_BLOW = {"stress": 3, "walk": 4}
"""After so many lines: one scenario is done, one window is."""
LATEST_BLOW = {"stress": 4, "walk": 8}
"""There is as much again to come, so that nothing is over before the blow falls."""
SOAK = [pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 11)]


@pytest.fixture(scope="module")
def trader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_quick_trader(tmp_path_factory.mktemp("trader"))


@pytest.fixture
async def court(settings: Settings, endpoints: Endpoints, tmp_path: Path, trader: Path) -> AsyncIterator[Court]:
    """On the time of the world, and with a store that the workers share."""
    own = settings.with_(state_dir=tmp_path)
    async with open_factory(own, endpoints, clock=utc_now, passwords=QUICK) as factory:
        await factory.redis.flushdb()
        await empty_tables(factory.engine)
        ann = await a_person(factory, "ann")
        model, _ = await a_judged_model(factory, ann, trader)
        yield Court(factory, ann, model)


class Court:
    """Evaluations of one model."""

    def __init__(self, factory: Factory, ann: Person, model: Model) -> None:
        self.factory, self.ann, self.model = factory, ann, model
        self.groups: set[int] = set()
        """Of all children that were seen at work."""

    async def start(self, **wish: Any) -> Evaluation:
        asked = EvaluationWish(model_ids=(self.model.id,), **wish)
        return await self.factory.use.evaluations.service.start(self.ann.viewer, asked)

    async def start_all(self) -> dict[str, Evaluation]:
        return {name: await self.start(**wish) for name, wish in WISHES.items()}

    async def told(self, evaluation: Evaluation) -> list[Fact]:
        """What the work said, without what the machinery adds; that no seq is missing or double is looked at there."""
        facts = await facts_of(self.factory.engine, evaluation.job_id)
        return [_alike(fact) for fact in facts if isinstance(fact, Log | Result | Checkpoint) and not _added(fact)]

    async def stopped(self, evaluation: Evaluation, *, attempt: int, lines: int) -> int:
        """Stops the child of this attempt once so much was said in all."""
        groups: list[int] = []

        async def seen() -> bool:
            assert not (await the_job(self.factory.works, evaluation.job_id)).status.is_over
            async with self.factory.works() as work:
                running = await work.jobs.running_on(this_machine())
            own = (evaluation.job_id, attempt)
            groups[:] = [place.group for job, place in running if (job.id, job.attempt) == own and place.group]
            return bool(groups) and sum(isinstance(fact, Log) for fact in await self.told(evaluation)) >= lines

        await until(seen)
        os.killpg(groups[0], signal.SIGSTOP)
        self.groups.add(groups[0])
        return groups[0]

    async def over(self, *evaluations: Evaluation) -> None:
        async def all_over() -> bool:
            return all([(await the_job(self.factory.works, each.job_id)).status.is_over for each in evaluations])

        await until(all_over)

    async def outcome(self, evaluation: Evaluation) -> tuple[str, dict[str, bytes], list[Fact]]:
        """Result, files, and all that was said."""
        job = await the_job(self.factory.works, evaluation.job_id)
        assert (job.status, job.error_message) == (JobStatus.COMPLETED, None)
        (now,) = await self.factory.reads.evaluations.by_ids(self.ann.viewer, [evaluation.id])
        assert now is not None
        files = select(blob_uses.c.part, blob_uses.c.sha256).where(blob_uses.c.owner_id == evaluation.id)
        async with self.factory.engine.connect() as connection:
            kept = {row.part: row.sha256 for row in await connection.execute(files)}
        return json.dumps(now.result, sort_keys=True), kept, await self.told(evaluation)

    async def cancelled(self, evaluation: Evaluation) -> timedelta:
        """How long it took; the process that worked is gone then."""
        group = await self.stopped(evaluation, attempt=1, lines=2)
        os.killpg(group, signal.SIGCONT)
        asked = utc_now()
        await Jobs(works=self.factory.works, clock=utc_now, endings={}).cancel(self.ann.viewer, evaluation.job_id)
        await self.over(evaluation)
        now = await the_job(self.factory.works, evaluation.job_id)
        assert (now.status, now.result) == (JobStatus.CANCELLED, None)
        assert now.finished_at is not None
        assert alive({group}) == []
        return now.finished_at - asked

    async def no_task_is_left(self) -> bool:
        async with self.factory.engine.connect() as connection:
            return (await connection.execute(select(outbox.c.id))).first() is None


async def until(holds: Callable[[], Awaitable[object]]) -> None:
    """Looks not more often than it takes for something to be seen: it would take time from those who work."""
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():  # noqa: ASYNC110 - the state is another process's
            await asyncio.sleep(0.1)


def _added(fact: Fact) -> bool:
    return isinstance(fact, Log) and fact.message.startswith(MACHINERY)


def _alike(fact: Fact) -> Fact:
    return Result({**fact.body, "evaluation": ""}) if isinstance(fact, Result) else fact


@pytest.mark.parametrize("seed", [0, *SOAK])
async def test_killed_with_9_they_end_the_same(court: Court, endpoints: Endpoints, tmp_path: Path, seed: int) -> None:
    """First the worker, then each child; and one is cancelled meanwhile."""
    rng = random.Random(seed)
    blows = {name: sorted(rng.sample(range(first, LATEST_BLOW[name] + 1), 2)) for name, first in FIRST_BLOW.items()}
    hunted = await court.start_all()
    made = Workers(endpoints, tmp_path, "tests.chaos.judges", LEASE_S, queue=Queue.EVALUATION)
    async with workers(made, "one") as hands:
        for name, each in hunted.items():
            await court.stopped(each, attempt=1, lines=blows[name][0])
        await hands.kill("one")
        await hands.start("one")
        for name, each in hunted.items():
            group = await court.stopped(each, attempt=2, lines=blows[name][1])
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        endless, calm = await court.start(**ENDLESS), await court.start_all()
        await court.cancelled(endless)
        await court.over(*hunted.values(), *calm.values())
        await until(court.no_task_is_left)
        assert alive(court.groups) == []
    clear_abandoned(tmp_path / "scratch")
    assert list((tmp_path / "scratch").iterdir()) == []
    for name, each in hunted.items():
        assert (await the_job(court.factory.works, each.job_id)).attempt == 3
        result, files, told = await court.outcome(each)
        assert len(files) >= 3
        assert (result, files, told) == await court.outcome(calm[name])
    steps = [fact.step for fact in await court.told(hunted["walk"]) if isinstance(fact, Checkpoint)]
    assert len(steps) == 8


@pytest.mark.soak
async def test_a_cancel_takes_less_than_two_seconds(court: Court, endpoints: Endpoints, tmp_path: Path) -> None:
    """On a machine that has nothing else to do."""
    endless = await court.start(**ENDLESS)
    async with workers(Workers(endpoints, tmp_path, "tests.chaos.judges", LEASE_S, queue=Queue.EVALUATION), "one"):
        assert await court.cancelled(endless) < timedelta(seconds=2)


@pytest.mark.soak
@pytest.mark.parametrize("again", ["resume", "retry"])
async def test_cancelled_and_taken_up_again_it_ends_the_same(
    court: Court, endpoints: Endpoints, tmp_path: Path, again: str
) -> None:
    jobs = Jobs(works=court.factory.works, clock=utc_now, endings={})
    broken = await court.start(**WISHES["walk"])
    made = Workers(endpoints, tmp_path, "tests.chaos.judges", LEASE_S, queue=Queue.EVALUATION)
    async with workers(made, "one"):
        await court.stopped(broken, attempt=1, lines=6)
        await jobs.cancel(court.ann.viewer, broken.job_id)
        await court.over(broken)
        assert (await the_job(court.factory.works, broken.job_id)).has_checkpoint
        await getattr(jobs, again)(court.ann.viewer, broken.job_id)
        calm = await court.start(**WISHES["walk"])
        await court.over(broken, calm)
    assert (await court.outcome(broken))[:2] == (await court.outcome(calm))[:2]
    lines = [fact for fact in await court.told(broken) if isinstance(fact, Log)]
    whole = [fact for fact in await court.told(calm) if isinstance(fact, Log)]
    assert lines[-len(whole) :] == whole if again == "retry" else lines == whole
