"""What belongs to one or two algorithms only."""

from __future__ import annotations

from domain.catalogue.model import Group, Kind, Parameter

RISK_WEIGHT = Parameter(
    name="risk_weight",
    title="Risk task weight",
    kind=Kind.NUMBER,
    default=1.0,
    minimum=0,
    maximum=100,
    group=Group.RISK,
    help="How much learning to foresee volatility counts beside learning to trade. 0 turns it off.",
)
RISK_HORIZON = Parameter(
    name="risk_horizon",
    title="Risk horizon",
    kind=Kind.INTEGER,
    default=5,
    minimum=2,
    maximum=1_000,
    unit="bars",
    group=Group.RISK,
    help="Over how many coming bars the volatility is foreseen.",
)
HINDSIGHT_WEIGHT = Parameter(
    name="hindsight_weight",
    title="Hindsight weight",
    kind=Kind.NUMBER,
    default=0.1,
    minimum=0,
    maximum=10,
    group=Group.ALGORITHM,
    help="How much later price moves add to the reward while training. Reported results never contain it.",
)
HINDSIGHT_HORIZON = Parameter(
    name="hindsight_horizon",
    title="Hindsight horizon",
    kind=Kind.INTEGER,
    default=5,
    minimum=1,
    maximum=1_000,
    unit="bars",
    group=Group.ALGORITHM,
    help="How many bars later the price is looked up for the hindsight reward.",
)
DEMONSTRATION_WEIGHT = Parameter(
    name="demonstration_weight",
    title="Demonstration weight",
    kind=Kind.NUMBER,
    default=1.0,
    minimum=0,
    maximum=1_000,
    group=Group.ALGORITHM,
    help="How strongly the agent is drawn to what would have been best in hindsight, while training only.",
)
KERNEL_SIZE = Parameter(
    name="kernel_size",
    title="Kernel size",
    kind=Kind.INTEGER,
    default=3,
    minimum=1,
    maximum=64,
    unit="bars",
    group=Group.NETWORK,
    help="How many neighbouring bars one filter of the network reads together.",
)
FILTERS = Parameter(
    name="filters",
    title="Filters",
    kind=Kind.INTEGER_LIST,
    default=(8, 16),
    minimum=1,
    maximum=512,
    min_items=1,
    max_items=8,
    unit="filters",
    group=Group.NETWORK,
    help="How many patterns each layer of the network looks for in the history of an asset.",
)
DROPOUT = Parameter(
    name="dropout",
    title="Dropout",
    kind=Kind.NUMBER,
    default=0.2,
    minimum=0,
    maximum=1,
    exclusive_maximum=True,
    unit="share of neurons",
    group=Group.NETWORK,
    help="The part of the network that is switched off by chance at each update, which guards against learning noise.",
)
RECURRENT_UNITS = Parameter(
    name="recurrent_units",
    title="Recurrent units",
    kind=Kind.INTEGER,
    default=64,
    minimum=1,
    maximum=1_024,
    unit="neurons",
    group=Group.NETWORK,
    help="The size of the memory that reads the bars one after the other.",
)
RECENCY_BIAS = Parameter(
    name="recency_bias",
    title="Recency bias",
    kind=Kind.NUMBER,
    default=0.00005,
    minimum=0,
    maximum=1,
    exclusive_maximum=True,
    group=Group.TRAINING,
    advanced=True,
    help="How strongly training prefers recent bars to old ones. 0 treats all alike.",
)
SELECTION_FRACTION = Parameter(
    name="selection_fraction",
    title="Selected assets",
    kind=Kind.NUMBER,
    default=0.25,
    minimum=0,
    exclusive_minimum=True,
    maximum=1,
    unit="share of assets",
    group=Group.ALGORITHM,
    help="The part of the assets that is held at a time, the best ranked first. At least one is held.",
)
MARKET_UNITS = Parameter(
    name="market_units",
    title="Market units",
    kind=Kind.INTEGER,
    default=12,
    minimum=1,
    maximum=512,
    unit="neurons",
    group=Group.NETWORK,
    help="The size of the network that judges the mood of the whole market.",
)
MARKET_REWARD = Parameter(
    name="market_reward",
    title="Market reward",
    kind=Kind.CHOICE,
    default="max_drawdown",
    choices=("max_drawdown", "sharpe", "total_return"),
    group=Group.RISK,
    help="What the part that sets the overall risk is judged by.",
)
PREDICTOR_UNITS = Parameter(
    name="predictor_units",
    title="Predictor units",
    kind=Kind.INTEGER,
    default=32,
    minimum=1,
    maximum=512,
    unit="neurons",
    group=Group.NETWORK,
    help="The size of the network that foresees which assets will rise.",
)
PREDICTOR_EPOCHS = Parameter(
    name="predictor_epochs",
    title="Predictor epochs",
    kind=Kind.INTEGER,
    default=10,
    minimum=1,
    maximum=1_000,
    unit="passes",
    group=Group.TRAINING,
    help="How many times the predictor goes through the training data before the agent starts.",
)
PREDICTOR_HORIZON = Parameter(
    name="predictor_horizon",
    title="Predictor horizon",
    kind=Kind.INTEGER,
    default=1,
    minimum=1,
    maximum=250,
    unit="bars",
    group=Group.ALGORITHM,
    help="How many bars ahead the predictor looks.",
)
IMPACT_PENALTY = Parameter(
    name="impact_penalty",
    title="Impact penalty",
    kind=Kind.NUMBER,
    default=0.01,
    minimum=0,
    maximum=10,
    group=Group.RISK,
    help="How strongly large slices are held against the agent, as they move the market.",
)
DISTILLATION_WEIGHT = Parameter(
    name="distillation_weight",
    title="Distillation weight",
    kind=Kind.NUMBER,
    default=1.0,
    minimum=0,
    maximum=100,
    group=Group.ALGORITHM,
    help="How strongly the student is drawn to its teacher, who sees the coming prices while training.",
)
TEACHER_EPOCHS = Parameter(
    name="teacher_epochs",
    title="Teacher epochs",
    kind=Kind.INTEGER,
    default=10,
    minimum=1,
    maximum=1_000,
    unit="passes",
    group=Group.TRAINING,
    help="How many times the teacher goes through the training data before the student starts.",
)
