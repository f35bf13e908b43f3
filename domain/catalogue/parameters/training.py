"""How long, how fast and on how much data an agent learns, and how large it is."""

from __future__ import annotations

from domain.catalogue.model import Group, Kind, Parameter

EPOCHS = Parameter(
    name="epochs",
    title="Epochs",
    kind=Kind.INTEGER,
    default=10,
    minimum=1,
    maximum=1_000,
    unit="passes",
    group=Group.TRAINING,
    help="How many times the agent goes through the training data. More is not always better: "
    "an agent that trains too long learns the past by heart.",
)
LEARNING_RATE = Parameter(
    name="learning_rate",
    title="Learning rate",
    kind=Kind.NUMBER,
    default=0.001,
    minimum=0,
    exclusive_minimum=True,
    maximum=0.1,
    group=Group.TRAINING,
    help="How far each update moves the agent. Too high and it never settles, too low and it learns nothing in time.",
)
BATCH_SIZE = Parameter(
    name="batch_size",
    title="Batch size",
    kind=Kind.INTEGER,
    default=256,
    minimum=1,
    maximum=16_384,
    unit="samples",
    group=Group.TRAINING,
    help="How many past situations each update learns from. Larger batches are steadier and slower.",
)
DISCOUNT = Parameter(
    name="discount",
    title="Discount",
    kind=Kind.NUMBER,
    default=0.99,
    minimum=0,
    maximum=1,
    group=Group.TRAINING,
    help="How much tomorrow's profit counts today. At 0.9 the agent looks about 10 steps ahead, at 0.99 about 100.",
)
WEIGHT_DECAY = Parameter(
    name="weight_decay",
    title="Weight decay",
    kind=Kind.NUMBER,
    default=3.0,
    minimum=0,
    maximum=100,
    group=Group.TRAINING,
    help="How strongly the agent is held to simple rules. It guards against learning noise by heart; "
    "about 0.003 divided by the learning rate works well on daily prices.",
)
MAX_GRADIENT_NORM = Parameter(
    name="max_gradient_norm",
    title="Largest gradient",
    kind=Kind.NUMBER,
    default=3.0,
    minimum=0,
    exclusive_minimum=True,
    maximum=1_000,
    group=Group.TRAINING,
    advanced=True,
    help="Updates that are larger than this are shortened, so that one wild day cannot undo what was learned.",
)
PARALLEL_ENVIRONMENTS = Parameter(
    name="parallel_environments",
    title="Parallel environments",
    kind=Kind.INTEGER,
    default=64,
    minimum=1,
    maximum=4_096,
    unit="environments",
    group=Group.TRAINING,
    advanced=True,
    help="How many copies of the market the agent plays at the same time, each from another day.",
)
EVALUATION_INTERVAL = Parameter(
    name="evaluation_interval",
    title="Evaluation interval",
    kind=Kind.INTEGER,
    default=2_500,
    minimum=100,
    maximum=1_000_000,
    unit="steps",
    group=Group.TRAINING,
    advanced=True,
    help="How many steps pass between two tests on the validation data. The agent that did best there is kept.",
)

HIDDEN_LAYERS = Parameter(
    name="hidden_layers",
    title="Hidden layers",
    kind=Kind.INTEGER_LIST,
    default=(64, 64),
    minimum=1,
    maximum=2_048,
    min_items=1,
    max_items=8,
    unit="neurons",
    group=Group.NETWORK,
    help="The size of each layer of the agent's network, from input to output. Small networks learn less noise.",
)
ACTIVATION = Parameter(
    name="activation",
    title="Activation",
    kind=Kind.CHOICE,
    default="relu",
    choices=("relu", "tanh", "silu"),
    group=Group.NETWORK,
    advanced=True,
    help="The bend between two layers of the network. The default rarely needs a change.",
)

COMMON = (EPOCHS, LEARNING_RATE, WEIGHT_DECAY, MAX_GRADIENT_NORM, EVALUATION_INTERVAL)
NETWORK = (HIDDEN_LAYERS, ACTIVATION)


def with_epochs(epochs: int) -> tuple[Parameter, ...]:
    """COMMON for algorithms that take so many passes to learn."""
    return (EPOCHS.with_default(epochs), *COMMON[1:])
