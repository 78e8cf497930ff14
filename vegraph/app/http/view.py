"""The GraphQL endpoint: strawberry's view with vegraph's own reading, refusing and answering.

GraphQL over HTTP with both media types; what cannot be executed is 400, or 200 for clients that only know
`application/json`. Every refusal is a GraphQL response. A batch, an upload, a websocket are not among its ways.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, cast

from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLRequestData
from strawberry.schema import BaseSchema

from vegraph.app.execution import Prepared, RequestErrors
from vegraph.app.http import answer
from vegraph.app.http.answer import Answer, Outcome
from vegraph.app.http.body import from_body, from_url
from vegraph.app.http.guard import refuse_foreign_pages
from vegraph.app.http.negotiation import JSON, media_type, takes_gzip, wants_page
from vegraph.app.http.patience import ClientGone, while_waited_for
from vegraph.app.http.persisted import Persisted
from vegraph.app.http.refusals import Refusal, wrong_method
from vegraph.app.http.request_id import HEADER, request_id
from vegraph.app.http.serving import Asked, Serving
from vegraph.app.introspection import asks_only_for_the_schema
from vegraph.app.metrics import Metrics
from vegraph.errors import PlanError, Unauthenticated, VegraphError
from vegraph.identity import audit
from vegraph.identity.user import Caller

__all__ = ["Admit", "View", "language"]

logger = logging.getLogger("vegraph")

Admit = Callable[[Sequence[str]], Awaitable[Caller]]
"""Who asks, from the values of all Authorization headers. Raises IdentityError."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


@dataclass(slots=True)
class Passage:
    """One request on its way through the view."""

    serving: Serving
    request_id: str
    deadline: float
    """Event loop's time at which it must be answered."""

    started: float = field(default_factory=perf_counter)
    caller: Caller | None = None
    media: str = JSON
    kind: str = "none"
    """query, mutation, introspection; none: it did not come that far."""

    outcome: Outcome = "ok"

    @property
    def admitted(self) -> Caller:
        """Who asks. There is no way to execution that does not ask a door first."""
        if self.caller is None:
            raise Unauthenticated("Nobody was let in.")
        return self.caller


