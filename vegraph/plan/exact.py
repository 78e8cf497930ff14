"""The exact completion: graphql-core over the rows already in memory.

Nothing is fetched here. It completes what generated code does not: values that don't fit, failed relations,
introspection, `me` and `catalog`; errors, null propagation and paths are then the specification's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from graphql import GraphQLError, GraphQLResolveInfo

from vegraph.errors import BackendUnavailable, VegraphError
from vegraph.plan import nodes as n
from vegraph.plan.aggregation import Grouped
from vegraph.plan.convert import strict, untyped
from vegraph.plan.functions import Value
from vegraph.plan.outcomes import Outcome
from vegraph.plan.paging import PageResult
from vegraph.plan.payloads import user_error
from vegraph.plan.roots import Found, Unanswered
from vegraph.plan.rows import Row, attribute, media_attribute
from vegraph.schema.binding import EntityBinding

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["RootSource", "resolve_field", "resolve_type"]


def resolve_field(source: Any, info: GraphQLResolveInfo[Any], **_arguments: Any) -> Any:
    """graphql-core's field resolver: every source object here answers by response key."""
    if isinstance(source, _Source):
        return source.get(info.path.key)
    if isinstance(source, dict):
        return source.get(info.field_name)
    return getattr(source, info.field_name, None)


def resolve_type(value: Any, _info: GraphQLResolveInfo[Any], _abstract: Any) -> str | None:
    """The concrete type of a row behind an interface."""
    return value.type_name if isinstance(value, _RowSource) else None


def raised(error: VegraphError | GraphQLError) -> GraphQLError:
    """The error as graphql-core is to report it. A new one each time: it gets its own path."""
    if isinstance(error, GraphQLError):
        return GraphQLError(error.message, original_error=error.original_error, extensions=error.extensions)
    return GraphQLError(str(error), original_error=error, extensions=error.extensions)


class _Source:
    """Something that fields are resolved on."""

    def get(self, key: Any) -> Any:
        """The value under a response key."""
        raise NotImplementedError


class RootSource(_Source):
    """The root value of a query."""

    def __init__(self, run: Execution, complete: Callable[[RootSource, n.Root, Any], Any] | None = None) -> None:
        self.run = run
        self.roots = {r.key: r for r in run.plan.roots}

    def get(self, key: Any) -> Any:
        """What was fetched for a root field; raises what its fetch raised."""
        root = self.roots[key]
        if root.binding is None:
            return None
        result = self.run.results[key]
        error = getattr(result, "error", None)
        if error is not None:
            raise raised(error)
        return completed(self.run, root, result)


def completed(run: Execution, selected: Any, result: Any) -> Any:
    """A fetched result, ready for graphql-core. `selected`: the root, relation or function it was selected by."""
    match result:
        case None:
            return None
        case PageResult():
            return _ConnectionSource(run, selected.connection, result)
        case Grouped(values=values):
            return _GroupSource(values)
        case list():
            return [completed(run, selected, r) for r in result]
        case Unanswered(error=error):
            return raised(error)  # graphql-core raises an error that it finds in place of a value
        case Found(row=row, shapes=shapes):
            return _row_source(run, shapes, row)
        case Value(raw=raw):
            return _value(run, selected, raw)
        case Outcome():
            return _PayloadSource(run, selected, result)
        case _:
            return _row_source(run, selected.shapes, result)


def _value(run: Execution, selected: Any, raw: Any) -> Any:
    binding = selected.binding
    source, place = binding.source.name, binding.operation.short_name
    if selected.complex is not None:
        if binding.returns_many:
            return _complex(run, [] if raw is None else raw, selected.complex, True, source, place)
        return _complex(run, raw, selected.complex, False, source, place)
    try:
        return strict(binding.returns, raw, source, place)
    except VegraphError as error:
        raise raised(error) from None


