"""What can train: the engine that comes with the platform, and services that it is connected to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.errors import Code, Refused
from domain.text import readable

EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Engine:
    name: str
    title: str
    available: bool
    remedy: str | None = None
    """What an operator can do, where it is not available."""
    remote: bool = False
    """A service elsewhere, with data of its own. A job waits for one that is away."""


class Engines(Protocol):
    """Knows which engines this installation has."""

    async def offered(self) -> Sequence[Engine]: ...


def usable(engines: Sequence[Engine], name: str) -> Engine:
    """The engine of that name if it can be asked now, or a refusal that says what to do."""
    offered = {engine.name: engine for engine in engines}
    found = offered.get(name)
    if found is None:
        message = f'There is no engine "{readable(name)}". Choose one of: {", ".join(offered)}.'
        raise Refused.because(Code.UNKNOWN, message, "engine")
    if not found.available and not found.remote:
        message = f"{found.title} cannot be used just now: {found.remedy or 'ask the operator.'}"
        raise Refused.because(Code.WRONG_STATE, message, "engine")
    return found
