"""Signed tickets: whoever holds one may send or fetch one thing, for some minutes, without logging in again."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from domain.blobs import Owner
from domain.clock import Clock

UPLOAD_PREFIX, DOWNLOAD_PREFIX = "tmu_", "tmd_"
UPLOAD_PATH, DOWNLOAD_PATH = "/uploads/", "/downloads/"
LONGEST = 2_048
SIGNATURE = 32


class BadTicket(Exception):
    """It is not ours, or not for this."""


class ExpiredTicket(BadTicket):
    """It was good once."""


@dataclass(frozen=True, slots=True)
class UploadTicket:
    """Leave to send one file: who, under which id, what kind, and how much at most."""

    upload_id: UUID
    user_id: UUID
    kind: str
    max_bytes: int
    expires_at: datetime
    size: int | None = None
    """How many bytes it has, if that was said."""


@dataclass(frozen=True, slots=True)
class DownloadTicket:
    """Leave to fetch one content: who, whose content, and under which name and type."""

    owner: Owner
    user_id: UUID
    name: str
    media_type: str
    expires_at: datetime


class Seal:
    """Signs lists with the first key, accepts those of all keys. A ticket of another prefix is none of ours."""

    def __init__(self, keys: Sequence[bytes], *, prefix: str, clock: Clock) -> None:
        self._keys = keys
        self._prefix = prefix
        self._clock = clock

    def close(self, expires_at: datetime, *values: Any) -> str:
        body = json.dumps([int(expires_at.timestamp()), *values], separators=(",", ":")).encode()
        return self._prefix + _text(body + self._signature(self._keys[0], body))

    def open(self, ticket: str) -> tuple[datetime, list[Any]]:
        """Raises BadTicket or ExpiredTicket."""
        signed = self._bytes(ticket)
        body, signature = signed[:-SIGNATURE], signed[-SIGNATURE:]
        if not any(hmac.compare_digest(signature, self._signature(key, body)) for key in self._keys):
            raise BadTicket
        expires, *values = json.loads(body)
        expires_at = datetime.fromtimestamp(expires, UTC)
        if self._clock() >= expires_at:
            raise ExpiredTicket
        return expires_at, values

    def _signature(self, key: bytes, body: bytes) -> bytes:
        return hmac.digest(key, self._prefix.encode() + body, "sha256")

    def _bytes(self, ticket: str) -> bytes:
        text = ticket.removeprefix(self._prefix)
        if len(ticket) > LONGEST or text == ticket or not ticket.isascii():
            raise BadTicket
        try:
            signed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            raise BadTicket from None
        # Letters that say nothing, or the bits of the last one: without this, many texts would be the same ticket.
        if _text(signed) != text:
            raise BadTicket
        return signed


class Tickets:
    """Makes tickets into text that goes into an address, and back."""

    def __init__(self, *, upload_keys: Sequence[bytes], download_keys: Sequence[bytes], clock: Clock) -> None:
        self._uploads = Seal(upload_keys, prefix=UPLOAD_PREFIX, clock=clock)
        self._downloads = Seal(download_keys, prefix=DOWNLOAD_PREFIX, clock=clock)

    def of_upload(self, ticket: UploadTicket) -> str:
        ids = ticket.upload_id.hex, ticket.user_id.hex
        said = () if ticket.size is None else (ticket.size,)
        return self._uploads.close(ticket.expires_at, *ids, ticket.kind, ticket.max_bytes, *said)

    def upload(self, text: str) -> UploadTicket:
        expires_at, (upload_id, user_id, kind, max_bytes, *said) = self._uploads.open(text)
        return UploadTicket(UUID(upload_id), UUID(user_id), kind, max_bytes, expires_at, *said)

    def of_download(self, ticket: DownloadTicket) -> str:
        owner = ticket.owner
        values = owner.kind, owner.id.hex, owner.part, ticket.user_id.hex, ticket.name, ticket.media_type
        return self._downloads.close(ticket.expires_at, *values)

    def download(self, text: str) -> DownloadTicket:
        expires_at, (kind, id_, part, user_id, name, media_type) = self._downloads.open(text)
        return DownloadTicket(Owner(kind, UUID(id_), part), UUID(user_id), name, media_type, expires_at)


@dataclass(frozen=True, slots=True)
class Link:
    """An address that is good until then. It is a secret: no log has it."""

    url: str
    expires_at: datetime


class TransferLinks:
    """Makes the addresses that clients send files to and fetch them from. The caller has checked that they may."""

    def __init__(self, *, tickets: Tickets, clock: Clock, base_url: str, life: timedelta) -> None:
        self._tickets = tickets
        self._clock = clock
        self._base_url = base_url
        self._life = life

    def upload(self, upload_id: UUID, *, user_id: UUID, kind: str, max_bytes: int, size: int | None = None) -> Link:
        """A second link to the same upload goes on where the first one stopped."""
        ticket = UploadTicket(upload_id, user_id, kind, max_bytes, self._expiry(), size)
        return Link(self._base_url + UPLOAD_PATH + self._tickets.of_upload(ticket), ticket.expires_at)

    def download(self, owner: Owner, *, user_id: UUID, name: str, media_type: str) -> Link:
        ticket = DownloadTicket(owner, user_id, name, media_type, self._expiry())
        return Link(self._base_url + DOWNLOAD_PATH + self._tickets.of_download(ticket), ticket.expires_at)

    def _expiry(self) -> datetime:
        return (self._clock() + self._life).replace(microsecond=0)


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
