"""What is said of TradeMaster services without loading what speaks to them."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

REMEDY = "Start it, or look at its address in TMW_TRADEMASTER_URL."
_HEALTH = "/api/TradeMaster/healthcheck"


def host_of(url: str) -> str:
    """Without what may be secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")


def answers(url: str, timeout_s: float) -> bool:
    """Asks once."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    line = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        line.request("GET", parts.path.rstrip("/") + _HEALTH)
        found = json.loads(line.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        line.close()
    return isinstance(found, dict) and found.get("error_code") == 0
