"""The fast completion: generated functions that turn rows into response structs, one call per row, in one pass.

The code is made from the plan tree alone, of `p…`, `n…`, `f…` and `g…` counters (`plan.generated`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from vegraph.plan import nodes as n
from vegraph.plan.amounts import is_text
from vegraph.plan.convert import expression
from vegraph.plan.generated import Environment, function
from vegraph.plan.rows import attribute, complex_struct, expanded_attribute, media_attribute
from vegraph.schema.binding import EntityBinding

__all__ = ["Builder", "Misfit", "link_of"]


class Misfit(Exception):
    """A row can't be completed by generated code."""


def _response_struct(keys: Sequence[str]) -> Any:
    fields = [(f"f{i}", Any) for i in range(len(keys))]
    return msgspec.defstruct("Object", fields, rename={f"f{i}": key for i, key in enumerate(keys)}, gc=False)


class Builder:
    """Makes builders for the shapes of one plan. `x` is a request's list of relation results by
    relation number: link value → row, or link value (expanded: the expanded rows) → page."""

    def __init__(self, encode_id: Callable[[EntityBinding], Callable[..., str]], media_url: Callable[..., str]) -> None:
        self._encode_id = encode_id
        self._media_url = media_url
        self._shapes: dict[int, Callable[..., Any]] = {}

    def shapes(self, shapes: n.Shapes) -> Callable[[Any, Any], Any]:
        """(row, x) → response object."""
        if id(shapes) not in self._shapes:
            self._shapes[id(shapes)] = self._make_shapes(shapes)
        return self._shapes[id(shapes)]

    def _make_shapes(self, shapes: n.Shapes) -> Callable[[Any, Any], Any]:
        if len(shapes.by_type) == 1:
            return self._shape(shapes.default)
        builders = {wire: self._shape(shapes.by_type[name]) for wire, name in shapes.wire.items()}
        default = self._shape(shapes.default)

        def build(row: Any, x: Any) -> Any:
            if row.t is None:
                return default(row, x)
            found = builders.get(row.t.rpartition("#")[2])
            if found is None:
                raise Misfit(row.t)
            return found(row, x)

        return build

    def _shape(self, shape: n.Shape) -> Callable[[Any, Any], Any]:
        env = Environment()
        return function(env, "r, x", self._object(shape, env))

    def _object(self, shape: n.Shape, env: Environment) -> str:
        """Code for the response object of a row `r`."""
        parts = [self._out(out, shape.entity, env) for out in shape.outs]
        return f"{env.add(_response_struct([out.key for out in shape.outs]))}({', '.join(parts)})"

    def _out(self, out: n.Out, entity: EntityBinding, env: Environment) -> str:
        match out:
            case n.LeafOut(member=member):
                source = f"r.{attribute(member.wire)}"
                return source if is_text(member) else expression(member.value, source, env)
            case n.TypeNameOut():
                return repr(entity.graph_name)
            case n.IdOut():
                return self._id(entity, env)
            case n.CompanyOut():
                return "r.c" if entity.company == "context" else f"r.{attribute(str(entity.company))}"
            case n.EtagOut():
                return "r.e"
            case n.OpenOut():
                raise Misfit("undeclared members are completed by graphql-core")
            case n.MediaOut():
                return self._media(out, entity, env)
            case n.ComplexOut():
                return self._complex_out(out, f"r.{attribute(out.member.wire)}", env)
            case n.RelationOut(relation=relation):
                return self._relation(relation, env)
            case n.FunctionOut():
                return self._function_out(out, entity, env)

    def _function_out(self, out: n.FunctionOut, entity: EntityBinding, env: Environment) -> str:
        found = f"x[{out.number}]({_key_expression(tuple(m.wire for m in entity.key), entity)})"
        if out.connection is not None:
            return f"(None if (v := {found}) is None else {env.add(self.connection(out.connection))}(v, x))"
        if out.shapes is not None:
            return f"(None if (v := {found}) is None else {env.add(self.shapes(out.shapes))}(v, x))"
        return found

    def _id(self, entity: EntityBinding, env: Environment) -> str:
        company = "r.c" if entity.company == "context" else "None"
        parts = [company, *(f"r.{attribute(m.wire)}" for m in entity.key)]
        return f"{env.add(self._encode_id(entity))}({', '.join(parts)})"

    def _media(self, out: n.MediaOut, entity: EntityBinding, env: Environment) -> str:
        struct = env.add(_response_struct([key for key, _ in out.fields]))
        url = "None"
        if "id" in entity.fields:
            url = f"{env.add(self._media_url)}({self._id(entity, env)}, {out.member.field!r})"
        given = {"url": url, "contentType": f"r.{media_attribute(out.member.wire)}", "__typename": repr("Media")}
        return f"{struct}({', '.join(given[name] for _, name in out.fields)})"

    def _complex_out(self, out: n.ComplexOut, source: str, env: Environment) -> str:
        build = env.add(self.complex(out.shape))
        if out.member.value.collection:
            return f"(None if (l := {source}) is None else [None if i is None else {build}(i) for i in l])"
        return f"(None if (v := {source}) is None else {build}(v))"

    def complex(self, shape: n.ComplexShape) -> Callable[[Any], Any]:
        """Complex value → response object."""
        env = Environment()
        typed = complex_struct(shape.value) != dict[str, Any]
        parts: list[str] = []
        for out in shape.outs:
            if isinstance(out, n.TypeNameOut):
                parts.append(repr(shape.value.graph_name))
            elif not typed or not isinstance(out, n.LeafOut | n.ComplexOut):
                raise Misfit("an open complex value is completed by graphql-core")
            elif isinstance(out, n.ComplexOut):
                parts.append(self._complex_out(out, f"r.{attribute(out.member.wire)}", env))
            else:
                parts.append(expression(out.member.value, f"r.{attribute(out.member.wire)}", env))
        struct = env.add(_response_struct([out.key for out in shape.outs]))
        return function(env, "r", f"{struct}({', '.join(parts)})")

    def _relation(self, relation: n.Relation, env: Environment) -> str:
        inside = relation.strategy is n.Strategy.EXPAND
        link = f"r.{expanded_attribute(relation.field.relationship.name)}" if inside else link_expression(relation)
        if relation.connection is not None:
            build = self.connection(relation.connection, "p" if relation.bare else "p.rows")
            return f"{env.add(build)}(x[{relation.number}]({link}), x)"
        assert relation.shapes is not None  # noqa: S101 - to-one
        found = link if inside else f"x[{relation.number}]({link})"
        return f"(None if (v := {found}) is None else {env.add(self.shapes(relation.shapes))}(v, x))"

    def connection(self, connection: n.ConnectionOut, rows: str = "p.rows") -> Callable[[Any, Any], Any]:
        """(page, x) → connection object. A page has `rows`, `has_next`, `has_previous`, `total` and `cursor(row)`; or,
        where `rows` is "p", it is the rows."""
        env = Environment()
        parts = [self._connection_out(connection, name, below, rows, env) for _, name, below in connection.outs]
        struct = env.add(_response_struct([key for key, _, _ in connection.outs]))
        return function(env, "p, x", f"{struct}({', '.join(parts)})")

    def _one_of(self, shapes: n.Shapes, env: Environment) -> str:
        """Code for the response object of a row `r`: written out where all rows are of one type, which saves a call."""
        if len(shapes.by_type) == 1:
            return self._object(shapes.default, env)
        return f"{env.add(self.shapes(shapes))}(r, x)"

    def _connection_out(self, connection: n.ConnectionOut, name: str, below: Any, rows: str, env: Environment) -> str:
        match name:
            case "nodes":
                one = (
                    self._object(below.default, env)
                    if len(below.by_type) == 1
                    else f"{env.add(self.shapes(below))}(r, x)"
                )
                return f"[{one} for r in {rows}]"
            case "edges":
                given = {"cursor": "p.cursor(r)", "__typename": repr(connection.edge_type_name)}
                inner = [
                    given[f] if shapes is None else f"{env.add(self.shapes(shapes))}(r, x)" for _, f, shapes in below
                ]
                struct = env.add(_response_struct([k for k, _, _ in below]))
                return f"[{struct}({', '.join(inner)}) for r in p.rows]"
            case "pageInfo":
                given = {
                    "hasNextPage": "p.has_next",
                    "hasPreviousPage": "p.has_previous",
                    "startCursor": "(p.cursor(p.rows[0]) if p.rows else None)",
                    "endCursor": "(p.cursor(p.rows[-1]) if p.rows else None)",
                    "__typename": repr("PageInfo"),
                }
                struct = env.add(_response_struct([k for k, _ in below]))
                return f"{struct}({', '.join(given[f] for _, f in below)})"
            case "totalCount":
                return "p.total"
            case _:
                return repr(connection.type_name)


def link_expression(relation: n.Relation) -> str:
    """Code for the link value of a row `r`: what related rows are found by."""
    return _key_expression(relation.link, relation.parent)


def _key_expression(wires: Sequence[str], entity: EntityBinding) -> str:
    parts = [f"r.{attribute(w)}" for w in wires]
    if entity.company == "context":
        parts.insert(0, "r.c")
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)},)"


def link_of(wires: Sequence[str], entity: EntityBinding) -> Callable[[Any], Any]:
    """Row → link value: a property's value, or a tuple of several, the company in front where it is the request's."""
    return function(Environment(), "r", _key_expression(wires, entity))
