"""The one place that says in which order requests pass through the middleware."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp

from app.middleware.access import AccessLog
from app.middleware.body import BodyLimit, BodyRule
from app.middleware.drain import Drain, DrainGate
from app.middleware.errors import ErrorBoundary
from app.middleware.headers import SecurityHeaders
from app.middleware.hosts import TrustedHosts
from app.middleware.identity import Identity
from app.middleware.origins import cross_origin
from app.middleware.proxies import Proxies
from app.observe.metrics import Metrics
from app.observe.tracing import Tracing
from app.settings import Settings
from domain.transfers import UPLOAD_PATH


def stack(
    app: ASGIApp,
    settings: Settings,
    *,
    metrics: Metrics,
    drain: Drain,
    tracing: Tracing,
    body_rules: Mapping[str, BodyRule] | None = None,
) -> ASGIApp:
    """Wraps from the inside out: what comes last here sees a request first."""
    app = BodyLimit(app, _body_rule(settings), {UPLOAD_PATH: _upload_rule(settings)} | dict(body_rules or {}))
    app = ErrorBoundary(app, drain)
    app = DrainGate(app, drain)
    # Outside of whatever refuses, so that a browser may read the refusal.
    if settings.cors_origins:
        app = cross_origin(app, settings.cors_origins)
    if "*" not in settings.trusted_hosts:
        app = TrustedHosts(app, settings.trusted_hosts)
    app = SecurityHeaders(app)
    app = AccessLog(app, metrics)
    app = Identity(app, Proxies(settings.trusted_proxies))
    return tracing.wrap(app)


def _body_rule(settings: Settings) -> BodyRule:
    return BodyRule(settings.max_body_bytes, form_bytes=settings.max_body_bytes + settings.max_upload_bytes)


def _upload_rule(settings: Settings) -> BodyRule:
    # The door itself is less patient, and says how to go on.
    return BodyRule(settings.max_upload_bytes, patience_s=60.0)
