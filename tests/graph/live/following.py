"""One who follows a job over a real socket, and comes back where it left off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from domain.jobs.model import Job
from graph.ids import encode
from tests.graph.transport.wire import Talker
from tests.support.people import Person
from tests.support.town import Town

EVENTS = """
subscription($id: ID!, $after: Int, $heartbeatS: Int) {
  jobEvents(id: $id, after: $after, heartbeatS: $heartbeatS) {
    __typename
    seq
    ... on JobLogEvent { message }
    ... on JobStatusEvent { status }
    ... on JobStreamOpened { oldestSeq lastSeq }
    ... on JobHistoryGone { oldestSeq lastSeq }
  }
}
"""
LOGS = """
subscription($id: ID!, $after: Int, $level: LogLevel, $match: String, $heartbeatS: Int) {
  jobLogs(id: $id, after: $after, level: $level, match: $match, heartbeatS: $heartbeatS) {
    __typename seq ... on JobLogEvent { level message }
  }
}
"""
METRICS = """
subscription($id: ID!, $after: Int, $names: [String!]) {
  jobMetrics(id: $id, after: $after, names: $names) {
    __typename seq ... on JobMetricEvent { epoch step split values { name value } }
  }
}
"""


def id_of(job: Job) -> str:
    return encode("Job", job.id)


class Follower:
    """Hears one subscription."""

    def __init__(self, talker: Talker, id_: str = "1") -> None:
        self.talker = talker
        self.id = id_

    async def item(self) -> dict[str, Any]:
        """The next item."""
        payload = await self.talker.hear_next(self.id)
        assert "errors" not in payload, payload
        [value] = payload["data"].values()
        item: dict[str, Any] = value
        return item

    async def seqs(self, count: int) -> list[int]:
        return [(await self.item())["seq"] for _ in range(count)]

    async def rest(self) -> list[dict[str, Any]]:
        """All items up to the end."""
        items = []
        while (message := await self.talker.hear())["type"] == "next":
            assert "errors" not in message["payload"], message
            items += message["payload"]["data"].values()
        assert message == {"type": "complete", "id": self.id}
        return items

    async def errors(self) -> list[dict[str, Any]]:
        """Why the subscription ends, or was not begun; nothing comes before it."""
        message = await self.talker.hear()
        assert (message["type"], message["id"]) in (("next", self.id), ("error", self.id)), message
        payload = message["payload"]
        found: list[dict[str, Any]] = payload if message["type"] == "error" else payload["errors"]
        return found

    async def refusal(self) -> str:
        [error] = await self.errors()
        return str(error["extensions"]["code"])


@asynccontextmanager
async def following(
    town: Town, who: Person, job: Job, document: str = EVENTS, **variables: object
) -> AsyncIterator[Follower]:
    async with town.socket(who) as talker:
        yield await follow(talker, job, document, **variables)


async def follow(talker: Talker, job: Job, document: str = EVENTS, id_: str = "1", **variables: object) -> Follower:
    await talker.subscribe(id_, document, variables={"id": id_of(job), **variables})
    return Follower(talker, id_)
