"""Sentry and OpenTelemetry: nothing of either is imported unless it was configured."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Protocol

from starlette.types import ASGIApp
from structlog.typing import EventDict

from app.errors import CannotStart
from app.observe.redaction import Redactor
from app.observe.reports import report_to
from app.settings import Settings

_INSTALL = "Install what it needs: .venv/bin/python -m pip install"
_FLUSH_S = 2.0


class Tracing:
    """What was switched on, and how to end it."""

    def __init__(self) -> None:
        self._wraps: list[Callable[[ASGIApp], ASGIApp]] = []
        self._ends: list[Callable[[], object]] = []

    def wrap(self, app: ASGIApp) -> ASGIApp:
        for wrap in self._wraps:
            app = wrap(app)
        return app

    def close(self) -> None:
        """Sends what is still here. It blocks for some seconds if nobody takes it."""
        for end in self._ends:
            end()
        self._ends.clear()

    def add(self, end: Callable[[], object], wrap: Callable[[ASGIApp], ASGIApp] | None = None) -> None:
        self._ends.append(end)
        if wrap is not None:
            self._wraps.append(wrap)


class Spans(Protocol):
    """The module that talks to OpenTelemetry."""

    def export_to(self, endpoint: str, *, version: str) -> tuple[Callable[[ASGIApp], ASGIApp], Callable[[], None]]: ...


def start_tracing(settings: Settings, redactor: Redactor, *, version: str, transport: Any = None) -> Tracing:
    """`transport` takes the place of Sentry's network in tests."""
    tracing = Tracing()
    if settings.sentry_dsn is not None:
        tracing.add(_start_sentry(settings.sentry_dsn.get_secret_value(), redactor, version, transport))
    if settings.otel_endpoint is not None:
        wrap, end = _spans().export_to(settings.otel_endpoint, version=version)
        tracing.add(end, wrap)
    return tracing


def _start_sentry(dsn: str, redactor: Redactor, version: str, transport: Any) -> Callable[[], object]:
    sentry = _sentry()
    try:
        sentry.init(
            dsn=dsn,
            release=version,
            transport=transport,
            # Only what we hand over is sent: no bodies, no headers, no variables, no users.
            default_integrations=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            include_local_variables=False,
            include_source_context=False,
            before_send=lambda event, _: redactor.fields(event),
        )
    except sentry.utils.BadDsn:
        raise CannotStart("TMW_SENTRY_DSN is no Sentry DSN.", "Copy it from the settings of the project.") from None
    stop = report_to(lambda error, event: _tell(sentry, error, event))
    return lambda: (stop(), sentry.flush(timeout=_FLUSH_S))


def _tell(sentry: ModuleType, error: BaseException, event: EventDict) -> None:
    with sentry.new_scope() as scope:
        for name in ("request_id", "logger"):
            if event.get(name):
                scope.set_tag(name, str(event[name]))
        sentry.capture_exception(error)


def _sentry() -> ModuleType:
    try:
        import sentry_sdk  # noqa: PLC0415
        import sentry_sdk.utils  # noqa: PLC0415
    except ImportError:
        raise CannotStart(
            "TMW_SENTRY_DSN is set, but the package sentry-sdk is missing.", f"{_INSTALL} sentry-sdk"
        ) from None
    module: ModuleType = sentry_sdk
    return module


def _spans() -> Spans:
    try:
        from app.observe import spans  # noqa: PLC0415
    except ImportError:
        problem = "TMW_OTEL_ENDPOINT is set, but the OpenTelemetry packages are missing."
        raise CannotStart(problem, f"{_INSTALL} opentelemetry-sdk opentelemetry-exporter-otlp-proto-http") from None
    return spans
