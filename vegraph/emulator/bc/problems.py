"""Refusals in Business Central's words (erp.md OB-140 and the table of codes)."""

from __future__ import annotations

import uuid
from typing import Any

import orjson

from vegraph.emulator.engine.http import Request, Response
from vegraph.emulator.engine.problem import Problem

__all__ = ["CODES", "dialog", "field_error", "response"]

CODES: dict[str, str] = {
    "bad_body": "BadRequest",
    "bad_enum": "BadRequest",
    "bad_expand": "BadRequest",
    "bad_filter": "BadRequest",
    "bad_key": "Application_InvalidGUID",
    "bad_batch": "BadRequest",
    "batch_too_large": "BadRequest",
    "bad_option": "BadRequest",
    "bad_order": "BadRequest",
    "bad_parameter": "BadRequest",
    "bad_syntax": "BadRequest_NotFound",
    "bad_token": "BadRequest",
    "bad_url": "BadRequest_InvalidRequestUrl",
    "bad_value": "BadRequest",
    "body_too_large": "BadRequest",
    "deep_insert": "BadRequest",
    "deep_update": "BadRequest",
    "duplicate": "Internal_EntityWithSameKeyExists",
    "failed_dependency": "BadRequest",
    "forbidden": "Authorization_RequestDenied",
    "forbidden_action": "Authorization_RequestDenied",
    "forbidden_create": "Authorization_RequestDenied",
    "forbidden_delete": "Authorization_RequestDenied",
    "forbidden_read": "Authorization_RequestDenied",
    "forbidden_update": "Authorization_RequestDenied",
    "if_match_missing": "BadRequest_InvalidToken",
    "injected": "Internal_ServerError",
    "media_type": "BadRequest",
    "method_not_allowed": "BadRequest_MethodNotAllowed",
    "no_account": "Authentication_InvalidCredentials",
    "not_found": "BadRequest_NotFound",
    "not_implemented": "BadRequest_MethodNotImplemented",
    "not_sortable": "BadRequest_MethodNotImplemented",
    "or_fields": "BadRequest",
    "query_too_long": "BadRequest",
    "read_only": "BadRequest_InvalidOperation",
    "required": "BadRequest_RequiredParamNotProvided",
    "row_not_found": "Internal_RecordNotFound",
    "stale": "Request_EntityChanged",
    "unauthenticated": "Authentication_InvalidCredentials",
    "unknown_company": "Internal_CompanyNotFound",
    "unknown_property": "BadRequest",
    "unknown_segment": "BadRequest_ResourceNotFound",
}
"""The engine's codes → Business Central's. What is not here is `Unknown`; dialect codes pass as they are."""

_STATUS = {"duplicate": 400}


def response(problem: Problem, request: Request) -> Response:
    """`{"error": {"code", "message"}}`, the message ending in the CorrelationId."""
    del request
    code = CODES.get(problem.code, problem.code if problem.code[:1].isupper() else "Unknown")
    if problem.code == "bad_value":
        code = _value_code(problem.message)
    text = problem.message if problem.message.endswith((".", "!", "?")) else problem.message + "."
    message = f"{text}  CorrelationId:  {uuid.uuid4()}."
    error: dict[str, Any] = {"code": code, "message": message, **problem.extra}
    headers = {"content-type": "application/json; odata.metadata=minimal", **problem.headers}
    return Response(_STATUS.get(problem.code, problem.status), orjson.dumps({"error": error}), headers)


def _value_code(message: str) -> str:
    if "characters long" in message:
        return "Application_StringExceededLength"
    return "Application_InvalidGUID" if "GUID" in message else "BadRequest"


def dialog(text: str) -> Problem:
    """A business rule: what AL's `Error()` says."""
    return Problem(400, "Application_DialogException", text)


def field_error(text: str) -> Problem:
    """A field that must have a value, or another one (AL's TestField)."""
    return Problem(400, "Application_FieldValidationException", text)
