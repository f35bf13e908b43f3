"""Small models that are really trained, and what is asked about them."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl

from domain.analysis.setup import Drift
from tests.workers.engines.embedded.book_markets import frame_of
from tests.workers.engines.embedded.engine_child import request
from tests.workers.engines.embedded.trading_markets import made, written
from workers.data.frames import sha256_of
from workers.engines.embedded import request as training
from workers.engines.embedded.run import run
from workers.engines.embedded.voice import Voice
from workers.evaluations.request import Request
from workers.evaluations.run import evaluate

TRADING: dict[str, Any] = {"epochs": 6, "lookback": 3, "evaluation_interval": 500, "hidden_layers": [16]}
QUICK: dict[str, Any] = {"allow_short": True, "learning_rate": 0.005, "weight_decay": 0.0, "warmup_steps": 200}
PORTFOLIO: dict[str, Any] = {"epochs": 2, "lookback": 3, "hidden_layers": [16]}
ORDERS: dict[str, Any] = {"epochs": 3, "lookback": 3, "hidden_layers": [16], "recurrent_units": 8, "horizon": 10}
SCALPING: dict[str, Any] = {"epochs": 3, "lookback": 3, "hidden_layers": [16], "warmup_steps": 200}
SETUP: dict[str, Any] = {
    "start_capital": 100_000.0,
    "latency_bars": 0,
    "max_position": None,
    "max_gross": None,
}


def a_trader(folder: Path, **config: Any) -> Path:
    data = written(folder / "data.parquet", made("planted_signal", rows=500, features=3))
    return _trained(folder, data, "algorithmic_trading", "dqn", TRADING | config)


def a_quick_trader(folder: Path) -> Path:
    """Learns within a few epochs on a few bars to trade to and fro: there is one feature, and it tells much."""
    return a_trader_on(folder, made("planted_signal", rows=500, features=1, sharpe=12.0), **QUICK)


def a_trader_on(folder: Path, frame: pl.DataFrame, **config: Any) -> Path:
    """Of this market."""
    data = written(folder / "data.parquet", frame)
    return _trained(folder, data, "algorithmic_trading", "dqn", TRADING | config)


def a_manager(folder: Path, last: int = 300) -> Path:
    """Of three symbols; the third one has so many bars, the last ones."""
    frames = [made("planted_signal", rows=300, features=2, seed=seed) for seed in (1, 2, 3)]
    named = [
        frame.with_columns(pl.lit(f"S{place}").alias("symbol").cast(pl.String)) for place, frame in enumerate(frames)
    ]
    together = pl.concat([*named[:2], named[2].tail(last)])
    data = written(folder / "data.parquet", together.sort("symbol", "time"))
    return _trained(folder, data, "portfolio_management", "pg", PORTFOLIO)


def a_worker(folder: Path, algorithm: str = "eteo", **changes: Any) -> Path:
    """Works off orders on a book."""
    data = written(folder / "data.parquet", frame_of(rows=900, seed=5))
    teacher = {"teacher_epochs": 1} if algorithm == "pd" else {}
    return _trained(folder, data, "order_execution", algorithm, ORDERS | teacher | changes)


def a_scalper(folder: Path, **changes: Any) -> Path:
    """Trades on a book."""
    data = written(folder / "data.parquet", frame_of(rows=900, seed=6))
    return _trained(folder, data, "high_frequency_trading", "ddqn", SCALPING | changes)


def a_trader_beside(other: Path, folder: Path, symbol: str | None = "S1") -> Path:
    """Of one symbol of the other's data."""
    data = folder / "data.parquet"
    shutil.copy(other / "data.parquet", data)
    return _trained(folder, data, "algorithmic_trading", "dqn", TRADING, symbol=symbol)


def card_of(folder: Path) -> dict[str, Any]:
    card: dict[str, Any] = json.loads((folder / "card.json").read_text())
    return card


def asked(folder: Path, out: Path, **more: Any) -> dict[str, Any]:
    """Its own test split at its own costs, unless said otherwise."""
    out.mkdir(parents=True, exist_ok=True)
    card = card_of(folder)
    drift = Drift.NET if card["task"] == "portfolio_management" else Drift.GROSS
    costs = {name: card["config"].get(name, 0.0) for name in ("transaction_cost", "slippage")}
    plain = {
        "do": "evaluate",
        "data": str(folder / "data.parquet"),
        "data_sha256": card["data"]["sha256"],
        "models": [{"key": "model-1", "name": "Mine", "folder": str(folder)}],
        "symbol": None,
        "split": "test",
        "since": None,
        "until": None,
        "setup": SETUP | costs | {"drift": drift.value} | more.pop("setup", {}),
        "benchmark": "buy_and_hold",
        "stress": [],
        "compare": False,
        "seed": 0,
        "out": str(out),
    }
    return plain | more


def evaluated(plain: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The result, as it comes through the pipe, and what was said."""
    lines = io.StringIO()
    result = evaluate(Request.of(plain), Voice(lines))
    return json.loads(json.dumps(result, allow_nan=False)), [json.loads(line) for line in lines.getvalue().splitlines()]


def _trained(folder: Path, data: Path, task: str, algorithm: str, config: dict[str, Any], **more: Any) -> Path:
    with (folder / "lines").open("w") as lines:
        asked_for = request(data, folder, task, algorithm, config=config, data_sha256=sha256_of(data), **more)
        run(training.Request.of(asked_for), Voice(lines))
    return folder
