"""How often one may ask, per person, or per address when nobody is logged in."""

from dataclasses import dataclass
from math import ceil

from domain.accounts.ports import RateLimiter, RateVerdict
from domain.viewer import Viewer
from graph.errors import RateLimited

MINUTE = 60


@dataclass(frozen=True, slots=True)
class Rates:
    """Counts every operation, and those that list something once more."""

    limiter: RateLimiter
    per_minute: int
    lists_per_minute: int

    async def admit(self, viewer: Viewer, *, lists: bool) -> RateVerdict:
        """The narrowest verdict. Raises RateLimited."""
        who = f"user:{viewer.user_id}" if viewer.user_id else f"address:{viewer.origin.address}"
        verdict = await self.limiter.hit(f"all:{who}", self.per_minute, MINUTE)
        if lists and verdict.allowed:
            verdict = await self.limiter.hit(f"lists:{who}", self.lists_per_minute, MINUTE)
        if not verdict.allowed:
            raise RateLimited(verdict.retry_after_s)
        return verdict


def headers(verdict: RateVerdict, now: float) -> dict[str, str]:
    """What a client is told about its allowance."""
    return {
        "ratelimit-limit": str(verdict.limit),
        "ratelimit-remaining": str(verdict.remaining),
        "ratelimit-reset": str(max(0, ceil(verdict.reset_at.timestamp() - now))),
    }
