"""Learning how to act directly: rollouts, clipping, entropy, noise and slow targets."""

from __future__ import annotations

from domain.catalogue.model import Group, Kind, Parameter

ROLLOUT_LENGTH = Parameter(
    name="rollout_length",
    title="Rollout length",
    kind=Kind.INTEGER,
    default=32,
    minimum=1,
    maximum=4_096,
    unit="steps",
    group=Group.TRAINING,
    advanced=True,
    help="How many steps in a row each environment plays before the agent learns from them.",
)
UPDATE_EPOCHS = Parameter(
    name="update_epochs",
    title="Passes per rollout",
    kind=Kind.INTEGER,
    default=4,
    minimum=1,
    maximum=50,
    unit="passes",
    group=Group.ALGORITHM,
    advanced=True,
    help="How often the agent learns from the same rollout before it plays a new one.",
)
GAE_LAMBDA = Parameter(
    name="gae_lambda",
    title="Advantage smoothing",
    kind=Kind.NUMBER,
    default=0.95,
    minimum=0,
    maximum=1,
    group=Group.ALGORITHM,
    advanced=True,
    help="Whether an action is judged by what really followed (1) or by the agent's own estimate (0), or in between.",
)
CLIP_RANGE = Parameter(
    name="clip_range",
    title="Clip range",
    kind=Kind.NUMBER,
    default=0.2,
    minimum=0,
    exclusive_minimum=True,
    maximum=1,
    group=Group.ALGORITHM,
    help="How much one update may change the chance of an action: 0.2 is by a fifth.",
)
ENTROPY_WEIGHT = Parameter(
    name="entropy_weight",
    title="Entropy weight",
    kind=Kind.NUMBER,
    default=0.01,
    minimum=0,
    maximum=1,
    group=Group.EXPLORATION,
    help="How strongly the agent is rewarded for trying different actions.",
)
VALUE_WEIGHT = Parameter(
    name="value_weight",
    title="Value weight",
    kind=Kind.NUMBER,
    default=0.5,
    minimum=0,
    maximum=10,
    group=Group.ALGORITHM,
    advanced=True,
    help="How much learning to judge a situation counts beside learning to act in it.",
)
BASELINE = Parameter(
    name="baseline",
    title="Use a baseline",
    kind=Kind.BOOLEAN,
    default=True,
    group=Group.ALGORITHM,
    help="Whether each result is compared with the average one. Without it, learning is much noisier.",
)
ACTION_NOISE = Parameter(
    name="action_noise",
    title="Action noise",
    kind=Kind.NUMBER,
    default=0.1,
    minimum=0,
    maximum=2,
    unit="standard deviations",
    group=Group.EXPLORATION,
    help="How much chance is added to each action while training, so that the agent tries new ones.",
)
TAU = Parameter(
    name="tau",
    title="Target speed",
    kind=Kind.NUMBER,
    default=0.005,
    minimum=0,
    exclusive_minimum=True,
    maximum=1,
    group=Group.ALGORITHM,
    advanced=True,
    help="How far the slow copy of the network, which sets the targets, follows at each update.",
)
POLICY_DELAY = Parameter(
    name="policy_delay",
    title="Policy delay",
    kind=Kind.INTEGER,
    default=2,
    minimum=1,
    maximum=20,
    unit="updates",
    group=Group.ALGORITHM,
    help="How many times the judge learns for each time that the actor learns.",
)
POLICY_NOISE = Parameter(
    name="policy_noise",
    title="Target noise",
    kind=Kind.NUMBER,
    default=0.2,
    minimum=0,
    maximum=2,
    unit="standard deviations",
    group=Group.ALGORITHM,
    help="How much chance is added to the actions in the targets, so that single lucky actions are not overrated.",
)
NOISE_CLIP = Parameter(
    name="noise_clip",
    title="Target noise limit",
    kind=Kind.NUMBER,
    default=0.5,
    minimum=0,
    maximum=5,
    unit="standard deviations",
    group=Group.ALGORITHM,
    advanced=True,
    help="The most by which the noise in the targets may move an action.",
)
ALPHA = Parameter(
    name="alpha",
    title="Temperature",
    kind=Kind.NUMBER,
    default=0.2,
    minimum=0,
    exclusive_minimum=True,
    maximum=10,
    group=Group.EXPLORATION,
    help="How much trying different actions is worth beside profit. With automatic temperature, only the first value.",
)
ALPHA_AUTO = Parameter(
    name="alpha_auto",
    title="Automatic temperature",
    kind=Kind.BOOLEAN,
    default=True,
    group=Group.EXPLORATION,
    help="Whether the temperature is tuned while training.",
)
