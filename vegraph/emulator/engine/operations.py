"""Actions, functions, single properties and media streams."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orjson

from vegraph.catalog.model import Operation, TypeRef
from vegraph.emulator.engine.dialect import ActionAnswer, ActionCall
from vegraph.emulator.engine.http import Request, Response, json_body
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.reading import Reader
from vegraph.emulator.engine.syntax import Expression, Json, Literal, QueryOptions
from vegraph.emulator.engine.target import Target, literal_value
from vegraph.emulator.engine.translate import Predicate
from vegraph.emulator.engine.values import Column

if TYPE_CHECKING:
    from vegraph.emulator.engine.service import Service

__all__ = ["property_read", "property_write", "run"]


def run(service: Service, request: Request, reader: Reader, target: Target, options: QueryOptions) -> Response:
    """Call the action or function a path addresses."""
    operation = target.operation
    if operation is None:
        raise Problem(404, "not_found", "There is no such operation.")
    wanted = "POST" if operation.kind == "action" else "GET"
    if request.method != wanted:
        raise Problem(
            405, "method_not_allowed", f"'{request.method}' requests for '{operation.short_name}' are not allowed."
        )
    if target.table is not None:
        reader.scope.demand(reader.shape, target.table, "action" if operation.kind == "action" else "read")
    elif operation.kind == "action" and not reader.scope.user.may(operation.short_name, "action"):
        raise Problem(
            403, "forbidden", f"The user {reader.scope.user.id} has no permission to run {operation.short_name}."
        )
    with service.store.transaction() as tx:
        bound_to_row = operation.bound and not (operation.binding and operation.binding.collection)
        row = service.existing(reader, target) if bound_to_row else None
        if operation.kind == "action":
            parameters = _body_parameters(operation, request)
        else:
            parameters = _url_parameters(operation, target, dict(options.aliases))
        call = ActionCall(operation, parameters, reader.scope, target.table, row)
        answer = service.dialect.act(tx, call)
    found = _response(service, reader, operation, answer)
    found.written = operation.kind == "action"
    return found


def _body_parameters(operation: Operation, request: Request) -> dict[str, Any]:
    given = json_body(request)
    known = {p.name: p for p in operation.parameters}
    for name, value in given.items():
        if name not in known:
            raise Problem(
                400, "bad_parameter", f"The parameter '{name}' is not known to '{operation.short_name}'.", target=name
            )
        _check_parameter(name, known[name].type, value)
    for name, parameter in known.items():
        if name not in given and not parameter.optional and not parameter.nullable:
            raise Problem(400, "bad_parameter", f"The parameter '{name}' is missing.", target=name)
    return given


def _check_parameter(name: str, type_ref: TypeRef, value: Any) -> None:
    if value is None:
        return
    if type_ref.collection:
        good = isinstance(value, list)
    else:
        expected: dict[str, type | tuple[type, ...]] = {
            "Edm.String": str, "Edm.Guid": str, "Edm.Date": str, "Edm.DateTimeOffset": str, "Edm.Boolean": bool,
            "Edm.Int32": int, "Edm.Int64": int,
        }  # fmt: skip
        good = isinstance(value, expected.get(type_ref.name, object))
        good = good and not (isinstance(value, bool) and type_ref.name in ("Edm.Int32", "Edm.Int64"))
    if not good:
        raise Problem(400, "bad_parameter", f"The parameter '{name}' takes {type_ref.name}.", target=name)


def _url_parameters(operation: Operation, target: Target, values: dict[str, Expression]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    given = dict(target.arguments.named) if target.arguments else {}
    known = {p.name for p in operation.parameters}
    for name, expression in given.items():
        if name not in known:
            raise Problem(
                404, "bad_parameter", f"The parameter '{name}' is not known to '{operation.short_name}'.", target=name
            )
        value = literal_value(expression, values)
        if isinstance(value, Json):
            found[name] = json.loads(value.text)
        elif isinstance(value, Literal):
            found[name] = _python(value)
        else:
            raise Problem(400, "bad_parameter", f"The parameter '{name}' is not a literal.", target=name)
    return found


def _python(literal: Literal) -> Any:
    match literal.kind:
        case "null":
            return None
        case "boolean":
            return literal.text.lower() == "true"
        case "integer":
            return int(literal.text)
    return literal.text


def _response(service: Service, reader: Reader, operation: Operation, answer: ActionAnswer) -> Response:
    scope, headers = reader.scope, dict(answer.headers)
    if answer.location:
        headers["location"] = answer.location
    if answer.table is not None:
        texts = []
        for row in answer.rows:
            text = reader.one(answer.table, QueryOptions(), Predicate('t."_n" = ?', (row.number,)))
            if text is not None:
                texts.append(text)
        if answer.many:
            context = f'"@odata.context":"{scope.root}/$metadata#{answer.table.name}",'
            begin = "{" + (context if scope.metadata != "none" else "") + '"value":['
            body = begin.encode() + b",".join(texts) + b"]}"
            headers["content-type"] = service.content_type(scope)
            return Response(200, body, headers, rows=len(texts))
        if not texts:
            return Response(204, b"", headers)
        return service.row_response(200, scope, answer.table, texts[0], QueryOptions(), **headers)
    if not answer.has_value:
        return Response(204, b"", headers)
    returns = operation.returns
    name = (
        f"Collection({returns.name})" if returns and returns.collection else (returns.name if returns else "Edm.String")
    )
    content: dict[str, Any] = {"value": answer.value}
    if scope.metadata != "none":
        content = {"@odata.context": f"{scope.root}/$metadata#{name}", **content}
    body_bytes = orjson.dumps(content, default=lambda d: orjson.Fragment(format(d, "f")))
    return Response(200, body_bytes, {"content-type": service.content_type(scope), **headers})


def property_read(service: Service, reader: Reader, target: Target) -> Response:
    """One property, its raw value, or a stream's bytes."""
    table, column = _column(target)
    row = service.existing(reader, target)
    if column.kind == "stream":
        with service.store.transaction() as tx:
            found = tx.media(table.name, row.number, column.name)
        if found is None:
            return Response(204)
        return Response(200, found[1], {"content-type": found[0]})
    value = row[column.name]
    if target.kind == "value":
        if value is None:
            return Response(204)
        text = str(value).lower() if column.kind == "bool" else str(value)
        return Response(200, text.encode(), {"content-type": "text/plain;charset=utf-8"})
    if value is None:
        return Response(204)
    content = {"@odata.context": f"{reader.scope.root}/$metadata#{target.path}", "value": value}
    body = orjson.dumps(content, default=lambda d: orjson.Fragment(format(d, "f")))
    return Response(200, body, {"content-type": service.content_type(reader.scope)}, rows=1)


