"""graphql-transport-ws: each message and each close code, against a real server."""

from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from graph.transport import server
from graph.transport.shared import Limits
from tests.graph.transport.conftest import Connect, World
from tests.graph.transport.toy import within
from tests.graph.transport.wire import until

COMPLETE_1 = {"type": "complete", "id": "1"}


class TestHandshake:
    @pytest.mark.parametrize("protocols", [None, ["graphql-ws"], ["chat", "GRAPHQL-TRANSPORT-WS"]])
    async def test_other_protocols_are_refused_before_the_socket_opens(self, connect: Connect, protocols: Any) -> None:
        with pytest.raises(InvalidStatus) as refused:
            async with connect(protocols=protocols):
                pass
        assert refused.value.response.status_code == 400
        assert b'"code":"BAD_USER_INPUT","requestId":"req-1"' in (refused.value.response.body or b"")

    async def test_ours_is_taken_from_several(self, connect: Connect) -> None:
        async with connect(protocols=["graphql-ws", "graphql-transport-ws"], init={}) as talker:
            assert talker.socket.subprotocol == "graphql-transport-ws"


class TestInitialisation:
    async def test_no_init_in_time(self, world: World, connect: Connect) -> None:
        world.limits = Limits(init_timeout=0.05)
        async with connect() as talker:
            assert await talker.hear_end() == 4408

    async def test_a_second_init(self, connect: Connect) -> None:
        async with connect(init={}) as talker:
            await talker.say(type="connection_init")
            assert await talker.hear_end() == 4429

    async def test_subscribing_first(self, connect: Connect) -> None:
        async with connect() as talker:
            await talker.subscribe("1", "{ hello }")
            assert await talker.hear_end() == 4401

    async def test_pinging_first(self, connect: Connect) -> None:
        async with connect() as talker:
            await talker.say(type="ping", payload={"at": 1})
            assert await talker.hear() == {"type": "pong", "payload": {"at": 1}}
            await talker.say(type="ping")
            assert await talker.hear() == {"type": "pong"}

    @pytest.mark.parametrize(
        ("payload", "user"),
        [
            (None, "nobody"),
            ({}, "nobody"),
            ({"authorization": None}, "nobody"),
            ({"authorization": "Bearer user:ann"}, "ann"),
            ({"Authorization": "bearer  user:ann "}, "ann"),
        ],
    )
    async def test_tokens(self, connect: Connect, payload: Any, user: str) -> None:
        async with connect() as talker:
            await talker.say(type="connection_init", payload=payload)
            assert await talker.hear() == {"type": "connection_ack"}
            await talker.subscribe("1", "{ whoami }")
            assert await talker.hear_next("1") == {"data": {"whoami": user}}

    @pytest.mark.parametrize(
        ("authorization", "code"),
        [
            ("Bearer wrong", 4403),
            ("Bearer forbidden", 4403),
            ("Bearer ", 4403),
            ("user:ann", 4403),
            ("Basic user:ann", 4403),
            ("", 4403),
            (17, 4403),
            (["Bearer user:ann"], 4403),
            ("Bearer down", 1013),
            ("Bearer bug", 4500),
        ],
    )
    async def test_bad_tokens(self, connect: Connect, authorization: object, code: int) -> None:
        async with connect() as talker:
            await talker.say(type="connection_init", payload={"authorization": authorization})
            assert await talker.hear_end() == code
            assert "secret detail" not in str(talker.socket.close_reason)


