"""Who is behind a token, now.

The truth is in Postgres: the session's row and the user's row. An answer is kept for some seconds, and only while this
process hears the bell that rings when anybody's access changes (app/bell.py): so a logout, a deactivation or a new role
counts at once, and while the bell is silent every request asks the database (docs/adr/0004).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from domain.accounts.ports import TokenSigner
from domain.accounts.stores import AccountReads
from domain.accounts.tokens import TokenKind, hash_token, is_well_formed
from domain.clock import Clock
from domain.errors import Unauthenticated
from domain.viewer import NOBODY, Origin, Viewer
from domain.work import AccessChanged

KEPT_FOR = timedelta(seconds=5)
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Known:
    """A viewer, and until when the token itself is good (unix time; None: for ever)."""

    viewer: Viewer
    expires_at: float | None
    kept_until: float = 0


class Viewers:
    """Turns tokens into viewers."""

    def __init__(
        self,
        *,
        signer: TokenSigner,
        accounts: AccountReads,
        clock: Clock,
        hears_changes: Callable[[], bool],
        on_token_use: Callable[[bytes], None],
    ) -> None:
        self._signer = signer
        self._accounts = accounts
        self._clock = clock
        self._hears_changes = hears_changes
        self._on_token_use = on_token_use
        self._kept: dict[str, Known] = {}
        self._changes = 0

    async def behind(self, token: str | None, origin: Origin) -> Known:
        """The viewer now. A missing token is nobody; one that is not good any more raises Unauthenticated."""
        if token is None:
            return Known(replace(NOBODY, origin=origin), None)
        now = self._clock().timestamp()
        known = self._kept.get(token)
        if known is None or known.kept_until <= now or not self._hears_changes():
            known = await self._ask(token, now)
        return Known(replace(known.viewer, origin=origin), known.expires_at)

    def forget(self, change: AccessChanged) -> None:
        """Somebody's access changed: what was read before counts no more, also what is being read just now."""
        self._changes += 1
        self._kept = {token: known for token, known in self._kept.items() if known.viewer.user_id != change.user_id}

    def forget_all(self) -> None:
        self._changes += 1
        self._kept.clear()

    async def _ask(self, token: str, now: float) -> Known:
        """What the database says; asked again when access changed meanwhile, for an open socket is told only once."""
        while True:
            changes = self._changes
            viewer, expires_at = await self._read(token)
            if changes == self._changes:
                break
        kept_until = min(now + KEPT_FOR.total_seconds(), expires_at or now + KEPT_FOR.total_seconds())
        known = Known(viewer, expires_at, kept_until)
        if self._hears_changes():
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[token] = known
        return known

    async def _read(self, token: str) -> tuple[Viewer, float | None]:
        if token.startswith(f"{TokenKind.API}_"):
            return await self._api_token(token)
        claims = self._signer.read(token)
        viewer = await self._accounts.viewer_of_session(claims.session_id)
        if viewer is None or viewer.user_id != claims.user_id:
            raise Unauthenticated("This session has ended. Log in again.")
        return viewer, claims.expires_at.timestamp()

    async def _api_token(self, token: str) -> tuple[Viewer, float | None]:
        found, token_hash = None, hash_token(token)
        if is_well_formed(TokenKind.API, token):
            found = await self._accounts.viewer_of_token(token_hash, self._clock())
        if found is None:
            raise Unauthenticated("This API token is unknown, expired or revoked.")
        self._on_token_use(token_hash)
        viewer, expires_at = found
        return viewer, expires_at.timestamp() if expires_at else None


def same_person(left: Viewer, right: Viewer) -> bool:
    """Whether two answers about one token give the same rights."""
    return (left.user_id, left.role, left.scopes) == (right.user_id, right.role, right.scopes)


__all__ = ["Known", "Viewers", "same_person"]
