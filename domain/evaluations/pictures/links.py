"""Addresses of pictures: each is signed, and good for one person and one picture, exactly as it was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.clock import Clock
from domain.evaluations.pictures.offers import PictureWish
from domain.pictures.names import Look, PictureKind, Theme
from domain.transfers import Link, Seal

PICTURE_PREFIX, PICTURE_PATH = "tmi_", "/pictures/"
_STEPS = 3


@dataclass(frozen=True, slots=True)
class PictureTicket:
    evaluation_id: UUID
    user_id: UUID
    wish: PictureWish
    expires_at: datetime


class PictureLinks:
    """For some time the same picture has the same address, so that browsers need not fetch it again."""

    def __init__(self, *, keys: Sequence[bytes], clock: Clock, base_url: str, life: timedelta) -> None:
        self._seal = Seal(keys, prefix=PICTURE_PREFIX, clock=clock)
        self._clock = clock
        self._base_url = base_url
        self._life = life

    def link(self, evaluation_id: UUID, user_id: UUID, wish: PictureWish) -> Link:
        expires_at, look = self._expiry(), wish.look
        values = wish.kind.value, wish.key, wish.symbol, look.theme.value, look.width
        text = self._seal.close(expires_at, evaluation_id.hex, user_id.hex, *values)
        return Link(self._base_url + PICTURE_PATH + text, expires_at)

    def open(self, text: str) -> PictureTicket:
        """Raises BadTicket or ExpiredTicket."""
        expires_at, (evaluation, user, kind, key, symbol, theme, width) = self._seal.open(text)
        wish = PictureWish(PictureKind(kind), key, symbol, Look(Theme(theme), width))
        return PictureTicket(UUID(evaluation), UUID(user), wish, expires_at)

    def _expiry(self) -> datetime:
        """At most as long as other links live, and at least two thirds of that."""
        step = self._life.total_seconds() / _STEPS
        latest = (self._clock() + self._life).timestamp()
        return datetime.fromtimestamp(int(latest // step * step), UTC)
