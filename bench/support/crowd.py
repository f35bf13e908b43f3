"""People and very many strategies: registered through the API who must log in, the rest made by the database."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import asyncpg
import httpx

from bench.support.places import Program
from graph.ids import split

STRATEGIES = 100_000
PROJECTS = 60
PEOPLE = 300
VERSIONS = 4

_REGISTER = """mutation($input: RegisterInput!) { register(input: $input) {
  errors { message } accessToken user { id username } } }"""
_PEOPLE = """
INSERT INTO users (id, username, email, password_hash, full_name, role)
SELECT uuidv7(), 'person' || i, 'person' || i || '@example.org', '-', 'Person Number ' || i, 'user'
FROM generate_series(1, $1::int) i
"""
_PROJECTS = """
INSERT INTO projects (id, owner_id, name, description)
SELECT uuidv7(), $1, 'Project ' || i, 'Where desk number ' || i || ' works'
FROM generate_series(1, $2::int) i
"""
_MEMBERS = """
INSERT INTO project_members (id, project_id, user_id, role)
SELECT uuidv7(), p.id, u.id, CASE WHEN u.id = $1 THEN 'owner' ELSE 'viewer' END
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM projects) p
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM users) u
  ON u.id IN ($1, $2) OR u.n % 30 = p.n % 30
"""
_STRATEGIES = """
INSERT INTO strategies (id, owner_id, project_id, name, description, task_type, algorithm, config, status, tags,
                        version, created_at, updated_at)
SELECT uuidv7(interval '1 millisecond' * (i - $2::int)), $1,
    (SELECT array_agg(id ORDER BY id) FROM projects)[1 + i % $3],
       'Strategy ' || md5(i::text), 'Follows the momentum of basket ' || i, 'portfolio_management', 'ppo',
       '{"epochs": 10, "learning_rate": 0.0003}', 'draft', ARRAY['momentum', 'daily'], $4, now(),
       now() - interval '1 second' * ((i::bigint * 7919) % 100003)
FROM generate_series(1, $2::int) i
"""
_VERSIONS = """
INSERT INTO strategy_versions (id, strategy_id, version_number, config, message, author_id)
SELECT uuidv7(), s.id, v, s.config, 'Version ' || v, s.owner_id
FROM (SELECT id, owner_id, config FROM strategies ORDER BY id DESC LIMIT 1000) s, generate_series(1, $1::int) v
"""


@dataclass(frozen=True, slots=True)
class Somebody:
    id: UUID
    token: str


@dataclass(frozen=True, slots=True)
class Crowd:
    """The owner has all strategies; the member belongs to all projects, where they lie; the admin sees everything."""

    owner: Somebody
    member: Somebody
    admin: Somebody


async def fill(api: Program, database_url: str) -> Crowd:
    async with httpx.AsyncClient(base_url=api.url) as client:
        owner, member, admin = [await registered(client, name) for name in ("olga", "milo", "adele")]
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("UPDATE users SET role = 'admin' WHERE id = $1", admin.id)
        await connection.execute(_PEOPLE, PEOPLE)
        await connection.execute(_PROJECTS, owner.id, PROJECTS)
        await connection.execute(_MEMBERS, owner.id, member.id)
        await connection.execute(_STRATEGIES, owner.id, STRATEGIES, PROJECTS, VERSIONS)
        await connection.execute(_VERSIONS, VERSIONS)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return Crowd(owner, member, admin)


async def registered(client: httpx.AsyncClient, name: str) -> Somebody:
    person = {"username": name, "email": f"{name}@example.org", "password": "violet harbour cactus"}
    body = {"query": _REGISTER, "variables": {"input": person | {"fullName": name.title(), "termsAccepted": True}}}
    payload = (await client.post("/graphql", json=body)).raise_for_status().json()["data"]["register"]
    assert payload["user"], payload["errors"]
    parts = split(payload["user"]["id"])
    assert parts is not None
    return Somebody(parts[1], payload["accessToken"])
