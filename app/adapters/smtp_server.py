"""Where the mail server is and how far it is trusted, read from one URL."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import parse_qs, unquote, urlsplit

from app.errors import CannotStart

FORMS = "smtp://user:password@host:587, smtps://user:password@host:465, or smtp://host:25?tls=none"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    host: str
    port: int
    username: str | None
    password: str | None = field(repr=False)
    use_tls: bool
    start_tls: bool | None
    """True: demand it. None: take it if offered. False: do without."""

    @classmethod
    def at(cls, url: str) -> SmtpServer:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = None
        if not host or parts.scheme not in {"smtp", "smtps"}:
            raise CannotStart("TMW_SMTP_URL is no address of a mail server.", f"Write it like {FORMS}.")
        return cls(
            host=host,
            port=port or (465 if parts.scheme == "smtps" else 587),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=parts.scheme == "smtps",
            start_tls=False if parts.scheme == "smtps" else _start_tls(host, parts.query),
        )


def _start_tls(host: str, query: str) -> bool | None:
    wish = parse_qs(query).get("tls")
    if wish == ["none"]:
        return False
    if wish is not None:
        raise CannotStart("TMW_SMTP_URL has an unknown tls.", "Leave tls out, or write ?tls=none to send in the clear.")
    return None if _is_this_machine(host) else True


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
