"""Errors of fields, and the nulls they leave behind.

While an operation runs, failures are only noted. At its end they are put in the order in which the fields were asked
for, and each in turn nulls the nearest place that may be null: so the answer does not depend on what was ready first.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import GraphQLError, located_error

from graph.execution.where import Steps, Where

if TYPE_CHECKING:
    from graph.execution.plan import Field


class Failure(NamedTuple):
    """An error, and where it happened."""

    where: Where
    number: int
    error: Exception
    field: Field

    def located(self, steps: Steps) -> GraphQLError:
        return located_error(self.error, self.field.nodes, [step.key for step in steps])

    @property
    def is_fatal(self) -> bool:
        """Whether nothing around it may be null, so that all data is lost."""
        return not any(step.nullable for step in self.where.steps(self.number))


def settle(data: dict[str, Any], failures: list[Failure]) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
    """The data with its nulls, and the errors that made them."""
    answer = {"data": data}
    placed = [(failure, failure.where.steps(failure.number)) for failure in failures]
    placed.sort(key=lambda pair: tuple(map(_order, pair[1])))
    errors = [failure.located(steps) for failure, steps in placed if _nulled(answer, steps)]
    return answer["data"], errors


_order = itemgetter(2)


def _nulled(answer: dict[str, Any], steps: Steps) -> bool:
    """Null what must be null for a failure there. False where an earlier failure has done so already."""
    holder: Any = answer
    key: str | int = "data"
    target = holder, key
    for step in steps:
        holder, key = holder[key], step.key
        if holder is None:
            return False
        if step.nullable:
            target = holder, key
    target[0][target[1]] = None
    return True
