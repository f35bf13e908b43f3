"""How Postgres finds evaluations among many, and ranks models without looking at those of others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from app.embedded.endpoints import Endpoints
from app.factory import Factory
from domain.evaluations.stores import EvaluationFilter
from domain.ids import new_id
from domain.jobs.events import Split
from domain.models.rankings import RankedBy, RankingWish
from domain.pages import NEWEST, OLDEST, Position, Window
from domain.viewer import Role, Viewer
from tests.persistence.test_model_plans import filled
from tests.support.jobs import job_row
from tests.support.people import Person, a_person
from tests.support.plans import indexes, most_rows, plan_of
from tests.support.strategies import project_row
from tests.support.trainings import a_dataset_of, a_trading_strategy

MANY, PAGE, PLACES = 20_000, 20, 10
MODES = pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
CONTENT = "a" * 64
_TRAININGS = """
INSERT INTO jobs (id, owner_id, kind, name, status, queued_at, parameters)
SELECT uuidv7(interval '1 millisecond' * (i - :many)), (CAST(:owners AS uuid[]))[1 + i % 2], 'training', 'Train',
  'completed', now(), CAST('{"dataset": {"sha256": "' || repeat('a', 64) || '"}}' AS jsonb)
FROM generate_series(1, :many) i"""
_MODELS = """
INSERT INTO models (id, owner_id, job_id, strategy_id, dataset_id, name, task_type, algorithm, size, sha256, card,
  hyperparameters, measures, score, best_score, stage)
SELECT id, owner_id, id, (CAST(:strategies AS uuid[]))[1 + i % 100], (CAST(:datasets AS uuid[]))[1 + i % 100], 'Agent',
  'algorithmic_trading', 'dqn', 1, '', '{}', '{"slippage": 0}',
  jsonb_build_object('test', jsonb_build_object('sharpe', i % 977)), 'sharpe', 1, 'none'
FROM (SELECT id, owner_id, row_number() OVER (ORDER BY id) AS i FROM jobs WHERE kind = 'training') AS trainings"""
_EVALUATIONS = """
INSERT INTO evaluations (id, owner_id, job_id, dataset_id, strategy_id, kind, name, parameters, result)
SELECT id, owner_id, id, dataset_id, strategy_id, 'backtest', 'Judge',
  CAST('{"split": "test", "setup": {}, "dataset": {"sha256": "' || repeat('a', 64) || '"}}' AS jsonb), '{"bars": 2}'
FROM models"""
_MODELS_OF_EVALUATIONS = """
INSERT INTO evaluation_models (evaluation_id, place, model_id, measures)
SELECT id, 0, id, '{"sharpe": 1}' FROM models"""


class Crowd:
    """Ten strategies and ten datasets in a project that ann and bob share, ninety of each elsewhere; each has two
    hundred models, and each model an evaluation. Half of them are eve's."""

    def __init__(self, ann: Person, bob: Person, eve: Person, project: UUID) -> None:
        self.ann, self.bob, self.eve, self.project = ann, bob, eve, project
        self.strategies: list[UUID] = []
        self.datasets: list[UUID] = []

    @property
    def viewers(self) -> list[Viewer]:
        return [self.ann.viewer, self.bob.viewer, self.eve.viewer, Viewer(self.ann.user.id, Role.ADMIN)]


@pytest.fixture
async def crowd(factory: Factory, endpoints: Endpoints) -> Crowd:
    ann, bob, eve = [await a_person(factory, name) for name in ("ann", "bob", "eve")]
    project = await project_row(factory, ann, bob)
    crowd = Crowd(ann, bob, eve, project.id)
    own = [await a_trading_strategy(factory, ann, f"s{number}", project) for number in range(PLACES)]
    data = [await a_dataset_of(factory, ann, "AAA", project_id=project.id, sha256=CONTENT) for _ in range(PLACES)]
    crowd.strategies, crowd.datasets = [each.id for each in own], [each.id for each in data]
    elsewhere = [str(new_id()) for _ in range(100 - PLACES)]
    strategies, datasets = [[*map(str, ids), *elsewhere] for ids in (crowd.strategies, crowd.datasets)]
    await job_row(factory.works, ann)
    owners = [str(person.user.id) for person in (ann, eve)]
    await filled(endpoints, _TRAININGS, "jobs", many=MANY, owners=owners)
    await filled(endpoints, _MODELS, "models", strategies=strategies, datasets=datasets)
    await filled(endpoints, _EVALUATIONS, "evaluations")
    await filled(endpoints, _MODELS_OF_EVALUATIONS, "evaluation_models")
    # As it is sooner or later by itself: so plans are the same each time.
    await filled(endpoints, "SELECT 1", "strategies, datasets, projects, project_members")
    return crowd


