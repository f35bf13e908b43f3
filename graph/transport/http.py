"""GraphQL over HTTP: GET for queries, POST for queries and mutations, and never a 500 for what a client got wrong."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import orjson
from graphql import GraphQLError
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send
from strawberry import Schema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from graph.transport.answers import encode, headers_of, payload_of, send_answer, status_of
from graph.transport.documents import TrustedDocuments
from graph.transport.events import EventStreams
from graph.transport.faults import Fault, FaultCode, fault_of, request_id
from graph.transport.negotiation import Headers, Media, Wanted, is_form, refuse_forgery, refuse_other_types, wanted
from graph.transport.params import Params, from_json, from_query_string
from graph.transport.sessions import Sessions

_MAX_QUERY_STRING = 64_000
_QUERIES = frozenset({OperationType.QUERY})
_ALL = frozenset({OperationType.QUERY, OperationType.MUTATION})


class Page(Protocol):
    """What a person sees who opens the address in a browser."""

    async def send(self, send: Send) -> None: ...


class Forms(Protocol):
    """Reads requests that bring files along."""

    def read(self, request: Request, context: Any) -> AbstractAsyncContextManager[Params]:
        """The files are there until the block ends. Whoever is behind the context may not be allowed to bring any."""


class GraphQLOverHTTP:
    """The ASGI endpoint for GET and POST."""

    def __init__(
        self,
        *,
        schema: Schema,
        sessions: Sessions[Any],
        documents: TrustedDocuments,
        page: Page | None = None,
        forms: Forms | None = None,
        streams: EventStreams | None = None,
    ) -> None:
        self._schema = schema
        self._sessions = sessions
        self._documents = documents
        self._page = page
        self._forms = forms
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: Headers = dict(scope["headers"])
        want = wanted(headers.get(b"accept") or b"*/*")
        if self._page and want.page and scope["method"] == "GET":
            await self._page.send(send)
            return
        media = want.media or Media.JSON
        try:
            if want.stream and self._streams is not None:
                request = Request(scope, receive, send)
                await self._streams.serve(request, await _read(request, headers), send)
                return
            result = await self._run(Request(scope, receive), headers, want)
            body = encode(payload_of(result))
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - the last place that can still answer in the client's language
            await _refuse(send, media, fault_of(error), request_id(scope))
        else:
            noted = scope.get("state", {}).get("answer_headers", {})
            await send_answer(send, status_of(result, media), media.value, body, headers_of(result) | noted)

    async def _run(self, request: Request, headers: Headers, want: Wanted) -> ExecutionResult:
        if want.media is None:
            raise Fault.bad_input(
                "Answers are application/graphql-response+json, application/json or text/event-stream.", 406
            )
        if self._forms is not None and request.method == "POST" and is_form(headers):
            refuse_forgery(headers, is_get=False)
            context = await self._sessions.open_http(request)
            async with self._forms.read(request, context) as params:
                return await self._execute(request, params, context)
        params = await _read(request, headers)
        return await self._execute(request, params, await self._sessions.open_http(request))

    async def _execute(self, request: Request, params: Params, context: Any) -> ExecutionResult:
        text = await self._documents.text_of(params)
        is_get = request.method == "GET"
        try:
            return await self._schema.execute(
                text,
                variable_values=params.variables,
                context_value=context,
                operation_name=params.operation_name,
                allowed_operation_types=_QUERIES if is_get else _ALL,
                operation_extensions=params.extensions,
            )
        except InvalidOperationTypeError as error:
            raise _wrong_operation(error.operation_type) from None
        except CannotGetOperationTypeError as error:
            return _no_such_operation(error, request_id(request.scope))


async def _read(request: Request, headers: Headers) -> Params:
    if request.method == "GET":
        refuse_forgery(headers, is_get=True)
        query_string: bytes = request.scope["query_string"]
        if len(query_string) > _MAX_QUERY_STRING:
            raise Fault.bad_input("The query string is too long: use POST.", 414)
        return from_query_string(query_string)
    if request.method == "POST":
        refuse_forgery(headers, is_get=False)
        refuse_other_types(headers)
        return from_json(_decode(await request.body()))
    allow = {"allow": "GET, POST"}
    raise Fault(FaultCode.BAD_USER_INPUT, "GraphQL is spoken with GET and POST.", status=405, headers=allow)


def _decode(body: bytes) -> object:
    if not body:
        raise Fault.bad_input("The body is empty.")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Fault.bad_input("The body is not JSON in UTF-8.") from None


def _wrong_operation(kind: OperationType) -> Fault:
    if kind is OperationType.SUBSCRIPTION:
        return Fault.bad_input(
            "Subscriptions run over a WebSocket at this address, protocol graphql-transport-ws, or as server-sent "
            "events: send `Accept: text/event-stream`."
        )
    message = "A mutation cannot be sent with GET: use POST."
    return Fault(FaultCode.BAD_USER_INPUT, message, status=405, headers={"allow": "POST"})


def _no_such_operation(error: CannotGetOperationTypeError, id_: str) -> ExecutionResult:
    extensions = {"code": FaultCode.BAD_USER_INPUT.value, "requestId": id_}
    return ExecutionResult(data=None, errors=[GraphQLError(error.as_http_error_reason(), extensions=extensions)])


async def _refuse(send: Send, media: Media, fault: Fault, id_: str) -> None:
    body = encode({"errors": [fault.formatted(id_)]})
    await send_answer(send, fault.status, media.value, body, fault.headers)