def _row_source(run: Execution, shapes: n.Shapes, row: Row) -> _RowSource:
    shape = shapes.default
    if len(shapes.by_type) > 1 and isinstance(row.t, str):
        name = shapes.wire.get(row.t.rpartition("#")[2])
        if name is None:
            raise GraphQLError(f"{shapes.default.entity.source.name} sent a row of a type that this graph lacks.")
        shape = shapes.by_type[name]
    return _RowSource(run, shape, row)


class _RowSource(_Source):
    """A row of an entity."""

    def __init__(self, run: Execution, shape: n.Shape, row: Row) -> None:
        self.run = run
        self.row = row
        self.entity = shape.entity
        self.type_name = shape.entity.graph_name
        self.outs = {out.key: out for out in shape.outs}

    def get(self, key: Any) -> Any:
        out = self.outs[key]
        row, entity = self.row, self.entity
        match out:
            case n.LeafOut(member=member):
                return _leaf(getattr(row, attribute(member.wire)), member, entity)
            case n.IdOut():
                return _id(self.run, row, entity)
            case n.CompanyOut():
                return row.c if entity.company == "context" else getattr(row, attribute(str(entity.company)))
            case n.EtagOut():
                return row.e
            case n.OpenOut():
                return untyped(getattr(row, "o", None))
            case n.MediaOut(member=member, fields=fields):
                url = self.run.media_url(_id(self.run, row, entity), member.field) if "id" in entity.fields else None
                type_ = getattr(row, media_attribute(member.wire), None)
                type_ = type_ if isinstance(type_, str) else None
                return _MediaSource({k: {"url": url, "contentType": type_}.get(f) for k, f in fields})
            case n.ComplexOut(member=member, shape=shape):
                raw, place = getattr(row, attribute(member.wire)), f"{entity.graph_name}.{member.field}"
                return _complex(self.run, raw, shape, member.value.collection, entity.source.name, place)
            case n.RelationOut(relation=relation):
                return self._related(relation, relation.number)
            case n.FunctionOut(number=number):
                return self._related(out, number)
            case _:
                return entity.graph_name

    def _related(self, selected: Any, number: int) -> Any:
        related = self.run.related[number]
        if related.error is not None:
            raise raised(related.error)
        return completed(self.run, selected, related.of(self.row))


def _id(run: Execution, row: Row, entity: EntityBinding) -> str:
    values = [getattr(row, attribute(m.wire)) for m in entity.key]
    if any(not isinstance(v, str | int | float) and not hasattr(v, "as_tuple") for v in values):
        raise GraphQLError(f"{entity.source.name} sent a row of {entity.graph_name} without its key.")
    return run.encode_id(entity)(row.c if entity.company == "context" else None, *values)


def _leaf(raw: Any, member: Any, entity: EntityBinding) -> Any:
    source, place = entity.source.name, f"{entity.graph_name}.{member.field}"
    try:
        found = strict(member.value, raw, source, place)
    except VegraphError as error:
        raise raised(error) from None
    if found is None and member.key:
        raise raised(
            BackendUnavailable(f"{place}: the service sent a row without it, and it is of the key.", source=source)
        )
    return found


def _complex(run: Execution, raw: Any, shape: n.ComplexShape, many: bool, source: str, place: str) -> Any:
    """An object or a list of them; what is neither is told, in a list at its own place."""
    if raw is None:
        return None
    if not many:
        found = _one_complex(run, raw, shape, source, place)
        if isinstance(found, GraphQLError):
            raise found
        return found
    if not isinstance(raw, list):
        raise _no_complex(shape, source, place)
    return [None if item is None else _one_complex(run, item, shape, source, place) for item in raw]


def _one_complex(run: Execution, raw: Any, shape: n.ComplexShape, source: str, place: str) -> Any:
    if isinstance(raw, dict | msgspec.Struct):
        return _ComplexSource(run, shape, raw, source)
    return _no_complex(shape, source, place)


def _no_complex(shape: n.ComplexShape, source: str, place: str) -> GraphQLError:
    name = shape.value.wire_type.rpartition(".")[2]
    return raised(BackendUnavailable(f"{place}: the service sent a value that is no {name}.", source=source))


