"""Top-level errors: their codes, and what they keep to themselves."""

from __future__ import annotations

from typing import Any

import pytest
import structlog
from graphql import GraphQLError
from structlog.testing import CapturingLogger

from graph import errors
from tests.graph.execution.house import ERRORS, Context, schema

UNAVAILABLE = "The database does not answer just now. Try again in a few seconds."


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> CapturingLogger:
    logger = CapturingLogger()
    monkeypatch.setattr(errors, "_log", structlog.wrap_logger(logger, processors=[]))
    return logger


async def shown(how: str, field: str = "fail", **options: Any) -> tuple[str, dict[str, Any]]:
    house = schema(unavailable=(ConnectionError,), **options)
    result = await house.execute(
        f"query ($how: String!) {{ it: {field}(how: $how) }}", {"how": how}, context_value=Context()
    )
    assert result.errors is not None
    [error] = result.errors
    assert error.path == ["it"]
    assert error.original_error is None
    return error.message, dict(error.extensions or {})


async def test_nobody_is_told_to_log_in() -> None:
    assert await shown("unauthenticated") == ("Log in first.", {"code": "UNAUTHENTICATED", "requestId": "req-1"})


async def test_the_forbidden_is_called_so() -> None:
    message = "This is not allowed for you."
    assert await shown("forbidden") == (message, {"code": "FORBIDDEN", "requestId": "req-1"})


async def test_a_refusal_brings_its_problems_in_the_clients_spelling() -> None:
    _, extensions = await shown("refused")
    assert extensions == {
        "code": "BAD_USER_INPUT",
        "requestId": "req-1",
        "problems": [
            {"code": "TOO_SHORT", "message": "Too short.", "field": ["userName", "0"]},
            {"code": "INVALID", "message": "No.", "field": []},
        ],
    }


async def test_a_rate_limit_says_when_to_come_back() -> None:
    extensions = {"code": "RATE_LIMITED", "requestId": "req-1", "retryAfter": 1.5}
    assert await shown("limited") == ("Too many requests. Try again in 2 s.", extensions)


@pytest.mark.parametrize("how", ["unavailable", "connection"])
@pytest.mark.parametrize("field", ["fail", "failLate"])
async def test_what_does_not_answer_is_unavailable_and_names_no_host(
    how: str, field: str, log: CapturingLogger
) -> None:
    assert await shown(how, field) == (UNAVAILABLE, {"code": "UNAVAILABLE", "requestId": "req-1"})
    assert [call.method_name for call in log.calls] == ["warning"]


async def test_connection_errors_are_only_known_when_told() -> None:
    result = await schema().execute('{ fail(how: "connection") }', context_value=Context())
    assert result.errors is not None
    assert result.errors[0].extensions == {"code": "INTERNAL", "requestId": "req-1"}


@pytest.mark.parametrize("field", ["fail", "failLate"])
async def test_what_is_unexpected_is_masked_and_logged_under_the_same_request(field: str, log: CapturingLogger) -> None:
    assert await shown("broken", field) == (
        "Internal error. Request id: req-1",
        {"code": "INTERNAL", "requestId": "req-1"},
    )
    [call] = log.calls
    assert call.method_name == "error"
    assert call.kwargs["event"] == "graphql.error"
    assert call.kwargs["request_id"] == "req-1"
    assert call.kwargs["path"] == ["it"]
    cause = call.kwargs["exc_info"]
    assert isinstance(cause, ValueError)
    assert cause.__traceback__ is not None


async def test_what_clients_get_wrong_is_not_logged(log: CapturingLogger) -> None:
    for how in ("unauthenticated", "forbidden", "refused", "limited"):
        await shown(how)
    await schema().execute("{ nope }", context_value=Context())
    assert log.calls == []


async def test_a_null_where_none_may_be_is_our_fault() -> None:
    broken = schema()
    result = await broken.execute("{ person(key: 99) { name } }", context_value=Context())
    assert result.data is None
    assert result.errors is not None
    assert result.errors[0].extensions == {"code": "INTERNAL", "requestId": "req-1"}


async def test_without_a_request_there_is_no_id() -> None:
    result = await schema().execute('{ fail(how: "broken") }')
    assert result.errors is not None
    assert result.errors[0].extensions == {"code": "INTERNAL", "requestId": ""}


@pytest.mark.parametrize(
    ("text", "variables", "code"),
    [
        ("{ person { name }", {}, "GRAPHQL_PARSE_FAILED"),
        ("{ person { name } } \x00", {}, "GRAPHQL_PARSE_FAILED"),
        ("{ person }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("{ nope }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query ($n: Int!) { person(key: $n) { name } }", {}, "BAD_USER_INPUT"),
        ("query ($n: Int!) { person(key: $n) { name } }", {"n": "one"}, "BAD_USER_INPUT"),
    ],
)
async def test_each_stage_has_its_code(text: str, variables: dict[str, Any], code: str) -> None:
    result = await schema().execute(text, variables, context_value=Context())
    assert result.data is None
    assert result.errors is not None
    assert result.errors[0].extensions == {"code": code, "requestId": "req-1"}
    assert result.errors[0].locations


async def test_a_null_variable_for_an_argument_that_needs_a_value_is_bad_input() -> None:
    text = "query ($n: Int = 3) { person(key: $n) { name } }"
    result = await schema().execute(text, {"n": None}, context_value=Context())
    assert result.errors is not None
    assert result.errors[0].extensions == {"code": "BAD_USER_INPUT", "requestId": "req-1"}


async def test_errors_are_counted_by_code() -> None:
    counted: list[str] = []
    for how in ERRORS:
        await shown(how, on_error=counted.append)
    await schema(on_error=counted.append).execute("{ nope }")
    assert counted == [
        "UNAUTHENTICATED",
        "FORBIDDEN",
        "BAD_USER_INPUT",
        "UNAVAILABLE",
        "UNAVAILABLE",
        "RATE_LIMITED",
        "INTERNAL",
        "GRAPHQL_VALIDATION_FAILED",
    ]


async def test_an_error_that_brings_its_own_code_keeps_it() -> None:
    presenter = errors.Presenter()
    own = GraphQLError("Come back on Monday.", extensions={"code": "CLOSED", "day": "Monday"})
    [error] = presenter.present([own], Context())
    assert error.message == "Come back on Monday."
    assert error.extensions == {"code": "CLOSED", "day": "Monday", "requestId": "req-1"}
