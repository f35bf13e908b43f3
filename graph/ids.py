"""Opaque global ids: the name of a type and the 16 bytes of a UUID, in URL-safe base64."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from uuid import UUID

from domain.errors import Code, Refused

# No object has this id, so a filter by it matches nothing.
NO_ONE = UUID(int=0)


def encode(type_name: str, id: UUID) -> str:
    return urlsafe_b64encode(b"%b:%b" % (type_name.encode(), id.bytes)).rstrip(b"=").decode()


def split(global_id: str) -> tuple[str, UUID] | None:
    """The parts of an id, or None when it is not one of ours."""
    try:
        raw = urlsafe_b64decode(global_id.encode("ascii") + b"=" * (-len(global_id) % 4))
        name, _, rest = raw.partition(b":")
        return name.decode("ascii"), UUID(bytes=rest)
    except (ValueError, Base64Error):
        return None


def decode(global_id: str, type_name: str, *field: str) -> UUID:
    """The UUID inside an id of that type. Anything else is an id of nothing: it is simply not found."""
    parts = split(global_id)
    if parts is None or parts[0] != type_name:
        raise Refused.because(Code.NOT_FOUND, f"There is no {type_name} with this id.", *field)
    return parts[1]


def sought(global_id: str | None, type_name: str) -> UUID | None:
    """What a filter names; the id of something else is the id of nothing."""
    if global_id is None:
        return None
    parts = split(global_id)
    return parts[1] if parts and parts[0] == type_name else NO_ONE
