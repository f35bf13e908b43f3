"""From a request to a canonical file that says where it is from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from domain.datasets.columns import SYMBOL, TIME
from domain.datasets.sources.model import FetchRequest
from domain.errors import Code, Refused
from workers.data.frames import SYNTHETIC, ordered, sha256_of, write_frame
from workers.data.sources.port import OnProgress, SourcePort

MOST_ROWS = 20_000_000


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of a request, for the papers of the dataset."""

    request: dict[str, Any]
    source: str
    synthetic: bool
    rows: int
    symbols: tuple[str, ...]
    first: datetime
    last: datetime
    sha256: str
    bytes: int

    def to_json(self) -> dict[str, Any]:
        times = {name: getattr(self, name).isoformat().replace("+00:00", "Z") for name in ("first", "last")}
        return {**asdict(self), "symbols": list(self.symbols), **times}


def fetch(port: SourcePort, request: FetchRequest, out_path: Path, on_progress: OnProgress) -> Fetched:
    """Writes what the source gives, whole or not at all. Equal data gives equal bytes."""
    frame = ordered(_gathered(port, request, on_progress)).unique([SYMBOL, TIME], keep="last", maintain_order=True)
    on_progress(0.95, "Writing")
    write_frame(frame, out_path, _notes(port, request))
    on_progress(1.0, "Done")
    times = frame.get_column(TIME)
    return Fetched(
        request=request.to_json(),
        source=port.source.name,
        synthetic=port.source.synthetic,
        rows=frame.height,
        symbols=tuple(frame.get_column(SYMBOL).cast(pl.String).unique().sort()),
        first=times.min(),  # type: ignore[arg-type]
        last=times.max(),  # type: ignore[arg-type]
        sha256=sha256_of(out_path),
        bytes=out_path.stat().st_size,
    )


def _gathered(port: SourcePort, request: FetchRequest, on_progress: OnProgress) -> pl.DataFrame:
    pieces: list[pl.DataFrame] = []
    for piece in port.frames(request, lambda share, what: on_progress(0.9 * share, what)):
        pieces.append(piece)
        if sum(each.height for each in pieces) > MOST_ROWS:
            message = f"This would be more than {MOST_ROWS:,} rows. Ask for fewer symbols, less time or longer bars."
            raise Refused.because(Code.TOO_LONG, message, "symbols")
    if not any(piece.height for piece in pieces):
        message = f"{port.source.title} has no data for this. Look at the symbols and the dates."
        raise Refused.because(Code.NOT_FOUND, message, "symbols")
    return pl.concat(pieces, how="diagonal")


def _notes(port: SourcePort, request: FetchRequest) -> dict[str, str]:
    return {
        "trademaster.source": port.source.name,
        "trademaster.request": json.dumps(request.to_json(), sort_keys=True),
        SYNTHETIC: "true" if port.source.synthetic else "false",
        **port.notes(request),
    }
