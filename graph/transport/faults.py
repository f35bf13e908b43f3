"""What the transport itself refuses, in the form that all errors of the API have."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from starlette.types import Scope

from domain.errors import Forbidden, Unauthenticated, Unavailable

_logger = logging.getLogger(__name__)


class FaultCode(StrEnum):
    """Codes of refusals that happen before the schema is reached."""

    BAD_USER_INPUT = "BAD_USER_INPUT"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    RATE_LIMITED = "RATE_LIMITED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    DOCUMENT_NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"


class Fault(Exception):
    """A request that is not let through to the schema."""

    def __init__(
        self, code: FaultCode, message: str, *, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.headers = headers or {}

    @classmethod
    def bad_input(cls, message: str, status: int = 400) -> Fault:
        return cls(FaultCode.BAD_USER_INPUT, message, status=status)

    @classmethod
    def unauthenticated(cls) -> Fault:
        message = "The access token is missing, wrong, expired or revoked. Log in again or refresh it."
        return cls(FaultCode.UNAUTHENTICATED, message, status=401, headers={"www-authenticate": "Bearer"})

    @classmethod
    def forbidden(cls) -> Fault:
        return cls(FaultCode.FORBIDDEN, "This is not allowed for you.", status=403)

    @classmethod
    def unavailable(cls) -> Fault:
        message = "A part of the platform does not answer just now. Try again in a moment."
        return cls(FaultCode.UNAVAILABLE, message, status=503, headers={"retry-after": "1"})

    @classmethod
    def internal(cls) -> Fault:
        return cls(FaultCode.INTERNAL, "Something went wrong on our side.", status=500)

    def formatted(self, request_id: str) -> dict[str, Any]:
        """One entry of `errors`."""
        return {"message": self.message, "extensions": {"code": self.code.value, "requestId": request_id}}


def fault_of(error: Exception) -> Fault:
    """What a client is told about an error: what it can act upon, or else only that it was not its fault."""
    match error:
        case Fault():
            return error
        case Unauthenticated():
            return Fault.unauthenticated()
        case Forbidden():
            return Fault.forbidden()
        case Unavailable():
            return Fault.unavailable()
    _logger.error("A request failed before it reached a resolver", exc_info=error)
    return Fault.internal()


def request_id(scope: Scope) -> str:
    """The id under which the log speaks of this request."""
    state = scope.get("state") or {}
    return str(state.get("request_id", ""))
