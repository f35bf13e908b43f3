"""How people get an account."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from domain.accounts.identity import clean_email, clean_full_name, clean_username
from domain.accounts.issuing import SessionIssuer, SignedIn
from domain.accounts.model import User
from domain.accounts.passwords import check_password
from domain.accounts.ports import PasswordHasher
from domain.audit import Action
from domain.clock import Clock
from domain.errors import Code, Problem, Refused
from domain.ids import new_id
from domain.text import Problems
from domain.viewer import Origin, Role, Viewer, only_admins
from domain.work import UnitOfWork, Works


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    username: str
    email: str
    full_name: str
    password: str = field(repr=False)

    def cleaned(self, problems: Problems, *, by_operator: bool = False) -> dict[str, Any]:
        names = {
            "username": problems.take(clean_username, self.username, by_operator=by_operator),
            "email": problems.take(clean_email, self.email),
            "full_name": problems.take(clean_full_name, self.full_name),
        }
        problems.take(check_password, self.password, **{name: value or "" for name, value in names.items()})
        return names


class Registration:
    """People make their own account, or an operator makes it for them."""

    def __init__(
        self, *, works: Works, hasher: PasswordHasher, issuer: SessionIssuer, clock: Clock, is_open: bool
    ) -> None:
        self._works = works
        self._hasher = hasher
        self._issuer = issuer
        self._clock = clock
        self._is_open = is_open

    async def register(self, origin: Origin, new: NewAccount, *, terms_accepted: bool) -> SignedIn:
        """A new user, logged in at once."""
        if not self._is_open:
            raise Refused.because(Code.WRONG_STATE, "Registration is closed here. Ask an admin for an account.")
        with Problems() as problems:
            names = new.cleaned(problems)
            if not terms_accepted:
                problems.add(Problem(Code.REQUIRED, "Accept the terms to get an account.", ("terms_accepted",)))
        user = self._user(names, Role.USER)
        user = replace(user, last_login_at=user.created_at)
        password_hash = await self._hasher.hash(new.password)
        async with self._works() as work:
            user = await self._add(work, Viewer(user.id, user.role, origin=origin), user, password_hash)
            return await self._issuer.begin(work, user, origin)

    async def create(self, viewer: Viewer, new: NewAccount, role: Role) -> User:
        """An account that an admin or operator makes for somebody; also while registration is closed."""
        only_admins(viewer)
        with Problems() as problems:
            names = new.cleaned(problems, by_operator=True)
        user = self._user(names, role)
        password_hash = await self._hasher.hash(new.password)
        async with self._works() as work:
            return await self._add(work, viewer, user, password_hash)

    async def _add(self, work: UnitOfWork, actor: Viewer, user: User, password_hash: str) -> User:
        await work.users.add(user, password_hash)
        after = {"username": user.username, "email": user.email, "role": user.role.value}
        await work.audit.record(actor, Action.USER_REGISTERED, of="User", id=user.id, after=after)
        return user

    def _user(self, names: dict[str, Any], role: Role) -> User:
        now = self._clock()
        return User(
            id=new_id(),
            role=role,
            is_active=True,
            last_login_at=None,
            settings={},
            created_at=now,
            updated_at=now,
            **names,
        )


__all__ = ["NewAccount", "Registration"]
