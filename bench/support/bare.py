"""The physical limit with one process: one hand-written statement that makes JSON, through asyncpg, on a bare route.

It knows no viewer, no limits and no log; it reads the same rows and gives the same answers.
"""

from __future__ import annotations

import os
from uuid import UUID

import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SMALL = """
SELECT json_build_object('node', json_build_object('id', id, 'name', name, 'createdAt', created_at))
FROM strategies WHERE id = $1
"""
LIST = """
SELECT json_build_object('strategies', json_build_object('nodes', json_agg(json_build_object(
  'id', id, 'name', name, 'description', description, 'taskType', task_type, 'algorithm', algorithm,
  'status', status, 'tags', tags, 'version', version, 'createdAt', created_at, 'updatedAt', updated_at))))
FROM (SELECT * FROM strategies WHERE owner_id = $1 AND status <> 'archived' ORDER BY id DESC LIMIT 50) s
"""
NESTED = """
SELECT json_build_object('viewer', json_build_object('id', me.id, 'username', me.username, 'fullName', me.full_name,
  'strategies', json_build_object('nodes', json_agg(json_build_object(
    'id', s.id, 'name', s.name, 'status', s.status,
    'project', json_build_object('id', p.id, 'name', p.name, 'createdAt', p.created_at,
                                 'members', json_build_object('nodes', m.nodes)),
    'versions', json_build_object('nodes', v.nodes))))))
FROM users me
CROSS JOIN LATERAL (
  SELECT id, name, status, project_id FROM strategies
  WHERE owner_id = me.id AND status <> 'archived' ORDER BY id DESC LIMIT 50) s
JOIN projects p ON p.id = s.project_id
CROSS JOIN LATERAL (
  SELECT json_agg(json_build_object('id', m.id, 'role', m.role, 'createdAt', m.created_at, 'user', json_build_object(
    'id', u.id, 'username', u.username, 'fullName', u.full_name))) AS nodes
  FROM (SELECT * FROM project_members WHERE project_id = p.id ORDER BY id LIMIT 6) m
  JOIN users u ON u.id = m.user_id) m
CROSS JOIN LATERAL (
  SELECT json_agg(json_build_object('id', v.id, 'number', v.version_number, 'createdAt', v.created_at,
    'author', json_build_object('id', u.id, 'username', u.username, 'fullName', u.full_name))) AS nodes
  FROM (SELECT * FROM strategy_versions WHERE strategy_id = s.id ORDER BY version_number DESC LIMIT 3) v
  JOIN users u ON u.id = v.author_id) v
WHERE me.id = $1
GROUP BY me.id
"""


class Bare:
    """Opens its pool with the first request."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: asyncpg.Pool | None = None

    async def open(self) -> asyncpg.Pool:
        if self._pool is None:
            settings = {"jit": "off", "timezone": "UTC"}
            self._pool = await asyncpg.create_pool(self._url, min_size=10, max_size=10, server_settings=settings)
        return self._pool

    def route(self, path: str, statement: str) -> Route:
        async def answer(request: Request) -> Response:
            id_ = UUID(request.path_params["id"])
            text = await (self._pool or await self.open()).fetchval(statement, id_)
            return Response(text, media_type="application/json")

        return Route(path + "/{id}", answer)


def app(url: str) -> Starlette:
    bare = Bare(url)

    async def ready(_: Request) -> Response:
        await bare.open()
        return Response()

    statements = {"/small": SMALL, "/list": LIST, "/nested": NESTED}
    return Starlette(routes=[Route("/", ready), *(bare.route(path, text) for path, text in statements.items())])


if __name__ == "__main__":
    uvicorn.run(
        app(os.environ["BENCH_DATABASE_URL"]),
        port=int(os.environ["BENCH_PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
