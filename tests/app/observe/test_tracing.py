from __future__ import annotations

import subprocess
import sys

import httpx
import pytest
import structlog

from app.errors import CannotStart
from app.observe.redaction import Redactor
from app.observe.tracing import start_tracing

DSN = "https://public@sentry.example.org/1"


async def app(scope, receive, send):
    scope.setdefault("state", {}).update(operation_name="Projects", request_id="r1")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_without_settings_nothing_is_imported_and_nothing_wrapped(settings_of):
    tracing = start_tracing(settings_of(), Redactor(), version="1")
    assert tracing.wrap(app) is app
    tracing.close()


def test_the_packages_are_not_loaded_by_ours():
    code = (
        "import sys, app.observe.tracing, app.middleware.stack\n"
        "assert not {m.split('.')[0] for m in sys.modules} & {'sentry_sdk', 'opentelemetry'}"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("setting", "module", "problem"),
    [
        ({"sentry_dsn": DSN}, "sentry_sdk", "TMW_SENTRY_DSN is set, but the package sentry-sdk is missing"),
        ({"otel_endpoint": "http://x"}, "opentelemetry", "TMW_OTEL_ENDPOINT is set, but the OpenTelemetry packages"),
    ],
)
def test_a_missing_package_stops_the_start_with_the_remedy(settings_of, monkeypatch, setting, module, problem):
    for name in [name for name in sys.modules if name.split(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, "app.observe.spans", raising=False)
    with pytest.raises(CannotStart) as refused:
        start_tracing(settings_of(**setting), Redactor(), version="1")
    assert refused.value.problem.startswith(problem)
    assert "pip install" in refused.value.remedy


@pytest.fixture
def sent():
    """What would go to Sentry."""
    transport = pytest.importorskip("sentry_sdk.transport")

    class Kept(transport.Transport):
        events: list = []

        def capture_envelope(self, envelope):
            self.events.append(envelope.get_event())

    Kept.events = []
    return Kept


def test_a_logged_exception_reaches_sentry_without_secrets_bodies_and_people(settings_of, lines, sent):
    redactor = Redactor(["Zq9-known-by-heart"])
    tracing = start_tracing(settings_of(sentry_dsn=DSN), redactor, version="1.2.3", transport=sent)
    structlog.contextvars.bind_contextvars(request_id="r1", user_id="u1")
    local = "Zq9-in-a-local-variable"
    try:
        int(f"password={local} and Zq9-known-by-heart")
    except ValueError:
        structlog.get_logger("app.errors").exception("unexpected error")
    structlog.get_logger("app.errors").error("no exception, no report")
    tracing.close()
    (event,) = sent.events
    assert event["release"] == "1.2.3"
    assert event["tags"] == {"request_id": "r1", "logger": "app.errors"}
    assert event["exception"]["values"][0]["type"] == "ValueError"
    assert "Zq9" not in str(event)
    assert not {"user", "request", "extra"} & {name for name in event if event[name]}
    assert event.get("breadcrumbs", {}).get("values", []) == []


def test_after_the_end_nothing_is_sent(settings_of, lines, sent):
    start_tracing(settings_of(sentry_dsn=DSN), Redactor(), version="1", transport=sent).close()
    structlog.get_logger("x").error("late", exc_info=ValueError())
    assert sent.events == []


def test_a_wrong_dsn_stops_the_start(settings_of):
    pytest.importorskip("sentry_sdk")
    with pytest.raises(CannotStart, match="TMW_SENTRY_DSN is no Sentry DSN"):
        start_tracing(settings_of(sentry_dsn="rubbish"), Redactor(), version="1")


async def test_a_request_is_one_span_named_after_its_operation():
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    from app.observe.spans import through  # noqa: PLC0415

    exporter = memory.InMemorySpanExporter()
    wrap, end = through(exporter, version="1.2.3")
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(wrap(app)), base_url="http://x") as client:
        await client.post("/graphql?token=abc", headers={"traceparent": parent})
        await client.get("/health")
    end()
    (span,) = exporter.get_finished_spans()
    assert span.name == "POST Projects"
    assert f"{span.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    assert span.resource.attributes["service.version"] == "1.2.3"
    assert dict(span.attributes) == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "url.path": "/graphql",
        "request.id": "r1",
        "graphql.operation.name": "Projects",
    }
