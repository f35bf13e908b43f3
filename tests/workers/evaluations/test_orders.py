"""Models that work off orders, really trained: their costs are those of their training, and repeat to the byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from torch import Tensor

from domain.analysis import slices
from domain.analysis.execution import SELL, Orders, against_each_other, figures, shortfalls
from tests.workers.engines.embedded.book_markets import book_market, config
from tests.workers.evaluations.trained import a_scalper, a_worker, asked, card_of, evaluated
from workers.engines.embedded.environments.execution import ExecutionTask
from workers.engines.embedded.parts.orders import Glimpse
from workers.engines.embedded.shapes import BadInput
from workers.evaluations.jobs import measures_of
from workers.evaluations.order_desk import Desk

KEYS = ["model-1", "twap", "vwap", "arrival"]


@pytest.fixture(scope="module", params=["eteo", "pd"])
def worker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    fee = {"transaction_cost": 0.0005, "order_size": 700.0}
    return a_worker(tmp_path_factory.mktemp(request.param), request.param, **fee)


@pytest.mark.parametrize("split", ["train", "valid", "test"])
def test_on_its_own_data_it_costs_what_its_training_said(worker: Path, tmp_path: Path, split: str) -> None:
    result, _ = evaluated(asked(worker, tmp_path, split=split))
    card, found = card_of(worker), result["execution"]
    entries = {each["key"]: each for each in found["entries"]}
    assert list(entries) == [each["key"] for each in result["entries"]] == KEYS
    own, even = card["measures"][split], card["baselines"][split]["twap"]
    assert entries["model-1"]["mean"] == pytest.approx(own["cost_bps"], abs=1e-6)
    assert entries["twap"]["mean"] == pytest.approx(even["cost_bps"], abs=1e-6)
    assert entries["arrival"]["mean"] == pytest.approx(card["baselines"][split]["immediate"]["cost_bps"], abs=1e-6)
    assert entries["model-1"]["beats_twap"] == pytest.approx(own["win_rate"])
    saved = entries["twap"]["mean"] - entries["model-1"]["mean"]
    assert saved == pytest.approx(own["saving_bps"], abs=1e-6)
    assert (found["side"], found["horizon"], found["quantity"]) == ("sell", 10, 700.0)
    assert found["orders"] == card["market"]["splits"][split]["bars"] // 10
    assert len(found["comparison"]["differences"]) == 6
    assert [result["entries"][0][name] for name in ("performance", "risk")] == [None, None]
    kept = measures_of(result)[0]
    assert (kept["shortfall"], kept["beats_twap"]) == (entries["model-1"]["mean"], entries["model-1"]["beats_twap"])


def test_the_same_again_gives_the_same_bytes(worker: Path, tmp_path: Path) -> None:
    one, said = evaluated(asked(worker, tmp_path / "one"))
    other, again = evaluated(asked(worker, tmp_path / "other"))
    assert one == other
    assert [line for line in said if "n" in line] == [line for line in again if "n" in line]
    assert sorted(one["files"]) == ["orders", "trades-model-1"]
    for name in one["files"].values():
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_files(worker: Path, tmp_path: Path) -> None:
    result, said = evaluated(asked(worker, tmp_path, split="train"))
    found = result["execution"]
    orders, fills = pl.read_parquet(tmp_path / "orders.parquet"), pl.read_parquet(tmp_path / "trades-model-1.parquet")
    assert orders.columns[:6] == ["time", "symbol", "order", "side", "quantity", "arrival"]
    assert orders.height == found["orders"]
    for entry in found["entries"]:
        assert orders.get_column(f"shortfall.{entry['key']}").mean() == pytest.approx(entry["mean"])
    assert fills.columns == ["time", "symbol", "order", "side", "quantity", "price", "cost"]
    by_order = fills.group_by("order", maintain_order=True).agg(
        pl.col("quantity").sum(), (pl.col("quantity") * pl.col("price")).sum().alias("value"), pl.col("cost").sum()
    )
    assert by_order.get_column("quantity").to_list() == pytest.approx([700.0] * orders.height)
    worth = 700.0 * orders.get_column("arrival").to_numpy()
    paid = by_order.get_column("value").to_numpy() - by_order.get_column("cost").to_numpy()
    np.testing.assert_allclose((worth - paid) / worth * 1e4, orders.get_column("shortfall.model-1").to_numpy())
    assert [line["progress"]["share"] for line in said if "progress" in line][-1] <= 1.0
    lines = [line["log"]["message"] for line in said if "log" in line]
    assert "the future is cut off, at each of 3 places" in lines[2]
    assert result["entries"][0]["look"]["leak"] is None


def test_several_are_compared_on_the_same_orders(worker: Path, tmp_path: Path) -> None:
    models = [{"key": f"model-{place}", "name": f"M{place}", "folder": str(worker)} for place in (1, 2)]
    result, _ = evaluated(asked(worker, tmp_path, models=models, compare=True))
    found = result["execution"]
    assert [each["key"] for each in found["entries"]] == ["model-1", "model-2", "twap", "vwap", "arrival"]
    (pair,) = (
        each
        for each in found["comparison"]["differences"]
        if each["first"] == "model-1" and each["second"] == "model-2"
    )
    assert (pair["value"], pair["p"], pair["real"]) == (0.0, 1.0, False)
    assert found["comparison"]["winner"] is None


def test_what_a_person_has_to_mend(worker: Path, tmp_path: Path) -> None:
    (tmp_path / "long").mkdir()
    longer = a_worker(tmp_path / "long", horizon=20, side="buy")
    pair = [{"key": f"model-{place}", "name": "M", "folder": str(of)} for place, of in ((1, worker), (2, longer))]
    with pytest.raises(BadInput, match="another side and size and time") as other:
        evaluated(asked(worker, tmp_path, models=pair))
    assert other.value.code == "OTHER_ORDERS"
    with pytest.raises(BadInput) as few:
        evaluated(asked(longer, tmp_path, split=None, **_last_minutes(longer, 15)))
    assert few.value.code == "TOO_FEW_ROWS"
    (tmp_path / "scalper").mkdir()
    mixed = [pair[0], {"key": "model-2", "name": "M", "folder": str(a_scalper(tmp_path / "scalper"))}]
    with pytest.raises(BadInput) as task:
        evaluated(asked(worker, tmp_path, models=mixed))
    assert task.value.code == "OTHER_TASK"


def _last_minutes(folder: Path, count: int) -> dict[str, Any]:
    times = pl.read_parquet(folder / "data.parquet").get_column("time")
    return {"since": times[-count].isoformat()}


class Even:
    """Trades evenly, as TWAP does."""

    def act(self, observation: Glimpse) -> Tensor:
        return observation.choices[:, 1]


@pytest.mark.parametrize(("side", "sign"), [("sell", -1), ("buy", 1)])
def test_who_trades_evenly_is_twap(side: str, sign: int) -> None:
    chance = np.random.default_rng(1)
    middle = (100 + np.cumsum(chance.normal(0, 1, 40))).tolist()
    own = config("order_execution", "eteo", lookback=1, horizon=4, max_slice=1.0, order_size=35.0, side=side)
    desk = Desk(ExecutionTask(book_market(middle), own), Even(), np.arange(0, 40, 4))
    shares = slices.baselines(np.arange(40).astype("datetime64[m]"), None, desk.begins, 4)
    fills = {"model-1": desk.by_model()} | {key: desk.by_shares(each) for key, each in shares.items()}
    orders = Orders(side=sign, quantity=35.0, fee=0.0, arrival=desk.arrival, volumes=None)
    costs = {key: shortfalls(orders, each) for key, each in fills.items()}
    np.testing.assert_allclose(costs["model-1"], costs["twap"], rtol=0.0, atol=1e-9)
    pair = next(
        each for each in against_each_other(costs).differences if {each.first, each.second} == {"model-1", "twap"}
    )
    assert (pair.value, pair.p, pair.real) == (0.0, 1.0, False)
    assert list(costs) == ["model-1", "twap", "arrival"]
    # 35 at once: 10 at half off, 20 one level down, 5 beyond the book, half a level and a quarter of its size away.
    at_once = (10 * 0.5 + 20 * 1.5 + 5 * (1.5 + 0.5 + 5 / 40)) / 35
    np.testing.assert_allclose(costs["arrival"], at_once / desk.arrival * 1e4)
    assert figures(orders, fills)["twap"].filled == pytest.approx(1.0)
    assert torch.from_numpy(desk.at).shape == (10, 4)
    assert SELL == -1
