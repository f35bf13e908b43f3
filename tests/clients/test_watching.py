"""The two clients that follow a job, over a connection that breaks."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from app.embedded.endpoints import Endpoints
from app.factory import Factory
from app.settings import ROOT, Settings
from domain.clock import utc_now
from domain.ids import new_id
from domain.jobs.events import Progress
from domain.jobs.model import Job
from graph.ids import encode
from tests.clients.conftest import EXAMPLE
from tests.graph.live.following import id_of
from tests.support.events import a_running_job, lines, measured, told
from tests.support.node import Script, environment, running
from tests.support.people import Person
from tests.support.proxy import Proxy
from tests.support.town import Town, a_town

Watch = Callable[..., AbstractAsyncContextManager[Script]]


class Typescript:
    """clients/typescript/watch.ts, which numbers what it prints."""

    @staticmethod
    def command(job: str, url: str, after: int) -> list[str | Path]:
        return ["node", EXAMPLE / "watch.ts", job, url, str(after)]

    @staticmethod
    def line(seq: int, message: str) -> str:
        return f"{seq} INFO {message}"


class Terminal:
    """./tmw watch, which prints the log, and how far it is at the end."""

    @staticmethod
    def command(job: str, url: str, after: int) -> list[str | Path]:
        return [sys.executable, "-P", "-m", "app", "watch", job, "--url", url, "--after", str(after)]

    @staticmethod
    def line(seq: int, message: str) -> str:
        return message


Client = type[Typescript] | type[Terminal]


@pytest.fixture(params=[Typescript, Terminal])
def client(request: pytest.FixtureRequest) -> Client:
    found: Client = request.param
    return found


@pytest.fixture
def watch(request: pytest.FixtureRequest, client: Client, proxy: Proxy, ann: Person) -> Watch:
    if client is Typescript:
        request.getfixturevalue("example")

    @asynccontextmanager
    async def watching(job: str, after: int = 0, token: str = ann.token) -> AsyncIterator[Script]:
        env = {"TMW_TOKEN": token, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
        async with running(*client.command(job, f"http://127.0.0.1:{proxy.port}", after), env=env) as script:
            yield script

    return watching


async def complete(factory: Factory, job: Job) -> None:
    async with factory.works() as work:
        assert await work.jobs.complete(job.id, 1, utc_now()) is not None


async def test_each_line_is_printed_once_and_in_order(
    client: Client, watch: Watch, proxy: Proxy, factory: Factory, ann: Person
) -> None:
    messages = [f"line {number}" for number in range(1, 41)]
    job = await a_running_job(factory, ann, *lines(*messages[:10]))
    heard: list[str] = []
    async with watch(id_of(job)) as script:
        for begin in (10, 20, 30):
            heard += [await script.line() for _ in range(10)]
            proxy.cut()
            await told(factory, job, *lines(*messages[begin : begin + 10]))
        await complete(factory, job)
        code, rest, _ = await script.end()
    assert code == 0
    expected = [client.line(seq, message) for seq, message in enumerate(messages, 1)]
    assert [*heard, *rest][:40] == expected
    assert not set(rest[10:]) & set(expected)
    assert proxy.connections == 4


async def test_it_comes_back_after_a_restart(
    client: Client,
    watch: Watch,
    town: Town,
    proxy: Proxy,
    factory: Factory,
    ann: Person,
    settings: Settings,
    endpoints: Endpoints,
) -> None:
    job = await a_running_job(factory, ann, *lines("before"))
    async with AsyncExitStack() as life:
        first = await life.enter_async_context(a_town(settings, endpoints))
        proxy.target = first.port
        async with watch(id_of(job)) as script:
            assert await script.line() == client.line(1, "before")
            proxy.target = town.port
            await life.aclose()
            await told(factory, job, *lines("after"))
            assert await script.line() == client.line(2, "after")
            await complete(factory, job)
            assert (await script.end())[0] == 0


async def test_it_begins_where_it_is_told(client: Client, watch: Watch, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann, *lines("old", "old", "new"))
    await complete(factory, job)
    async with watch(id_of(job), after=2) as script:
        assert await script.line() == client.line(3, "new")
        assert (await script.end())[0] == 0


async def test_measures_and_progress_are_shown(watch: Watch, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann, *measured(1.25), Progress(50.0, epoch=1, epochs=2))
    await complete(factory, job)
    async with watch(id_of(job)) as script:
        _, said, _ = await script.end()
    shown = "\n".join(said)
    assert "sharpe" in shown
    assert "1.25" in shown


async def test_a_job_that_fails_is_said_with_the_exit_code(watch: Watch, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann)
    async with factory.works() as work:
        assert await work.jobs.fail(job.id, 1, "BROKEN", "The data has a hole.", utc_now()) is not None
    async with watch(id_of(job)) as script:
        code, said, complaints = await script.end()
    assert code == 1
    assert "The data has a hole." in "\n".join(said) + complaints


async def test_a_job_that_is_not_there(watch: Watch) -> None:
    async with watch(encode("Job", new_id())) as script:
        code, said, complaints = await script.end()
    assert code == 1
    assert complaints == "There is no Job with this id.\n"
    assert not any("INFO" in line for line in said)


async def test_a_token_that_is_not_good(watch: Watch, factory: Factory, ann: Person, proxy: Proxy) -> None:
    job = await a_running_job(factory, ann, *lines("secret"))
    async with watch(id_of(job), token="nonsense") as script:
        code, said, complaints = await script.end()
    assert (code, complaints) == (1, "The token is wrong, has expired, or was revoked\n")
    assert "secret" not in "".join(said)
    assert proxy.connections == 1


@pytest.fixture
def in_terminal(proxy: Proxy, ann: Person) -> Watch:
    @asynccontextmanager
    async def watching(job: str) -> AsyncIterator[Script]:
        env = {"TMW_TOKEN": ann.token, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
        async with running(*Terminal.command(job, f"http://127.0.0.1:{proxy.port}", 1), env=env) as script:
            yield script

    return watching


def how_to_go_on(job: Job, port: int, seq: int) -> str:
    return f"To go on from here: ./tmw watch {id_of(job)} --url http://127.0.0.1:{port} --after {seq}\n"


async def test_who_stops_is_told_how_to_go_on(in_terminal: Watch, proxy: Proxy, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann, *lines("1", "2", "3"))
    async with in_terminal(id_of(job)) as script:
        assert [await script.line(), await script.line()] == ["2", "3"]
        script.process.send_signal(signal.SIGINT)
        code, _, complaints = await script.end()
    assert (code, complaints) == (130, how_to_go_on(job, proxy.port, 3))


async def test_so_is_who_may_see_no_more(
    in_terminal: Watch, town: Town, proxy: Proxy, factory: Factory, ann: Person
) -> None:
    job = await a_running_job(factory, ann, *lines("1", "2"))
    async with in_terminal(id_of(job)) as script:
        assert await script.line() == "2"
        await town.api.data("mutation { logout { errors { code } } }", ann)
        code, _, complaints = await script.end()
    assert (code, complaints) == (1, "The token was revoked\n" + how_to_go_on(job, proxy.port, 2))


def test_the_example_has_no_type_errors(example: Path) -> None:
    words: list[str | Path] = [example / "node_modules/.bin/tsc", "--noEmit"]
    done = subprocess.run(words, check=False, cwd=example, env=environment(), capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("", 0)
