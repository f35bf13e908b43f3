from __future__ import annotations

import ipaddress

from app.settings import Settings
from domain.work import Queue

DEFAULTS = {name: field.default for name, field in Settings.model_fields.items()}


def test_only_nginx_can_be_reached_from_outside(compose):
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["nginx"]
    assert compose["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "valkey"):
        assert compose["services"][name]["networks"] == ["inside"]


def test_the_proxy_that_is_trusted_is_nginx_and_nobody_else(compose):
    (config,) = compose["networks"]["front"]["ipam"]["config"]
    on_front = [name for name, service in compose["services"].items() if "front" in service["networks"]]
    assert on_front == ["nginx", "api"]
    assert compose["services"]["api"]["environment"]["TMW_TRUSTED_PROXIES"] == config["subnet"]
    assert ipaddress.ip_network(config["subnet"]).is_private


def test_two_replicas_and_a_worker_for_each_queue(compose):
    services = compose["services"]
    assert services["api"]["deploy"]["replicas"] == 2
    assert {name for name in services if name.startswith("worker-")} == {f"worker-{queue.value}" for queue in Queue}


def test_nothing_starts_before_what_it_needs(compose):
    needs = {
        name: {other: needed["condition"] for other, needed in service.get("depends_on", {}).items()}
        for name, service in compose["services"].items()
    }
    ready = {
        "migrate": "service_completed_successfully",
        "postgres": "service_healthy",
        "valkey": "service_healthy",
    }
    assert needs["migrate"] == {"postgres": "service_healthy"}
    assert needs["nginx"] == {"api": "service_healthy"}
    assert needs["api"] == ready
    assert {name: needs[name] for name in needs if name.startswith("worker-")} == {
        f"worker-{queue.value}": ready for queue in Queue
    }


def test_whoever_is_waited_for_has_a_health_check(compose):
    services = compose["services"]
    for service in services.values():
        for other, needed in service.get("depends_on", {}).items():
            if needed["condition"] == "service_healthy" and other != "api":
                assert "test" in services[other]["healthcheck"]
    # That of the image.
    assert "healthcheck" not in services["api"]


def test_no_secret_is_written_down(compose, root):
    text = (root / "docker-compose.yml").read_text()
    for line in text.splitlines():
        if "PASSWORD" in line and not line.startswith("#"):
            assert "${" in line
    for service in compose["services"].values():
        assert all("KEY" not in name for name in service.get("environment", {}))


def test_what_must_last_lies_on_volumes(compose):
    kept = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
        if not volume.startswith("./")
    }
    assert kept == set(compose["volumes"]) == {"database", "broker", "state"}


def test_the_database_admits_every_connection_that_may_be_opened(compose):
    per_process = DEFAULTS["database_pool"] + DEFAULTS["database_overflow"] + DEFAULTS["database_read_pool"]
    processes = compose["services"]["api"]["deploy"]["replicas"] + len(Queue)
    allowed = next(word for word in compose["services"]["postgres"]["command"] if word.startswith("max_connections="))
    assert int(allowed.partition("=")[2]) >= processes * per_process


def test_a_stop_is_waited_for_longer_than_requests_get(compose):
    for name in ("api", *(f"worker-{queue.value}" for queue in Queue)):
        assert int(compose["services"][name]["stop_grace_period"].rstrip("s")) > DEFAULTS["shutdown_grace_s"]
