"""One whole round, as any client would make it: an account, data, a strategy, a training, and its result."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from typing import Any

from app.client.account import Account
from app.client.api import Api, Refusal
from app.client.live import follow
from domain.catalogue import AlgorithmName, TaskType

LOOK_EVERY_S = 0.3

REGISTER = "mutation($input: RegisterInput!) { register(input: $input) { accessToken errors { code message } } }"
PROJECT = """
mutation($input: CreateProjectInput!) { createProject(input: $input) { project { id } errors { code message } } }
"""
DATASET = """
mutation($input: ImportDatasetInput!) { importDataset(input: $input) { dataset { id } errors { code message } } }
"""
STATE = "query($id: ID!) { node(id: $id) { ... on Dataset { status job { error { message } } } } }"
STRATEGY = """
mutation($input: CreateStrategyInput!) { createStrategy(input: $input) { strategy { id } errors { code message } } }
"""
TRAINING = (
    "mutation($input: StartTrainingInput!) { startTraining(input: $input) { job { id } errors { code message } } }"
)
EVENTS = """
subscription($id: ID!, $after: Int) {
  jobEvents(id: $id, after: $after) {
    __typename seq
    ... on JobLogEvent { level message }
    ... on JobMetricEvent { split values { name value } }
    ... on JobProgressEvent { percent epoch epochs stepsPerSecond secondsLeft }
    ... on JobStatusEvent { status errorMessage }
    ... on JobResultEvent { body }
    ... on JobHistoryGone { oldestSeq }
  }
}
"""
MODEL = "query($id: ID!) { node(id: $id) { ... on Job { status model { id name sha256 size } } } }"

# Made up, with one feature of many that knows something, so that there is something to learn.
MARKET = {
    "source": "synthetic",
    "generator": "planted_signal",
    "rows": 2_000,
    "features": 10,
    "sharpe": 4.0,
    "seed": 7,
}
STEPS = ({"kind": "split", "train": 0.6, "valid": 0.2, "purge": 5}, {"kind": "normalise"})


class Round:
    """Each step needs the one before. Raises Refusal when the API says no."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def register(self, account: Account) -> None:
        wish = {"username": account.username, "email": account.email, "password": account.password}
        answer = await self._api.change(REGISTER, input={**wish, "fullName": "Demo", "termsAccepted": True})
        self._api.token = answer["accessToken"]

    async def project(self) -> str:
        answer = await self._api.change(PROJECT, input={"name": "Demo"})
        return str(answer["project"]["id"])

    async def begin_dataset(
        self, project: str, request: dict[str, Any], steps: Sequence[dict[str, Any]], **words: Any
    ) -> str:
        wish = {"projectId": project, "request": request, "steps": list(steps), **words}
        answer = await self._api.change(DATASET, input=wish)
        return str(answer["dataset"]["id"])

    async def until_ready(self, dataset: str) -> None:
        """A worker makes it."""
        while True:
            state = (await self._api.ask(STATE, id=dataset))["node"]
            if state["status"] == "READY":
                return
            if state["status"] != "PROCESSING":
                raise Refusal(state["job"]["error"]["message"], "BAD")
            await asyncio.sleep(LOOK_EVERY_S)

    async def strategy(self, project: str, name: str, task: TaskType, algorithm: AlgorithmName, **config: Any) -> str:
        wish = {"name": name, "projectId": project, "taskType": task.name, "algorithm": algorithm.name}
        answer = await self._api.change(STRATEGY, input={**wish, "config": config})
        return str(answer["strategy"]["id"])

    async def train(self, strategy: str, dataset: str, seeds: list[int], key: str | None = None) -> str:
        wish = {"strategyId": strategy, "datasetId": dataset, "seeds": seeds}
        answer = await self._api.change(TRAINING, input={**wish, "idempotencyKey": key or secrets.token_hex(8)})
        return str(answer["job"]["id"])

    def events(self, job: str, after: int = 0) -> AsyncIterator[dict[str, Any]]:
        return follow(self._api, EVENTS, after=after, id=job)

    async def result(self, job: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self._api.ask(MODEL, id=job))["node"]
        return found
