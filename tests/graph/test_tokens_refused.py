"""Tokens that are not good open nothing: neither over HTTP nor over a socket, and nothing is executed."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr
from sqlalchemy import delete, func, select
from starlette.types import ASGIApp, Message

from app.asgi import app_of
from app.factory import Factory
from app.observe.metrics import Metrics
from app.observe.tracing import Tracing
from app.settings import Settings
from domain.accounts.api_tokens import NewApiToken
from domain.accounts.model import Scope
from domain.accounts.tokens import TokenKind, hash_token, new_token
from domain.viewer import Role
from persistence.tables.projects import projects
from persistence.tables.users import users
from tests.graph.transport.wire import PROTOCOL
from tests.support.patience import PATIENCE_S
from tests.support.people import Person, a_person, a_session
from tests.support.rows import fingerprint

RSA_KEY = generate_private_key(65537, 2048)
OTHER_RSA_KEY = generate_private_key(65537, 2048)
SECRET = b"0f5e9c3ab7d14e628a7bd8a6c1e2f394"
CREATE = 'mutation { createProject(input: {name: "New"}) { errors { code } } }'
WORKED: dict[str, Any] = {"createProject": {"errors": []}}
REFUSED = 4403


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _keys() -> str:
    """The first signs; the second is one that was in use before."""
    first = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA_KEY)) | {"kid": "rs", "alg": "RS256"}
    second = {"kty": "oct", "k": _b64(SECRET), "kid": "hs", "alg": "HS256"}
    return json.dumps([first, second])


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(_env_file=None, state_dir=tmp_path_factory.mktemp("state"), signing_keys=SecretStr(_keys()))


@pytest.fixture
def app(factory: Factory) -> ASGIApp:
    return app_of(factory, metrics=Metrics("test"), tracing=Tracing())


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@dataclass(frozen=True)
class Bench:
    """What a forger has: somebody's token, and all that one may know or steal."""

    factory: Factory
    ann: Person

    def forged(self, key: Any = RSA_KEY, algorithm: str = "RS256", kid: str = "rs", **changes: Any) -> str:
        """The good token but for the changes."""
        payload = jwt.decode(self.ann.token, options={"verify_signature": False}) | changes
        return jwt.encode(payload, key, algorithm, {"kid": kid, "typ": "at+jwt"})

    def signed(self, header: dict[str, Any], secret: bytes | None) -> str:
        """By hand, since a library refuses to make such a token; None: without a signature."""
        text = f"{_b64(json.dumps(header).encode())}.{self.ann.token.split('.')[1]}"
        hmac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
        return f"{text}.{_b64(hmac.sign(text.encode(), secret)) if secret is not None else ''}"

    def in_seconds(self, seconds: float) -> float:
        return (self.factory.clock() + timedelta(seconds=seconds)).timestamp()

    async def api_token(self, **more: Any) -> tuple[str, Any]:
        new = NewApiToken(name="script", scopes=[Scope.READ, Scope.WRITE], **more)
        made = await self.factory.use.accounts.api_tokens.create(self.ann.viewer, new)
        return made.secret, made.token.id


Forge = Callable[[Bench], Awaitable[str]]
FORGERIES: dict[str, Forge] = {}
ENDINGS: dict[str, Forge] = {}


def forgery(make: Forge) -> Forge:
    """Out of a good token, which stays good."""
    FORGERIES[make.__name__.removeprefix("_")] = make
    return make


def ending(make: Forge) -> Forge:
    """Something is done to people and their tokens first."""
    ENDINGS[make.__name__.removeprefix("_")] = make
    return make


@forgery
async def _alg_none(bench: Bench) -> str:
    return bench.signed({"alg": "none", "kid": "rs", "typ": "at+jwt"}, None)


@forgery
async def _alg_none_with_the_old_signature(bench: Bench) -> str:
    return bench.signed({"alg": "none", "kid": "rs", "typ": "at+jwt"}, None) + bench.ann.token.split(".")[2]


@forgery
async def _wrong_key(bench: Bench) -> str:
    return bench.forged(OTHER_RSA_KEY)


@forgery
async def _the_public_key_as_a_secret(bench: Bench) -> str:
    public = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return bench.signed({"alg": "HS256", "kid": "rs", "typ": "at+jwt"}, public)


@forgery
async def _the_secret_of_another_kid(bench: Bench) -> str:
    return bench.forged(SECRET, "HS256", "rs")


@forgery
async def _the_private_key_under_the_kid_of_the_secret(bench: Bench) -> str:
    return bench.forged(RSA_KEY, "RS256", "hs")


@forgery
async def _unknown_kid(bench: Bench) -> str:
    return bench.forged(kid="nobody")


@forgery
async def _wrong_audience(bench: Bench) -> str:
    return bench.forged(aud="another-service")


@forgery
async def _wrong_issuer(bench: Bench) -> str:
    return bench.forged(iss="another-service")


@forgery
async def _expired(bench: Bench) -> str:
    return bench.forged(exp=bench.in_seconds(-31))


@forgery
async def _not_yet_valid(bench: Bench) -> str:
    return bench.forged(nbf=bench.in_seconds(31))


@forgery
async def _issued_in_the_future(bench: Bench) -> str:
    return bench.forged(iat=bench.in_seconds(31))


@ending
async def _another_persons_session(bench: Bench) -> str:
    bob = await a_person(bench.factory, "bob")
    return bench.forged(sid=str(bob.viewer.session_id))


