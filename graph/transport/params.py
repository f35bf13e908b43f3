"""What a client asks for, taken from JSON or from a query string, with every type checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import orjson

from graph.transport.faults import Fault

_DOCUMENT_ID = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
_NAMES = frozenset({"query", "documentId", "operationName", "variables", "extensions"})
_MAX_FIELDS = 50
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Params:
    """The parameters of a GraphQL request. `document` is the SHA-256 of a document instead of its text."""

    query: str | None
    document: str | None
    operation_name: str | None
    variables: dict[str, Any] | None
    extensions: dict[str, Any] | None


def from_json(data: object) -> Params:
    """Read a decoded JSON value: a POST body, or the payload of a subscribe message."""
    if isinstance(data, list):
        raise Fault.bad_input("Batches are not accepted: send one operation per request.")
    if not isinstance(data, dict):
        raise Fault.bad_input("The request must be a JSON object with `query` or `documentId`.")
    extensions = _typed(data, "extensions", dict, "an object")
    params = Params(
        query=_typed(data, "query", str, "a string"),
        document=_document(_typed(data, "documentId", str, "a string"), extensions),
        operation_name=_typed(data, "operationName", str, "a string") or None,
        variables=_typed(data, "variables", dict, "an object"),
        extensions=extensions,
    )
    if not params.query and params.document is None:
        raise Fault.bad_input("The request names no document: send `query` or `documentId`.")
    return params


def from_query_string(raw: bytes) -> Params:
    """Read the query string of a GET request, where `variables` and `extensions` are JSON."""
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except ValueError:
        raise Fault.bad_input("The query string cannot be read: it must be URL-encoded UTF-8.") from None
    data: dict[str, object] = {}
    for name, value in pairs:
        if name in _NAMES:
            if name in data:
                raise Fault.bad_input(f"`{name}` is in the query string more than once.")
            data[name] = value
    for name in ("variables", "extensions"):
        if text := data.pop(name, None):
            data[name] = _json(name, str(text))
    return from_json(data)


def _json(name: str, text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Fault.bad_input(f"`{name}` in the query string is not JSON.") from None


def _typed(data: dict[str, Any], name: str, kind: type[_T], said: str) -> _T | None:
    value = data.get(name)
    if value is None or isinstance(value, kind):
        return value
    raise Fault.bad_input(f"`{name}` must be {said}.")


def _document(document_id: str | None, extensions: dict[str, Any] | None) -> str | None:
    """The hash from `documentId`, or from the place where Apollo's clients put it."""
    named: list[object] = [document_id] if document_id is not None else []
    if extensions and (persisted := extensions.get("persistedQuery")) is not None:
        named.append(persisted.get("sha256Hash") if isinstance(persisted, dict) else None)
    hashes = {_hash(name) for name in named}
    if len(hashes) > 1:
        raise Fault.bad_input("`documentId` and `extensions.persistedQuery` name different documents.")
    return hashes.pop() if hashes else None


def _hash(name: object) -> str:
    if isinstance(name, str) and (match := _DOCUMENT_ID.fullmatch(name)):
        return match[1]
    raise Fault.bad_input("A document is named by `sha256:` and 64 lower-case hexadecimal digits.")
