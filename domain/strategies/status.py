"""The life of a strategy, as a table.

| status   | activate | pause  | resume | stop    | fail  | archive  | restore |
|----------|----------|--------|--------|---------|-------|----------|---------|
| draft    | active   |        |        |         |       | archived |         |
| active   |          | paused |        | stopped | error |          |         |
| paused   |          |        | active | stopped | error |          |         |
| stopped  | active   |        |        |         |       | archived |         |
| error    | active   |        |        | stopped |       | archived |         |
| archived |          |        |        |         |       |          | draft   |

What is active or paused may hold a position, so it is stopped before it is archived. What comes back from the archive
is a draft: somebody looks at it again before it trades. Only the system uses `fail`.
"""

from __future__ import annotations

from enum import StrEnum

from domain.errors import Code, Refused


class StrategyStatus(StrEnum):
    """Where a strategy stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"
    ERROR = "error"
    ARCHIVED = "archived"


class StrategyAction(StrEnum):
    """What can be done with a strategy."""

    ACTIVATE = "activate"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    FAIL = "fail"
    ARCHIVE = "archive"
    RESTORE = "restore"


_S, _A = StrategyStatus, StrategyAction

TRANSITIONS: dict[tuple[StrategyStatus, StrategyAction], StrategyStatus] = {
    (_S.DRAFT, _A.ACTIVATE): _S.ACTIVE,
    (_S.DRAFT, _A.ARCHIVE): _S.ARCHIVED,
    (_S.ACTIVE, _A.PAUSE): _S.PAUSED,
    (_S.ACTIVE, _A.STOP): _S.STOPPED,
    (_S.ACTIVE, _A.FAIL): _S.ERROR,
    (_S.PAUSED, _A.RESUME): _S.ACTIVE,
    (_S.PAUSED, _A.STOP): _S.STOPPED,
    (_S.PAUSED, _A.FAIL): _S.ERROR,
    (_S.STOPPED, _A.ACTIVATE): _S.ACTIVE,
    (_S.STOPPED, _A.ARCHIVE): _S.ARCHIVED,
    (_S.ERROR, _A.ACTIVATE): _S.ACTIVE,
    (_S.ERROR, _A.STOP): _S.STOPPED,
    (_S.ERROR, _A.ARCHIVE): _S.ARCHIVED,
    (_S.ARCHIVED, _A.RESTORE): _S.DRAFT,
}

_PARTICIPLES = {
    _A.ACTIVATE: "activated",
    _A.PAUSE: "paused",
    _A.RESUME: "resumed",
    _A.STOP: "stopped",
    _A.FAIL: "marked as failed",
    _A.ARCHIVE: "archived",
    _A.RESTORE: "restored",
}
_STANDS = {_S.DRAFT: "a draft", _S.ERROR: "in error"}


def next_status(status: StrategyStatus, action: StrategyAction) -> StrategyStatus:
    """Where the action leads, or a refusal that says what can be done instead."""
    following = TRANSITIONS.get((status, action))
    if following is None:
        possible = ", ".join(possible_actions(status))
        stands = _STANDS.get(status, status.value)
        message = f"This strategy is {stands}, so it cannot be {_PARTICIPLES[action]}. Possible now: {possible}."
        raise Refused.because(Code.WRONG_STATE, message)
    return following


def possible_actions(status: StrategyStatus) -> tuple[StrategyAction, ...]:
    """What a person can do with a strategy that stands so."""
    return tuple(action for action in _A if action is not _A.FAIL and (status, action) in TRANSITIONS)
