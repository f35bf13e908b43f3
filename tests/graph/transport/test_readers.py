"""Whatever arrives is either understood or refused; nothing makes the readers of requests break."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.transport.faults import Fault
from graph.transport.messages import Closing, Message, read
from graph.transport.negotiation import Media, refuse_forgery, refuse_other_types, wanted
from graph.transport.params import Params, from_json, from_query_string

NAMES = ["query", "documentId", "operationName", "variables", "extensions", "persistedQuery", "sha256Hash"]
WORDS = st.sampled_from([*NAMES, "type", "id", "payload", "subscribe", "complete", "ping", "connection_init", "0" * 64])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(), inner, max_size=5),
    max_leaves=20,
)


FEW = settings(max_examples=50)


def verdict(call: Callable[[], object]) -> object:
    """What comes back, or the refusal."""
    try:
        return call()
    except (Fault, Closing) as refusal:
        return refusal


@FEW
@given(JSON)
def test_any_json(data: Any) -> None:
    match verdict(lambda: from_json(data)):
        case Params() as params:
            assert params.query or params.document
        case Fault() as fault:
            assert (fault.code, fault.status) == ("BAD_USER_INPUT", 400)


@FEW
@given(st.binary() | st.lists(st.tuples(WORDS, st.text())).map(lambda pairs: _joined(pairs).encode()))
def test_any_query_string(raw: bytes) -> None:
    found = verdict(lambda: from_query_string(raw))
    assert isinstance(found, Params) or (isinstance(found, Fault) and found.status == 400)


@FEW
@given(st.binary(), st.binary(), st.booleans())
def test_any_headers(accept: bytes, kind: bytes, is_get: bool) -> None:
    assert wanted(accept + b", application/json").media in (Media.JSON, Media.GRAPHQL)
    headers = {b"content-type": kind}
    for found in (
        verdict(lambda: refuse_forgery(headers, is_get=is_get)),
        verdict(lambda: refuse_other_types(headers)),
    ):
        assert found is None or (isinstance(found, Fault) and found.status in (403, 415))


@FEW
@given(JSON | st.text())
def test_any_message(data: Any) -> None:
    for text in (json.dumps(data), str(data)):
        found = verdict(lambda text=text: read({"text": text}, 100_000))  # type: ignore[misc]
        if not isinstance(found, Message):
            assert isinstance(found, Closing)
            assert (found.code, len(found.reason.encode()) <= 123) == (4400, True)


def _joined(pairs: list[tuple[str, str]]) -> str:
    return "&".join(f"{name}={json.dumps(value)}" for name, value in pairs)
