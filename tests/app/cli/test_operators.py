"""The commands that look after users, tokens and documents, on a real database."""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from app.cli import app
from app.cli.manifests import operations
from app.embedded.endpoints import Endpoints
from app.errors import CannotStart
from app.factory import Factory
from domain.viewer import OPERATOR, Role
from tests.support.accounts import Stored
from tests.support.passwords import BETTER, GOOD

APOLLO = '{"format": "apollo-persisted-query-manifest", "operations": [1]}'
QUERY = "query Me { viewer { id } }"


@pytest.fixture(autouse=True)
async def platform(monkeypatch: pytest.MonkeyPatch, endpoints: Endpoints, factory: Factory) -> Factory:
    """The commands find the servers of the tests in their environment."""
    monkeypatch.setenv("TMW_DATABASE_URL", endpoints.database_url)
    monkeypatch.setenv("TMW_REDIS_URL", endpoints.redis_url)
    monkeypatch.setenv("TMW_SIGNING_KEY", "kettle-Ribbon7-ocean-Quartz2-maple-Velvet9")
    monkeypatch.setenv("TMW_ADMIN_PASSWORD", "")
    monkeypatch.setattr("app.cli.operating.configure_logging", lambda *_: None)
    return factory


async def tmw(*words: str, typed: str | None = None) -> Result:
    """In a thread, since a command has an event loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, app, list(words), input=typed)


def person(name: str) -> list[str]:
    return ["--username", name, "--email", f"{name}@example.org", "--full-name", name.title()]


async def test_an_admin_is_made_with_a_password_from_standard_input(platform: Factory, engine: AsyncEngine) -> None:
    result = await tmw("user", "create-admin", *person("admin"), "--password-stdin", typed=f"{GOOD}\n")
    assert (result.exit_code, result.output) == (0, "admin may log in now, as admin.\n")
    found = await platform.use.accounts.administration.find(OPERATOR, "admin")
    assert (found.role, found.is_active) == (Role.ADMIN, True)
    assert await Stored(engine).audit() == [("user.registered", None)]


async def test_the_password_may_come_from_the_environment(platform: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMW_ADMIN_PASSWORD", BETTER)
    assert (await tmw("user", "create", *person("ann"))).exit_code == 0
    assert (await platform.use.accounts.administration.find(OPERATOR, "ann")).role is Role.USER


async def test_there_is_no_way_to_give_a_password_as_an_argument() -> None:
    assert (await tmw("user", "create-admin", *person("admin"), "--password", GOOD)).exit_code == 2


async def test_without_a_password_nothing_is_made(engine: AsyncEngine) -> None:
    result = await tmw("user", "create-admin", *person("admin"))
    assert isinstance(result.exception, CannotStart)
    assert await Stored(engine).audit() == []


async def test_refusals_are_said_one_by_one() -> None:
    words = ["--username", "a", "--email", "x", "--full-name", "A", "--password-stdin"]
    result = await tmw("user", "create-admin", *words, typed="short\n")
    assert isinstance(result.exception, CannotStart)
    assert len(str(result.exception).splitlines()) == 3


async def a_person(name: str, kind: str = "create") -> None:
    result = await tmw("user", kind, *person(name), "--password-stdin", typed=f"{GOOD}\n")
    assert result.exit_code == 0


async def test_users_are_listed_shut_out_and_let_in(platform: Factory) -> None:
    await a_person("admin", "create-admin")
    await a_person("ann")
    listed = (await tmw("user", "list", "--search", "ann")).output.splitlines()
    assert [line.split()[0] for line in listed] == ["username", "ann"]
    administration = platform.use.accounts.administration
    for command, active in (("deactivate", False), ("reactivate", True)):
        assert (await tmw("user", command, "ANN@example.org")).exit_code == 0
        assert (await administration.find(OPERATOR, "ann")).is_active is active
    assert (await tmw("user", "set-role", "ann", "guest")).exit_code == 0
    assert (await administration.find(OPERATOR, "ann")).role is Role.GUEST
    for command in (["deactivate", "admin"], ["set-role", "admin", "user"], ["deactivate", "nobody"]):
        assert isinstance((await tmw("user", *command)).exception, CannotStart)
    assert (await administration.find(OPERATOR, "admin")).is_active


async def test_tokens_are_made_listed_and_revoked(platform: Factory) -> None:
    await a_person("ann")
    made = await tmw(
        "token", "create", "ann", "--name", "nightly", "--scope", "read", "--scope", "write", "--days", "3"
    )
    secret = made.output.strip()
    assert secret.startswith("tmw_")
    assert (await platform.viewers.behind(secret, OPERATOR.origin)).viewer.scopes == {"read", "write"}
    assert secret[:12] in (await tmw("token", "list", "ann")).output
    assert (await tmw("token", "revoke", "ann", secret[:12])).output == "nightly is revoked.\n"
    assert secret[:12] not in (await tmw("token", "list", "ann")).output
    assert isinstance((await tmw("token", "revoke", "ann", secret[:12])).exception, CannotStart)
    forbidden = await tmw("token", "create", "ann", "--name", "x", "--scope", "admin")
    assert isinstance(forbidden.exception, CannotStart)


async def test_documents_are_registered_from_every_kind_of_file(platform: Factory, tmp_path: Path) -> None:
    digest = sha256(QUERY.encode()).hexdigest()
    other = "query You { viewer { username } }"
    (tmp_path / "relay.json").write_text(json.dumps({digest: QUERY}))
    entry = {"id": sha256(other.encode()).hexdigest(), "name": "You", "type": "query", "body": other}
    apollo = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [entry]}
    (tmp_path / "apollo.json").write_text(json.dumps(apollo))
    (tmp_path / "plain.graphql").write_text("{ viewer { fullName } }")
    files = [str(tmp_path / name) for name in ("apollo.json", "plain.graphql", "relay.json")]
    result = await tmw("documents", "add", *files)
    assert result.exit_code == 0
    lines = [line.split() for line in result.output.splitlines()]
    assert [line[1] for line in lines] == ["You", "plain", "Me"]
    assert await platform.documents.get(digest) == QUERY


async def test_a_document_that_the_schema_does_not_know_is_not_registered(engine: AsyncEngine, tmp_path: Path) -> None:
    file = tmp_path / "wrong.graphql"
    file.write_text("{ nothing }")
    assert isinstance((await tmw("documents", "add", str(file))).exception, CannotStart)
    assert await Stored(engine).audit() == []


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"abc": "{ viewer { id } }"}', '{"abc": 1}', '{"format": "apollo-persisted-query-manifest"}', APOLLO],
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(text)
    with pytest.raises(CannotStart):
        operations(file)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.graphql"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(CannotStart):
        operations(file)
