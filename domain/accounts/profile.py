"""What people say of themselves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from domain.accounts.identity import clean_email, clean_full_name, clean_username
from domain.accounts.model import Credentials, User
from domain.accounts.proof import PasswordProof, lock_unchanged
from domain.audit import Action
from domain.clock import Clock
from domain.errors import Code, Refused
from domain.free_json import clean_object
from domain.text import Problems
from domain.viewer import Viewer
from domain.work import Works


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChanges:
    """None: leave it as it is."""

    full_name: str | None = None
    username: str | None = None
    email: str | None = None
    password: str | None = field(default=None, repr=False)

    def cleaned(self, user: User) -> dict[str, Any]:
        """What really changes."""
        cleaners = {"full_name": clean_full_name, "username": clean_username, "email": clean_email}
        values: dict[str, Any] = {}
        with Problems() as problems:
            for name, clean in cleaners.items():
                given, current = getattr(self, name), getattr(user, name)
                # What was sent back unchanged is not looked at: a rule may be younger than a name.
                if given is not None and given != current:
                    values[name] = problems.take(clean, given)
        return {name: value for name, value in values.items() if value != getattr(user, name)}


class Profiles:
    """Change one's own names and settings."""

    def __init__(self, *, works: Works, proof: PasswordProof, clock: Clock) -> None:
        self._works = works
        self._proof = proof
        self._clock = clock

    async def update(self, viewer: Viewer, changes: ProfileChanges) -> User:
        """Asks for the password when a name changes that one logs in with."""
        credentials = await self._proof.credentials(viewer)
        values = changes.cleaned(credentials.user)
        if not ("username" in values or "email" in values):
            return await self._change(viewer, values)
        await self._require_password(viewer, credentials, changes.password)
        async with self._works() as work:
            before = await lock_unchanged(work, credentials, "password")
            after = replace(before, **values, updated_at=self._clock())
            await work.users.save(after)
            await work.audit.record(
                viewer, Action.USER_RENAMED, of="User", id=viewer.id, before=_names(before), after=_names(after)
            )
        return after

    async def update_settings(self, viewer: Viewer, settings: object) -> User:
        """The new settings replace the old ones."""
        return await self._change(viewer, {"settings": clean_object(settings, "settings")})

    async def _change(self, viewer: Viewer, values: dict[str, Any]) -> User:
        async with self._works() as work:
            credentials = await work.users.lock(viewer.id)
            user = replace(credentials.user, **values, updated_at=self._clock())
            await work.users.save(user)
        return user

    async def _require_password(self, viewer: Viewer, credentials: Credentials, password: str | None) -> None:
        if password is None:
            message = "Give your present password to change the username or the e-mail address."
            raise Refused.because(Code.REQUIRED, message, "password")
        await self._proof.require(viewer, credentials, password, "password")


def _names(user: User) -> dict[str, str]:
    return {"username": user.username, "email": user.email}


__all__ = ["ProfileChanges", "Profiles"]
