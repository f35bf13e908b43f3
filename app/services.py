"""What is said of TradeMaster services without loading what speaks to them."""

from __future__ import annotations

import http.client
import json
from base64 import b64encode
from urllib.parse import SplitResult, unquote, urlsplit

REMEDY = "Start it, or look at its address in TMW_TRADEMASTER_URL."
_HEALTH = "/api/TradeMaster/healthcheck"


def host_of(url: str) -> str:
    """Without what may be secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def answers(url: str, timeout_s: float) -> bool:
    """Asks once."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    line = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        line.request("GET", parts.path.rstrip("/") + _HEALTH, headers=_signed_in(parts))
        found = json.loads(line.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        line.close()
    return isinstance(found, dict) and found.get("error_code") == 0


def _signed_in(parts: SplitResult) -> dict[str, str]:
    """As whoever the address names, to whatever stands before the service."""
    if parts.username is None:
        return {}
    named = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": f"Basic {b64encode(named.encode()).decode()}"}