@MODES
async def test_no_page_of_evaluations_reads_more_than_a_few_pages(
    factory: Factory, endpoints: Endpoints, crowd: Crowd, mode: str
) -> None:
    reads = factory.reads.evaluations
    for viewer in crowd.viewers:
        for order in (NEWEST, OLDEST):
            for window in (Window(PAGE, order), Window(PAGE, order, after=Position(None, new_id()))):

                async def page(viewer: Viewer = viewer, window: Window = window) -> object:
                    return await reads.page(viewer, window, EvaluationFilter())

                nodes = await plan_of(factory.reader, endpoints.database_url, page, mode=mode)
                # A page of each strategy at worst.
                assert most_rows(nodes) <= (PLACES + 1) * (PAGE + 1), (order, viewer.role)


@MODES
async def test_evaluations_are_found_by_their_models_and_jobs(
    factory: Factory, endpoints: Endpoints, crowd: Crowd, mode: str
) -> None:
    reads, window = factory.reads.evaluations, Window(PAGE, NEWEST)
    page = await factory.reads.evaluations.page(crowd.ann.viewer, window, EvaluationFilter())
    ids, jobs = [each.id for each in page.items], [each.job_id for each in page.items]
    for viewer in crowd.viewers:
        calls: list[Callable[[], Awaitable[object]]] = [
            lambda viewer=viewer: reads.by_ids(viewer, ids),  # type: ignore[misc]
            lambda viewer=viewer: reads.of_jobs(viewer, jobs),  # type: ignore[misc]
            lambda viewer=viewer: reads.models_of(viewer, ids),  # type: ignore[misc]
            lambda viewer=viewer: reads.pages_of_models(viewer, ids, window),  # type: ignore[misc]
            lambda viewer=viewer: reads.counts_of_models(viewer, ids),  # type: ignore[misc]
        ]
        for call in calls:
            nodes = await plan_of(factory.reader, endpoints.database_url, call, mode=mode)
            assert most_rows(nodes) <= 5 * PAGE


@MODES
async def test_a_ranking_reads_the_models_of_its_parent_alone(
    factory: Factory, endpoints: Endpoints, crowd: Crowd, mode: str
) -> None:
    """Two hundred of each strategy, and of the ten in the project."""
    reads, wish = factory.reads.rankings, RankingWish(RankedBy.SHARPE, Split.TEST, 10, archived=False)
    own = MANY // 100
    for viewer in crowd.viewers:

        async def of_strategies(viewer: Viewer = viewer) -> object:
            return await reads.of_strategies(viewer, crowd.strategies[:2], wish)

        async def of_projects(viewer: Viewer = viewer) -> object:
            return await reads.of_projects(viewer, [crowd.project], wish)

        nodes = await plan_of(factory.reader, endpoints.database_url, of_strategies, mode=mode)
        assert most_rows(nodes) <= 2 * own
        assert indexes(nodes) & {"ix_models_strategy_id_id", "ix_models_strategy_id_best_score"}
        nodes = await plan_of(factory.reader, endpoints.database_url, of_projects, mode=mode)
        assert most_rows(nodes) <= PLACES * own


@MODES
async def test_a_leaderboard_reads_what_is_about_its_dataset_alone(
    factory: Factory, endpoints: Endpoints, crowd: Crowd, mode: str
) -> None:
    wish, own = RankingWish(RankedBy.SHARPE, Split.TEST, 10, archived=False), MANY // 100
    for viewer in crowd.viewers:

        async def leaderboards(viewer: Viewer = viewer) -> object:
            return await factory.reads.rankings.leaderboards(viewer, crowd.datasets[:2], wish)

        nodes = await plan_of(factory.reader, endpoints.database_url, leaderboards, mode=mode)
        # Trainings and evaluations of both.
        assert most_rows(nodes) <= 4 * own
