from __future__ import annotations

import pytest

from app.factory import Factory
from domain.viewer import Role
from tests.support.people import Person, a_person


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
async def bob(factory: Factory) -> Person:
    return await a_person(factory, "bob")


@pytest.fixture
async def admin(factory: Factory) -> Person:
    return await a_person(factory, "ada", Role.ADMIN)
