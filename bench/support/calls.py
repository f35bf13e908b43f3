"""The requests that are measured, as they go over the wire, and proof that both sides answer the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import orjson

from bench.support.crowd import Somebody
from bench.support.load import Call
from bench.support.places import Program
from graph.ids import split


@dataclass(frozen=True, slots=True)
class Asked:
    """A call, and what was answered to it."""

    call: Call
    answer: Any


def post(api: Program, who: Somebody, document: str, variables: dict[str, Any]) -> Asked:
    """An operation, as a client sends it."""
    headers = {
        "authorization": f"Bearer {who.token}",
        "content-type": "application/json",
        "accept": "application/graphql-response+json, application/json;q=0.9",
    }
    return _asked(api, "POST", "/graphql", headers, orjson.dumps({"query": document, "variables": variables}))


def get(limit: Program, path: str, id_: UUID) -> Asked:
    return _asked(limit, "GET", f"{path}/{id_}", {}, b"")


def _asked(program: Program, method: str, path: str, headers: dict[str, str], body: bytes) -> Asked:
    response = httpx.request(method, program.url + path, headers=headers, content=body or None).raise_for_status()
    answer = response.json()
    assert "errors" not in answer, answer["errors"]
    lines = [f"{method} {path} HTTP/1.1", f"host: 127.0.0.1:{program.port}", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    wire = "\r\n".join([*lines, "", ""]).encode() + body
    return Asked(Call(program.port, wire, len(response.content)), answer)


def same(left: object, right: object) -> bool:
    """Whether two answers tell the same: ids, moments and the names of choices are written in two ways."""
    return bool(_plain(left) == _plain(right))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return _word(value) if isinstance(value, str) else value


def _word(text: str) -> object:
    if parts := split(text):
        return parts[1]
    for kind in (UUID, datetime.fromisoformat):
        try:
            return kind(text)
        except ValueError:
            continue
    return text.lower()


def objects(answer: Any) -> int:
    """How many things an answer tells of."""
    if isinstance(answer, dict):
        return ("id" in answer) + sum(map(objects, answer.values()))
    return sum(map(objects, answer)) if isinstance(answer, list) else 0
