"""The API as a client meets it: HTTP in, JSON out."""

from __future__ import annotations

import json
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

    async def send(self, document: str, who: Person | None, name: str, data: bytes, **variables: object) -> JSON:
        """The whole answer to a request that brings a file along, for `input.file`."""
        headers = {"x-graphql-preflight": "1"} | ({"authorization": f"Bearer {who.token}"} if who else {})
        form = {
            "operations": json.dumps({"query": document, "variables": variables}),
            "map": json.dumps({"0": ["variables.input.file"]}),
        }
        response = await self.client.post("/graphql", data=form, files={"0": (name, data)}, headers=headers)
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
