"""Trusted documents: operations that were registered by their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from domain.audit import Action
from domain.errors import Code, Problem, Refused
from domain.text import Problems, clean_text
from domain.viewer import Viewer, only_admins

if TYPE_CHECKING:
    from domain.work import Works

MOST_AT_ONCE = 500

Faults = Callable[[str], Sequence[str]]
"""What is wrong with a document, measured by the schema; nothing for a good one."""


@dataclass(frozen=True, slots=True)
class TrustedDocument:
    sha256: bytes
    name: str
    document: str

    @classmethod
    def of(cls, name: str, document: str) -> TrustedDocument:
        return cls(hashlib.sha256(document.encode()).digest(), name, document)


@dataclass(frozen=True, slots=True)
class Registered:
    document: TrustedDocument
    is_new: bool


class DocumentStore(Protocol):
    async def add(self, document: TrustedDocument) -> bool:
        """True if it was not known before."""


class Documents:
    """Register operations. All of them, or none when one is no good."""

    def __init__(self, *, works: Works) -> None:
        self._works = works

    async def register(
        self, viewer: Viewer, documents: Sequence[tuple[str, str]], faults: Faults
    ) -> Sequence[Registered]:
        """By name and text, in the order given."""
        only_admins(viewer)
        checked = _checked(documents, faults)
        async with self._works() as work:
            # In one order, so that two who register the same ones at once cannot wait for each other.
            ordered = sorted(checked, key=lambda document: document.sha256)
            new = {document.sha256 for document in ordered if await work.documents.add(document)}
            if new:
                shown = [{"name": each.name, "sha256": each.sha256.hex()} for each in checked if each.sha256 in new]
                await work.audit.record(
                    viewer, Action.DOCUMENTS_REGISTERED, of="TrustedDocument", id=None, after={"documents": shown}
                )
        return [Registered(document, document.sha256 in new) for document in checked]


def _checked(documents: Sequence[tuple[str, str]], faults: Faults) -> list[TrustedDocument]:
    if not documents:
        raise Refused.because(Code.REQUIRED, "Give at least one document.", "documents")
    if len(documents) > MOST_AT_ONCE:
        message = f"At most {MOST_AT_ONCE} documents at once. Send the rest afterwards."
        raise Refused.because(Code.TOO_LONG, message, "documents")
    with Problems() as problems:
        return [
            problems.take(_document, ("documents", str(index)), name, text, faults)
            for index, (name, text) in enumerate(documents)
        ]


def _document(place: tuple[str, ...], name: str, text: str, faults: Faults) -> TrustedDocument:
    with Problems() as problems:
        label = problems.take(clean_text, name, (*place, "name"))
        problems.take(_check_storable, text, (*place, "document"))
    problems.add(*(Problem(Code.INVALID, fault, (*place, "document")) for fault in faults(text)))
    problems.raise_if_any()
    return TrustedDocument.of(label, text)


def _check_storable(text: str, place: tuple[str, ...]) -> None:
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Refused(Problem(Code.INVALID, "The document has characters that cannot be stored.", place))
