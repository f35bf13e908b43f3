"""The words of sources: what each can give, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.datasets.forms import Form, Values


class AssetClass(StrEnum):
    """What sort of market the prices are from."""

    STOCK = "stock"
    INDEX = "index"
    FUND = "fund"
    CURRENCY = "currency"
    CRYPTO = "crypto"
    FUTURE = "future"
    SYNTHETIC = "synthetic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place that data comes from, and what it can do."""

    name: str
    title: str
    summary: str
    forms: tuple[Form, ...]
    """What may be asked: one form, or one for each generator of a source that makes data up."""
    asset_classes: tuple[AssetClass, ...]
    periods: tuple[str, ...]
    package: str | None = None
    """The package that must be installed for it."""
    needs_network: bool = False
    needs_key: bool = False
    synthetic: bool = False

    @property
    def remedy(self) -> str | None:
        return None if self.package is None else f"pip install {self.package}"


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a source can be used on this machine, and what to do if not."""

    source: Source
    available: bool
    remedy: str | None


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """What is asked of a source: one of its forms, filled in and checked."""

    source: str
    form: str
    values: Values

    def to_json(self) -> dict[str, Any]:
        """The canonical form: read back, it is the same request."""
        generator = {} if self.form == self.source else {"generator": self.form}
        return {"source": self.source, **generator, **self.values}
