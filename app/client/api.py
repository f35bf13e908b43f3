"""Questions and changes, over HTTP."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import httpx

TIMEOUT_S = 30.0


class Refusal(Exception):
    """The API said no, in words for a person."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class Unreachable(Exception):
    """Nobody answers there, or not in a way that is understood."""


class Api:
    """One client. `token` may be set later, by whoever signs in through it."""

    def __init__(
        self, url: str, token: str | None = None, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self._http = httpx.AsyncClient(base_url=self.url, timeout=TIMEOUT_S, transport=transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data of the answer. Raises Refusal for its first error."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        body = {"query": document, "variables": variables}
        try:
            reply = await self._http.post("/graphql", json=body, headers=headers)
            answer = reply.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Unreachable(f"{self.url} does not answer as it should ({error or type(error).__name__}).") from error
        return data_of(answer)

    async def change(self, document: str, **variables: Any) -> Any:
        """The payload of a document's only mutation. Raises Refusal for the first of its errors, too."""
        (payload,) = (await self.ask(document, **variables)).values()
        for problem in payload["errors"]:
            raise Refusal(problem["message"], problem["code"])
        return payload


def data_of(answer: dict[str, Any]) -> dict[str, Any]:
    for error in answer.get("errors") or ():
        raise refusal_of(error)
    data: dict[str, Any] = answer["data"]
    return data


def refusal_of(error: dict[str, Any]) -> Refusal:
    return Refusal(error["message"], error.get("extensions", {}).get("code", ""))
