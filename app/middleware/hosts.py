"""Answers only to the names that we go by."""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import CannotStart
from app.observe.paths import OPERATOR_PATHS

_NAME = re.compile(r"(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|[0-9A-Fa-f.:]+|\[[0-9A-Fa-f.:]+\]")


class TrustedHosts:
    """Starlette's check, except for probes and scrapers: they come by address, and get nothing that names a host."""

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self.app = app
        for name in names:
            _check(name)
        self._guarded = TrustedHostMiddleware(app, allowed_hosts=names, www_redirect=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        inner = self.app if scope.get("path") in OPERATOR_PATHS else self._guarded
        await inner(scope, receive, send)


def _check(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise CannotStart(
            f"TMW_TRUSTED_HOSTS holds {name!r}, which is no host name.",
            "Write names without scheme, port or path, such as api.example.org or *.example.org.",
        )
