"""The way to Redis for tests of what is counted there."""

from __future__ import annotations

from redis.asyncio import Redis

from domain.clock import Clock
from persistence.redis.link import Link


def patient(redis: Redis, clock: Clock) -> Link:
    """On a machine that stands still for a moment, a hasty one would count half here and half there."""
    return Link(redis, clock=clock, timeout_s=30.0)
