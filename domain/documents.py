"""Trusted documents: operations that were registered by their hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TrustedDocument:
    sha256: bytes
    name: str
    document: str

    @classmethod
    def of(cls, name: str, document: str) -> TrustedDocument:
        return cls(hashlib.sha256(document.encode()).digest(), name, document)


class DocumentStore(Protocol):
    async def add(self, document: TrustedDocument) -> bool:
        """True if it was not known before."""