class _ComplexSource(_Source):
    """A complex value: a struct, or a dictionary where it is open or did not fit."""

    def __init__(self, run: Execution, shape: n.ComplexShape, raw: Any, source: str) -> None:
        self.run = run
        self.raw = raw
        self.shape = shape
        self.source = source
        self.outs = {out.key: out for out in shape.outs}

    def _of(self, wire: str) -> Any:
        if isinstance(self.raw, dict):
            return self.raw.get(wire)
        return getattr(self.raw, attribute(wire), None)

    def get(self, key: Any) -> Any:
        out = self.outs[key]
        name = self.shape.value.graph_name
        match out:
            case n.LeafOut(member=member):
                try:
                    return strict(member.value, self._of(member.wire), self.source, f"{name}.{member.field}")
                except VegraphError as error:
                    raise raised(error) from None
            case n.ComplexOut(member=member, shape=shape):
                raw, place = self._of(member.wire), f"{name}.{member.field}"
                return _complex(self.run, raw, shape, member.value.collection, self.source, place)
            case n.OpenOut():
                known = {m.wire for m in self.shape.value.members.values()}
                raw = self.raw if isinstance(self.raw, dict) else {}
                return untyped({k: v for k, v in raw.items() if k not in known and "@" not in k})
            case _:
                return None


class _MediaSource(_Source):
    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def get(self, key: Any) -> Any:
        return self.values[key]


class _ConnectionSource(_Source):
    """A connection over a page."""

    def __init__(self, run: Execution, connection: n.ConnectionOut, page: PageResult) -> None:
        self.run = run
        self.page = page
        self.outs = {key: (name, below) for key, name, below in connection.outs}

    def get(self, key: Any) -> Any:
        name, below = self.outs[key]
        page = self.page
        match name:
            case "nodes":
                return [_row_source(self.run, below, row) for row in page.rows]
            case "edges":
                return [_EdgeSource(self.run, below, page, row) for row in page.rows]
            case "pageInfo":
                return _MediaSource({k: _page_info(page, f) for k, f in below})
            case _:
                return page.total


def _page_info(page: PageResult, name: str) -> Any:
    match name:
        case "hasNextPage":
            return page.has_next
        case "hasPreviousPage":
            return page.has_previous
        case "startCursor":
            return page.cursor(page.rows[0]) if page.rows else None
        case "endCursor":
            return page.cursor(page.rows[-1]) if page.rows else None
        case _:
            return None


class _EdgeSource(_Source):
    def __init__(self, run: Execution, below: Any, page: PageResult, row: Row) -> None:
        self.run = run
        self.page = page
        self.row = row
        self.outs = {key: (name, shapes) for key, name, shapes in below}

    def get(self, key: Any) -> Any:
        name, shapes = self.outs[key]
        return self.page.cursor(self.row) if name == "cursor" else _row_source(self.run, shapes, self.row)


class _PayloadSource(_Source):
    """A mutation's payload."""

    def __init__(self, run: Execution, root: n.Root, outcome: Outcome) -> None:
        assert root.payload is not None  # noqa: S101
        self.run = run
        self.outcome = outcome
        self.binding: Any = root.binding
        self.outs = {key: (name, below) for key, name, below in root.payload.outs}

    def get(self, key: Any) -> Any:
        name, below = self.outs[key]
        outcome = self.outcome
        if name == "userErrors":
            return [_MediaSource(user_error(outcome, i, below)) for i in range(len(outcome.mistakes))]
        if name == "deletedId":
            return outcome.deleted_id
        if name == getattr(self.binding, "result_field", None):
            if outcome.result_error is not None:
                raise raised(outcome.result_error)
            return completed(self.run, below, outcome.result)
        if outcome.row_error is not None:
            raise raised(outcome.row_error)
        return None if outcome.row is None else _row_source(self.run, below, outcome.row)


class _GroupSource(_Source):
    """One group of an aggregate, or the values of one function below it."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def get(self, key: Any) -> Any:
        value = self.values[key]
        return _GroupSource(value) if isinstance(value, dict) else value
