"""The API as a client meets it: HTTP in, JSON out."""

from __future__ import annotations

from typing import Any

import httpx

from tests.support.people import Person

JSON = dict[str, Any]


class Api:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def __call__(self, document: str, who: Person | None = None, **variables: object) -> JSON:
        """The whole answer."""
        headers = {"authorization": f"Bearer {who.token}"} if who else {}
        body = {"query": document, "variables": variables}
        response = await self.client.post("/graphql", json=body, headers=headers)
        answer: JSON = response.json()
        return answer

    async def data(self, document: str, who: Person | None = None, **variables: object) -> JSON:
        """The data of an answer that has no errors."""
        answer = await self(document, who, **variables)
        assert "errors" not in answer, answer["errors"]
        data: JSON = answer["data"]
        return data

    async def codes(self, document: str, who: Person | None = None, **variables: object) -> list[str]:
        """The codes of the top-level errors."""
        answer = await self(document, who, **variables)
        return [error["extensions"]["code"] for error in answer.get("errors", [])]

    async def do(self, field: str, who: Person | None, input: JSON, select: str = "errors { code field }") -> JSON:
        """Call one mutation and give its payload."""
        type_name = field[0].upper() + field[1:] + "Input"
        document = f"mutation($input: {type_name}!) {{ {field}(input: $input) {{ {select} }} }}"
        payload: JSON = (await self.data(document, who, input=input))[field]
        return payload
