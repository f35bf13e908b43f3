"""Puts the use cases of accounts together."""

from __future__ import annotations

from datetime import timedelta

from app.adapters.jwt import KeyRing
from app.reset_links import reset_tokens
from app.settings import Settings
from domain.accounts.administration import Administration
from domain.accounts.api_tokens import ApiTokens
from domain.accounts.issuing import SessionIssuer
from domain.accounts.login import Logins
from domain.accounts.password_changes import Passwords
from domain.accounts.ports import LoginThrottle, PasswordHasher
from domain.accounts.profile import Profiles
from domain.accounts.proof import PasswordProof
from domain.accounts.registration import Registration
from domain.accounts.sessions import Sessions
from domain.clock import Clock
from domain.work import Works
from graph.parts import Accounts


def accounts(
    settings: Settings, *, works: Works, clock: Clock, keys: KeyRing, hasher: PasswordHasher, throttle: LoginThrottle
) -> Accounts:
    issuer = SessionIssuer(
        signer=keys,
        clock=clock,
        access_life=timedelta(minutes=settings.access_token_minutes),
        refresh_life=timedelta(days=settings.refresh_token_days),
    )
    proof = PasswordProof(works=works, hasher=hasher, throttle=throttle)
    return Accounts(
        registration=Registration(
            works=works, hasher=hasher, issuer=issuer, clock=clock, is_open=settings.registration_open
        ),
        logins=Logins(works=works, hasher=hasher, throttle=throttle, issuer=issuer, clock=clock),
        sessions=Sessions(works=works, issuer=issuer, clock=clock),
        passwords=Passwords(
            works=works,
            hasher=hasher,
            throttle=throttle,
            proof=proof,
            reset_tokens=reset_tokens(keys, clock),
            clock=clock,
        ),
        profiles=Profiles(works=works, proof=proof, clock=clock),
        api_tokens=ApiTokens(works=works, clock=clock),
        administration=Administration(works=works, clock=clock),
    )
