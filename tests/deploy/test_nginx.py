"""The configuration of nginx, in front of a real server where nginx is installed."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import subprocess
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
import websockets
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute

from app.middleware.serving import server_config
from app.settings import Settings

needs_nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")


@pytest.fixture
def text(root):
    return (root / "deploy/nginx.conf").read_text()


@pytest.mark.parametrize("place", ["compose.conf", "local.conf"])
def test_nginx_gives_up_idle_connections_before_the_server_does(root, place):
    (nginx,) = re.findall(r"keepalive_timeout (\d+)s", (root / "deploy/nginx" / place).read_text())
    config = server_config(Starlette(), Settings(_env_file=None))
    assert int(nginx) < config.timeout_keep_alive


def test_nginx_lets_through_what_the_server_wants_to_refuse_itself(text):
    usual, *files = (int(found) * 2**20 for found in re.findall(r"client_max_body_size (\d+)m", text))
    assert usual > Settings.model_fields["max_body_bytes"].default
    assert len(files) == 2
    assert min(files) > Settings.model_fields["max_upload_bytes"].default


def test_nginx_does_not_print_tickets(text):
    assert '"path":"$shown_path"' in text
    assert "$request_uri" not in text


class Place:
    """A copy of the configuration that needs no rights and listens on a free port."""

    def __init__(self, root, folder, upstream: int) -> None:
        self.port = free_port()
        conf = (root / "deploy/nginx.conf").read_text().replace("/run/nginx.pid", f"{folder}/nginx.pid")
        conf = conf.replace("listen 80;", f"listen 127.0.0.1:{self.port};").replace(
            "/etc/nginx/place.conf", f"{folder}/p"
        )
        conf = conf.replace(
            "http {",
            f"http {{ client_body_temp_path {folder}/b; proxy_temp_path {folder}/t;"
            f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;",
        )
        place = (root / "deploy/nginx/local.conf").read_text().replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
        (folder / "p").write_text(place.replace("/var/log/nginx", str(folder)))
        self.file = folder / "nginx.conf"
        self.file.write_text(conf)
        self.log = folder / "access.log"
        self.url = f"http://127.0.0.1:{self.port}"

    def command(self, *more: str) -> list[str]:
        return ["nginx", "-c", str(self.file), "-e", "stderr", *more]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def running(place: Place):
    child = subprocess.Popen(place.command("-g", "daemon off;"), stderr=subprocess.PIPE, text=True)  # noqa: ASYNC220
    try:
        await asyncio.get_running_loop().run_in_executor(None, reachable, place.port, child)
        yield
    finally:
        child.terminate()
        child.wait()
        child.stderr.close()


def reachable(port: int, child: subprocess.Popen[str]) -> None:
    while child.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            continue
        return
    raise AssertionError(child.stderr.read() if child.stderr else "")


async def echo(request: Request) -> JSONResponse:
    names = ("host", "x-forwarded-for", "x-forwarded-proto", "x-request-id", "connection", "upgrade")
    return JSONResponse({name: request.headers.get(name) for name in names} | {"size": len(await request.body())})


async def talk(ws) -> None:
    await ws.accept()
    async for message in ws.iter_text():
        await ws.send_text(message)


class Stream:
    """Sends its second event only after the first was seen."""

    def __init__(self) -> None:
        self.first_was_seen = asyncio.Event()

    async def answer(self, request: Request) -> StreamingResponse:
        async def events():
            yield "data: 1\n\n"
            await self.first_was_seen.wait()
            yield "data: 2\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")


class Upstream(uvicorn.Server):
    def __init__(self, app) -> None:
        super().__init__(server_config(app, Settings(_env_file=None), loop="none", lifespan="off"))
        self.up = asyncio.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    async def startup(self, sockets=None) -> None:
        await super().startup(sockets)
        self.up.set()


@asynccontextmanager
async def serving(app):
    server = Upstream(app)
    task = asyncio.create_task(server.serve([server.listener]))
    await server.up.wait()
    try:
        yield server.port
    finally:
        server.should_exit = True
        await task


@needs_nginx
def test_nginx_understands_the_configuration(root, tmp_path):
    done = subprocess.run(Place(root, tmp_path, 1).command("-t"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@needs_nginx
async def test_requests_streams_and_sockets_go_through(root, tmp_path):
    stream = Stream()
    routes = [
        Route("/graphql", echo, methods=["POST"]),
        Route("/graphql/stream", stream.answer),
        WebSocketRoute("/graphql", talk),
    ]
    async with serving(Starlette(routes=routes)) as port:
        place = Place(root, tmp_path, port)
        async with running(place), httpx.AsyncClient(base_url=place.url) as client:
            seen = (await client.post("/graphql", content=b"abc", headers=CLAIMS)).json()
            assert re.fullmatch("[0-9a-f]{32}", seen.pop("x-request-id"))
            assert seen == {
                "host": f"127.0.0.1:{place.port}",
                "x-forwarded-for": "127.0.0.1",
                "x-forwarded-proto": "http",
                "connection": None,
                "upgrade": None,
                "size": 3,
            }
            async with client.stream("GET", "/graphql/stream") as answer:
                parts = answer.aiter_text()
                assert await anext(parts) == "data: 1\n\n"
                stream.first_was_seen.set()
                assert await anext(parts) == "data: 2\n\n"
            async with websockets.connect(place.url.replace("http", "ws") + "/graphql") as ws:
                await ws.send("hello")
                assert await ws.recv() == "hello"
            assert (await client.get("/metrics")).status_code == 404
        assert '"path":"/graphql","status":200' in place.log.read_text()


CLAIMS = {"x-forwarded-for": "6.6.6.6", "x-forwarded-proto": "https", "x-request-id": "made-up-by-the-client"}


@needs_nginx
async def test_what_nginx_refuses_itself_is_in_the_form_of_the_api(root, tmp_path):
    place = Place(root, tmp_path, free_port())
    async with running(place), httpx.AsyncClient(base_url=place.url) as client:
        away = await client.post("/graphql", content=b"{}")
        too_large = await client.post("/elsewhere", content=b"x" * 3_000_000)
    assert (away.status_code, away.headers["retry-after"]) == (503, "2")
    assert away.json()["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert too_large.status_code == 413
    assert too_large.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    for answer in (away, too_large):
        assert answer.headers["content-type"] == "application/json"
        assert re.fullmatch("[0-9a-f]{32}", answer.json()["errors"][0]["extensions"]["requestId"])
