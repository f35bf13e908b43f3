"""What the service answers, typed."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from workers.engines.trademaster.errors import Unreachable

Answer = Mapping[str, Any]

_SESSION = re.compile(r"[0-9A-Za-z-]{1,64}")


@dataclass(frozen=True, slots=True)
class Status:
    """How a piece of work stands. `ended` is the service's own flag; whether it is true, the log says."""

    log: str
    ended: bool
    picture: bytes | None
    analysis: bytes | None = None

    @property
    def mark(self) -> str:
        """By which the log is recognised; empty while there is none."""
        return sha256(self.log.encode(errors="replace")).hexdigest() if self.log else ""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A series with its regimes, in the column `label`, as CSV."""

    content: str
    name: str


def session_of(answer: Answer) -> str:
    """The id of a session. It ends up in paths there, so it is sent back only when it looks like one."""
    session = text_of(answer, "session_id")
    if not _SESSION.fullmatch(session):
        raise odd("session_id")
    return session


def status_of(answer: Answer, *, end: str, picture: str, analysis: str | None = None) -> Status:
    return Status(
        log=text_of(answer, "info"),
        ended=answer.get(end) is True,
        picture=_bytes_of(answer, picture),
        analysis=_bytes_of(answer, analysis) if analysis else None,
    )


def text_of(answer: Answer, key: str) -> str:
    value = answer.get(key)
    if not isinstance(value, str):
        raise odd(key)
    return value


def odd(key: str) -> Unreachable:
    return Unreachable(f"The service's answer has no proper `{key}`. Is this a TradeMaster service?")


def _bytes_of(answer: Answer, key: str) -> bytes | None:
    value = answer.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise odd(key)
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise odd(key) from error
