"""All sources, and which of them can be used on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from domain.datasets.sources.model import Availability, FetchRequest
from domain.errors import Code, Refused
from workers.data.sources.bundled import SkfolioSource
from workers.data.sources.eastmoney import AkshareSource
from workers.data.sources.exchanges import CcxtSource
from workers.data.sources.fetching import Fetched, fetch
from workers.data.sources.patience import Patience
from workers.data.sources.port import OnProgress, SourcePort
from workers.data.sources.synthetic import SyntheticSource
from workers.data.sources.yahoo import YahooSource


class Registry:
    """Finds the source of a request and lets it work."""

    def __init__(self, ports: Iterable[SourcePort]) -> None:
        self._ports = {port.source.name: port for port in ports}

    def availability(self) -> tuple[Availability, ...]:
        return tuple(_availability(port) for port in self._ports.values())

    def fetch(self, request: FetchRequest, out_path: Path, on_progress: OnProgress) -> Fetched:
        """Refuses, with the remedy, when the source's package is not installed."""
        port = self._ports[request.source]
        if not port.is_installed():
            message = f"{port.source.title} is not installed here. Whoever runs this server can: {port.source.remedy}."
            raise Refused.because(Code.WRONG_STATE, message, "source")
        return fetch(port, request, out_path, on_progress)


def default_registry(
    sleep: Callable[[float], None] = time.sleep, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Registry:
    patience = Patience(sleep)
    return Registry(
        (
            SyntheticSource(),
            SkfolioSource(),
            YahooSource(patience, now),
            AkshareSource(patience, now),
            CcxtSource(patience, now),
        )
    )


def _availability(port: SourcePort) -> Availability:
    there = port.is_installed()
    return Availability(port.source, there, None if there else port.source.remedy)
