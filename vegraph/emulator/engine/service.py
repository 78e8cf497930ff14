"""One emulated service: a request in, a response out, whatever the dialect."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from urllib.parse import quote

import orjson

from vegraph.catalog.model import Catalog
from vegraph.emulator.engine import batch, multipart, operations
from vegraph.emulator.engine.access import Door
from vegraph.emulator.engine.clock import Clock
from vegraph.emulator.engine.dialect import Dialect, Located
from vegraph.emulator.engine.http import Request, Response, json_body, preferences
from vegraph.emulator.engine.limits import Gate
from vegraph.emulator.engine.paths import resource_path
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.query import query_options
from vegraph.emulator.engine.reading import Page, Reader
from vegraph.emulator.engine.scanner import Refused
from vegraph.emulator.engine.scope import Scope
from vegraph.emulator.engine.shape import Table
from vegraph.emulator.engine.storage import Store
from vegraph.emulator.engine.syntax import QueryOptions, Segment
from vegraph.emulator.engine.target import Target, resolve
from vegraph.emulator.engine.transaction import Row
from vegraph.emulator.engine.writing import Writer
from vegraph.emulator.users import User

__all__ = ["Service"]

_path = lru_cache(maxsize=2048)(resource_path)
_query = lru_cache(maxsize=2048)(query_options)


class Service:
    """Answers requests over a store in a dialect."""

    def __init__(
        self,
        catalog: Catalog,
        dialect: Dialect,
        store: Store,
        door: Door,
        *,
        document: bytes = b"",
        clock: Clock | None = None,
    ) -> None:
        self.catalog = catalog
        self.dialect = dialect
        self.store = store
        self.door = door
        self.document = document
        """`$metadata` as served."""

        self.clock = clock or Clock()
        self.door.now = self.clock.seconds
        self.gate = Gate(dialect.profile.limits, self.clock)
        store.connection.create_function("etag_json", 2, self._etag_json, deterministic=True)

    def _etag_json(self, version: int, number: int) -> str:
        return self.dialect.etag(version, number).replace('"', '\\"')

    # one request

    async def user(self, request: Request) -> User:
        """Who asks; `Problem` 401 or 403."""
        return await self.door.user(request.headers)

    async def answer(self, request: Request, user: User) -> Response:
        """The response, errors included; limits are the caller's to pass first (`gate`)."""
        try:
            found = await self.dialect.extra(self, request, user)
            return found if found is not None else self.dispatch(request, user)
        except Problem as problem:
            return self.dialect.problem(problem, request)

    def dispatch(self, request: Request, user: User) -> Response:
        """One OData request, also as part of a batch; raises `Problem`."""
        limits = self.dialect.profile.limits
        if limits.query_chars and len(request.query) > limits.query_chars:
            raise Problem(414, "query_too_long", f"The query string is longer than {limits.query_chars} characters.")
        if len(request.body) > limits.body_bytes:
            raise Problem(413, "body_too_large", "The request body is too large.")
        located = self.dialect.locate(self, request, user)
        try:
            segments, options = _path(located.path), _query(located.query)
        except Refused as refused:
            raise Problem(400, "bad_syntax", str(refused)) from None
        except (UnicodeDecodeError, RecursionError):
            raise Problem(400, "bad_syntax", "The URL cannot be read.") from None
        if not segments:
            return self._service_document(located.scope)
        match segments[0].name:
            case "$metadata":
                return self._metadata(request)
            case "$batch":
                return self._batch(request, located, user)
        return self._addressed(request, located.scope, segments, options)

    def _addressed(
        self, request: Request, scope: Scope, segments: tuple[Segment, ...], options: QueryOptions
    ) -> Response:
        reader = Reader(self.store, self.dialect, scope, now=self.clock.text().rstrip("Z"))
        target = resolve(reader, segments, dict(options.aliases))
        if target.kind == "operation":
            return operations.run(self, request, reader, target, options)
        if request.method == "GET":
            return self._read(request, reader, target, options)
        if target.kind in ("property", "value"):
            return operations.property_write(self, request, reader, target)
        return self._write(request, reader, target)

    # reads

    def _read(self, request: Request, reader: Reader, target: Target, options: QueryOptions) -> Response:
        table, scope = _table(target), reader.scope
        scope.demand(self.store.shape, table, "read")
        match target.kind:
            case "collection":
                return self._collection(request, reader, target, options)
            case "count":
                counted = reader.count(table, options, target.where)
                return Response(200, str(counted).encode(), {"content-type": "text/plain"})
            case "property" | "value":
                return operations.property_read(self, reader, target)
        if options.filter is not None or options.orderby or options.top is not None or options.skip is not None:
            raise Problem(400, "bad_option", "A single row takes no $filter, $orderby, $top or $skip.")
        text = reader.one(table, options, target.where)
        if text is None:
            raise self._missing(table)
        return self.row_response(200, scope, table, text, options)

    def _collection(self, request: Request, reader: Reader, target: Target, options: QueryOptions) -> Response:
        table, scope, profile = _table(target), reader.scope, self.dialect.profile
        size = profile.page_size
        headers: dict[str, str] = {}
        preferred = preferences(request).get("odata.maxpagesize") or preferences(request).get("maxpagesize")
        if preferred and profile.max_page_preference and preferred.isdigit() and int(preferred) > 0:
            size = min(size, int(preferred))
            headers["preference-applied"] = f"odata.maxpagesize={size}"
        page = reader.collection(table, options, target.where, page_size=size)
        head, tail = [], ""
        if scope.metadata != "none":
            head.append(f'"@odata.context":"{self.context(scope, target.path, options)}"')
        if page.count is not None:
            head.append(f'"@odata.count":{scope.number(page.count)}')
        if page.token is not None:
            tail = f',"@odata.nextLink":{orjson.dumps(_next_link(request, page)).decode()}'
        begin = "{" + ",".join([*head, '"value":['])
        body = begin.encode() + b",".join(page.rows) + f"]{tail}}}".encode()
        return Response(200, body, {"content-type": self.content_type(scope), **headers}, rows=len(page.rows))

    def context(self, scope: Scope, path: str, options: QueryOptions) -> str:
        """Context URL of an answer."""
        base, _, suffix = path.partition("/$entity")
        selected = ",".join("/".join(i.path) for i in options.select or ())
        shown = f"({selected})" if selected else ""
        entity = "/$entity" if path.endswith("/$entity") else suffix
        return f"{scope.root}/$metadata#{scope.company_path}{base}{shown}{entity}"

    def content_type(self, scope: Scope) -> str:
        """JSON with the metadata level asked for."""
        extra = ";IEEE754Compatible=true" if scope.strings_for_numbers else ""
        return f"application/json;odata.metadata={scope.metadata};odata.streaming=true{extra};charset=utf-8"

    def row_response(
        self, status: int, scope: Scope, table: Table, text: bytes, options: QueryOptions, **headers: str
    ) -> Response:
        """A row as the whole answer."""
        if scope.metadata != "none":
            context = self.context(scope, f"{table.name}/$entity", options)
            text = f'{{"@odata.context":"{context}"'.encode() + (b"," if text != b"{}" else b"") + text[1:]
        shown = {"content-type": self.content_type(scope), **headers}
        return Response(status, text, shown, rows=1)

    def _missing(self, table: Table) -> Problem:
        return Problem(404, "row_not_found", f"The {table.type.short_name} does not exist.", target=table.name)

    # writes

    def _write(self, request: Request, reader: Reader, target: Target) -> Response:
        table, scope = _table(target), reader.scope
        self._allowed(request.method, target, table)
        with self.store.transaction() as tx:
            writer = Writer(tx, self.dialect, scope)
            if target.kind == "collection":
                row = writer.create(table, json_body(request), target.fixed)
                return self.written(request, reader, table, row, 201)
            row = self.existing(reader, target)
            self.check_match(request, table, row)
            if request.method == "DELETE":
                writer.delete(table, row)
                return Response(204, written=True)
            row = writer.update(table, row, json_body(request), replace=request.method == "PUT")
            return self.written(request, reader, table, row, 200 if self.dialect.profile.patch_answer == "row" else 204)

    def existing(self, reader: Reader, target: Target) -> Row:
        """The row a target addresses. `Problem` 404."""
        table = _table(target)
        number = reader.number(table, target.where)
        with self.store.transaction() as tx:
            row = tx.by_number(table.name, number) if number is not None else None
        if row is None:
            raise self._missing(table)
        return row

    def written(self, request: Request, reader: Reader, table: Table, row: Row, status: int) -> Response:
        """Answer to a create or update: the row read back, or nothing."""
        wanted = preferences(request).get("return")
        etag = {"etag": self.dialect.etag(row.version, row.number)} if self.dialect.has_etag(table) else {}
        location = {"location": self.address(reader.scope, table, row)} if status == 201 else {}
        if wanted == "minimal" or (status == 204 and wanted != "representation"):
            return Response(
                204, b"", {**location, **etag, "preference-applied": "return=minimal"} if wanted else etag, written=True
            )
        target = Target("row", table)
        where = replace(target.where, sql='t."_n" = ?', params=(row.number,))
        text = reader.one(table, QueryOptions(), where)
        if text is None:
            return Response(204, b"", {**location, **etag}, written=True)
        found = self.row_response(
            200 if status == 204 else status, reader.scope, table, text, QueryOptions(), **location, **etag
        )
        found.written = True
        return found

    def address(self, scope: Scope, table: Table, row: Row) -> str:
        """Absolute URL of a row."""
        parts = []
        for name in table.key:
            column, value = table.columns[name], row[name]
            if column.kind in ("text", "enum"):
                text = "'" + quote(str(value).replace("'", "''"), safe="'") + "'"
            else:
                text = quote(str(value), safe=":-.")
            parts.append(text if len(table.key) == 1 else f"{name}={text}")
        return f"{scope.root}/{scope.company_path}{table.name.lstrip(':')}({','.join(parts)})"

    def check_match(self, request: Request, table: Table, row: Row) -> None:
        """`If-Match` as the dialect wants it."""
        if not self.dialect.has_etag(table):
            return
        given = request.headers.get("if-match")
        if given is None:
            if self.dialect.profile.if_match == "required":
                raise Problem(
                    400, "if_match_missing", "Could not validate the client concurrency token required by the service."
                )
            return
        if given.strip() == "*":
            return
        tags = [tag.strip() for tag in given.split(",")]
        if any(not tag.startswith(('W/"', '"')) or not tag.endswith('"') for tag in tags):
            raise Problem(
                400, "if_match_missing", "Could not validate the client concurrency token: it is not an ETag."
            )
        if self.dialect.etag(row.version, row.number) not in tags:
            raise Problem(self.dialect.profile.stale_status, "stale", "Another user has already changed the record.")

    def _allowed(self, method: str, target: Target, table: Table) -> None:
        capabilities = table.entity_set.capabilities if table.entity_set else None
        allowed = {"POST": "collection", "PATCH": "row", "PUT": "row", "DELETE": "row"}.get(method)
        switched = {
            "POST": capabilities and capabilities.insertable is False,
            "PATCH": capabilities and capabilities.updatable is False,
            "PUT": capabilities and capabilities.updatable is False,
            "DELETE": capabilities and capabilities.deletable is False,
        }.get(method)
        if allowed != target.kind or switched:
            raise Problem(405, "method_not_allowed", f"'{method}' requests for '{table.name}' are not allowed.")

    # the rest

    def _service_document(self, scope: Scope) -> Response:
        sets = [
            {"name": s.name, "kind": "Singleton" if s.singleton else "EntitySet", "url": s.name}
            for s in self.catalog.entity_sets.values()
        ]
        body = orjson.dumps({"@odata.context": f"{scope.root}/$metadata", "value": sets})
        return Response(200, body, {"content-type": self.content_type(scope)})

    def _metadata(self, request: Request) -> Response:
        if request.method != "GET":
            raise Problem(405, "method_not_allowed", f"'{request.method}' requests for '$metadata' are not allowed.")
        return Response(200, self.document, {"content-type": "application/xml;charset=utf-8"})

    def _batch(self, request: Request, located: Located, user: User) -> Response:
        if request.method != "POST":
            raise Problem(405, "method_not_allowed", "A batch is sent with POST.")
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        formats = self.dialect.profile.batch_format
        if kind == "application/json" and formats in ("json", "both"):
            return batch.run(self, request, located, user)
        if kind == "multipart/mixed" and formats in ("multipart", "both"):
            return multipart.run(self, request, located, user)
        raise Problem(415, "media_type", f"A batch of content type '{kind}' is not supported.")

    def part(self, request: Request, user: User) -> Response:
        """One request of a batch, errors as responses."""
        try:
            return self.dispatch(request, user)
        except Problem as problem:
            return self.dialect.problem(problem, request)


def _table(target: Target) -> Table:
    if target.table is None:
        raise Problem(404, "not_found", "There is nothing at this address.")
    return target.table


def _next_link(request: Request, page: Page) -> str:
    kept = []
    for part in request.query.split("&"):
        name = part.partition("=")[0].replace("%24", "$")
        if name in ("$skip", "$skiptoken") or not part:
            continue
        if name == "$top" and page.left is not None:
            part = f"$top={page.left}"
        kept.append(part)
    return f"{request.origin}{request.path}?{'&'.join([*kept, f'$skiptoken={page.token}'])}"
