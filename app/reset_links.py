"""The keys of links that reset a password."""

from __future__ import annotations

from app.adapters.jwt import KeyRing
from domain.accounts.tokens import ResetTokens
from domain.clock import Clock


def reset_tokens(keys: KeyRing, clock: Clock) -> ResetTokens:
    """The same in the API, which checks them, and in the worker, which makes them."""
    return ResetTokens(keys=keys.derive_all("password reset"), clock=clock)
