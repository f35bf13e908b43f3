"""Refuses bodies that are too large or that come too slowly, before they cost anything."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.middleware.answers import Refusal, header, start_refusal

_CLOSE = ((b"connection", b"close"),)
_FORM = b"multipart/form-data"
_LINGER_S = 2.0
_GONE: Message = {"type": "http.disconnect"}
TOO_SLOW = Refusal(408, "BAD_USER_INPUT", "The body of the request came too slowly.", _CLOSE)


@dataclass(frozen=True, slots=True)
class BodyRule:
    """How large a body may be, and how long we wait for it: `patience_s`, and a second more per `bytes_per_s`."""

    max_bytes: int
    form_bytes: int | None = None
    """How large it may be when it is a form that brings files along."""
    patience_s: float = 15.0
    bytes_per_s: int = 10_000

    @property
    def too_large(self) -> Refusal:
        text = f"The body of the request is larger than {self.max_bytes} bytes."
        return Refusal(413, "BAD_USER_INPUT", text, _CLOSE)


class BodyLimit:
    """Takes the rule of the longest prefix of the path that has one, and else the default."""

    def __init__(self, app: ASGIApp, default: BodyRule, rules: Mapping[str, BodyRule] | None = None) -> None:
        self.app = app
        self._default = default
        self._rules = sorted((rules or {}).items(), key=lambda item: -len(item[0]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        length = _declared_length(scope)
        if length == 0:
            return await self.app(scope, receive, send)
        rule = self._rule(scope)
        if length is not None and length > rule.max_bytes:
            # Who waits for leave to send the body shall not get it.
            unread = header(scope, b"expect") is None
            return await _turn_away(scope, receive if unread else None, send, rule.too_large)
        return await self._metered(scope, receive, send, rule)

    def _rule(self, scope: Scope) -> BodyRule:
        rule = next((rule for prefix, rule in self._rules if scope["path"].startswith(prefix)), self._default)
        if rule.form_bytes is None or not (header(scope, b"content-type") or b"").lower().startswith(_FORM):
            return rule
        return replace(rule, max_bytes=rule.form_bytes)

    async def _metered(self, scope: Scope, receive: Receive, send: Send, rule: BodyRule) -> None:
        meter = _Meter(receive, send, rule)
        try:
            await self.app(scope, meter.receive, meter.send)
        except Exception:
            # The app inside was told that the client had gone; what it makes of that is of no interest.
            if meter.refusal is None:
                raise
        if meter.refusal is not None and not meter.started:
            await _turn_away(scope, receive if meter.more_comes else None, send, meter.refusal)


class _Meter:
    """Counts a body while it is read, and the time spent waiting for it."""

    __slots__ = ("_receive", "_rule", "_seen", "_send", "_waited", "_whole", "more_comes", "refusal", "started")

    def __init__(self, receive: Receive, send: Send, rule: BodyRule) -> None:
        self._receive = receive
        self._send = send
        self._rule = rule
        self._seen = 0
        self._waited = 0.0
        self._whole = False
        self.refusal: Refusal | None = None
        self.started = False
        self.more_comes = False

    async def receive(self) -> Message:
        if self._whole:
            return await self._receive()
        if self.refusal is not None:
            return _GONE
        try:
            message = await self._in_time()
        except TimeoutError:
            self.refusal = TOO_SLOW
            return _GONE
        return self._counted(message)

    async def _in_time(self) -> Message:
        loop = asyncio.get_running_loop()
        began = loop.time()
        left = self._rule.patience_s + self._seen / self._rule.bytes_per_s - self._waited
        async with asyncio.timeout(left):
            message = await self._receive()
        self._waited += loop.time() - began
        return message

    def _counted(self, message: Message) -> Message:
        self._seen += len(message.get("body", b""))
        more: bool = message.get("more_body", False)
        if self._seen <= self._rule.max_bytes:
            self._whole = not more
            return message
        self.refusal = self._rule.too_large
        self.more_comes = more
        return _GONE

    async def send(self, message: Message) -> None:
        if self.refusal is None or self.started:
            self.started = True
            await self._send(message)


def _declared_length(scope: Scope) -> int | None:
    """None when only reading will tell."""
    length = header(scope, b"content-length")
    if length is not None and length.isdigit():
        return int(length)
    return None if header(scope, b"transfer-encoding") or length is not None else 0


async def _turn_away(scope: Scope, unread: Receive | None, send: Send, refusal: Refusal) -> None:
    """Answers at once, then reads on for a moment: closing with unread bytes would lose the answer on its way."""
    await start_refusal(scope, send, refusal)
    if unread is not None:
        await _discard(unread)
    await send({"type": "http.response.body", "body": b""})


async def _discard(receive: Receive) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_S):
            while (await receive()).get("more_body", False):
                pass
