"""What the files for deployment run and set does exist."""

from __future__ import annotations

import json
import re
import shlex

import pytest
import yaml
from typer.main import get_command

from app.settings import Settings
from domain.work import Queue

OF_THE_LAUNCHER = {"TMW_VENV", "TMW_PYTHON"}
RUN = ["-P", "-m", "app"]


def parse(words: list[str]) -> None:
    """Fails unless the command line takes these words."""
    from app import cli  # noqa: PLC0415

    group = get_command(cli.app)
    context = group.make_context("tmw", list(words))
    name, command, _ = group.resolve_command(context, words)
    command.make_context(name, words[1:], parent=context)


def test_the_test_itself_tells_commands_from_rubbish():
    parse(["worker", "--queue", "data"])
    for rubbish in (["wroker"], ["worker", "--queue", "nonsense"], ["worker", "--qeue", "data"], ["serve", "now"]):
        with pytest.raises(Exception, match=r"(?i)no such|invalid|unexpected|not one of"):
            parse(rubbish)


def test_the_image_runs_a_command_that_exists(dockerfile):
    instructions = dict(dockerfile)
    assert json.loads(instructions["ENTRYPOINT"]) == ["python", *RUN]
    parse(json.loads(instructions["CMD"]))


def test_the_containers_run_commands_that_exist(compose):
    ours = {name: service for name, service in compose["services"].items() if service["image"] == "trademaster-web"}
    assert set(ours) == {"api", "migrate", *(f"worker-{queue.value}" for queue in Queue)}
    for service in ours.values():
        parse(service["command"])


def test_the_units_run_commands_that_exist(units):
    instances = re.findall(r"worker@(\w+)\.service", " ".join(units[".target"].all("Wants")))
    assert set(instances) == {queue.value for queue in Queue}
    for unit in units.values():
        for command in unit.commands():
            assert command[1:4] == RUN
            for instance in instances:
                parse([word.replace("%i", instance) for word in command[4:]])


def test_the_hooks_run_commands_that_exist(root):
    hooks = yaml.safe_load((root / ".pre-commit-config.yaml").read_text())["repos"]
    assert [repo["repo"] for repo in hooks] == ["local"]
    entries = [shlex.split(hook["entry"]) for hook in hooks[0]["hooks"]]
    ours = [words[1:] for words in entries if words[0] == "./tmw"]
    assert len(ours) == 3
    for words in ours:
        parse(words)


@pytest.mark.parametrize(
    "path", ["Dockerfile", "docker-compose.yml", "deploy", ".pre-commit-config.yaml", "docs/operate.md"]
)
def test_every_setting_that_is_named_exists(root, path):
    place = root / path
    files = [place] if place.is_file() else [file for file in place.rglob("*") if file.is_file()]
    named = {name for file in files for name in re.findall(r"TMW_[A-Z_]*[A-Z]", file.read_text())}
    known = {f"TMW_{name.upper()}" for name in Settings.model_fields}
    assert named - known - OF_THE_LAUNCHER == set()
    assert named