def property_write(service: Service, request: Request, reader: Reader, target: Target) -> Response:
    """PUT or PATCH of a stream's content, DELETE of it; a plain property takes PUT with `{"value": …}`."""
    table, column = _column(target)
    row = service.existing(reader, target)
    with service.store.transaction() as tx:
        service.check_match(request, table, row)
        if column.kind == "stream":
            if request.method not in ("PUT", "PATCH", "DELETE"):
                raise Problem(405, "method_not_allowed", f"'{request.method}' requests for a stream are not allowed.")
            reader.scope.demand(reader.shape, table, "update")
            kind = request.headers.get("content-type", "application/octet-stream")
            if request.method == "DELETE":
                service.store.connection.execute(
                    'DELETE FROM "_media" WHERE "set" = ? AND n = ? AND property = ?',
                    (table.name, row.number, column.name),
                )
            else:
                tx.put_media(table.name, row.number, column.name, kind, request.body)
            service.dialect.media_written(tx, reader.scope, table, row, kind, request.body)
            return Response(204, written=True)
        raise Problem(405, "method_not_allowed", f"'{request.method}' requests for '{column.name}' are not allowed.")


def _column(target: Target) -> tuple[Any, Column]:
    if target.table is None:
        raise Problem(404, "not_found", "There is nothing at this address.")
    return target.table, target.table.columns[target.property]
