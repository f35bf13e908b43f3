"""Working off an order: fills, costs and rewards by hand, and nothing of the future in what is seen."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from tests.workers.engines.embedded.book_markets import book_market, config, generated, plain_market, with_other_future
from workers.engines.embedded.environments.execution import ExecutionTask
from workers.engines.embedded.parts.orders import CHOICES, Glimpse, Place
from workers.engines.embedded.shapes import BadInput

PRICES = [100.0, 101.0, 99.0, 102.0]


def task_on(market: Any, **changes: Any) -> ExecutionTask:
    plain = config("order_execution", "eteo", lookback=1, horizon=4, max_slice=1.0, impact_penalty=0.0)
    return ExecutionTask(market, plain | changes)


class Always:
    """Chooses the same of all slices each time."""

    def __init__(self, choice: int) -> None:
        self._choice = choice

    def act(self, observation: Glimpse) -> Tensor:
        return observation.choices[:, self._choice]


def saved(task: ExecutionTask, choice: int) -> dict[str, float]:
    return task.evaluate(Always(choice), "train")


def test_selling_late_is_paid_what_late_prices_were() -> None:
    # 0, 0, 0, then all at 102; evenly: 100.5. Against the arrival price of 100.
    measures = saved(task_on(plain_market(PRICES)), 0)
    assert measures["saving_bps"] == pytest.approx((102 - 100.5) / 100 * 1e4)
    assert measures["cost_bps"] == pytest.approx((100 - 102) / 100 * 1e4)
    assert (measures["win_rate"], measures["filled"]) == (1.0, 1.0)


def test_how_far_the_mean_saving_may_be_off() -> None:
    # One order saves 150, the other one loses 50 against 100 on average; alone, an order tells nothing of others.
    measures = saved(task_on(plain_market([*PRICES, 100.0, 101.0, 100.0, 99.0])), 0)
    assert measures["saving_bps"] == pytest.approx((150 - 100) / 2)
    assert measures["saving_error_bps"] == pytest.approx(250 / 2)
    assert saved(task_on(plain_market(PRICES)), 0)["saving_error_bps"] == pytest.approx(150)


def test_buying_late_costs_what_selling_late_earns() -> None:
    measures = saved(task_on(plain_market(PRICES), side="buy"), 0)
    assert measures["saving_bps"] == pytest.approx(-150)
    assert measures["win_rate"] == 0.0


def test_no_step_trades_more_than_the_largest_slice() -> None:
    # 0.4 at 100, 0.4 at 101, then the 0.2 that are left at 99.
    measures = saved(task_on(plain_market(PRICES), max_slice=0.4), CHOICES - 1)
    assert measures["saving_bps"] == pytest.approx((0.4 * 100 + 0.4 * 101 + 0.2 * 99 - 100.5) / 100 * 1e4)


def test_nobody_waits_until_the_largest_slices_cannot_finish() -> None:
    # Waits for one step, as three slices of 0.4 are enough; then at least 0.2, so that two more can do the rest.
    task = task_on(plain_market(PRICES), max_slice=0.4)
    assert task.targets(Always(0), "train")[:, 0].tolist() == pytest.approx([0.0, 0.2, 0.4, 0.4])


def test_slices_that_are_too_small_leave_a_rest() -> None:
    task = task_on(plain_market(PRICES), max_slice=0.1)
    assert task.targets(Always(0), "train")[:, 0].tolist() == pytest.approx([0.1, 0.1, 0.1, 0.7])


def test_what_is_left_at_the_end_is_traded_at_once_through_the_book() -> None:
    # 40 units at the end: 10 at 101.5, 20 at 100.5, 10 beyond it; evenly: 10 units each at half below the middle.
    task = task_on(book_market(PRICES), order_size=40.0)
    beyond = 100.5 - (0.5 + 10 / 40)
    late = (10 * 101.5 + 20 * 100.5 + 10 * beyond) / 40
    assert saved(task, 0)["saving_bps"] == pytest.approx((late - (100.5 - 0.5)) / 100 * 1e4)


def test_fees_are_paid_on_what_is_traded() -> None:
    measures = saved(task_on(plain_market([100.0] * 4), transaction_cost=0.01), 1)
    assert measures["cost_bps"] == pytest.approx(100)
    assert measures["saving_bps"] == pytest.approx(0, abs=1e-9)


def test_trading_evenly_saves_nothing_and_at_once_costs_depth() -> None:
    baselines = task_on(book_market([100.0] * 4), order_size=30.0).baselines("train")
    assert set(baselines) == {"twap", "immediate", "random"}
    assert baselines["twap"]["saving_bps"] == pytest.approx(0, abs=1e-9)
    assert baselines["twap"]["win_rate"] == 0.0
    # 7.5 at a time: all at the best bid. At once: 20 of the 30 go one level down.
    assert baselines["twap"]["cost_bps"] == pytest.approx(50)
    assert baselines["immediate"]["saving_bps"] == pytest.approx(-20 / 30 * 100)
    assert all(measures["filled"] == pytest.approx(1.0) for measures in baselines.values())


@pytest.mark.parametrize("side", ["sell", "buy"])
def test_the_rewards_of_a_window_add_up_to_what_it_saved(side: str) -> None:
    market = generated(rows=600, lookback=5)
    task = task_on(market, side=side, order_size=900.0, horizon=20, transaction_cost=0.001)
    dice, start = torch.Generator().manual_seed(1), task.start(task.begins("train"))
    slices = _random_slices(task, start, dice)
    place, running, paid = start, torch.ones(len(start.begin), dtype=torch.bool), torch.zeros(len(start.begin))
    for share in slices:
        place, reward, over = task.trade(place, share)
        paid += torch.where(running, reward, 0.0)
        running &= ~over
    assert not running.any()
    one = 17
    single = Place(start.begin[one : one + 1], start.step[:1], start.left[:1])
    measures = task._judge(single, lambda place: slices[int(place.step)][one : one + 1])
    assert float(paid[one]) * task.usual_move * 1e4 == pytest.approx(measures["saving_bps"], abs=1e-3)


def _random_slices(task: ExecutionTask, place: Place, dice: torch.Generator) -> list[Tensor]:
    slices = []
    for _ in range(task.horizon):
        choices = task.choices(place)
        slices.append(choices.gather(1, torch.randint(CHOICES, (len(choices), 1), generator=dice)).squeeze(1))
        place, _, _ = task.trade(place, slices[-1])
    return slices


def test_large_slices_are_held_against_the_agent() -> None:
    market = plain_market([100.0, 101.0, 100.0, 101.0])
    free, penalised = task_on(market), task_on(market, impact_penalty=0.5)
    half = torch.tensor([0.5], dtype=torch.float64)
    (_, one, _), (_, other, _) = (task.trade(task.start(torch.tensor([0])), half) for task in (free, penalised))
    assert float(one - other) == pytest.approx(0.5 * 0.25)


def test_an_order_that_is_filled_is_over() -> None:
    task = task_on(plain_market(PRICES))
    place, _, over = task.trade(task.start(torch.tensor([0])), torch.ones(1, dtype=torch.float64))
    assert (place.left.item(), over.item()) == (0.0, True)


def test_windows_lie_end_to_end_inside_their_split() -> None:
    task = task_on(generated(rows=600), horizon=30, lookback=10)
    market = generated(rows=600)
    for split, part in market.splits.items():
        begins = task._end_to_end(split).begin
        assert begins[0] == part.start
        assert (begins.diff() == 30).all()
        assert begins[-1] + 30 <= part.stop
        assert part.stop - (begins[-1] + 30) < 30


def test_a_split_shorter_than_one_window_is_refused() -> None:
    with pytest.raises(BadInput) as refused:
        task_on(plain_market(PRICES), horizon=5).begins("train")
    assert refused.value.code == "TOO_FEW_ROWS"


@pytest.mark.parametrize("known", [400, 520])
def test_nothing_of_the_future_is_seen(known: int) -> None:
    markets = generated(rows=600), with_other_future(known, lookback=10, rows=600)
    task, other = (task_on(market, horizon=30, lookback=10) for market in markets)
    steps = torch.arange(30)
    place = Place(known - steps, steps, torch.linspace(1, 0.1, 30, dtype=torch.float64))
    seen, seen_before_other = task.see(place), other.see(place)
    for name in ("bars", "own", "choices"):
        assert torch.equal(getattr(seen, name), getattr(seen_before_other, name))
    assert not torch.equal(task.coming(place)[:-1], other.coming(place)[:-1])
    later = Place(place.begin + 1, place.step, place.left)
    assert not torch.equal(task.see(later).bars, other.see(later).bars)


def test_a_teacher_sees_the_rest_of_the_window_and_no_more() -> None:
    task = task_on(plain_market([100.0, 101.0, 99.0, 102.0, 500.0, 600.0]))
    place = Place(torch.tensor([0]), torch.tensor([1]), torch.ones(1, dtype=torch.float64))
    moves = torch.tensor([102 / 101 - 1, 99 / 101 - 1]) / task.usual_move
    assert task.coming(place)[0].tolist() == pytest.approx([*moves.tolist(), -10.0], abs=1e-6)


def test_what_to_trade_bar_by_bar_and_now() -> None:
    task = task_on(plain_market([100.0] * 10), max_slice=0.5)
    assert task.targets(Always(CHOICES - 1), "train")[:, 0].tolist() == [0.5, 0.5, 0, 0, 0.5, 0.5, 0, 0, 0.5, 0.5]
    assert task.decide(Always(CHOICES - 1), 9, {}) == {"share": 0.5}
    assert task.decide(Always(0), 9, {"left": 0.3, "step": 2}) == {"share": 0.0}
    assert task.decide(Always(0), 9, {"left": 0.3, "step": 3}) == {"share": pytest.approx(0.3)}
