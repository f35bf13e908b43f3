"""What baselines, scenarios and regimes are called. Without numpy, so that a process that only asks starts fast."""

from __future__ import annotations

from enum import IntEnum, StrEnum

BUY_AND_HOLD, EQUAL_WEIGHT, RANDOM, FLAT = "buy_and_hold", "equal_weight", "random", "flat"
BASELINES = (BUY_AND_HOLD, EQUAL_WEIGHT, RANDOM, FLAT)
TWAP, VWAP, ARRIVAL = "twap", "vwap", "arrival"
"""What orders are measured against: even slices, slices after the usual volumes, all at once."""


class Scenario(StrEnum):
    CRASH = "crash"
    VOLATILITY = "volatility"
    GAP = "gap"
    DROUGHT = "drought"
    COSTS = "costs"
    REVERSAL = "reversal"
    BOOTSTRAP = "bootstrap"


USUAL = {
    Scenario.CRASH: 0.3,
    Scenario.VOLATILITY: 2.0,
    Scenario.GAP: 0.1,
    Scenario.DROUGHT: 5.0,
    Scenario.COSTS: 3.0,
    Scenario.REVERSAL: 1.0,
    Scenario.BOOTSTRAP: 20.0,
}
"""How strong each is where nothing is said: the share that is lost, the factor, the length of a block in bars."""
RANGES = {
    Scenario.CRASH: (0.01, 0.95),
    Scenario.VOLATILITY: (0.1, 10.0),
    Scenario.GAP: (0.01, 0.95),
    Scenario.DROUGHT: (1.0, 100.0),
    Scenario.COSTS: (0.0, 100.0),
    Scenario.REVERSAL: (1.0, 1.0),
    Scenario.BOOTSTRAP: (1.0, 1_000.0),
}


class Regime(IntEnum):
    FALLING_CALM = 0
    FALLING_WILD = 1
    SIDEWAYS_CALM = 2
    SIDEWAYS_WILD = 3
    RISING_CALM = 4
    RISING_WILD = 5
