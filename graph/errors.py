"""Top-level errors: what a client's program got wrong, or what broke on our side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from math import ceil
from typing import Any

import structlog
from graphql import GraphQLError
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.utils.str_converters import to_camel_case

from domain.errors import Forbidden, Problem, Refused, Unauthenticated, Unavailable

_log = structlog.get_logger()
_UNAVAILABLE = "The database does not answer just now. Try again in a few seconds."


class ErrorCode(StrEnum):
    """Stable codes in `extensions.code`. Clients branch on these, never on messages."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    QUERY_TOO_COMPLEX = "QUERY_TOO_COMPLEX"
    RATE_LIMITED = "RATE_LIMITED"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"


class RateLimited(Exception):
    """Somebody asks more often than allowed."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"Too many requests. Try again in {ceil(retry_after)} s.")
        self.retry_after = retry_after


def coded(error: GraphQLError, code: ErrorCode, **extensions: Any) -> GraphQLError:
    """The error with a code that stays with it on its way out."""
    error.extensions = {**(error.extensions or {}), **extensions, "code": code.value}
    return error


class Presenter:
    """Turns whatever was raised into what a client may see, logs what it may not, and counts both."""

    def __init__(
        self, *, unavailable: tuple[type[BaseException], ...] = (), on_error: Callable[[str], None] | None = None
    ) -> None:
        self._unavailable: tuple[type[BaseException], ...] = (Unavailable, *unavailable)
        self._on_error = on_error

    def present(
        self, errors: Iterable[GraphQLError], context: object, code: ErrorCode = ErrorCode.INTERNAL
    ) -> list[GraphQLError]:
        """The errors as clients get them; `code` is for those that say nothing of where they come from."""
        request_id = str(getattr(context, "request_id", ""))
        return [self._present(error, request_id, code) for error in errors]

    def _present(self, error: GraphQLError, request_id: str, code: ErrorCode) -> GraphQLError:
        message, extensions = self._seen(error, _cause(error), code)
        if extensions["code"] == ErrorCode.INTERNAL:
            message = f"Internal error. Request id: {request_id}"
        self._note(error, str(extensions["code"]), request_id)
        extensions["requestId"] = request_id
        shown = GraphQLError(message, path=error.path, extensions=extensions)
        shown.locations = error.locations
        return shown

    def _seen(self, error: GraphQLError, cause: BaseException, code: ErrorCode) -> tuple[str, dict[str, Any]]:
        message, extensions = str(cause), {"code": code.value}
        match cause:
            case Unauthenticated():
                message, extensions["code"] = message or "Log in first.", ErrorCode.UNAUTHENTICATED.value
            case Forbidden():
                message, extensions["code"] = message or "This is not allowed for you.", ErrorCode.FORBIDDEN.value
            case Refused() | StrawberryInputCoercionError():
                extensions["code"] = ErrorCode.BAD_USER_INPUT.value
            case RateLimited():
                extensions["code"] = ErrorCode.RATE_LIMITED.value
            case _ if isinstance(cause, self._unavailable):
                message, extensions["code"] = _excuse(cause), ErrorCode.UNAVAILABLE.value
            case _:
                message = error.message
        return message, extensions | _details(cause) | (error.extensions or {})

    def _note(self, error: GraphQLError, code: str, request_id: str) -> None:
        if self._on_error is not None:
            self._on_error(code)
        known = {"code": code, "request_id": request_id, "path": error.path}
        if code == ErrorCode.INTERNAL:
            _log.error("graphql.error", **known, exc_info=_cause(error))
        elif code == ErrorCode.UNAVAILABLE:
            _log.warning("graphql.error", **known, reason=repr(_cause(error)))


def _excuse(cause: BaseException) -> str:
    """Ours says what does not answer; what libraries say may name hosts."""
    return (str(cause) if isinstance(cause, Unavailable) else "") or _UNAVAILABLE


def _cause(error: GraphQLError) -> BaseException:
    """What was raised first, under all that the library wrapped around it."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _details(cause: BaseException) -> dict[str, Any]:
    if isinstance(cause, Refused):
        return {"problems": [_problem(problem) for problem in cause.problems]}
    return {"retryAfter": cause.retry_after} if isinstance(cause, RateLimited) else {}


def _problem(problem: Problem) -> dict[str, Any]:
    """A problem with its path in the client's spelling; behind the first step may be keys of the client's own."""
    field = [to_camel_case(problem.field[0]), *problem.field[1:]] if problem.field else []
    return {"code": problem.code.value, "message": problem.message, "field": field}
