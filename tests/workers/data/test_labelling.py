"""Labels that come back from a service, on bars of ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from workers.data.labelling import labels

NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)
BARS = 1_000


def bars() -> pl.DataFrame:
    prices = [100.0 + number for number in range(BARS)]
    times = [NOON + timedelta(days=number) for number in range(BARS)]
    return pl.DataFrame({"time": times, "symbol": "A", **dict.fromkeys(("open", "high", "low", "close"), prices)})


def test_new_labels_take_the_place_of_old_ones_and_the_bars_stay_in_order(tmp_path: Path) -> None:
    ours, found = bars().with_columns(label_regime=pl.lit(9)), [number // 100 for number in range(BARS)]
    ours.write_parquet(tmp_path / "ours.parquet")
    times = ours.get_column("time").dt.to_string("%Y-%m-%d %H:%M:%S")
    pl.DataFrame({"timestamp": times, "label": found}).write_csv(tmp_path / "theirs.csv")
    request = {
        "path": str(tmp_path / "theirs.csv"),
        "source": str(tmp_path / "ours.parquet"),
        "symbol": None,
        "out": str(tmp_path),
    }
    labels(request, lambda share, stage: None)
    expected = bars().with_columns(label_regime=pl.Series(found, dtype=pl.Int64))
    assert pl.read_parquet(tmp_path / "labels.parquet").equals(expected)
