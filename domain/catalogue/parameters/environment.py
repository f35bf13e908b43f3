"""The market that an agent is trained in: money, costs and limits."""

from __future__ import annotations

from domain.catalogue.model import Group, Kind, Parameter

INITIAL_CAPITAL = Parameter(
    name="initial_capital",
    title="Initial capital",
    kind=Kind.NUMBER,
    default=100_000.0,
    minimum=0,
    exclusive_minimum=True,
    maximum=1_000_000_000_000,
    unit="account currency",
    group=Group.ENVIRONMENT,
    help="The money in the account at the start of each episode.",
)
TRANSACTION_COST = Parameter(
    name="transaction_cost",
    title="Transaction cost",
    kind=Kind.NUMBER,
    default=0.001,
    minimum=0,
    maximum=0.1,
    unit="share of traded value",
    group=Group.ENVIRONMENT,
    help="Fees and commission for each trade, as a share of its value: 0.001 is 0.1 %.",
)
SLIPPAGE = Parameter(
    name="slippage",
    title="Slippage",
    kind=Kind.NUMBER,
    default=0.0002,
    minimum=0,
    maximum=0.1,
    unit="share of price",
    group=Group.ENVIRONMENT,
    help="How much worse than the quoted price each trade is filled: 0.0002 is 0.02 %.",
)
MAX_POSITION = Parameter(
    name="max_position",
    title="Largest position",
    kind=Kind.NUMBER,
    default=1.0,
    minimum=0,
    exclusive_minimum=True,
    maximum=10,
    unit="multiple of equity",
    group=Group.ENVIRONMENT,
    help="The largest position in one instrument. 1 is the whole account, 2 is twice the account with borrowed money.",
)
ALLOW_SHORT = Parameter(
    name="allow_short",
    title="Allow short positions",
    kind=Kind.BOOLEAN,
    default=True,
    group=Group.ENVIRONMENT,
    help="Whether the agent may sell what it does not own and profit from falling prices.",
)
POSITION_LEVELS = Parameter(
    name="position_levels",
    title="Position levels",
    kind=Kind.INTEGER,
    default=3,
    minimum=2,
    maximum=101,
    unit="levels",
    group=Group.ENVIRONMENT,
    help="How many position sizes the agent chooses from, evenly spread. 3 with short positions: short, flat, long.",
)
LOOKBACK = Parameter(
    name="lookback",
    title="Lookback",
    kind=Kind.INTEGER,
    default=5,
    minimum=1,
    maximum=500,
    unit="bars",
    group=Group.ENVIRONMENT,
    help="How many of the latest bars, or snapshots of the order book, the agent sees when it decides.",
)
EPISODE_LENGTH = Parameter(
    name="episode_length",
    title="Episode length",
    kind=Kind.INTEGER,
    default=14_400,
    minimum=10,
    maximum=1_000_000,
    unit="bars",
    group=Group.ENVIRONMENT,
    help="How many snapshots the agent trades before its account is closed and a new episode begins.",
)
SIDE = Parameter(
    name="side",
    title="Side",
    kind=Kind.CHOICE,
    default="sell",
    choices=("sell", "buy"),
    group=Group.ENVIRONMENT,
    help="Whether the order that is worked off sells or buys.",
)
ORDER_SIZE = Parameter(
    name="order_size",
    title="Order size",
    kind=Kind.NUMBER,
    default=1.0,
    minimum=0,
    exclusive_minimum=True,
    maximum=1_000_000_000,
    unit="units of the instrument",
    group=Group.ENVIRONMENT,
    help="How much has to be sold or bought within the horizon: the inventory at the start.",
)
HORIZON = Parameter(
    name="horizon",
    title="Horizon",
    kind=Kind.INTEGER,
    default=30,
    minimum=2,
    maximum=10_000,
    unit="bars",
    group=Group.ENVIRONMENT,
    help="How many steps there are to finish the order. What is left at the end is traded at once.",
)
MAX_SLICE = Parameter(
    name="max_slice",
    title="Largest slice",
    kind=Kind.NUMBER,
    default=0.25,
    minimum=0,
    exclusive_minimum=True,
    maximum=1,
    unit="share of the order",
    group=Group.ENVIRONMENT,
    help="The largest part of the order that may be traded in one step.",
)

TRADING = (
    INITIAL_CAPITAL,
    TRANSACTION_COST,
    SLIPPAGE,
    MAX_POSITION,
    ALLOW_SHORT,
    POSITION_LEVELS,
    LOOKBACK,
)
PORTFOLIO = (
    INITIAL_CAPITAL,
    TRANSACTION_COST,
    SLIPPAGE,
    MAX_POSITION,
    ALLOW_SHORT.with_default(False),
    LOOKBACK.with_default(10),
)
EXECUTION = (SIDE, ORDER_SIZE, HORIZON, MAX_SLICE, TRANSACTION_COST.with_default(0.0), LOOKBACK.with_default(10))
HIGH_FREQUENCY = (
    INITIAL_CAPITAL,
    TRANSACTION_COST.with_default(0.0),
    SLIPPAGE.with_default(0.0),
    MAX_POSITION,
    ALLOW_SHORT.with_default(False),
    POSITION_LEVELS.with_default(11),
    LOOKBACK,
    EPISODE_LENGTH,
)
