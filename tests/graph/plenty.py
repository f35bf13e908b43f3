"""Ten of everything, and ten of everything below each: what lists are counted on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import delete, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.factory import Factory
from app.seed import seed
from domain.audit import Action
from domain.blobs import Content
from domain.catalogue import AlgorithmName, TaskType
from domain.ids import new_id
from domain.viewer import Role
from graph.ids import encode
from persistence.tables.datasets import recipes
from persistence.tables.projects import project_members, projects
from persistence.tables.strategies import strategies, strategy_templates
from persistence.tables.system import audit_log
from persistence.tables.users import api_tokens, user_sessions, users
from tests.support.datasets import ready_row
from tests.support.evaluations import WHOLE, an_account, an_evaluation, kept, parquet
from tests.support.people import Person, a_person
from tests.support.trainings import a_model

PLENTY = 10

_DAY = "2020-01-01T00:00:00+00:00"
_FINDING = {
    "severity": "warning",
    "code": "GAPS",
    "message": "Bars are missing.",
    "action": "Nothing.",
    "places": [{"row": 1, "column": "close"}, {"row": 2}],
}
_COLUMN = {
    "name": "close",
    "original": "Close",
    "type": "number",
    "quantiles": [{"at": 0.5, "value": 1.0}, {"at": 1.0, "value": 2.0}],
    "histogram": [{"low": 0.0, "high": 1.0, "count": 1}, {"low": 1.0, "high": 2.0, "count": 1}],
}
_REPORT = {
    "kind": "csv",
    "rows": 2,
    "columns": [_COLUMN, _COLUMN | {"name": "open"}],
    "symbols": [{"symbol": symbol, "rows": 1, "first": _DAY, "last": _DAY} for symbol in ("AAA", "BBB")],
    "symbol_count": 2,
    "first": _DAY,
    "last": _DAY,
    "time_column": "date",
    "time_format": "%Y-%m-%d",
    "zone": "UTC",
    "findings": [_FINDING, _FINDING],
    "canonical": {"rows": 2, "size": 10, "sha256": "0" * 64},
}
_CONTENT = "decode(repeat('ab', 32), 'hex')"
_MANIFEST = {
    "engine": "1",
    "libraries": {},
    "recipe": {"steps": []},
    "input_sha256": "0" * 64,
    "output_sha256": "1" * 64,
    "rows": 2,
    "symbols": 2,
    "columns": [{"name": name, "kind": "market", "missing": 0} for name in ("open", "close")],
    "features": [],
    "labels": [],
    "parts": [{"name": name, "rows": 1, "times": 1, "first": _DAY, "last": _DAY} for name in ("train", "test")],
    "changes": [{"step": 0, "what": "removed", "count": 1}, {"step": 1, "what": "filled", "count": 1}],
    "scales": [],
    "looks_ahead": [],
    "ignored": [],
    "synthetic": False,
}


async def plenty(factory: Factory, role: Role) -> tuple[Person, dict[str, Any]]:
    """A person to whom all of it belongs; a dataset that can be looked into, jobs and models to be compared."""
    who = await a_person(factory, "ann", role)
    ready = await ready_row(factory, who)
    account = await kept(factory, parquet(an_account("model", "model-1", "buy_and_hold")))
    async with factory.engine.begin() as connection:
        await seed(connection)
        # Nobody made the platform's own: an edge to nobody costs nothing.
        await connection.execute(delete(strategy_templates))
        people = [who.user.id, *await _users(connection)]
        places = await _projects(connection, who.user.id, people)
        await _strategies(connection, people, places)
        await _datasets(connection, who.user.id, places)
        await _trainings(connection, who.user.id)
        jobs = await _first(connection, "jobs WHERE kind = 'training'")
        models = await _first(connection, "models")
        await _evaluations(connection)
        await _accounts(connection, account)
        await _own(connection, factory, who.user.id)
        await _told(connection, who.user.id)
    ids = {"jobs": [encode("Job", id_) for id_ in jobs], "models": [encode("Model", id_) for id_ in models]}
    judged = await an_evaluation(factory, who, await a_model(factory, who))
    return who, ids | {"dataset": encode("Dataset", ready.id), "evaluation": encode("Evaluation", judged.id)}


def _ids() -> list[UUID]:
    return [new_id() for _ in range(PLENTY)]


async def _users(connection: AsyncConnection) -> list[UUID]:
    ids = _ids()
    rows = [
        {"id": id_, "username": f"u{place}", "email": f"u{place}@example.org", "password_hash": "", "role": "user"}
        for place, id_ in enumerate(ids)
    ]
    await connection.execute(insert(users), rows)
    return ids


async def _projects(connection: AsyncConnection, owner: UUID, people: list[UUID]) -> list[UUID]:
    ids = _ids()
    await connection.execute(insert(projects), [{"id": id_, "owner_id": owner, "name": "Desk"} for id_ in ids])
    members = [
        {"id": new_id(), "project_id": id_, "user_id": user, "role": "owner" if user == owner else "viewer"}
        for id_ in ids
        for user in people
    ]
    await connection.execute(insert(project_members), members)
    return ids


async def _strategies(connection: AsyncConnection, people: list[UUID], places: list[UUID]) -> None:
    """One of each person in each project, at its tenth version."""
    basis = {"task_type": TaskType.ORDER_EXECUTION, "algorithm": AlgorithmName.PD, "config": {"epochs": PLENTY}}
    rows = [
        {"id": new_id(), "owner_id": owner, "project_id": place, "name": f"s{number}", "status": "draft"}
        | basis
        | {"version": PLENTY}
        for owner in people
        for number, place in enumerate(places)
    ]
    await connection.execute(insert(strategies), rows)
    await connection.execute(
        text(
            "INSERT INTO strategy_versions (id, strategy_id, version_number, config, author_id) "
            "SELECT gen_random_uuid(), id, number, jsonb_build_object('epochs', number, 'horizon', number), owner_id "
            f"FROM strategies, generate_series(1, {PLENTY}) AS number"
        )
    )


async def _datasets(connection: AsyncConnection, owner: UUID, places: list[UUID]) -> None:
    """One in each project, and what was made from it; which in turn it was made from, so that it has a parent."""
    # The parents are the youngest.
    ids = sorted(new_id() for _ in range(PLENTY * (PLENTY + 1)))
    parents = dict(zip(places, ids[-PLENTY:], strict=True))
    children = {place: ids[number * PLENTY : (number + 1) * PLENTY] for number, place in enumerate(places)}
    rows: list[tuple[UUID, UUID, UUID | None]] = [(parents[place], place, None) for place in places]
    rows += [(child, place, parents[place]) for place in places for child in children[place]]
    values: list[dict[str, Any]] = [
        {"id": id_, "owner": owner, "place": place, "parent": parent, "report": orjson.dumps(_REPORT).decode()}
        | {"manifest": orjson.dumps(_MANIFEST).decode()}
        for id_, place, parent in rows
    ]
    await connection.execute(
        text(
            "INSERT INTO datasets "
            "(id, owner_id, project_id, parent_id, name, data_type, status, sha256, report, manifest) "
            "VALUES (:id, :owner, :place, :parent, 'Prices', 'market_data', 'ready', repeat('0', 64), "
            "CAST(:report AS jsonb), CAST(:manifest AS jsonb))"
        ),
        values,
    )
    await connection.execute(
        text("UPDATE datasets SET parent_id = :parent WHERE id = :id"),
        [{"id": parents[place], "parent": max(children[place])} for place in places],
    )
    await connection.execute(
        text(
            "INSERT INTO jobs "
            "(id, owner_id, kind, dataset_id, name, status, error_code, error_message, queued_at) "
            "SELECT gen_random_uuid(), owner_id, 'inspection', id, 'Inspect', 'failed', 'INTERNAL', 'It broke.', now() "
            f"FROM datasets, generate_series(1, {PLENTY})"
        )
    )


async def _trainings(connection: AsyncConnection, owner: UUID) -> None:
    """On each dataset, and so several of each strategy; the youngest of all jobs. Each has told something, and made a
    model."""
    statements = (
        f"""INSERT INTO jobs (id, owner_id, kind, dataset_id, strategy_id, name, status, error_code, error_message,
                queued_at, last_seq, parameters)
            SELECT CAST('ffffffff' || substr(gen_random_uuid()::text, 9) AS uuid), :owner, 'training', datasets.id,
                strategies.id, 'Train', 'failed', 'INTERNAL', 'It broke.', now(), {2 * PLENTY},
                jsonb_build_object('a', datasets.number * place, 'b', jsonb_build_array(datasets.number, place),
                    'dataset', jsonb_build_object('sha256', repeat('0', 64)))
            FROM (SELECT id, row_number() OVER () AS number FROM datasets) AS datasets
            CROSS JOIN generate_series(1, {PLENTY}) AS place
            JOIN (SELECT id, row_number() OVER () AS number, count(*) OVER () AS count FROM strategies) AS strategies
            ON strategies.number = 1 + (datasets.number * {PLENTY} + place) % strategies.count""",
        f"""INSERT INTO job_events (job_id, seq, at, kind, level, message)
            SELECT jobs.id, seq, now(), 'log', 1, 'Line' FROM jobs, generate_series(1, {PLENTY}) AS seq
            WHERE kind = 'training'""",
        f"""INSERT INTO job_events (job_id, seq, at, kind, epoch, step, split, body)
            SELECT jobs.id, {PLENTY} + place, now(), 'metric', 1, place, 'valid', '{{"loss": 1, "sharpe": 2}}'
            FROM jobs, generate_series(1, {PLENTY}) AS place WHERE kind = 'training'""",
        """INSERT INTO models (id, owner_id, job_id, strategy_id, dataset_id, name, task_type, algorithm, size, sha256,
                card, hyperparameters, measures, score, best_score, stage)
            SELECT gen_random_uuid(), owner_id, id, strategy_id, dataset_id, 'Agent', 'order_execution', 'pd', 1, '0',
                '{"about": "it"}', parameters, '{"valid": {"loss": 1, "sharpe": 2}, "test": {"sharpe": 1}}', 'sharpe',
                2, 'none'
            FROM jobs WHERE kind = 'training'""",
        f"INSERT INTO blobs (sha256, size, touched_at) VALUES ({_CONTENT}, 1, now()) ON CONFLICT DO NOTHING",
        f"""INSERT INTO blob_uses (owner_kind, owner_id, part, sha256)
            SELECT 'job', id, 'artefact/a.png', {_CONTENT} FROM jobs""",
    )
    for statement in statements:
        values = {"owner": owner} if ":owner" in statement else {}
        await connection.execute(text(statement), values)


async def _evaluations(connection: AsyncConnection) -> None:
    """One told by each training, of ten models each."""
    statements = (
        """INSERT INTO evaluations (id, owner_id, job_id, dataset_id, strategy_id, kind, name, parameters, result)
            SELECT gen_random_uuid(), owner_id, job_id, dataset_id, strategy_id, 'backtest', 'Judge',
                jsonb_build_object('models', jsonb_build_array(jsonb_build_object('id', id, 'key', 'model-1')),
                    'split', 'test', 'dataset', jsonb_build_object('sha256', repeat('0', 64))),
                CAST(:result AS jsonb)
            FROM models""",
        f"""INSERT INTO evaluation_models (evaluation_id, place, model_id, measures)
            SELECT evaluations.id, place, models.id, '{{"sharpe": 1}}'
            FROM (SELECT id, row_number() OVER () AS number, count(*) OVER () AS count FROM evaluations) AS evaluations
            CROSS JOIN generate_series(1, {PLENTY}) AS place
            JOIN (SELECT id, row_number() OVER () AS number FROM models) AS models
            ON models.number = 1 + (evaluations.number + place) % evaluations.count""",
    )
    for statement in statements:
        await connection.execute(
            text(statement), {"result": orjson.dumps(WHOLE).decode()} if ":result" in statement else {}
        )


async def _accounts(connection: AsyncConnection, content: Content) -> None:
    """The same of each model and of each evaluation."""
    for kind, table, part in (("model", "models", "series"), ("evaluation", "evaluations", "series")):
        statement = (
            f"INSERT INTO blob_uses (owner_kind, owner_id, part, sha256) SELECT '{kind}', id, '{part}', :sha256 "
        )
        await connection.execute(text(f"{statement} FROM {table}"), {"sha256": bytes.fromhex(content.sha256)})


async def _first(connection: AsyncConnection, of: str) -> list[UUID]:
    found = await connection.execute(text(f"SELECT id FROM {of} ORDER BY id LIMIT {PLENTY}"))
    return list(found.scalars())


async def _told(connection: AsyncConnection, owner: UUID) -> None:
    """Of as many jobs, and everyone of a project."""
    rows = (
        f"""SELECT gen_random_uuid(), :owner, 'job_failed', 'error', 'It failed', '', 'Job', id
            FROM (SELECT id FROM jobs ORDER BY id DESC LIMIT {PLENTY}) AS jobs""",
        """SELECT CAST('ffffffff' || substr(gen_random_uuid()::text, 9) AS uuid), CAST(NULL AS uuid), 'broadcast',
            'info', 'New', '', 'Project', id FROM (SELECT id FROM projects LIMIT 1) AS projects WHERE :owner <> id""",
    )
    for each in rows:
        await connection.execute(
            text(f"INSERT INTO notifications (id, user_id, kind, type, title, message, link_type, link_id) {each}"),
            {"owner": owner},
        )


async def _own(connection: AsyncConnection, factory: Factory, owner: UUID) -> None:
    """What is the person's alone, and what was noted of the person."""
    now = factory.clock()
    later = now + timedelta(days=1)
    basis = {
        "task_type": TaskType.ORDER_EXECUTION,
        "algorithm": AlgorithmName.PD,
        "config_template": {},
        "is_system": False,
    }
    ids = _ids()
    await connection.execute(
        insert(strategy_templates), [{"id": id_, "name": "Mine", "created_by": owner} | basis for id_ in ids]
    )
    await connection.execute(
        insert(recipes),
        [{"id": id_, "owner_id": owner, "name": f"r{place}", "steps": []} for place, id_ in enumerate(ids)],
    )
    await connection.execute(
        insert(api_tokens),
        [
            {"id": id_, "user_id": owner, "name": "script", "prefix": "tm", "token_hash": id_.bytes, "scopes": ["read"]}
            for id_ in ids
        ],
    )
    times = {"expires_at": later, "last_used_at": now}
    await connection.execute(
        insert(user_sessions),
        [{"id": id_, "user_id": owner, "family_id": id_, "token_hash": id_.bytes} | times for id_ in ids],
    )
    await connection.execute(
        insert(audit_log),
        [{"id": id_, "actor_id": owner, "action": Action.PROJECT_DELETED, "object_type": "Project"} for id_ in ids],
    )
