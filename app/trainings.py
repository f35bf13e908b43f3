"""Which engines can train here, told without loading any of them."""

from __future__ import annotations

from collections.abc import Sequence

from domain.trainings.engines import EMBEDDED, Engine


class InstalledEngines:
    """Implements domain.trainings.engines.Engines."""

    def offered(self) -> Sequence[Engine]:
        # A worker installs what it needs when it first trains, so it is always there.
        return [Engine(EMBEDDED, "Embedded engine (PyTorch on this platform's workers)", available=True)]
