"""Which sources of data can be used here, told without loading any of them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from domain.datasets.sources import Availability, Source, sources


class InstalledSources:
    """Implements domain.datasets.making.Shelf."""

    def availability(self) -> Sequence[Availability]:
        return [_availability(source) for source in sources()]


def _availability(source: Source) -> Availability:
    there = source.package is None or find_spec(source.package) is not None
    return Availability(source, there, None if there else source.remedy)
