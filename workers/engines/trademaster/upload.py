"""A dataset of ours on its way to the service."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

# The column that tells assets apart. The service makes file names of it, so ours are not called by their symbols.
ASSET = "data"


@dataclass(frozen=True, slots=True)
class UploadRow:
    """One bar of one asset. `key_indicator` is what the regimes are found in, mostly the close."""

    at: datetime
    key_indicator: float
    open: float
    high: float
    low: float
    close: float


def rows_as_json(rows: Sequence[UploadRow]) -> str:
    """A JSON text within the JSON of the call, as the service wants it; not a number raises ValueError."""
    return json.dumps([_row(row) for row in rows], allow_nan=False)


def _row(row: UploadRow) -> dict[str, str | float]:
    return {
        "timestamp": f"{row.at:%Y-%m-%d %H:%M:%S}",
        "tic": ASSET,
        "key_indicator": row.key_indicator,
        "open": row.open,
        "high": row.high,
        "low": row.low,
        "close": row.close,
    }
