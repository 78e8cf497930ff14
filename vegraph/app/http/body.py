"""What a request asks, read from its URL or its body within limits (T26), and nothing of it trusted yet."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from strawberry.http import GraphQLRequestData

from vegraph.app.http.refusals import Refusal
from vegraph.app.settings.limits import Limits

__all__ = ["from_body", "from_url"]


def from_url(request: Request) -> GraphQLRequestData:
    """A GET's query parameters; empty ones count as absent. Raises Refusal."""
    given = {key: value for key, value in request.query_params.items() if value}
    members: dict[str, Any] = {key: given[key] for key in ("query", "operationName", "documentId") if key in given}
    for key in ("variables", "extensions"):
        if key in given:
            members[key] = _json(given[key].encode(), f"The URL's '{key}'")
    return _data(members)


async def from_body(request: Request, limits: Limits, deadline: float) -> GraphQLRequestData:
    """A POST's JSON body, which must have come by that time of the event loop. Raises Refusal."""
    _only_json(request)
    try:
        async with asyncio.timeout_at(deadline):
            raw = await _read(request, limits.max_body_bytes)
    except TimeoutError:
        says = "The body did not come within the deadline of a request."
        raise Refusal(408, says, code="TIMEOUT", headers={"Connection": "close"}) from None
    parsed = _json(raw, "The body")
    if raw.count(b"{") + raw.count(b"[") > limits.max_json_depth and _deeper(parsed, limits.max_json_depth):
        raise Refusal(400, f"The body is nested deeper than {limits.max_json_depth} brackets.")
    if isinstance(parsed, list):
        raise Refusal(400, "Several requests in one body are not supported; send each by itself.")
    if not isinstance(parsed, dict):
        raise Refusal(400, 'The body must be a JSON object such as {"query": "{ me { name } }"}.')
    return _data(parsed)


def _only_json(request: Request) -> None:
    """Nothing that a foreign page's form could send without asking first (T27)."""
    given = request.headers.get("content-type", "")
    encoded = request.headers.get("content-encoding", "identity")
    if given == "application/json" and encoded == "identity":  # what clients send, as a rule
        return
    media, *parameters = (part.strip().lower() for part in given.split(";"))
    if media != "application/json":
        raise Refusal(415, "Send the request as JSON, with Content-Type: application/json.")
    charset = next((p.partition("=")[2].strip('" ') for p in parameters if p.startswith("charset=")), "utf-8")
    if charset not in {"utf-8", "utf8"}:
        raise Refusal(415, "Send the JSON as UTF-8.")
    if encoded.strip().lower() not in {"", "identity"}:
        raise Refusal(415, "Compressed requests are not read; send the JSON as it is.")


async def _read(request: Request, limit: int) -> bytes:
    """The body, given up as soon as it is longer than allowed."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and len(declared) < 20 and int(declared) > limit:
        raise _too_long(limit)
    body = bytearray()
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "The body ended early.")
        body += message.get("body", b"")
        if len(body) > limit:
            raise _too_long(limit)
        if not message.get("more_body", False):
            return bytes(body)


def _too_long(limit: int) -> Refusal:
    return Refusal(413, f"The body is longer than {limit} bytes.", headers={"Connection": "close"})


def _json(raw: bytes, what: str) -> object:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Refusal(400, f"{what} is not JSON.") from None


def _deeper(value: object, limit: int) -> bool:
    """Whether lists and objects stand deeper inside each other than the limit, without recursion."""
    stack = [(value, 1)]
    while stack:
        item, depth = stack.pop()
        if isinstance(item, dict | list):
            if depth > limit:
                return True
            stack.extend((inner, depth + 1) for inner in (item.values() if isinstance(item, dict) else item))
    return False


_KINDS = {"query": str, "operationName": str, "documentId": str, "variables": dict, "extensions": dict}


def _data(members: Mapping[str, Any]) -> GraphQLRequestData:
    """The members that GraphQL over HTTP knows, with the types it wants. Others are ignored, as it says."""
    for key, kind in _KINDS.items():
        if members.get(key) is not None and not isinstance(members[key], kind):
            raise Refusal(400, f"'{key}' must be {'text' if kind is str else 'an object'} or left out.")
    extensions = dict(members.get("extensions") or {})
    if document := members.get("documentId"):
        extensions["documentId"] = document
    return GraphQLRequestData(
        query=members.get("query"),
        variables=members.get("variables"),
        operation_name=members.get("operationName") or None,
        extensions=extensions,
        protocol="http",
    )
