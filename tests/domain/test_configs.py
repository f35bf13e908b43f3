"""What an admin may tell the platform to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.factory import Factory
from app.seed import seed
from domain.configs import Configs
from domain.errors import Forbidden
from domain.viewer import NOBODY, OPERATOR, Role, Viewer
from tests.support.accounts import Stored
from tests.support.clock import StandingClock
from tests.support.refusals import refused
from tests.support.rows import fingerprint


@pytest.fixture
async def configs(factory: Factory, engine: AsyncEngine) -> Configs:
    async with engine.begin() as connection:
        await seed(connection)
    return factory.use.configs


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("max_concurrent_jobs", 1),
        ("max_concurrent_jobs", 1_000),
        ("default_epochs", 100_000),
        ("supported_algorithms", {}),
        ("supported_algorithms", {"algorithmic_trading": ["dqn"], "order_execution": []}),
    ],
)
async def test_a_fitting_value_is_kept(
    configs: Configs, factory: Factory, clock: StandingClock, key: str, value: Any
) -> None:
    now = clock.advance(hours=1)
    changed = await configs.update(OPERATOR, key, value)
    assert (changed.key, changed.value, changed.updated_at) == (key, value, now)
    assert changed in await factory.reads.configs.all(OPERATOR)
    assert await Stored(factory.engine).audit() == [("config.changed", None)]


@pytest.mark.parametrize(
    ("key", "value", "problems"),
    [
        ("max_concurrent_jobs", 0, [("OUT_OF_RANGE", "value")]),
        ("max_concurrent_jobs", 1_001, [("OUT_OF_RANGE", "value")]),
        ("default_epochs", 100_001, [("OUT_OF_RANGE", "value")]),
        ("default_epochs", 10**30, [("OUT_OF_RANGE", "value")]),
        ("default_epochs", 10.0, [("INVALID", "value")]),
        ("default_epochs", "10", [("INVALID", "value")]),
        ("default_epochs", True, [("INVALID", "value")]),
        ("default_epochs", None, [("INVALID", "value")]),
        ("supported_algorithms", ["dqn"], [("INVALID", "value")]),
        (
            "supported_algorithms",
            {
                "cooking": ["dqn"],
                "algorithmic_trading": "dqn",
                "order_execution": ["eteo", "dqn", "eteo", None, ["pd"]],
                "a\x00b": [],
            },
            [
                ("UNKNOWN", "value.cooking"),
                ("INVALID", "value.algorithmic_trading"),
                ("UNKNOWN", "value.order_execution.1"),
                ("INVALID", "value.order_execution.2"),
                ("UNKNOWN", "value.order_execution.3"),
                ("UNKNOWN", "value.order_execution.4"),
                ("UNKNOWN", "value.a�b"),
            ],
        ),
        ("no_such_key", 1, [("NOT_FOUND", "key")]),
        ("", 1, [("NOT_FOUND", "key")]),
        ("default_epochs\x00", 1, [("NOT_FOUND", "key")]),
        ("\ud800", 1, [("NOT_FOUND", "key")]),
    ],
)
async def test_what_does_not_fit_is_refused_and_nothing_changes(
    configs: Configs, engine: AsyncEngine, key: str, value: Any, problems: list[tuple[str, str]]
) -> None:
    before = await fingerprint(engine)
    assert await refused(configs.update(OPERATOR, key, value)) == problems
    assert await fingerprint(engine) == before


async def test_only_admins_change_or_read_it(configs: Configs, factory: Factory, engine: AsyncEngine) -> None:
    before = await fingerprint(engine)
    for role in (Role.USER, Role.GUEST):
        viewer = replace(NOBODY, role=role)
        with pytest.raises(Forbidden):
            await configs.update(viewer, "default_epochs", 1)
        assert await factory.reads.configs.all(viewer) == []
    assert await fingerprint(engine) == before
    keys = [config.key for config in await factory.reads.configs.all(Viewer(role=Role.ADMIN))]
    assert keys == ["default_epochs", "max_concurrent_jobs", "supported_algorithms"]
