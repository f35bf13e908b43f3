"""The verdict: each thing that it can say, and when it does not."""

from __future__ import annotations

from typing import Any

import pytest

from workers.engines.embedded.evaluation.verdict import Facts, judge


def facts(train: float = 3.0, valid: float = 2.5, test: float = 2.4, **more: Any) -> Facts:
    """A good agent on three years of days, unless told otherwise."""
    trades = more.pop("trades", 40.0)
    own = {"train": train, "valid": valid, "test": test}
    given: dict[str, Any] = {
        "score": "sharpe",
        "measures": {split: {"sharpe": score, "trades": trades} for split, score in own.items()},
        "baselines": {"test": {"buy_and_hold": {"sharpe": 0.5}, "flat": {"sharpe": 0.0}, "random": {"sharpe": -0.2}}},
        "bars": {"train": 756, "valid": 756, "test": 756},
        "bars_per_year": 252.0,
        "synthetic": False,
        "seeds": (2.5,),
    }
    return Facts(**given | more)


def test_a_good_agent_is_called_good() -> None:
    verdict = judge(facts())
    assert (verdict.good, verdict.beats_baselines, verdict.overfitted) == (True, True, False)
    assert verdict.sentences == (
        "The agent is good on this data.",
        (
            "On the test split, which it never saw, its Sharpe ratio is 2.40. "
            "It beats all baselines: buy and hold 0.50, doing nothing 0.00, random -0.20."
        ),
    )


def test_an_agent_that_does_not_beat_buying_and_holding_is_told_so() -> None:
    verdict = judge(facts(test=0.3))
    assert (verdict.good, verdict.beats_baselines) == (False, False)
    assert verdict.sentences[:2] == (
        "The agent is not good enough to rely on.",
        "On the test split, which it never saw, it does not beat buy and hold (0.50): its Sharpe ratio is 0.30.",
    )


def test_an_agent_that_is_no_better_than_chance_or_nothing_is_told_so_plainly() -> None:
    at_random = "Acting at random does as well: what it has learned does not hold beyond the bars that it learned from."
    nothing = "It earns nothing there: whoever had done nothing would have no less."
    assert not {at_random, nothing} & {*judge(facts(test=0.3)).sentences}
    assert judge(facts(test=-0.1)).sentences[2:] == (nothing,)
    assert judge(facts(test=-0.3)).sentences[2:] == (at_random, nothing)


def test_an_order_that_saves_nothing_is_told_so() -> None:
    own = {split: {"saving_bps": -0.5} for split in ("train", "valid", "test")}
    others = {"test": {"twap": {"saving_bps": 0.0}, "random": {"saving_bps": -2.0}}}
    sentences = judge(facts(score="saving_bps", measures=own, baselines=others)).sentences
    assert sentences[2] == "It saves nothing there: whoever had traded evenly would have paid no more."


@pytest.mark.parametrize(
    ("train", "valid", "parted"), [(8.0, 2.5, True), (4.0, 2.5, False), (3.0, 1.4, False), (-1.0, -3.0, False)]
)
def test_train_and_valid_part_when_valid_has_less_than_half_and_chance_does_not_explain_it(
    train: float, valid: float, *, parted: bool
) -> None:
    verdict = judge(facts(train=train, valid=valid))
    assert verdict.overfitted is parted
    assert any(sentence.startswith("Train and valid have parted") for sentence in verdict.sentences) is parted


def test_few_trades_are_too_few() -> None:
    verdict = judge(facts(trades=3.0))
    assert not verdict.good
    assert verdict.sentences[-1] == "It trades only 3 times in the test: too few to judge it by."
    assert judge(facts(trades=0.0)).sentences[-1] == "It never trades in the test."


def test_a_short_test_cannot_tell_luck() -> None:
    verdict = judge(facts(bars={"train": 756, "valid": 756, "test": 63}))
    assert (verdict.good, verdict.beats_baselines) == (False, True)
    assert verdict.sentences[-1] == (
        "The test is too short to tell this from luck: over 63 bars, chance alone gives ratios up to 4.00."
    )


def test_made_up_data_and_several_seeds_are_told() -> None:
    assert judge(facts(synthetic=True, seeds=(2.5, 1.0, 2.0))).sentences[-2:] == (
        "Over 3 seeds its best score on valid lies between 1.00 and 2.50.",
        "The data is made up, so this says nothing about a real market.",
    )


@pytest.mark.parametrize(("error", "good"), [(0.7, True), (0.8, False)])
def test_a_saving_within_its_errors_may_be_luck(error: float, *, good: bool) -> None:
    own = {split: {"saving_bps": 1.5, "saving_error_bps": error} for split in ("train", "valid", "test")}
    verdict = judge(facts(score="saving_bps", measures=own, baselines={"test": {"twap": {"saving_bps": 0.0}}}))
    assert (verdict.good, verdict.beats_baselines) == (good, True)
    luck = (
        "The test is too short to tell this from luck: over 756 bars, chance alone gives savings in basis points up to "
        "1.60."
    )
    assert (luck in verdict.sentences) is not good


def test_savings_part_only_beyond_their_errors() -> None:
    own = {"train": 15.0, "valid": -13.0, "test": -1.0}
    others = {"test": {"twap": {"saving_bps": 0.0}}}
    for error, parted in ((5.0, True), (15.0, False)):
        measures = {split: {"saving_bps": value, "saving_error_bps": error} for split, value in own.items()}
        assert judge(facts(score="saving_bps", measures=measures, baselines=others)).overfitted is parted


def test_a_score_without_trades_or_chance_is_judged_by_its_baselines() -> None:
    own = {split: {"saving_bps": 1.5} for split in ("train", "valid", "test")}
    others = {"test": {"twap": {"saving_bps": 0.0}}}
    verdict = judge(facts(score="saving_bps", measures=own, baselines=others))
    assert verdict.good
    assert verdict.sentences[1].endswith(
        "its saving in basis points is 1.50. It beats all baselines: trading evenly 0.00."
    )