class TestMessages:
    @pytest.mark.parametrize(
        "frame",
        [
            "",
            "{",
            "nonsense",
            "[]",
            "null",
            '"ping"',
            "{}",
            '{"type": null}',
            '{"type": ["ping"]}',
            '{"type": "start", "id": "1"}',
            '{"type": "next", "id": "1", "payload": {}}',
            '{"type": "connection_ack"}',
            '{"type": "ping", "payload": [1]}',
            '{"type": "connection_init", "payload": "Bearer"}',
            '{"type": "subscribe", "payload": {"query": "{ hello }"}}',
            '{"type": "subscribe", "id": 1, "payload": {"query": "{ hello }"}}',
            '{"type": "subscribe", "id": "", "payload": {"query": "{ hello }"}}',
            '{"type": "subscribe", "id": "1"}',
            '{"type": "subscribe", "id": "1", "payload": "{ hello }"}',
            '{"type": "subscribe", "id": "%s", "payload": {"query": "{ hello }"}}' % ("x" * 256),
            '{"type": "complete"}',
            '{"type": "complete", "id": {}}',
            b'{"type": "ping"}',
        ],
    )
    async def test_that_are_none(self, connect: Connect, frame: str | bytes) -> None:
        async with connect(init={}) as talker:
            await talker.socket.send(frame)
            assert await talker.hear_end() == 4400

    async def test_too_big_for_the_limit(self, world: World, connect: Connect) -> None:
        world.limits = Limits(max_message_bytes=1_000)
        async with connect(init={}) as talker:
            # Counted in bytes: each of these letters has two.
            await talker.subscribe("1", "{ hello } #" + "é" * 400)
            assert await talker.hear_next("1") == {"data": {"hello": "Hello, world!"}}
            await talker.say(type="ping", payload={"a": "é" * 500})
            assert await talker.hear_end() == 1009

    async def test_too_big_for_the_server(self, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(server, "_LINGER_S", 0.5)
        async with connect(init={}) as talker:
            with suppress(ConnectionClosed):
                await talker.subscribe("1", "#" * 20_000_000)
            assert await talker.hear_end() == 1009


class TestOperations:
    async def test_query(self, connect: Connect) -> None:
        async with connect(init={}) as talker:
            await talker.subscribe("1", "query ($n: String!) { hello(name: $n) }", variables={"n": "é"})
            assert await talker.hear_next("1") == {"data": {"hello": "Hello, é!"}}
            assert await talker.hear() == COMPLETE_1

    async def test_mutation(self, connect: Connect) -> None:
        async with connect(init={}) as talker:
            await talker.subscribe("1", "mutation { bump }", operationName="", extensions={})
            assert await talker.hear_next("1") == {"data": {"bump": 1}}
            assert await talker.hear() == COMPLETE_1

    async def test_subscription(self, connect: Connect) -> None:
        async with connect(init={}) as talker:
            await talker.subscribe("1", "subscription { count(to: 3) }")
            heard = [await talker.hear_next("1") for _ in range(3)]
            assert heard == [{"data": {"count": n}} for n in (1, 2, 3)]
            assert await talker.hear() == COMPLETE_1

    @pytest.mark.parametrize(
        "payload",
        [
            {"query": "{"},
            {"query": "{ unknown }"},
            {"query": "query A { hello }", "operationName": "B"},
            {"query": "query ($n: String!) { hello(name: $n) }", "variables": {"n": None}},
            {"query": "subscription ($n: Int!) { count(to: $n) }"},
        ],
    )
    async def test_what_cannot_run_ends_itself_only(self, connect: Connect, payload: dict[str, Any]) -> None:
        async with connect(init={}) as talker:
            await talker.say(type="subscribe", id="1", payload=payload)
            await talker.hear_error("1")
            await talker.subscribe("1", "{ hello }")
            assert await talker.hear_next("1") == {"data": {"hello": "Hello, world!"}}

    @pytest.mark.parametrize(
        "payload",
        [
            {},
            {"query": None},
            {"query": 17},
            {"query": ""},
            {"query": "{ hello }", "variables": []},
            {"query": "{ hello }", "variables": "{}"},
            {"query": "{ hello }", "variables": 1},
            {"query": "{ hello }", "extensions": "x"},
            {"query": "{ hello }", "operationName": {}},
            {"documentId": "sha256:x"},
        ],
    )
    async def test_parameters_of_wrong_types(self, connect: Connect, payload: dict[str, Any]) -> None:
        async with connect(init={}) as talker:
            await talker.say(type="subscribe", id="1", payload=payload)
            assert await talker.hear_error("1") == ["BAD_USER_INPUT"]
            await talker.say(type="ping")
            assert await talker.hear() == {"type": "pong"}

    async def test_field_errors_are_a_result(self, connect: Connect) -> None:
        async with connect(init={}) as talker:
            await talker.subscribe("1", "{ hello secret }")
            payload = await talker.hear_next("1")
            assert payload["data"] == {"hello": "Hello, world!", "secret": None}
            assert payload["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
            assert await talker.hear() == COMPLETE_1

    async def test_a_subscription_that_breaks(self, connect: Connect) -> None:
        async with connect(init={}) as talker:
            await talker.subscribe("1", "subscription { broken }")
            assert await talker.hear_next("1") == {"data": {"broken": 1}}
            assert await talker.hear_error("1") == ["INTERNAL"]
            await talker.subscribe("1", "{ hello }")
            assert await talker.hear_next("1") == {"data": {"hello": "Hello, world!"}}

    @pytest.mark.parametrize("id_", ["1", "é" * 200])
    async def test_an_id_twice(self, connect: Connect, id_: str) -> None:
        async with connect(init={}) as talker:
            await talker.subscribe(id_, "subscription { quiet }")
            await talker.subscribe(id_, "{ hello }")
            assert await talker.hear_end() == 4409

    async def test_an_id_again_after_its_end(self, connect: Connect) -> None:
        async with connect(init={}) as talker:
            for _ in range(3):
                await talker.subscribe("1", "{ hello }")
                assert await talker.hear_next("1") == {"data": {"hello": "Hello, world!"}}
                assert await talker.hear() == COMPLETE_1

    @pytest.mark.parametrize("query", ["subscription { quiet }", "{ patient }", "subscription { forever }"])
    async def test_complete_ends_it_without_a_word(self, world: World, connect: Connect, query: str) -> None:
        async with connect(init={}) as talker:
            await talker.subscribe("1", query)
            await world.bench.waiting.wait()
            await talker.say(type="complete", id="1")
            await world.bench.ended.wait()
            await talker.subscribe("1", "{ whoami }")
            async with within():
                while (message := await talker.hear())["payload"]["data"].get("forever"):
                    pass
            assert message["payload"] == {"data": {"whoami": "nobody"}}

    async def test_complete_of_what_is_not_there(self, connect: Connect) -> None:
        async with connect(init={}) as talker:
            await talker.say(type="complete", id="1")
            await talker.subscribe("1", "{ hello }")
            assert await talker.hear_next("1") == {"data": {"hello": "Hello, world!"}}

    async def test_more_than_a_socket_may_run(self, world: World, connect: Connect) -> None:
        async with connect(init={}) as talker:
            for n in range(150):
                await talker.subscribe(str(n), "subscription { quiet }")
            for n in range(100, 150):
                assert await talker.hear_error(str(n)) == ["RATE_LIMITED"]
            assert (world.bench.calls["quiet"], world.sockets.operations) == (100, 100)
            await talker.say(type="complete", id="7")
            await talker.subscribe("200", "{ hello }")
            assert await talker.hear_next("200") == {"data": {"hello": "Hello, world!"}}


class TestEnds:
    async def test_at_the_expiry_of_the_token(self, world: World, connect: Connect) -> None:
        world.sessions.expires_at = world.now + 0.05
        async with connect(init={}) as talker:
            await talker.subscribe("1", "subscription { quiet }")
            assert await talker.hear_end() == 4403
            await world.bench.ended.wait()

    async def test_at_once_when_it_had_expired_before(self, world: World, connect: Connect) -> None:
        world.sessions.expires_at = world.now - 1
        async with connect() as talker:
            await talker.say(type="connection_init")
            assert await talker.hear_end() == 4403

    async def test_when_the_token_is_revoked(self, world: World, connect: Connect) -> None:
        async with connect(init={}) as other, connect(init={"authorization": "Bearer user:ann"}) as talker:
            await talker.subscribe("1", "subscription { forever }")
            await talker.hear_next("1")
            world.sessions.opened[1].revoked.set()
            assert await talker.hear_end() == 4403
            await world.bench.ended.wait()
            await other.say(type="ping")
            assert await other.hear() == {"type": "pong"}

    async def test_when_the_process_stops(self, world: World, connect: Connect) -> None:
        async with connect(init={}) as first, connect(init={}) as second:
            await first.subscribe("1", "subscription { quiet }")
            await world.bench.waiting.wait()
            await world.sockets.close_all()
            assert [await first.hear_end(), await second.hear_end()] == [1012, 1012]
            assert world.bench.ended.is_set()
            assert all(session.closed for session in world.sessions.opened)
            assert (len(world.sockets), world.sockets.operations) == (0, 0)
            with pytest.raises(InvalidStatus) as refused:
                async with connect():
                    pass
            assert refused.value.response.status_code == 503

    @pytest.mark.parametrize("how", ["politely", "rudely"])
    async def test_when_the_client_leaves(self, world: World, connect: Connect, how: str) -> None:
        async with connect(init={}) as talker:
            await talker.subscribe("1", "subscription { quiet }")
            await world.bench.waiting.wait()
            if how == "rudely":
                talker.socket.transport.abort()
        await until(lambda: world.bench.ended.is_set() and len(world.sockets) == 0)
        assert world.sessions.opened[0].closed

    async def test_when_no_pong_comes(self, world: World, connect: Connect) -> None:
        world.limits = Limits(ping_every=0.02, pong_within=0.25)
        async with connect(init={}) as talker:
            for _ in range(2):
                assert await talker.hear() == {"type": "ping"}
                await talker.say(type="pong")
            assert await talker.hear_end() == 4499

    async def test_not_while_the_client_says_anything_else(self, world: World, connect: Connect) -> None:
        world.limits = Limits(ping_every=0.02, pong_within=0.25)
        async with connect(init={}) as talker:
            for n in range(2):
                assert await talker.hear() == {"type": "ping"}
                await talker.say(type="complete", id=str(n))


class TestCaps:
    async def test_of_one_user(self, world: World, connect: Connect) -> None:
        world.sockets._max_per_user = 1
        ann = {"authorization": "Bearer user:ann"}
        async with connect(init=ann), connect() as second, connect(init={"authorization": "Bearer user:bob"}):
            await second.say(type="connection_init", payload=ann)
            assert await second.hear_end() == 1013
        await until(lambda: len(world.sockets) == 0)
        async with connect(init=ann):
            pass

    async def test_of_the_process(self, world: World, connect: Connect) -> None:
        world.sockets._max_sockets = 1
        async with connect(init={}):
            with pytest.raises(InvalidStatus) as refused:
                async with connect():
                    pass
            assert refused.value.response.status_code == 503
            assert refused.value.response.headers["retry-after"] == "5"


class TestMany:
    async def test_150_operations_are_as_many_as_may_run_and_refusals(self, world: World, connect: Connect) -> None:
        async with connect(init={}) as talker:
            for number in range(150):
                await talker.subscribe(str(number), "subscription { quiet }")
            refused = [await talker.hear() for _ in range(50)]
            assert {message["type"] for message in refused} == {"error"}
            assert {message["payload"][0]["extensions"]["code"] for message in refused} == {"RATE_LIMITED"}
            assert sorted(int(message["id"]) for message in refused) == list(range(100, 150))
            await talker.say(type="ping")
            assert await talker.hear() == {"type": "pong"}
            await until(lambda: world.bench.calls["quiet"] == 100)
            await talker.say(type="complete", id="7")
            await talker.subscribe("next", "{ hello }")
            assert (await talker.hear_next("next"))["data"] == {"hello": "Hello, world!"}

    async def test_150_one_after_the_other(self, connect: Connect) -> None:
        async with connect(init={}) as talker:
            for number in range(150):
                await talker.subscribe(str(number), "{ hello }")
                await talker.hear_next(str(number))
                assert await talker.hear() == {"type": "complete", "id": str(number)}
