"""Datasets, uploads and recipes in Postgres."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from app.factory import Factory
from domain.datasets.model import Dataset, Papers, Upload
from domain.datasets.service import blank
from domain.errors import Refused
from domain.ids import new_id
from tests.support.datasets import ready_row
from tests.support.people import Person, a_person


@pytest.fixture
async def ada(factory: Factory) -> Person:
    return await a_person(factory, "ada")


def _dataset(factory: Factory, owner: Person) -> Dataset:
    return blank(owner.viewer, factory.clock, name="Prices", data_type="market_data", project_id=None)


async def test_of_those_who_use_a_key_at_once_one_adds_and_all_find(factory: Factory, ada: Person) -> None:
    async def add() -> bool:
        async with factory.works() as work:
            dataset = _dataset(factory, ada)
            return await work.datasets.add(dataset, Papers(dataset.id), "key")

    assert sorted(await asyncio.gather(*(add() for _ in range(5)))) == [False] * 4 + [True]
    async with factory.works() as work:
        assert await work.datasets.made_with(ada.user.id, "key") is not None
        assert await work.datasets.made_with(new_id(), "key") is None


async def test_papers_that_are_not_there_are_null(factory: Factory, ada: Person) -> None:
    dataset = _dataset(factory, ada)
    papers = Papers(dataset.id, report={"rows": 1})
    async with factory.works() as work:
        await work.datasets.add(dataset, papers)
    async with factory.works() as work:
        assert await work.datasets.papers(dataset.id) == papers
    async with factory.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM datasets WHERE manifest IS NULL")) == 1


async def test_what_belongs_to_a_person_goes_with_them_and_frees_its_bytes(factory: Factory, ada: Person) -> None:
    dataset = await ready_row(factory, ada)
    upload = Upload(new_id(), dataset.id, ada.user.id, "a.csv", None, factory.clock())
    async with factory.works() as work:
        assert await work.uploads.add(upload)
    async with factory.engine.begin() as connection:
        await connection.execute(text("DELETE FROM users WHERE id = :id"), {"id": ada.user.id})
    async with factory.works() as work:
        assert await work.datasets.hold(dataset.id) is None
        assert await work.uploads.lock(upload.id) is None
    async with factory.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM blob_uses")) == 0


async def test_a_stranger_cannot_hold_what_the_platform_can(factory: Factory, ada: Person) -> None:
    dataset = await ready_row(factory, ada)
    bob = await a_person(factory, "bob")
    async with factory.works() as work:
        with pytest.raises(Refused):
            await work.datasets.lock(bob.viewer, dataset.id)
    async with factory.works() as work:
        found = await work.datasets.hold(dataset.id)
        assert found == dataset
