"""A small OData service over rows in memory, over HTTP: sets of any document, pages, keys, casts, writes; no checks.

It evaluates `a eq b` (several of one property are joined by `or`) and `a gt b`, `$orderby`, `$skip`, `$top` and
`$count`, and answers in pages.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

__all__ = ["Asked", "SmallOData"]

Row = dict[str, Any]
_TERM = re.compile(r"(\w+) (eq|gt) ('(?:[^']|'')*'|[\w.:-]+)")


class Asked(NamedTuple):
    """One request: decoded target below the root, and the JSON that it brought."""

    method: str
    target: str
    body: Any = None


@dataclass
class SmallOData:
    """Serve `app`; `sets` holds each set's rows in the service's own order, `asked` what it was asked."""

    sets: dict[str, list[Row]]
    key: str | None = None
    """The property that rows are addressed by."""
    page: int = 1000
    """Rows of one answer; the rest is behind its next link."""
    expands: bool = True
    """`$expand` is taken: rows hold what is expanded already."""
    asked: list[Asked] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        methods = ["GET", "POST", "PATCH", "DELETE"]
        return Starlette(routes=[Route("/{path:path}", self._answer, methods=methods)])

    def seen(self) -> list[Asked]:
        """The requests since the last call."""
        found, self.asked = self.asked, []
        return found

    async def _answer(self, request: Request) -> Response:
        path = request.path_params["path"]
        options = dict(request.query_params)
        body = json.loads(await request.body() or b"null")
        query = "&".join(f"{name}={value}" for name, value in options.items())
        self.asked.append(Asked(request.method, f"{path}?{query}" if query else path, body))
        if "$expand" in options and not self.expands:
            return _refused(400, "There is no $expand here.")
        found = re.fullmatch(r"(\w+)(?:\((.*?)\))?((?:/[\w.$]+)*)", path)
        if found is None or found[1] not in self.sets:
            return _missing()
        name, key, rest = found[1], found[2], found[3]
        if request.method == "POST" and key is not None:
            return Response(status_code=204)  # an action
        rows = [row for row in self.sets[name] if _is_a(row, rest)]
        if key is not None:
            rows = [row for row in rows if str(row[str(self.key)]) == key.strip("'")]
            return self._one(request.method, name, rows, body)
        if request.method == "POST":
            self.sets[name].append(body)
            return JSONResponse(body, 201, {"Location": f"{request.base_url}{name}({_text(body.get(self.key))})"})
        if rest.endswith("/$count"):
            return Response(str(len(_filtered(rows, options.get("$filter")))), media_type="text/plain")
        return self._list(request, rows, options)

    def _one(self, method: str, name: str, rows: list[Row], body: Any) -> Response:
        if not rows:
            return _missing()
        if method == "PATCH":
            rows[0].update(body)
        elif method == "DELETE":
            self.sets[name].remove(rows[0])
            return Response(status_code=204)
        return JSONResponse(rows[0])

    def _list(self, request: Request, rows: list[Row], options: dict[str, str]) -> Response:
        rows = _filtered(rows, options.get("$filter"))
        answer: Row = {"@odata.count": len(rows)} if options.get("$count") == "true" else {}
        for order in reversed(options.get("$orderby", "").split(",") if "$orderby" in options else []):
            name, _, way = order.strip().partition(" ")
            rows = sorted(rows, key=lambda row, name=name: row[name], reverse=way == "desc")
        start = int(options.get("$skip", 0)) + int(options.get("$skiptoken", 0))
        top = int(options["$top"]) if "$top" in options else len(rows)
        answer["value"] = rows[start:][: min(top, self.page)]
        if min(top, len(rows) - start) > self.page:
            following = {"$skiptoken": int(options.get("$skiptoken", 0)) + self.page}
            following |= {"$top": top - self.page} if "$top" in options else {}
            answer["@odata.nextLink"] = str(request.url.include_query_params(**following))
        return JSONResponse(answer)


def _is_a(row: Row, rest: str) -> bool:
    """The row is of the type that the path is cast to, if any; rows of the declared type name none."""
    cast = next((part for part in rest.split("/") if "." in part), None)
    return cast is None or row.get("@odata.type") == f"#{cast}"


def _filtered(rows: list[Row], text: str | None) -> list[Row]:
    either: dict[str, list[Any]] = {}
    for name, operator, value in _TERM.findall(text or ""):
        meant = value[1:-1].replace("''", "'") if value.startswith("'") else int(value)
        if operator == "gt":
            rows = [row for row in rows if row[name] > meant]
        else:
            either.setdefault(name, []).append(meant)
    return [row for row in rows if all(row[name] in values for name, values in either.items())]


def _text(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def _missing() -> Response:
    return _refused(404, "There is no such thing.")


def _refused(status: int, message: str) -> Response:
    return JSONResponse({"error": {"code": str(status), "message": message}}, status)
