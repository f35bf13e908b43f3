"""Trusted documents: operations that clients name by hash, and the rule that only those may run."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from typing import Protocol

from graph.transport.faults import Fault, FaultCode
from graph.transport.params import Params


class Documents(Protocol):
    """Where registered documents are kept."""

    async def get(self, sha256: str) -> str | None:
        """The text whose SHA-256 (lower-case hexadecimal) this is, or None."""


class TrustedDocuments:
    """Finds the text that a request means, and says no to a text that is not registered where that is the rule."""

    def __init__(self, *, store: Documents | None, trusted_only: bool = False, cached: int = 1_000) -> None:
        self._store = store
        self._trusted_only = trusted_only
        self._cached = cached
        self._cache: OrderedDict[str, str] = OrderedDict()

    async def text_of(self, params: Params) -> str:
        """The document to run."""
        if params.query:
            return await self._free_text(params.query, params.document)
        if params.document is None:
            raise Fault.bad_input("The request names no document: send `query` or `documentId`.")
        text = await self._registered(params.document)
        if text is None:
            # Apollo's clients look for exactly this message, then send the text along.
            raise Fault(FaultCode.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
        return text

    async def _free_text(self, text: str, named: str | None) -> str:
        if named is None and not self._trusted_only:
            return text
        digest = sha256(text.encode()).hexdigest()
        if named is not None and named != digest:
            raise Fault.bad_input("The hash that was sent is not the SHA-256 of `query`.")
        if self._trusted_only and await self._registered(digest) is None:
            message = "Only registered documents may be run here. Register this one, or send the id of one that is."
            raise Fault(FaultCode.DOCUMENT_NOT_TRUSTED, message, status=403)
        return text

    async def _registered(self, digest: str) -> str | None:
        if digest in self._cache:
            self._cache.move_to_end(digest)
            return self._cache[digest]
        text = await self._store.get(digest) if self._store else None
        if text is not None:
            self._cache[digest] = text
            while len(self._cache) > self._cached:
                self._cache.popitem(last=False)
        return text
