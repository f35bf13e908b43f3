from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from app.settings import Settings

HARDENED = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "RestrictNamespaces": "yes",
    "SystemCallArchitectures": "native",
    "User": "trademaster",
    "UMask": "0077",
}


def test_every_service_is_kept_in_its_place(units):
    services = [unit for unit in units.values() if unit.commands()]
    assert len(services) == 3
    for unit in services:
        assert {key: unit.one(key) for key in HARDENED} == HARDENED


def test_a_stop_is_waited_for_longer_than_requests_get(units):
    grace = Settings.model_fields["shutdown_grace_s"].default
    for name in ("api.service", "worker@.service"):
        assert int(units[name].one("TimeoutStopSec")) > grace


def test_nothing_starts_before_the_database_is_in_its_newest_form(units):
    for name in ("api.service", "worker@.service"):
        assert units[name].one("Requires") == "trademaster-web-migrate.service"
        assert "trademaster-web-migrate.service" in units[name].all("After")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_understands_the_units(root, tmp_path):
    for file in (root / "deploy/systemd").iterdir():
        (tmp_path / file.name).write_text(
            file.read_text().replace("/opt/trademaster-web/.venv/bin/python", sys.executable)
        )
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(map(str, tmp_path.iterdir()))],
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    if "Failed to" in done.stderr and "bus" in done.stderr:
        pytest.skip("systemd-analyze cannot work here")
    assert (done.returncode, done.stderr) == (0, "")
