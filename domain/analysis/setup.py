"""How an account trades in a backtest. Without numpy, so that a process that only asks for one starts fast."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Drift(StrEnum):
    """Of which equity the holding is a part, once the market has moved it."""

    NET = "net"
    """Of what is left after costs: to the last cent what an account at a broker shows."""
    GROSS = "gross"
    """Of what there was before costs, which are paid by holding and cash alike: as agents for one instrument train."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    transaction_cost: float = 0.0
    """As a share of what is traded."""
    slippage: float = 0.0
    """How much worse than the price of the bar it trades, as a share of it."""
    start_capital: float = 100_000.0
    latency_bars: int = 0
    """So many bars after a decision it is carried out: 0 at the close it was made at, else at the open of that bar, or
    at its close where no opens are known."""
    max_position: float | None = None
    """Of one asset, long or short, in multiples of the equity."""
    max_gross: float | None = None
    """Of all assets together. Beyond it, all positions are made smaller alike."""
    drift: Drift = Drift.NET

    @property
    def rate(self) -> float:
        return self.transaction_cost + self.slippage
