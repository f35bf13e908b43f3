"""How graphql-sse goes on where it was cut off, over the whole platform."""

from __future__ import annotations

import json
from pathlib import Path

from app.factory import Factory
from domain.clock import utc_now
from tests.graph.live.following import id_of
from tests.support.events import a_running_job, lines, told
from tests.support.node import Script, running
from tests.support.people import Person
from tests.support.proxy import Proxy

EVENTS = "subscription($id: ID!) { jobEvents(id: $id) { kind: __typename seq } }"


async def seqs(script: Script, count: int) -> list[int]:
    return [(await script.hear())["jobEvents"]["seq"] for _ in range(count)]


async def test_last_event_id_resumes(scripts: Path, proxy: Proxy, factory: Factory, ann: Person) -> None:
    """The operation says no `after` at all, so all of it is the header's doing."""
    job = await a_running_job(factory, ann, *lines("1", "2", "3"))
    request = json.dumps({"query": EVENTS, "variables": {"id": id_of(job)}})
    words = [f"http://127.0.0.1:{proxy.port}/graphql", ann.token, request, "1000"]
    async with running("node", scripts / "streaming.mjs", *words) as script:
        assert await script.hear() == "connected"
        assert await seqs(script, 4) == [0, 1, 2, 3]
        proxy.cut()
        await told(factory, job, *lines("4", "5"))
        assert await script.hear() == "again"
        # The first of each stream says where it stands.
        assert await seqs(script, 3) == [3, 4, 5]
        proxy.cut()
        async with factory.works() as work:
            assert await work.jobs.complete(job.id, 1, utc_now()) is not None
        assert await script.hear() == "again"
        assert await seqs(script, 2) == [5, 6]
        assert await script.rest() == ["complete"]
