"""Learning what an action is worth: the replay buffer, the target network and exploration by chance."""

from __future__ import annotations

from domain.catalogue.model import Group, Kind, Parameter

EXPLORATION_START = Parameter(
    name="exploration_start",
    title="Exploration at the start",
    kind=Kind.NUMBER,
    default=1.0,
    minimum=0,
    maximum=1,
    unit="share of actions",
    group=Group.EXPLORATION,
    help="How often the agent acts at random when training begins: 1 is always.",
)
EXPLORATION_END = Parameter(
    name="exploration_end",
    title="Exploration at the end",
    kind=Kind.NUMBER,
    default=0.05,
    minimum=0,
    maximum=1,
    unit="share of actions",
    group=Group.EXPLORATION,
    help="How often the agent still acts at random when exploration has run down.",
)
EXPLORATION_FRACTION = Parameter(
    name="exploration_fraction",
    title="Exploration period",
    kind=Kind.NUMBER,
    default=0.3,
    minimum=0,
    exclusive_minimum=True,
    maximum=1,
    unit="share of training",
    group=Group.EXPLORATION,
    help="The part of the training over which random actions fall from the start to the end value.",
)
WARMUP_STEPS = Parameter(
    name="warmup_steps",
    title="Warm-up steps",
    kind=Kind.INTEGER,
    default=1_000,
    minimum=0,
    maximum=1_000_000,
    unit="steps",
    group=Group.EXPLORATION,
    advanced=True,
    help="How many steps the agent only acts at random and watches, before its first update.",
)
BUFFER_SIZE = Parameter(
    name="buffer_size",
    title="Replay buffer",
    kind=Kind.INTEGER,
    default=100_000,
    minimum=100,
    maximum=10_000_000,
    unit="steps",
    group=Group.REPLAY,
    help="How many past steps the agent remembers and learns from again.",
)
UPDATES_PER_STEP = Parameter(
    name="updates_per_step",
    title="Updates per step",
    kind=Kind.INTEGER,
    default=2,
    minimum=1,
    maximum=64,
    unit="updates",
    group=Group.REPLAY,
    advanced=True,
    help="How many updates follow each step of the parallel environments.",
)
TARGET_UPDATE = Parameter(
    name="target_update",
    title="Target update",
    kind=Kind.INTEGER,
    default=100,
    minimum=1,
    maximum=100_000,
    unit="updates",
    group=Group.ALGORITHM,
    help="After how many updates the slow copy of the network, which sets the targets, is renewed.",
)
N_STEP = Parameter(
    name="n_step",
    title="Steps of return",
    kind=Kind.INTEGER,
    default=1,
    minimum=1,
    maximum=50,
    unit="steps",
    group=Group.ALGORITHM,
    advanced=True,
    help="How many real rewards are added up before the agent's own estimate takes over.",
)
DOUBLE = Parameter(
    name="double",
    title="Double estimate",
    kind=Kind.BOOLEAN,
    default=False,
    group=Group.ALGORITHM,
    help="Whether one network picks the best action and another values it, which curbs too rosy estimates.",
)
DUELING = Parameter(
    name="dueling",
    title="Dueling network",
    kind=Kind.BOOLEAN,
    default=False,
    group=Group.NETWORK,
    advanced=True,
    help="Whether the network values the market and each action apart, which helps when most actions matter little.",
)

EXPLORATION = (EXPLORATION_START, EXPLORATION_END, EXPLORATION_FRACTION, WARMUP_STEPS)
REPLAY = (BUFFER_SIZE, UPDATES_PER_STEP)
