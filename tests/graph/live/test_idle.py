"""What somebody who only waits keeps in memory: thousands do."""

import gc

from app.factory import Factory
from graph.execution.admission import Request
from graph.execution.batches import Answer, Batch
from graph.jobs.stream_items import JobStreamOpened
from graph.transport.params import Params
from tests.graph.live.following import following
from tests.graph.transport.wire import settle
from tests.support.events import a_running_job, lines, told
from tests.support.people import Person
from tests.support.town import Town

GONE = Params, Request, JobStreamOpened, Answer, Batch


def there() -> list[object]:
    gc.collect()
    # Not isinstance, which asks objects of other libraries for their class, and some of them warn.
    return [each for each in gc.get_objects() if type(each) in GONE]


async def test_neither_what_was_asked_nor_what_came_last(town: Town, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann)
    # Of other tests in this process.
    before = there()
    async with following(town, ann, job) as follower:
        assert (await follower.item())["__typename"] == "JobStreamOpened"
        await settle()
        assert [each for each in there() if not any(each is other for other in before)] == []
        await told(factory, job, *lines("a"))
        assert await follower.seqs(1) == [1]
