"""The ways a use case says no."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """Stable codes of expected refusals. Clients branch on these, never on messages."""

    REQUIRED = "REQUIRED"
    INVALID = "INVALID"
    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    UNKNOWN = "UNKNOWN"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    WRONG_STATE = "WRONG_STATE"
    LAST_OWNER = "LAST_OWNER"
    LAST_ADMIN = "LAST_ADMIN"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    WEAK_PASSWORD = "WEAK_PASSWORD"  # noqa: S105
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    INVALID_TOKEN = "INVALID_TOKEN"  # noqa: S105
    TOO_MANY_ATTEMPTS = "TOO_MANY_ATTEMPTS"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: what, where in the input, and what to do next."""

    code: Code
    message: str
    field: tuple[str, ...] = ()


class Refused(Exception):
    """An expected refusal: validation, conflict, not found, wrong state, over quota."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems

    @classmethod
    def because(cls, code: Code, message: str, *field: str) -> Refused:
        return cls(Problem(code, message, field))


class Unauthenticated(Exception):
    """Nobody is signed in, or the token is no longer good."""


class Forbidden(Exception):
    """The viewer may see this, but not do that."""


class Unavailable(Exception):
    """A part that is needed (database, broker) does not answer just now."""
