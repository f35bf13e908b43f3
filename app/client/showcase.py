"""Furnishes the account of the demo: a project, a dataset and a strategy for each task, and a training of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.client.account import Account
from app.client.api import Api, Refusal
from app.client.round import Round
from domain.catalogue import AlgorithmName
from domain.datasets.sources import DemoDataset, demo_datasets

LOGIN = "mutation($input: LoginInput!) { login(input: $input) { accessToken errors { code message } } }"
PROJECTS = """query { projects(filter: {text: "Demo"}, first: 1) { nodes { id } } }"""
STRATEGIES = "query($text: String!) { strategies(filter: {text: $text}, first: 1) { nodes { id } } }"
# The first choice for each task, in the order of the demo's datasets.
CHOSEN = (
    (AlgorithmName.DQN, [1, 2, 3]),
    (AlgorithmName.EIIE, [1]),
    (AlgorithmName.PD, [1]),
    (AlgorithmName.DDQN, [1]),
)


@dataclass(frozen=True, slots=True)
class Exhibit:
    data: DemoDataset
    algorithm: AlgorithmName
    seeds: list[int]

    @property
    def name(self) -> str:
        return f"Demo: {self.algorithm.value.upper()}, {self.data.task_type.value.replace('_', ' ')}"


class Showcase:
    """Asking again changes nothing, and makes up for what was broken off."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._round = Round(api)

    async def furnish(self, account: Account) -> None:
        await self._enter(account)
        project = await self._project()
        exhibits = [Exhibit(data, *chosen) for data, chosen in zip(demo_datasets(), CHOSEN, strict=True)]
        datasets = [await self._dataset(project, exhibit.data) for exhibit in exhibits]
        for exhibit, dataset in zip(exhibits, datasets, strict=True):
            strategy = await self._strategy(project, exhibit)
            await self._round.until_ready(dataset)
            await self._round.train(strategy, dataset, exhibit.seeds, key=exhibit.data.slug)

    async def _enter(self, account: Account) -> None:
        try:
            await self._round.register(account)
        except Refusal as refusal:
            if refusal.code != "ALREADY_EXISTS":
                raise
            wish = {"usernameOrEmail": account.username, "password": account.password}
            self._api.token = (await self._api.change(LOGIN, input=wish))["accessToken"]

    async def _project(self) -> str:
        found = (await self._api.ask(PROJECTS))["projects"]["nodes"]
        return str(found[0]["id"]) if found else await self._round.project()

    async def _dataset(self, project: str, data: DemoDataset) -> str:
        steps: list[dict[str, Any]] = [step.to_json() for step in data.recipe.steps]
        words = {"name": data.name, "description": data.description, "tags": ["demo", data.task_type.value]}
        return await self._round.begin_dataset(
            project, data.request.to_json(), steps, **words, idempotencyKey=data.slug
        )

    async def _strategy(self, project: str, exhibit: Exhibit) -> str:
        found = (await self._api.ask(STRATEGIES, text=exhibit.name))["strategies"]["nodes"]
        if found:
            return str(found[0]["id"])
        return await self._round.strategy(project, exhibit.name, exhibit.data.task_type, exhibit.algorithm)
