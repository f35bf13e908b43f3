"""The numbers that Prometheus reads. One registry per process, handed to whoever counts something."""

from __future__ import annotations

import re

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics

ANONYMOUS = "anonymous"
OTHER = "other"

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,63}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET"})
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Names:
    """Keeps the number of label values small, whatever clients send."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._known: set[str] = set()
        self._met: set[str] = set()

    def register(self, name: str) -> None:
        """A name that we gave ourselves always has a line of its own."""
        self._known.add(name)

    def label(self, name: str | None) -> str:
        if not name:
            return ANONYMOUS
        if name in self._known or name in self._met:
            return name
        if len(self._met) >= self._cap or not _NAME.fullmatch(name):
            return OTHER
        self._met.add(name)
        return name


class Metrics:
    """Everything that is counted where it happens. What must be asked for is in `sampled.py`."""

    def __init__(self, version: str, *, operation_cap: int = 200, code_cap: int = 50) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.operations = Names(operation_cap)
        self._codes = Names(code_cap)
        # The library's own look-up of a line costs more than the counting.
        self._request_lines: dict[tuple[str, int], Counter] = {}
        self._operation_lines: dict[str, Histogram] = {}
        build = Gauge("tmw_build_info", "Always 1; the version is in the label.", ["version"], registry=registry)
        build.labels(version).set(1)
        self._requests = Counter(
            "tmw_http_requests", "Answered requests and ended sockets.", ["method", "status"], registry=registry
        )
        self._seconds = Histogram(
            "tmw_operation_duration_seconds",
            "Time from the arrival of an operation to the end of its answer.",
            ["operation"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self._errors = Counter("tmw_resolver_errors", "Top-level errors in answers.", ["code"], registry=registry)
        self.sockets = Gauge("tmw_live_sockets", "Open sockets.", registry=registry)
        self.subscriptions = Gauge("tmw_live_subscriptions", "Running subscriptions.", registry=registry)

    def request(self, method: str, status: int) -> None:
        key = (method if method in _METHODS else OTHER, status)
        child = self._request_lines.get(key)
        if child is None:
            child = self._request_lines[key] = self._requests.labels(key[0], str(status))
        child.inc()

    def operation(self, name: str | None, seconds: float) -> None:
        label = self.operations.label(name)
        child = self._operation_lines.get(label)
        if child is None:
            child = self._operation_lines[label] = self._seconds.labels(label)
        child.observe(seconds)

    def resolver_error(self, code: str) -> None:
        self._errors.labels(self._codes.label(code)).inc()
