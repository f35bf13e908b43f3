"""What becomes of open sockets when their people's access changes: a real server, real sockets, real clocks.

The `factory` of these tests stands for another process: it shares only the database, and Redis where a test says so.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.asgi import SOCKETS_LOOKED_AT_EVERY_S
from app.embedded.endpoints import Endpoints
from app.embedded.valkey import EmbeddedValkey
from app.factory import Factory
from app.settings import Settings
from domain.accounts.ports import AccessClaims
from domain.clock import Clock, utc_now
from domain.ids import new_id
from domain.viewer import Role, Viewer
from persistence.account_reads import PostgresAccountReads
from tests.graph.transport.wire import Talker
from tests.support.people import Person, a_person, a_session
from tests.support.town import Town, a_town

REVOKED_WITHIN_S = 5
NEVER_S = 3_600.0
CREATE = 'mutation { createProject(input: {name: "New"}) { errors { code } } }'
ME = "{ viewer { username } }"


@pytest.fixture
def clock() -> Clock:
    """Sockets live in real time."""
    return utc_now


@pytest.fixture
async def town(factory: Factory, settings: Settings, endpoints: Endpoints) -> AsyncIterator[Town]:
    """Nobody looks at its sockets unasked: what closes them is what was heard."""
    async with a_town(settings, endpoints, look_every_s=NEVER_S) as town:
        yield town


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
async def admin(factory: Factory) -> Person:
    return await a_person(factory, "ada", Role.ADMIN)


async def answer(talker: Talker, document: str, id_: str = "1") -> dict[str, Any]:
    await talker.subscribe(id_, document)
    payload = await talker.hear_next(id_)
    assert await talker.hear() == {"type": "complete", "id": id_}
    return payload


async def refusal(talker: Talker, document: str) -> list[str]:
    """The codes of an operation that ran and was refused."""
    return [error["extensions"]["code"] for error in (await answer(talker, document))["errors"]]


async def closed(talker: Talker) -> int:
    async with asyncio.timeout(REVOKED_WITHIN_S):
        return await talker.hear_end()


async def another_session(factory: Factory, person: Person, **life: float) -> Person:
    """The same person on another device; its access token lives so long."""
    session, now = a_session(person.user, factory), factory.clock()
    async with factory.works() as work:
        await work.sessions.add(session, token_hash=session.id.bytes)
    claims = AccessClaims(person.user.id, session.id, new_id(), now, now + timedelta(**life or {"minutes": 30}))
    viewer = Viewer(person.user.id, person.user.role, session.id)
    return replace(person, viewer=viewer, token=factory.keys.sign(claims))


async def test_a_deactivated_person_is_thrown_out_and_nobody_else(town: Town, ann: Person, admin: Person) -> None:
    async with town.socket(ann) as anns, town.socket(admin) as admins:
        assert (await answer(anns, ME))["data"] == {"viewer": {"username": "ann"}}
        out = await town.api.do("setUserActive", admin, {"id": ann.id, "isActive": False})
        assert out == {"errors": []}
        assert await closed(anns) == 4403
        assert (await answer(admins, ME))["data"] == {"viewer": {"username": "ada"}}
    assert await town.api.codes(ME, ann) == ["UNAUTHENTICATED"]


async def test_a_deactivation_in_another_process_counts_too(
    town: Town, factory: Factory, ann: Person, admin: Person
) -> None:
    async with town.socket(ann) as anns:
        await factory.use.accounts.administration.deactivate(admin.viewer, ann.user.id)
        assert await closed(anns) == 4403
    assert await town.api.codes(ME, ann) == ["UNAUTHENTICATED"]


async def test_a_logout_closes_the_sockets_of_its_session_only(town: Town, factory: Factory, ann: Person) -> None:
    elsewhere = await another_session(factory, ann)
    async with town.socket(ann) as first, town.socket(ann) as second, town.socket(elsewhere) as other:
        assert await town.api.data("mutation { logout { errors { code } } }", ann) == {"logout": {"errors": []}}
        assert [await closed(first), await closed(second)] == [4403, 4403]
        assert (await answer(other, ME))["data"] == {"viewer": {"username": "ann"}}
    assert await town.api.codes(ME, ann) == ["UNAUTHENTICATED"]
    assert await town.api.codes(ME, elsewhere) == []


async def test_a_new_role_counts_in_the_next_request_and_operation(town: Town, ann: Person, admin: Person) -> None:
    async with town.socket(ann) as anns:
        assert (await answer(anns, CREATE))["data"] == {"createProject": {"errors": []}}
        for role, codes in (("GUEST", ["FORBIDDEN"]), ("USER", [])):
            assert await town.api.do("setUserRole", admin, {"id": ann.id, "role": role}) == {"errors": []}
            spoken = (await answer(anns, CREATE)).get("errors", [])
            assert [error["extensions"]["code"] for error in spoken] == codes
            assert await town.api.codes(CREATE, ann) == codes


async def test_a_change_while_the_socket_opens_is_not_missed(
    town: Town, factory: Factory, ann: Person, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, missed = PostgresAccountReads.viewer_of_session, [ann.user.id]

    async def read(self: PostgresAccountReads, session_id: UUID) -> Viewer | None:
        found = await original(self, session_id)
        if found and found.user_id in missed:
            missed.clear()
            # The database has answered, but who asked it has not gone on yet.
            out = await town.api.do("setUserActive", admin, {"id": ann.id, "isActive": False})
            assert out == {"errors": []}
        return found

    monkeypatch.setattr(PostgresAccountReads, "viewer_of_session", read)
    async with Talker.connect(f"ws://127.0.0.1:{town.port}/graphql") as talker:
        await talker.say(type="connection_init", payload={"authorization": f"Bearer {ann.token}"})
        assert await closed(talker) == 4403


async def test_a_token_that_expires_closes_its_socket(town: Town, factory: Factory, ann: Person) -> None:
    short = await another_session(factory, ann, seconds=1)
    expires_at = factory.keys.read(short.token).expires_at.timestamp()
    async with town.socket(short) as talker:
        assert await closed(talker) == 4403
        assert time.time() >= expires_at


class TestWithoutRedis:
    """The server has a Redis of its own, so it hears from the other process only by looking into the database."""

    @pytest.fixture
    def valkey(self, tmp_path: Path) -> Iterator[EmbeddedValkey]:
        tmp_path.chmod(0o711)
        valkey = EmbeddedValkey(tmp_path / "valkey")
        yield valkey
        valkey.stop()

    async def test_access_that_ends_while_it_is_away(
        self,
        settings: Settings,
        endpoints: Endpoints,
        valkey: EmbeddedValkey,
        factory: Factory,
        ann: Person,
        admin: Person,
    ) -> None:
        bob, administration = await a_person(factory, "bob"), factory.use.accounts.administration
        own = replace(endpoints, redis_url=await asyncio.to_thread(valkey.start))
        async with a_town(settings, own, look_every_s=0.05) as town, town.socket(ann) as anns, town.socket(bob) as bobs:
            assert await town.api.codes(ME, ann) == []
            await asyncio.to_thread(valkey.stop)
            await administration.deactivate(admin.viewer, ann.user.id)
            assert await closed(anns) == 4403
            assert await town.api.codes(ME, ann) == ["UNAUTHENTICATED"]
            await administration.set_role(admin.viewer, bob.user.id, Role.GUEST)
            assert await town.api.codes(CREATE, bob) == ["FORBIDDEN"]
            async with asyncio.timeout(REVOKED_WITHIN_S):
                while "errors" not in await answer(bobs, CREATE):
                    pass
            assert await refusal(bobs, CREATE) == ["FORBIDDEN"]

    async def test_what_was_missed_is_found_when_it_is_back(
        self,
        settings: Settings,
        endpoints: Endpoints,
        valkey: EmbeddedValkey,
        factory: Factory,
        ann: Person,
        admin: Person,
    ) -> None:
        own = replace(endpoints, redis_url=await asyncio.to_thread(valkey.start))
        async with a_town(settings, own, look_every_s=NEVER_S) as town, town.socket(ann) as anns:
            assert (await answer(anns, ME))["data"] == {"viewer": {"username": "ann"}}
            await asyncio.to_thread(valkey.stop)
            await factory.use.accounts.administration.deactivate(admin.viewer, ann.user.id)
            await asyncio.to_thread(valkey.start)
            assert await closed(anns) == 4403


def test_looking_is_often_enough() -> None:
    assert SOCKETS_LOOKED_AT_EVERY_S < REVOKED_WITHIN_S
