"""How a configuration changes: each change is a version of its own, which never changes again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.errors import Code, Refused
from domain.ids import new_id
from domain.strategies.diff import diff
from domain.strategies.model import Strategy, StrategyVersion
from domain.strategies.rules import MAX_MESSAGE
from domain.viewer import Viewer
from domain.work import UnitOfWork


async def record(work: UnitOfWork, viewer: Viewer, strategy: Strategy, message: str, now: datetime) -> None:
    """Keep the strategy's present configuration as its present version."""
    version = StrategyVersion(
        id=new_id(),
        strategy_id=strategy.id,
        version_number=strategy.version,
        config=strategy.config,
        message=message,
        author_id=viewer.id,
        created_at=now,
    )
    await work.versions.add(version)


async def with_config(
    work: UnitOfWork, viewer: Viewer, strategy: Strategy, config: Mapping[str, Any], *, message: str, now: datetime
) -> Strategy:
    """The strategy with this configuration: at a new version, if anything differs."""
    changes = diff(strategy.config, config)
    if not changes:
        return strategy
    changed = replace(strategy, config=dict(config), version=strategy.version + 1)
    names = ", ".join(change.path[0] for change in changes)
    await record(work, viewer, changed, message or f"Changed {names}"[:MAX_MESSAGE], now)
    return changed


def must_stand_at(strategy: Strategy, expected: int | None) -> None:
    """Refuses when somebody else changed the configuration since the client read it."""
    if expected is not None and expected != strategy.version:
        message = f"The configuration is at version {strategy.version} now. Read it again, then change it."
        raise Refused.because(Code.WRONG_STATE, message, "expected_version")


async def present(work: UnitOfWork, strategy: Strategy, number: int) -> StrategyVersion:
    found = await work.versions.get(strategy.id, number)
    if found is None:
        message = f"There is no version {number}; the versions are 1 to {strategy.version}."
        raise Refused.because(Code.NOT_FOUND, message, "version_number")
    return found
