"""What a strategy or template starts from: a task, an algorithm, and a configuration to lay one's own over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.catalogue import AlgorithmName, TaskType, complete
from domain.errors import Code, Refused
from domain.strategies.model import Strategy, StrategyTemplate
from domain.text import Problems


@dataclass(frozen=True, slots=True)
class Basis:
    task_type: TaskType
    algorithm: AlgorithmName
    config: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, task_type: TaskType | None, algorithm: AlgorithmName | None) -> Basis:
        """From scratch: both must be named."""
        with Problems() as problems:
            task = problems.take(_required, task_type, "task_type", "Name the task: `tasks` lists them.")
            name = problems.take(_required, algorithm, "algorithm", "Name the algorithm: `algorithms` lists them.")
        return cls(task, name)

    @classmethod
    def from_template(cls, template: StrategyTemplate) -> Basis:
        return cls(template.task_type, template.algorithm, template.config_template)

    @classmethod
    def from_strategy(cls, strategy: Strategy) -> Basis:
        return cls(strategy.task_type, strategy.algorithm, strategy.config)

    def agreeing(self, task_type: TaskType | None, algorithm: AlgorithmName | None) -> Basis:
        """Refuses when another task or algorithm is named beside the one that it comes with."""
        with Problems() as problems:
            problems.take(_same, task_type, self.task_type, "task_type")
            problems.take(_same, algorithm, self.algorithm, "algorithm")
        return self

    def completed(self, config: object) -> dict[str, Any]:
        """The whole configuration with this one laid over; a null puts a parameter back to its default."""
        return complete(self.task_type, self.algorithm, self._overlaid(config))

    def _overlaid(self, config: object) -> object:
        if not isinstance(config, Mapping):
            return config
        merged = {**self.config, **config}
        return {name: value for name, value in merged.items() if value is not None or name not in self.config}


def _required(value: Any, field: str, advice: str) -> Any:
    if value is None:
        message = f"{advice} Only who starts from a template or a strategy may leave it out."
        raise Refused.because(Code.REQUIRED, message, field)
    return value


def _same(given: object, own: object, field: str) -> None:
    if given is not None and given != own:
        message = f"What you start from is for {own}. Leave this out, or start from something else."
        raise Refused.because(Code.INVALID, message, field)
