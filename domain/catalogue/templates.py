"""The templates that every installation starts with: one for each algorithm of each task."""

from __future__ import annotations

from dataclasses import dataclass

from domain.catalogue.model import Algorithm, AlgorithmName, TaskType
from domain.catalogue.offer import algorithms, tasks
from domain.catalogue.validation import complete

# What the platform promised before the defaults were tried out; whoever starts from it gets it.
_PROMISED: dict[tuple[TaskType, AlgorithmName], dict[str, object]] = {
    (TaskType.PORTFOLIO_MANAGEMENT, AlgorithmName.PPO): {
        "epochs": 10,
        "learning_rate": 0.001,
        "batch_size": 32,
        "discount": 0.99,
    },
}


@dataclass(frozen=True, slots=True)
class SystemTemplate:
    """A strategy to start from. The slug stays the same from version to version."""

    slug: str
    name: str
    description: str
    task_type: TaskType
    algorithm: AlgorithmName
    config_template: dict[str, object]


def system_templates() -> tuple[SystemTemplate, ...]:
    titles = {task.name: task.title for task in tasks()}
    return tuple(_template(algorithm, titles[algorithm.task]) for algorithm in algorithms())


def _template(algorithm: Algorithm, task_title: str) -> SystemTemplate:
    return SystemTemplate(
        slug=f"{algorithm.task}-{algorithm.name}".replace("_", "-"),
        name=f"{task_title}: {algorithm.title}",
        description=algorithm.summary,
        task_type=algorithm.task,
        algorithm=algorithm.name,
        config_template=complete(algorithm.task, algorithm.name, _PROMISED.get((algorithm.task, algorithm.name), {})),
    )
