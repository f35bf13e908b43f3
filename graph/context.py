"""What a resolver may reach: the viewer, the loaders, the reads, the use cases. No globals."""

from dataclasses import dataclass

import strawberry

from domain.clock import Clock
from domain.viewer import Viewer
from graph.loaders import Loaders
from graph.parts import About, Reads, StatusSource, UseCases


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
    operation_name: str | None = None
    """Known once the document is read; the log and the metrics speak of it."""

    @property
    def request_id(self) -> str:
        return self.viewer.origin.request_id


Info = strawberry.Info[Context, None]
