"""How finance and operations words a failure (erp.md §4.1.9): the useful text stands in `innererror`."""

from __future__ import annotations

import orjson

from vegraph.emulator.documents.model import Entity
from vegraph.emulator.engine.http import Request, Response
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.fo.validation import label

__all__ = ["ACTION", "WRITE", "action_failed", "body", "refused_write"]

WRITE = "Microsoft.Dynamics.Platform.Integration.Services.OData.AxODataWriteException"
ACTION = "System.InvalidOperationException"
_QUERY = "Microsoft.OData.ODataException"
_ACCESS = "System.UnauthorizedAccessException"
_ANYTHING = "System.Exception"

_STACK = (
    "   at Microsoft.Dynamics.Platform.Integration.Services.OData.AxODataController.Execute()\r\n"
    "   at Microsoft.Dynamics.Platform.Integration.Services.OData.AxODataBatchHandler.ProcessBatchAsync()"
)
"""Only ever a name or two of the service's own: nothing here may reach a user of vegraph."""


def body(problem: Problem, request: Request) -> Response:
    """The error body (OF-110)."""
    error: dict[str, object] = {
        "code": "",
        "message": _outer(problem),
        "innererror": {"message": problem.message, "type": problem.kind or _kind(problem), "stacktrace": _STACK},
    }
    headers = {"content-type": "application/json; odata.metadata=minimal; charset=utf-8", **problem.headers}
    if given := request.headers.get("x-ms-client-request-id"):
        headers["x-ms-client-request-id"] = given
    return Response(problem.status, orjson.dumps({"error": error}), headers)


def _outer(problem: Problem) -> str:
    if problem.status == 429:
        return problem.message
    if problem.code in ("bad_syntax", "bad_filter", "bad_order", "bad_expand", "unknown_property", "not_implemented"):
        return f"The query specified in the URI is not valid. {problem.message}"
    return "An error has occurred."


def _kind(problem: Problem) -> str:
    if problem.status in (401, 403):
        return _ACCESS
    return _QUERY if problem.status in (400, 404, 501) else _ANYTHING


def refused_write(entity: Entity, problem: Problem, status: int) -> Problem:
    """A write that validation or the table refused (OF-111, OF-113)."""
    physical = entity.options["physical"]
    text = problem.message.rstrip(".")
    if problem.code == "duplicate":
        found = problem.message.partition("values: ")[2]
        text = f"Cannot create a record in {label(entity.name)} ({physical}). {found}. The record already exists"
    message = f"Write failed for table row of type '{physical}'. Infolog: Error: {text}."
    return Problem(status, "write_failed", message, target=problem.target, kind=WRITE)


def action_failed(action: str, entity: str, text: str) -> Problem:
    """A failed action (OF-112)."""
    message = f"Exception occurred while executing action {action} on Entity {entity}: {text}"
    return Problem(500, "action_failed", message, kind=ACTION)
