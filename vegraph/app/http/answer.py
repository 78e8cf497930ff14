"""A GraphQL response as bytes, with status and headers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson
from graphql import ExecutionResult, GraphQLError
from starlette.responses import Response

from vegraph.app.execution import RequestErrors
from vegraph.app.faults import challenge, error_object, error_objects, status_of
from vegraph.app.http.negotiation import JSON
from vegraph.app.http.refusals import Refusal
from vegraph.errors import VegraphError

__all__ = ["Answer", "executed", "failed", "not_executed", "refused", "stopped"]

Outcome = Literal["ok", "partial", "wrong", "refused", "failed", "gone"]
"""ok: data without errors. partial: data with errors. wrong: the client's document or variables. refused: not let in,
or over a limit. failed: our side. gone: the client left."""


@dataclass(slots=True, kw_only=True)
class Answer:
    """What goes back."""

    body: bytes
    media: str = JSON
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    outcome: Outcome = "ok"

    def response(self) -> Response:
        """The same for Starlette."""
        headers = {"Content-Type": f"{self.media}; charset=utf-8", **self.headers}
        return Response(self.body, status_code=self.status, headers=headers)


def executed(result: bytes | ExecutionResult, media: str, request_id: str) -> Answer:
    """An operation was run; field errors do not change the status (GraphQL over HTTP §6.4)."""
    if isinstance(result, bytes):
        return Answer(body=result, media=media)
    body: dict[str, Any] = {}
    if result.errors:
        body["errors"] = error_objects(result.errors, "INTERNAL_SERVER_ERROR", request_id)
    body["data"] = result.data
    if result.extensions:
        body["extensions"] = result.extensions
    return Answer(body=_dumped(body), media=media, outcome="partial" if result.errors else "ok")


def not_executed(problem: RequestErrors, media: str, request_id: str) -> Answer:
    """The document or its variables are wrong: 400, or 200 for older clients, which look into the body only."""
    return Answer(
        body=_errors(problem.errors, problem.code, request_id),
        media=media,
        status=200 if media == JSON else 400,
        outcome="refused" if problem.code == "TOO_COMPLEX" else "wrong",
    )


def refused(problem: Refusal, media: str, request_id: str) -> Answer:
    """The request itself is wrong, or not allowed."""
    return Answer(
        body=_errors([GraphQLError(problem.message)], problem.code, request_id),
        media=media,
        status=problem.status,
        headers=problem.headers,
        outcome="failed" if problem.status >= 500 else "refused",
    )


def stopped(problem: VegraphError, media: str, request_id: str) -> Answer:
    """An error of vegraph's own that ended the request before anything was executed."""
    status = status_of(problem)
    return Answer(
        body=_dumped({"errors": [error_object(problem, problem.code, request_id)]}),
        media=media,
        status=status,
        headers=dict(challenge(problem)),
        outcome="failed" if status >= 500 else "refused",
    )


def failed(problem: Exception, media: str, request_id: str) -> Answer:
    """What nobody expected: masked, logged, 500."""
    body = {"errors": [error_object(problem, "INTERNAL_SERVER_ERROR", request_id)]}
    return Answer(body=_dumped(body), media=media, status=500, outcome="failed")


def _errors(errors: Sequence[GraphQLError], code: str, request_id: str) -> bytes:
    return _dumped({"errors": error_objects(errors, code, request_id)})


def _dumped(body: Mapping[str, Any]) -> bytes:
    return orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS)
