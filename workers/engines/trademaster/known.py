"""What was seen to work, and what was seen to fail although the service offers it."""

from __future__ import annotations

from domain.trainings.remote import Pair, Standing

_WORKS = {
    ("algorithmic_trading:BTC", "algorithmic_trading:deepscalper"),
    ("portfolio_management:dj30", "portfolio_management:eiie"),
    ("order_execution:BTC", "order_execution:eteo"),
}
_NO_CONFIG = "The service lists it, but has no configuration for it."
_FAILS = {
    ("algorithmic_trading:JPM", None): _NO_CONFIG,
    ("order_execution:BTC", "order_execution:pd"): f"{_NO_CONFIG} This agent takes order_execution:PD_BTC.",
}
_DOUBTFUL = {
    (
        "portfolio_management:exchange",
        None,
    ): "Its data is not part of the service; it must have been put there by hand.",
    ("order_execution:PD_BTC", "order_execution:pd"): "It trains, and then crashes before it ends; there is no test.",
}


_DYNAMICS_TEST_FAILS = {("portfolio_management:dj30", "portfolio_management:eiie")}


def dynamics_test_doubts(dataset: str, agent: str) -> str:
    """Why the dynamics test of this pair may fail; empty when nothing is known against it."""
    fails = (dataset, agent) in _DYNAMICS_TEST_FAILS
    return "The dynamics test of this agent was seen to crash: the labelled data lacks a column." if fails else ""


def pair(dataset: str, agent: str) -> Pair:
    standing, reason = _standing(dataset, agent)
    return Pair(dataset.partition(":")[0], dataset, agent, standing, reason)


def _standing(dataset: str, agent: str) -> tuple[Standing, str]:
    if (dataset, agent) in _WORKS:
        return Standing.WORKS, ""
    for key in ((dataset, agent), (dataset, None)):
        if reason := _FAILS.get(key):
            return Standing.FAILS, reason
        if reason := _DOUBTFUL.get(key):
            return Standing.DOUBTFUL, reason
    return Standing.UNTRIED, ""
