from __future__ import annotations

import asyncio
import re

import httpx
import pytest
from starlette.applications import Starlette

from app.observe.metrics import Metrics
from app.observe.sampled import Samples
from app.observe.scrape import routes
from app.settings import ROOT


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("1.2.3", operation_cap=3)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_durations_go_by_operation(metrics):
    metrics.operation("Projects", 0.02)
    metrics.operation("Projects", 0.2)
    metrics.operation(None, 7.0)
    assert value(metrics, "tmw_operation_duration_seconds_count", operation="Projects") == 2
    assert value(metrics, "tmw_operation_duration_seconds_sum", operation="Projects") == 0.22
    assert value(metrics, "tmw_operation_duration_seconds_bucket", operation="Projects", le="0.025") == 1
    assert value(metrics, "tmw_operation_duration_seconds_bucket", operation="anonymous", le="5.0") == 0


def test_clients_cannot_make_up_lines_without_end(metrics):
    metrics.operations.register("Known")
    for number in range(100):
        metrics.operation(f"Made{number}", 1.0)
    metrics.operation("no name at all", 1.0)
    metrics.operation("x" * 65, 1.0)
    metrics.operation("Known", 1.0)
    counted = {
        sample.labels["operation"]: sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "tmw_operation_duration_seconds_count"
    }
    assert counted == {"Made0": 1, "Made1": 1, "Made2": 1, "Known": 1, "other": 99}


def test_the_rest_is_counted(metrics):
    metrics.resolver_error("NOT_FOUND")
    metrics.resolver_error("NOT_FOUND")
    metrics.sockets.inc()
    metrics.sockets.inc()
    metrics.sockets.dec()
    metrics.subscriptions.inc(5)
    assert value(metrics, "tmw_resolver_errors_total", code="NOT_FOUND") == 2
    assert value(metrics, "tmw_live_sockets") == 1
    assert value(metrics, "tmw_live_subscriptions") == 5
    assert value(metrics, "tmw_build_info", version="1.2.3") == 1


def test_two_processes_in_one_test_run_do_not_share_numbers():
    one, other = Metrics("1"), Metrics("1")
    one.resolver_error("INTERNAL")
    assert value(other, "tmw_resolver_errors_total", code="INTERNAL") is None


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Source:
    """Queue depths that can break, and hang."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer: dict[tuple[str, ...], float] | Exception | None = {("training",): 3}

    async def __call__(self):
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is None:
            await asyncio.Event().wait()
        return self.answer


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def samples(metrics, clock, source, lines) -> Samples:
    samples = Samples(metrics, timeout_s=0.01, clock=clock)
    samples.queues(source)
    return samples


async def test_what_must_be_asked_for_is_asked_for_rarely(metrics, samples, source, clock):
    await samples.refresh()
    assert value(metrics, "tmw_queue_depth", queue="training") == 3
    source.answer = {("training",): 4, ("data",): 1}
    clock.now += 4.9
    await samples.refresh()
    assert (source.asked, value(metrics, "tmw_queue_depth", queue="training")) == (1, 3)
    clock.now += 0.1
    await asyncio.gather(samples.refresh(), samples.refresh())
    assert (source.asked, value(metrics, "tmw_queue_depth", queue="training")) == (2, 4)
    assert value(metrics, "tmw_queue_depth", queue="data") == 1


@pytest.mark.parametrize("broken", [ConnectionError("gone"), None])
async def test_a_source_that_is_dead_or_hangs_has_no_lines_and_is_reported_once(
    metrics, samples, source, clock, lines, broken
):
    await samples.refresh()
    assert value(metrics, "tmw_source_up", source="queues") == 1
    source.answer = broken
    for _ in range(3):
        clock.now += 5
        await samples.refresh()
    assert value(metrics, "tmw_queue_depth", queue="training") is None
    assert value(metrics, "tmw_source_up", source="queues") == 0
    assert [line["source"] for line in lines.of("no numbers")] == ["gauge:tmw_queue_depth"]
    source.answer = {("training",): 0}
    clock.now += 5
    await samples.refresh()
    assert value(metrics, "tmw_queue_depth", queue="training") == 0
    assert value(metrics, "tmw_source_up", source="queues") == 1


async def test_pools_and_jobs_have_their_lines(metrics, samples):
    samples.database(lambda: {("write", "in_use"): 2, ("write", "idle"): 3, ("write", "waiting"): 0})

    async def jobs():
        return {("running",): 4}

    samples.jobs(jobs)
    await samples.refresh()
    assert value(metrics, "tmw_database_connections", pool="write", state="in_use") == 2
    assert value(metrics, "tmw_database_connections", pool="write", state="waiting") == 0
    assert value(metrics, "tmw_jobs", state="running") == 4


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [("", "text/plain"), ("application/openmetrics-text; version=1.0.0", "application/openmetrics-text")],
)
async def test_prometheus_reads_all_of_it_even_with_redis_dead(metrics, samples, source, accept, content_type):
    source.answer = None
    metrics.request("GET", 200)
    transport = httpx.ASGITransport(Starlette(routes=routes(metrics, samples)))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        answer = await client.get("/metrics", headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(content_type)
    assert 'tmw_http_requests_total{method="GET",status="200"} 1.0' in answer.text
    assert 'tmw_source_up{source="queues"} 0.0' in answer.text
    assert "process_resident_memory_bytes" in answer.text


def test_the_guide_lists_every_number_there_is(metrics, samples):
    samples.database(dict)
    samples.jobs(samples.refresh)
    families = {family.name: family for family in metrics.registry.collect() if family.name.startswith("tmw_")}
    made = {name + "_total" if family.type == "counter" else name for name, family in families.items()}
    guide = (ROOT / "docs/operate.md").read_text()
    assert set(re.findall(r"^\| `(tmw_\w+)`", guide, re.MULTILINE)) == made