@ending
async def _revoked_session(bench: Bench) -> str:
    await bench.factory.use.accounts.sessions.logout(bench.ann.viewer)
    return bench.ann.token


@ending
async def _deactivated_user(bench: Bench) -> str:
    admin = await a_person(bench.factory, "ada", Role.ADMIN)
    await bench.factory.use.accounts.administration.deactivate(admin.viewer, bench.ann.user.id)
    return bench.ann.token


@ending
async def _deleted_user(bench: Bench) -> str:
    async with bench.factory.engine.begin() as connection:
        await connection.execute(delete(users).where(users.c.id == bench.ann.user.id))
    return bench.ann.token


@ending
async def _api_token_with_a_typo(bench: Bench) -> str:
    secret, _ = await bench.api_token()
    return secret[:-1] + ("A" if secret[-1] != "A" else "B")


@forgery
async def _api_token_that_nobody_made(bench: Bench) -> str:
    return new_token(TokenKind.API)


@ending
async def _revoked_api_token(bench: Bench) -> str:
    secret, id_ = await bench.api_token()
    await bench.factory.use.accounts.api_tokens.revoke(bench.ann.viewer, id_)
    return secret


@ending
async def _expired_api_token(bench: Bench) -> str:
    secret, _ = await bench.api_token(expires_at=bench.factory.clock() + timedelta(hours=1))
    bench.factory.clock.advance(hours=1)  # type: ignore[attr-defined]
    return secret


@ending
async def _api_token_of_a_deactivated_user(bench: Bench) -> str:
    secret, _ = await bench.api_token()
    await _deactivated_user(bench)
    return secret


@ending
async def _refresh_token(bench: Bench) -> str:
    session, refresh = a_session(bench.ann.user, bench.factory), new_token(TokenKind.REFRESH)
    async with bench.factory.works() as work:
        await work.sessions.add(session, hash_token(refresh))
    return refresh


async def _over_http(app: ASGIApp, authorization: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return await client.post("/graphql", json={"query": CREATE}, headers={"authorization": authorization})


async def _over_a_socket(app: ASGIApp, authorization: str) -> list[Message]:
    """All that is sent to a client that introduces itself and does not wait for the answer."""
    said: asyncio.Queue[Message] = asyncio.Queue()
    heard: list[Message] = []

    async def send(message: Message) -> None:
        heard.append(message)
        if message["type"] == "websocket.send" and json.loads(message["text"])["type"] == "complete":
            said.put_nowait({"type": "websocket.disconnect"})

    said.put_nowait({"type": "websocket.connect"})
    for words in (
        {"type": "connection_init", "payload": {"authorization": authorization}},
        {"type": "subscribe", "id": "1", "payload": {"query": CREATE}},
    ):
        said.put_nowait({"type": "websocket.receive", "text": json.dumps(words)})
    async with asyncio.timeout(PATIENCE_S):
        await app(_scope(), said.get, send)
    return heard


def _scope() -> dict[str, Any]:
    return {
        "type": "websocket",
        "scheme": "ws",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"test")],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
        "subprotocols": [PROTOCOL],
        "extensions": {},
        "state": {},
    }


async def _refused_everywhere(app: ASGIApp, factory: Factory, authorization: str) -> None:
    before = await fingerprint(factory.engine)
    response = await _over_http(app, authorization)
    answer = response.json()
    assert (response.status_code, answer["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert response.headers["www-authenticate"] == "Bearer"
    assert sorted(answer) == ["errors"]
    accepted, *rest = await _over_a_socket(app, authorization)
    assert accepted["type"] == "websocket.accept"
    assert [(message["type"], message.get("code")) for message in rest] == [("websocket.close", REFUSED)]
    assert await fingerprint(factory.engine) == before


async def test_a_forgery_opens_nothing(app: ASGIApp, factory: Factory, ann: Person) -> None:
    for make in FORGERIES.values():
        await _refused_everywhere(app, factory, f"Bearer {await make(Bench(factory, ann))}")


@pytest.mark.parametrize("name", ENDINGS)
async def test_what_is_no_longer_good_opens_nothing(app: ASGIApp, factory: Factory, ann: Person, name: str) -> None:
    token = await ENDINGS[name](Bench(factory, ann))
    await _refused_everywhere(app, factory, f"Bearer {token}")


async def test_only_one_bearer_token_is_taken(app: ASGIApp, factory: Factory, ann: Person) -> None:
    for kind in ("Basic {}", "bearer", "Bearer ", "{}", "Token {}", "Bearer {} {}", "Bearer {},{}"):
        await _refused_everywhere(app, factory, kind.format(ann.token, ann.token))


async def test_what_the_forgeries_were_made_from_is_good(app: ASGIApp, factory: Factory, ann: Person) -> None:
    bench = Bench(factory, ann)
    api_token, _ = await bench.api_token()
    good = (ann.token, bench.forged(), bench.forged(SECRET, "HS256", "hs"), api_token)
    for token in good:
        assert (await _over_http(app, f"bearer {token}")).json()["data"] == WORKED
        ack, next_, *_ = _texts(await _over_a_socket(app, f"Bearer {token}"))
        assert (ack["type"], next_["payload"]["data"]) == ("connection_ack", WORKED)
    async with factory.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(projects)) == 2 * len(good)


def _texts(messages: list[Message]) -> Iterator[dict[str, Any]]:
    return (json.loads(message["text"]) for message in messages if message["type"] == "websocket.send")
