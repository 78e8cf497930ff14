"""`$batch` as JSON (OData JSON format 4.01, section 19)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orjson

from vegraph.emulator.engine.dialect import Located
from vegraph.emulator.engine.http import Request, Response, json_body, preferences
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.users import User

if TYPE_CHECKING:
    from vegraph.emulator.engine.service import Service

__all__ = ["Reverted", "run", "summary"]

_NOT_PASSED_ON = frozenset({"content-length", "content-type", "if-match", "prefer", "isolation", "host", "company"})


class Reverted(Exception):
    """Leaves a transaction so that it is rolled back."""


def run(service: Service, request: Request, located: Located, user: User) -> Response:
    """Carry out the requests in order; with `Isolation: snapshot` or an atomicity group all or nothing."""
    items = json_body(request).get("requests")
    if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
        raise Problem(400, "bad_batch", "A batch is an object with a list 'requests'.")
    most = service.dialect.profile.batch_max
    if len(items) > most:
        raise Problem(400, "batch_too_large", f"A batch holds at most {most} operations.")
    isolated = "snapshot" in request.headers.get("isolation", "").lower()
    goes_on = preferences(request).get("odata.continue-on-error", "") in ("true",) or (
        "odata.continue-on-error" in request.headers.get("prefer", "")
        and "continue-on-error=false" not in request.headers["prefer"]
    )
    answers: list[tuple[Any, Request, Response]] = []
    if isolated:
        try:
            with service.store.transaction():
                if not _all(service, request, located, user, items, answers, stop=True):
                    raise Reverted
        except Reverted:
            pass
    else:
        _all(service, request, located, user, items, answers, stop=service.dialect.profile.batch_stops and not goes_on)
    body = b'{"responses":[' + b",".join(_shown(i, r) for i, _, r in answers) + b"]}"
    found = Response(200, body, {"content-type": "application/json"})
    found.rows = sum(r.rows for _, _, r in answers)
    found.parts = [summary(q, r) for _, q, r in answers]
    found.written = any(r.written for _, _, r in answers)
    return found


def _all(
    service: Service,
    outer: Request,
    located: Located,
    user: User,
    items: list[dict[str, Any]],
    answers: list[tuple[Any, Request, Response]],
    *,
    stop: bool,
) -> bool:
    done: dict[str, Response] = {}
    for item in items:
        part, response = _one(service, outer, located, user, item, done)
        answers.append((item.get("id"), part, response))
        if item.get("id") is not None:
            done[str(item["id"])] = response
        if response.status >= 400 and stop:
            return False
    return True


def _one(
    service: Service, outer: Request, located: Located, user: User, item: dict[str, Any], done: dict[str, Response]
) -> tuple[Request, Response]:
    try:
        part = _part(outer, located, item, done)
    except Problem as problem:
        part = Request(str(item.get("method", "")), str(item.get("url", "")))
        return part, service.dialect.problem(problem, outer)
    needed = item.get("dependsOn") or []
    if any(done[str(n)].status >= 400 for n in needed if str(n) in done):
        failed = Problem(424, "failed_dependency", "A request this one depends on has failed.")
        return part, service.dialect.problem(failed, part)
    return part, service.part(part, user)


def _part(outer: Request, located: Located, item: dict[str, Any], done: dict[str, Response]) -> Request:
    method, url = item.get("method"), item.get("url")
    if not isinstance(method, str) or not isinstance(url, str):
        raise Problem(400, "bad_batch", "Each request of a batch has a method and a url.")
    if url.startswith("$") and (reference := url[1:].partition("/")) and reference[0] in done:
        url = done[reference[0]].headers.get("location", "") + ("/" + reference[2] if reference[2] else "")
    headers = {k: v for k, v in outer.headers.items() if k not in _NOT_PASSED_ON}
    given = item.get("headers") or {}
    if not isinstance(given, dict):
        raise Problem(400, "bad_batch", "The headers of a request are an object.")
    headers.update({str(k).lower(): str(v) for k, v in given.items()})
    body = b""
    if "body" in item:
        content = item["body"]
        body = content.encode() if isinstance(content, str) else _dumped(content)
        headers.setdefault("content-type", "application/json")
    path, query = absolute(outer, located, url)
    return Request(method.upper(), path, query, headers, body, outer.origin)


def _dumped(content: Any) -> bytes:
    return orjson.dumps(content, default=lambda d: orjson.Fragment(format(d, "f")))


def absolute(outer: Request, located: Located, url: str) -> tuple[str, str]:
    """Path and query of a URL inside a batch: absolute, from the host, or relative to the service root."""
    path, _, query = url.partition("?")
    if "://" in path[:10]:
        rest = path.partition("://")[2]
        return "/" + rest.partition("/")[2], query
    if path.startswith("/"):
        return path, query
    base = outer.path[: len(outer.path) - len(located.path)] if located.path else outer.path + "/"
    return base + path, query


def _shown(item_id: Any, response: Response) -> bytes:
    members: dict[str, Any] = {"id": item_id, "status": response.status, "headers": dict(response.headers)}
    if response.body:
        kind = response.headers.get("content-type", "")
        members["body"] = orjson.Fragment(response.body) if "json" in kind else response.body.decode("utf-8", "replace")
    return orjson.dumps(members)


def summary(request: Request, response: Response) -> dict[str, Any]:
    """A part as the request log shows it."""
    return {
        "method": request.method,
        "url": request.path + (f"?{request.query}" if request.query else ""),
        "status": response.status,
        "rows": response.rows,
        **({"body": json.loads(request.body)} if request.body[:1] == b"{" else {}),
    }
