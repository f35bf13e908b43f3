"""Where data may come from, and what may be asked of each source."""

from __future__ import annotations

from domain.datasets.sources.demos import DemoDataset, demo_datasets
from domain.datasets.sources.model import AssetClass, Availability, FetchRequest, Source
from domain.datasets.sources.offer import source, sources
from domain.datasets.sources.requests import read_request, request_schema, validate_request

__all__ = [
    "AssetClass",
    "Availability",
    "DemoDataset",
    "FetchRequest",
    "Source",
    "demo_datasets",
    "read_request",
    "request_schema",
    "source",
    "sources",
    "validate_request",
]
