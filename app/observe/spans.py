"""One OpenTelemetry span per request. Imported only when TMW_OTEL_ENDPOINT is set."""

from __future__ import annotations

from collections.abc import Callable

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.observe.paths import OPERATOR_PATHS, shown

_EXPORT_TIMEOUT_S = 3.0
_propagator = TraceContextTextMapPropagator()


def export_to(endpoint: str, *, version: str) -> tuple[Callable[[ASGIApp], ASGIApp], Callable[[], None]]:
    """Returns what wraps the app, and what ends the export."""
    exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=_EXPORT_TIMEOUT_S)
    return through(exporter, version=version)


def through(exporter: SpanExporter, *, version: str) -> tuple[Callable[[ASGIApp], ASGIApp], Callable[[], None]]:
    resource = Resource.create({"service.name": "trademaster-web", "service.version": version})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("app")
    return lambda app: Spans(app, tracer), provider.shutdown


class Spans:
    """Names the span after the GraphQL operation, once the app inside has said which it was."""

    def __init__(self, app: ASGIApp, tracer: Tracer) -> None:
        self.app = app
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPERATOR_PATHS:
            return await self.app(scope, receive, send)
        carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with self._tracer.start_as_current_span(
            scope["method"], context=_propagator.extract(carrier), kind=SpanKind.SERVER
        ) as span:

            async def send_and_note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    _note_status(span, message["status"])
                await send(message)

            await self.app(scope, receive, send_and_note)
            _describe(span, scope)
        return None


def _note_status(span: Span, status: int) -> None:
    span.set_attribute("http.response.status_code", status)
    if status >= 500:
        span.set_status(Status(StatusCode.ERROR))


def _describe(span: Span, scope: Scope) -> None:
    state = scope.get("state", {})
    operation = state.get("operation_name")
    span.set_attributes({"http.request.method": scope["method"], "url.path": shown(scope["path"])})
    span.set_attribute("request.id", state.get("request_id", ""))
    if operation:
        span.update_name(f"{scope['method']} {operation}")
        span.set_attribute("graphql.operation.name", operation)
