"""What subscriptions need of the process they run in."""

from __future__ import annotations

from dataclasses import dataclass

from domain.jobs.stores import JobReads
from graph.live.boards import Boards
from graph.live.hub import Hub
from graph.live.watchers import Watchers


@dataclass(frozen=True, slots=True)
class Live:
    """The parts that all subscriptions of a process share."""

    hub: Hub
    boards: Boards
    watchers: Watchers
    jobs: JobReads
    """These do not lag: a job is often watched in the moment after it was asked for."""
