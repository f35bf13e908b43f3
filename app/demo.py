"""Datasets to show what the platform does: one for each task, made up by workers. Asking again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from app.factory import Factory
from domain.datasets.making import Wish
from domain.datasets.model import Dataset
from domain.datasets.rules import Words
from domain.datasets.sources import DemoDataset, demo_datasets
from domain.viewer import Viewer


async def seed_demo_datasets(factory: Factory, owner: Viewer) -> Sequence[Dataset]:
    """They belong to the owner, who may change and delete them; a deleted one comes back when asked for again."""
    return [await _make(factory, owner, demo) for demo in demo_datasets()]


async def _make(factory: Factory, owner: Viewer, demo: DemoDataset) -> Dataset:
    words = Words(name=demo.name, description=demo.description, tags=("demo", demo.task_type.value))
    steps = [step.to_json() for step in demo.recipe.steps]
    wish = Wish(words=words, key=demo.slug)
    return await factory.use.datasets.making.import_(owner, wish, demo.request.to_json(), steps=steps)
