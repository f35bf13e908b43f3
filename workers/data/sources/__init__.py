"""Sources: data that is made up here, lies in an installed package, or is fetched over the network."""

from __future__ import annotations

from workers.data.sources.fetching import Fetched, fetch
from workers.data.sources.port import OnProgress, SourcePort
from workers.data.sources.registry import Registry, default_registry

__all__ = ["Fetched", "OnProgress", "Registry", "SourcePort", "default_registry", "fetch"]
