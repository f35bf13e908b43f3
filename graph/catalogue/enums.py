"""The names of the catalogue."""

from domain.catalogue import AlgorithmName, Family, Group, Kind, TaskType
from graph.enums import described

described(
    TaskType,
    "TaskType",
    "What an agent is trained to do. `tasks` tells more about each, and which data it needs.",
    {
        TaskType.ALGORITHMIC_TRADING: "Trade one instrument, bar by bar.",
        TaskType.PORTFOLIO_MANAGEMENT: "Spread money over several assets.",
        TaskType.ORDER_EXECUTION: "Work off one large order at a good price.",
        TaskType.HIGH_FREQUENCY_TRADING: "Trade one instrument on its order book.",
    },
)
described(
    AlgorithmName,
    "AlgorithmName",
    "How an agent learns. `algorithms(task:)` tells which of them a task can be done by, and their parameters.",
    {
        AlgorithmName.DQN: "Deep Q-network. For algorithmic trading.",
        AlgorithmName.DDQN: "Double deep Q-network. For algorithmic and high-frequency trading.",
        AlgorithmName.DEEPSCALPER: "DeepScalper, a risk-aware deep Q-network. For algorithmic trading.",
        AlgorithmName.PPO: "Proximal policy optimisation. For portfolio management.",
        AlgorithmName.A2C: "Advantage actor-critic. For portfolio management.",
        AlgorithmName.PG: "Policy gradient. For portfolio management.",
        AlgorithmName.DDPG: "Deep deterministic policy gradient. For portfolio management.",
        AlgorithmName.SAC: "Soft actor-critic. For portfolio management.",
        AlgorithmName.TD3: "Twin delayed deep deterministic policy gradient. For portfolio management.",
        AlgorithmName.EIIE: "Ensemble of identical independent evaluators. For portfolio management.",
        AlgorithmName.SARL: "State-augmented reinforcement learning. For portfolio management.",
        AlgorithmName.DEEPTRADER: "DeepTrader, which weighs assets against the state of the market. "
        "For portfolio management.",
        AlgorithmName.INVESTOR_IMITATOR: "Investor-Imitator, which learns when to trust which kind of investor. "
        "For portfolio management.",
        AlgorithmName.ETEO: "End-to-end optimal trade execution. For order execution.",
        AlgorithmName.PD: "Oracle policy distillation. For order execution.",
    },
)
described(
    Family,
    "AlgorithmFamily",
    "What an algorithm learns.",
    {
        Family.VALUE_BASED: "What each action is worth; it takes the best one.",
        Family.POLICY_GRADIENT: "Directly how to act.",
        Family.ACTOR_CRITIC: "How to act, and at the same time what situations are worth.",
        Family.IMITATION: "To act like a teacher.",
    },
)
described(
    Kind,
    "ParameterKind",
    "What sort of value a parameter takes.",
    {
        Kind.INTEGER: "A whole number.",
        Kind.NUMBER: "A number.",
        Kind.BOOLEAN: "True or false.",
        Kind.CHOICE: "One of the texts in `choices`.",
        Kind.INTEGER_LIST: "A list of whole numbers; the range holds for each of them.",
    },
)
described(
    Group,
    "ParameterGroup",
    "Where a parameter stands in a form. Forms show the groups in this order.",
    {
        Group.TRAINING: "How long and how fast it learns.",
        Group.NETWORK: "The shape of the neural network.",
        Group.EXPLORATION: "How it tries things out.",
        Group.REPLAY: "What it remembers.",
        Group.ALGORITHM: "What is special to the algorithm.",
        Group.RISK: "How much it shies away from risk.",
        Group.ENVIRONMENT: "The market that it trains in: costs, limits, what it sees.",
    },
)

__all__ = ["AlgorithmName", "Family", "Group", "Kind", "TaskType"]
