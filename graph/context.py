"""What a resolver may reach: the viewer, the loaders, the reads, the use cases. No globals."""

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

import strawberry

from domain.clock import Clock
from domain.viewer import Viewer
from graph.execution.admission import Admitted
from graph.live.live import Live
from graph.loaders import Loaders
from graph.parts import About, Reads, StatusSource, UseCases
from graph.rates import Rates, headers


@dataclass(slots=True)
class Context:
    """Made anew for every operation."""

    viewer: Viewer
    reads: Reads
    use: UseCases
    loaders: Loaders
    clock: Clock
    about: About
    status: StatusSource
    rates: Rates
    live: Live
    facts: MutableMapping[str, Any] = field(default_factory=dict)
    """What is noted about the request on its way: for the log, the metrics and the headers of the answer."""
    resume_seq: int = 0
    """What a client that comes back says it saw last, beside what its operation says."""

    def refresh(self) -> None:
        """Answers to the next event of a subscription are not made of what was read for the last one."""
        self.loaders = Loaders(self.viewer, self.reads)

    def resume(self, seq: int) -> None:
        self.resume_seq = seq

    @property
    def request_id(self) -> str:
        return self.viewer.origin.request_id


async def gate(context: Context, admitted: Admitted) -> None:
    """The last look at an operation before it runs: it has a name now, and its turn must have come."""
    context.facts["operation_name"] = admitted.name
    verdict = await context.rates.admit(context.viewer, lists=admitted.lists)
    context.facts["answer_headers"] = headers(verdict, context.clock().timestamp())


Info = strawberry.Info[Context, None]