class View(GraphQL[Passage, None]):
    """One GraphQL endpoint. `serving` may be replaced at any time; a request keeps the one it began with."""

    def __init__(
        self,
        serving: Serving,
        *,
        name: str,
        admit: Admit,
        persisted: Persisted,
        metrics: Metrics,
        page: Response | None = None,
        queries_by_get: bool = True,
    ) -> None:
        # Not strawberry's own __init__: it would keep one schema, and settings of ways that are not spoken here.
        self.serving = serving
        self.allow_queries_via_get = queries_by_get
        self._name = name
        self._admit = admit
        self._persisted = persisted
        self._metrics = metrics
        self._page = page

    @property
    def schema(self) -> BaseSchema:  # type: ignore[override]  # strawberry's is an attribute
        """The schema that is served at the moment, for what asks a strawberry view for it."""
        return self.serving.graph.server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI. Whatever happens, the client gets one GraphQL response, or is gone."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "GraphQL is spoken over HTTP here."})
            return
        request = Request(scope, receive)
        deadline = asyncio.get_running_loop().time() + self.serving.limits.deadline_s
        passage = Passage(self.serving, request_id(request.headers.get(HEADER)), deadline)
        token = audit.request_id.set(passage.request_id)
        self._metrics.under_way.inc()
        try:
            response, outcome = await self._respond(request, passage)
            if response is not None:
                response.headers[HEADER] = passage.request_id
                await response(scope, receive, send)
            self._note(passage, outcome)  # when the client has its answer
        finally:
            self._metrics.under_way.dec()
            audit.request_id.reset(token)

    async def _respond(self, request: Request, passage: Passage) -> tuple[Response | None, str]:
        """The response and how it went; None when there is nobody left to get it."""
        try:
            return await self.run(request, context=passage), passage.outcome
        except ClientGone:
            return None, "gone"
        except Exception as problem:
            failed = self._problem(problem, passage)
            return failed.response(), failed.outcome

    def _problem(self, problem: Exception, passage: Passage) -> Answer:
        match problem:
            case RequestErrors():
                return answer.not_executed(problem, passage.media, passage.request_id)
            case Refusal():
                return answer.refused(problem, passage.media, passage.request_id)
            case PlanError():
                errors = RequestErrors([GraphQLError(str(problem), original_error=problem)], problem.code)
                return answer.not_executed(errors, passage.media, passage.request_id)
            case VegraphError():
                return answer.stopped(problem, passage.media, passage.request_id)
        return answer.failed(problem, passage.media, passage.request_id)

    def _note(self, passage: Passage, outcome: str) -> None:
        seconds = perf_counter() - passage.started
        self._metrics.note(self._name, passage.kind, outcome, seconds)
        if logger.isEnabledFor(logging.INFO):
            milliseconds, name = seconds * 1000, passage.request_id
            logger.info("%s %s %s %.1f ms [request %s]", self._name, passage.kind, outcome, milliseconds, name)

    async def run(self, request: Any, context: Any = None, root_value: Any = None) -> Any:
        """One request, from reading to response: strawberry's order without what is not spoken here.

        Raises Refusal, RequestErrors, IdentityError, ClientGone.
        """
        self._refuse_other_methods(request)
        if self._wants_page(request):
            return self._page_again()
        context.media = media_type(request.headers.get("accept"))
        data = await self._read(request, context)
        found = await self._answer(request, data, context)
        context.outcome = found.outcome
        return found.response()

    def _refuse_other_methods(self, request: Request) -> None:
        allowed = ("GET", "POST") if self.allow_queries_via_get else ("POST",)
        if request.method not in allowed and not self._wants_page(request):
            raise wrong_method(f"Ask with {' or '.join(allowed)}.", ", ".join(allowed))

    def _wants_page(self, request: Request) -> bool:
        """Whether a browser wants GraphiQL: it asks nothing yet."""
        if request.method != "GET" or self._page is None or not wants_page(request.headers.get("accept")):
            return False
        return not any(request.query_params.get(key) for key in ("query", "documentId", "extensions"))

    def _page_again(self) -> Response:
        """The page, which fetches the rest from its own path."""
        page = cast("Response", self._page)
        return Response(page.body, headers=dict(page.headers))

    async def _read(self, request: Request, passage: Passage) -> GraphQLRequestData:
        """What is asked, after who asks."""
        by_get = request.method == "GET"
        if by_get:
            refuse_foreign_pages(request.headers)
        passage.caller = await self._admit(request.headers.getlist("authorization"))
        if by_get:
            await request.body()  # nothing as a rule; what comes next is the end of the connection
            return from_url(request)
        return await from_body(request, passage.serving.limits, passage.deadline)

    async def _answer(self, request: Request, data: GraphQLRequestData, context: Passage) -> Answer:
        """Runs what is asked."""
        text, digest = self._persisted.text(data.query, data.extensions or {})
        documents = context.serving.documents
        self._metrics.note_document(known=documents.seen(text))
        prepared = documents.prepare(text)
        if digest is not None:
            self._persisted.register(digest, text)
        operation = prepared.operation(data.operation_name)
        context.kind = operation.operation.value
        if request.method == "GET" and operation.operation is not OperationType.QUERY:
            raise wrong_method("By GET come queries only; send this by POST.", "POST")
        if operation.operation is OperationType.SUBSCRIPTION:
            raise Refusal(400, "Subscriptions are not served.", code="NOT_SUPPORTED")
        variables = data.variables or {}
        if asks_only_for_the_schema(prepared, operation):
            return await self._describe(request, context, prepared, operation, variables)
        result = await while_waited_for(
            self._execute(request, context, prepared, operation, variables),
            request.receive,
            context.deadline,
        )
        return answer.executed(result, context.media, context.request_id)

    async def _execute(
        self,
        request: Request,
        passage: Passage,
        prepared: Prepared,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> bytes | ExecutionResult:
        graph = passage.serving.graph
        asked = Asked(
            caller=passage.admitted,
            request_id=passage.request_id,
            deadline=passage.deadline,
            language=language(request.headers.get("accept-language")),
        )
        async with graph.context(asked) as context:
            return await graph.executor.execute(prepared, operation, variables, context)

    async def _describe(
        self,
        request: Request,
        passage: Passage,
        prepared: Prepared,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> Answer:
        """The schema, compressed where the client takes that."""
        passage.kind = "introspection"
        body = await passage.serving.introspection.answer(prepared, operation, variables)
        if takes_gzip(request.headers):
            return Answer(body=body, media=passage.media, headers={"Content-Encoding": "gzip"})
        return Answer(body=await asyncio.to_thread(gzip.decompress, body), media=passage.media)


def language(accepted: str | None) -> str | None:
    """The first language of an Accept-Language header; None where it is none."""
    first = (accepted or "").partition(",")[0].partition(";")[0].strip()
    return first if _LANGUAGE.fullmatch(first) else None
