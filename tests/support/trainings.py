"""What a training begins with, and models without one."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from app.factory import Factory
from domain.blobs import Content, Owner
from domain.catalogue import AlgorithmName, TaskType, complete
from domain.datasets.model import Dataset, Papers
from domain.ids import new_id
from domain.jobs.status import JobKind, JobStatus
from domain.models.model import KIND, Model, Part, Stage
from domain.projects.model import Project
from domain.strategies import versions
from domain.strategies.model import Strategy
from tests.support.clock import NOON
from tests.support.datasets import ready_row
from tests.support.jobs import job_row
from tests.support.people import Person
from tests.support.strategies import strategy_row

BARS = ("time", "symbol", "open", "high", "low", "close", "volume")
CARD = {"architecture": "mlp"}
MEASURES = {"valid": {"sharpe": 1.5, "buy_and_hold.sharpe": 0.5}, "test": {"sharpe": 0.25}}


async def a_dataset_of(
    factory: Factory,
    owner: Person,
    *symbols: str,
    columns: tuple[str, ...] = BARS,
    project_id: UUID | None = None,
    **values: Any,
) -> Dataset:
    """READY, and its report says so."""
    dataset = await ready_row(factory, owner, project_id, **values)
    report = {
        "columns": [{"name": name} for name in columns],
        "symbols": [{"symbol": symbol} for symbol in symbols],
        "symbol_count": len(symbols),
    }
    async with factory.works() as work:
        await work.datasets.save_papers(Papers(dataset.id, report=report))
    return dataset


async def a_trading_strategy(
    factory: Factory,
    owner: Person,
    name: str = "Trade",
    project: Project | None = None,
    *,
    task: TaskType = TaskType.ALGORITHMIC_TRADING,
    algorithm: AlgorithmName = AlgorithmName.DQN,
    **config: Any,
) -> Strategy:
    """At its first version, which is kept."""
    values = {"task_type": task, "algorithm": algorithm, "config": complete(task, algorithm, config)}
    strategy = await strategy_row(factory, owner, name, project, **values)
    async with factory.works() as work:
        await versions.record(work, owner.viewer, strategy, "First", factory.clock())
    return strategy


async def a_model(
    factory: Factory,
    owner: Person,
    strategy: Strategy | None = None,
    *,
    strategy_id: UUID | None = None,
    card: Mapping[str, Any] = CARD,
    **values: Any,
) -> Model:
    """With weights and a card, but no ONNX."""
    strategy_id = strategy.id if strategy else strategy_id
    job = await job_row(
        factory.works, owner, kind=JobKind.TRAINING, status=JobStatus.COMPLETED, strategy_id=strategy_id
    )
    weights = await _kept(factory, new_id().bytes)
    usual: dict[str, Any] = {
        "job_id": job.id,
        "strategy_id": strategy_id,
        "dataset_id": None,
        "name": "Agent",
        "task_type": TaskType.ALGORITHMIC_TRADING,
        "algorithm": AlgorithmName.DQN,
        "size": weights.size,
        "sha256": weights.sha256,
        "hyperparameters": {"epochs": 3},
        "measures": MEASURES,
        "score": "sharpe",
        "best_score": 1.5,
        "stage": Stage.NONE,
        "created_at": NOON,
        "updated_at": NOON,
    }
    model = Model(id=new_id(), owner_id=owner.user.id, **usual | values)
    papers = await _kept(factory, b"{}")
    async with factory.works() as work:
        await work.models.add(model, card)
        await work.blobs.use(Owner(KIND, model.id, Part.WEIGHTS.value), weights)
        await work.blobs.use(Owner(KIND, model.id, Part.CARD.value), papers)
    return model


async def _kept(factory: Factory, data: bytes) -> Content:
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(data)
    content = Content(hashlib.sha256(data).hexdigest(), len(data))
    await factory.transfers.blobs.keep(Path(file.name), content)
    return content
