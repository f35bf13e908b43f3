"""Whom to believe about where a request comes from."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterable

from app.errors import CannotStart

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_MOST_HOPS = 16
_LONGEST_HOP = 64


def parse_address(text: str) -> Address | None:
    """An address as proxies write it: bare, with a port, in brackets, or IPv4 inside IPv6."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@functools.lru_cache(maxsize=4096)
def canonical(host: str) -> str | None:
    """One spelling per address, so that it can be counted. None for what is no address."""
    address = parse_address(host)
    return str(address) if address else None


class Proxies:
    """The networks whose X-Forwarded-For, X-Forwarded-Proto and X-Request-Id are believed."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._networks = [_network(text) for text in trusted]
        self._trusts = functools.lru_cache(maxsize=4096)(self._belongs)

    def trusts(self, host: str) -> bool:
        return bool(self._networks) and self._trusts(host)

    def client(self, peer: str, forwarded: str) -> str:
        """The rightmost address that no trusted proxy has, or the last believable hop before rubbish."""
        client = canonical(peer) or peer
        for hop in reversed(forwarded.rsplit(",", _MOST_HOPS)):
            address = canonical(hop) if len(hop) <= _LONGEST_HOP else None
            if address is None:
                break
            client = address
            if not self.trusts(client):
                break
        return client

    def _belongs(self, host: str) -> bool:
        address = parse_address(host)
        return address is not None and any(address in network for network in self._networks)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise CannotStart(
            f"TMW_TRUSTED_PROXIES holds {text!r}, which is neither an address nor a network.",
            "Write for example 10.0.0.5 or 10.0.0.0/8, separated by commas.",
        ) from None
