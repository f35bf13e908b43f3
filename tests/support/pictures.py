"""Evaluations that are over, as pictures and reports see them: without a database."""

from __future__ import annotations

import copy
from typing import Any

from domain.analysis.names import BASELINES
from domain.evaluations.model import Evaluation, EvaluationKind
from domain.ids import new_id
from tests.support.clock import NOON

_FALL = {"depth": -0.1, "peak": "2020-01-02T00:00:00+00:00", "trough": "2020-01-03T00:00:00+00:00", "recovery": None}
SETUP: dict[str, Any] = {
    "transaction_cost": 0.001,
    "slippage": 0.0,
    "start_capital": 100_000.0,
    "latency_bars": 0,
    "max_position": None,
}
TOTALS = {"model-1": 0.1, "model-2": 0.3, "buy_and_hold": 0.2, "equal_weight": 0.2, "random": -0.05, "flat": 0.0}


def entry(key: str, **figures: float | None) -> dict[str, Any]:
    total = figures.get("total_return", TOTALS.get(key, 0.0))
    performance = {"total_return": total, "annual_return": total, "sharpe": 1.0, "probabilistic_sharpe": 0.8}
    return {
        "key": key,
        "name": "Agent" if key.startswith("model") else key,
        "performance": performance | {"costs": 12.5, "final_equity": 100_000.0 * (1 + (total or 0.0))} | figures,
        "risk": {"max_drawdown": -0.1, "value_at_risk": -0.02},
        "monthly": [{"year": 2020, "month": 1, "value": 0.1}],
        "yearly": [{"year": 2020, "value": 0.1}],
        "drawdowns": [_FALL],
        "distribution": {"edges": [-0.1, 0.0, 0.1], "counts": [3, 4]},
        "warnings": [],
    }


def result(*keys: str, **more: Any) -> dict[str, Any]:
    return {
        "bars": 3,
        "first": "2020-01-01T00:00:00+00:00",
        "last": "2020-01-03T00:00:00+00:00",
        "bars_per_year": 252.0,
        "symbols": ["AAA"],
        "benchmark": "buy_and_hold",
        "entries": [entry(key) for key in (*keys, *BASELINES)],
        "regimes": [],
        "by_regime": [],
        **more,
    }


def an_ended(*keys: str, told: dict[str, Any] | None = None, **values: Any) -> Evaluation:
    """Of a model, unless several are named."""
    keys = keys or ("model-1",)
    parameters: dict[str, Any] = {
        "models": [{"id": str(new_id()), "key": key, "name": "Agent", "sha256": "ab" * 32} for key in keys],
        "dataset": {"name": "Prices", "sha256": "cd" * 32, "data_type": "market_data"},
        "split": "test",
        "setup": SETUP,
        "seed": 0,
        **values.pop("parameters", {}),
    }
    usual: dict[str, Any] = {
        "kind": EvaluationKind.BACKTEST,
        "name": "Backtest of Agent",
        "result": copy.deepcopy(result(*keys, **(told or {}))),
        "finished_at": NOON,
        "created_at": NOON,
        "updated_at": NOON,
    }
    ids = {"id": new_id(), "owner_id": new_id(), "job_id": new_id(), "dataset_id": None, "strategy_id": None}
    return Evaluation(**ids, parameters=parameters, **usual | values)


_DIFFERENCE = {"value": 0.1, "low": -0.1, "high": 0.3, "p": 0.2, "corrected_p": 0.4, "real": False}
COMPARED: dict[str, Any] = {
    "ranking": ["model-2", "buy_and_hold", "equal_weight", "model-1", "flat", "random"],
    "winner": None,
    "differences": [
        {"first": "model-2", "second": "model-1", **_DIFFERENCE},
        {"first": "buy_and_hold", "second": "flat", **_DIFFERENCE},
    ],
}
STRESSED: dict[str, Any] = {
    "scenario": "crash",
    "strength": 0.3,
    "entries": [{"key": "model-1", "worst": -0.3, "median": -0.2, "best": -0.1, "outcomes": []}],
}
_COST = {"low": 1.0, "high": 3.0, "median": 2.0, "deviation": 1.0, "worst": 9.0, "cost": 12.0, "filled": 1.0}
_BEATS = {"participation": None, "beats_twap": None, "beats_vwap": None}
EXECUTED: dict[str, Any] = {
    "orders": 20,
    "side": "sell",
    "quantity": 100.0,
    "horizon": 30,
    "entries": [
        {"key": "model-1", "name": "Agent", "mean": 2.0, **_COST, **_BEATS},
        {"key": "twap", "name": "twap", "mean": 3.5, **_COST, **_BEATS, "low": None, "high": None},
    ],
    "comparison": {
        "ranking": ["model-1", "twap"],
        "winner": "model-1",
        "differences": [{"first": "model-1", "second": "twap", **_DIFFERENCE | {"real": True}}],
    },
}
FOLD: dict[str, Any] = {
    "from": "2020-01-02T00:00:00+00:00",
    "to": "2020-01-03T00:00:00+00:00",
    "bars": 2,
    "trained_from": "2019-01-01T00:00:00+00:00",
    "trained_to": "2020-01-01T00:00:00+00:00",
    "best_score": 0.5,
    "valid": {"total_return": 0.1, "annual_return": None, "sharpe": 0.5},
    "entries": [
        {"key": key, "total_return": total, "sharpe": None} for key, total in TOTALS.items() if key != "model-2"
    ],
}
WALKED: dict[str, Any] = {"beat_buy_and_hold": 0.5, "beat_all": 0.0, "worst": -0.1, "median": 0.0, "best": 0.1}


def an_execution() -> Evaluation:
    of_orders = {"performance": None, "risk": None, "monthly": [], "yearly": [], "drawdowns": []}
    entries = [{"key": key, "name": name, **of_orders} for key, name in (("model-1", "Agent"), ("twap", "twap"))]
    return an_ended(told={"entries": entries, "execution": EXECUTED, "benchmark": "twap"})
