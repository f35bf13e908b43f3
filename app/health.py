"""`/health` says whether this process lives, `/ready` whether it can do its work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.observe.deadline import within

Probe = Callable[[], Awaitable[None]]
Part = dict[str, object]

_NO_STORE = {"cache-control": "no-store"}
_log = structlog.get_logger("app.health")


class Missing(Exception):
    """Raised by a probe: what is wrong with its part and what to do about it. Anybody may read it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


class Readiness:
    """Asks all parts at once, and not again for `keep_s`, however often it is asked itself.

    Without its `optional` parts it is ready all the same.
    """

    def __init__(
        self,
        probes: Mapping[str, Probe],
        *,
        optional: Mapping[str, Probe] | None = None,
        stopping: Callable[[], bool] = lambda: False,
        timeout_s: float = 2.0,
        keep_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._optional = optional or {}
        self._probes = {**probes, **self._optional}
        self._stopping = stopping
        self._timeout_s = timeout_s
        self._keep_s = keep_s
        self._clock = clock
        self._parts: dict[str, Part] = {}
        self._fresh_until = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def check(self) -> dict[str, object]:
        async with self._one_at_a_time:
            if self._clock() >= self._fresh_until:
                await self._ask_all()
                self._fresh_until = self._clock() + self._keep_s
        parts = self._parts | _server(stopping=self._stopping())
        ready = all(part["ok"] for part in parts.values() if part.get("required", True))
        return {"ready": ready, "parts": parts}

    async def _ask_all(self) -> None:
        answers = await asyncio.gather(*(self._ask(probe) for probe in self._probes.values()))
        before, self._parts = self._parts, {}
        for name, (part, error) in zip(self._probes, answers, strict=True):
            self._parts[name] = part | ({"required": False} if name in self._optional else {})
            _log_change(name, part, error, was_ok=before.get(name, {"ok": True})["ok"])

    async def _ask(self, probe: Probe) -> tuple[Part, Exception | None]:
        began = self._clock()
        try:
            await within(self._timeout_s, probe)
        except Exception as error:  # noqa: BLE001
            return _failed(error, self._timeout_s), error
        return {"ok": True, "ms": round((self._clock() - began) * 1000, 1)}, None


def routes(readiness: Readiness, *, version: str, clock: Callable[[], float] = time.monotonic) -> list[Route]:
    began = clock()

    async def health(_: Request) -> JSONResponse:
        alive = {"alive": True, "version": version, "uptimeSeconds": round(clock() - began, 1)}
        return JSONResponse(alive, headers=_NO_STORE)

    async def ready(_: Request) -> JSONResponse:
        found = await readiness.check()
        return JSONResponse(found, 200 if found["ready"] else 503, headers=_NO_STORE)

    return [Route("/health", health, methods=["GET"]), Route("/ready", ready, methods=["GET"])]


def _failed(error: Exception, timeout_s: float) -> Part:
    """Only `Missing` speaks to the public; the text of other exceptions may hold host names or worse."""
    if isinstance(error, Missing):
        return {"ok": False, "problem": error.problem, "remedy": error.remedy}
    late = isinstance(error, TimeoutError)
    problem = f"It gave no answer within {timeout_s:g} s." if late else "It cannot be reached."
    return {"ok": False, "problem": problem, "remedy": "See the log of this server, and run: ./tmw doctor"}


def _server(*, stopping: bool) -> dict[str, Part]:
    problem = {"ok": False, "problem": "This server is stopping.", "remedy": "Ask another one, or wait."}
    return {"server": problem} if stopping else {}


def _log_change(name: str, part: Part, error: Exception | None, *, was_ok: object) -> None:
    if error is not None and was_ok:
        _log.warning("part missing", part=name, problem=part["problem"], cause=repr(error))
    elif error is None and not was_ok:
        _log.info("part is back", part=name)
