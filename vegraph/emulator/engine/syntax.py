"""The syntax tree of an OData URL (OData 4.01, part 2): what was written, names not yet looked up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as Choice

__all__ = [
    "Alias",
    "Arguments",
    "Binary",
    "Call",
    "Cast",
    "Expand",
    "Expression",
    "Fragment",
    "In",
    "Json",
    "Lambda",
    "ListOf",
    "Literal",
    "LiteralKind",
    "Member",
    "OrderTerm",
    "QueryOptions",
    "Segment",
    "SelectItem",
    "Unary",
    "chain",
]

LiteralKind = Choice[
    "null",
    "boolean",
    "integer",
    "decimal",
    "double",
    "string",
    "guid",
    "date",
    "datetime",
    "time",
    "duration",
    "binary",
    "enum",
    "geo",
]


@dataclass(frozen=True, slots=True)
class Literal:
    """A primitive literal. `text` is the content: quotes undone, prefixes removed."""

    kind: LiteralKind
    text: str
    type: str = ""
    """Qualified enum type of `NS.Type'Member'`."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What stands in parentheses after a segment: one value, or named ones (keys, function parameters)."""

    single: Expression | None = None
    named: tuple[tuple[str, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a path."""

    name: str
    """Decoded. `$count`, `$value`, `$ref` and the like keep their sign."""

    arguments: Arguments | None = None
    """None: no parentheses. Empty `Arguments()`: `()`."""


@dataclass(frozen=True, slots=True)
class Member:
    """A path inside an expression: `Customer/Name`, `Lines/$count`, `$it/Price`, `x/Total`."""

    path: tuple[Segment, ...]

    @property
    def text(self) -> str:
        """The path as written, without arguments."""
        return "/".join(segment.name for segment in self.path)


@dataclass(frozen=True, slots=True)
class Call:
    """A built-in or qualified function with positional arguments."""

    name: str
    arguments: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Unary:
    """`not` or `-`."""

    operator: Choice["not", "-"]
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """A comparison, `and`, `or`, `has`, or arithmetic."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class In:
    """`left in (…)` or `left in Collection`."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class ListOf:
    """A parenthesised list, the right side of `in`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Lambda:
    """`path/any(x:predicate)` or `path/all(…)`; `any()` has no variable and no body."""

    kind: Choice["any", "all"]
    path: Member
    variable: str = ""
    body: Expression | None = None


@dataclass(frozen=True, slots=True)
class Alias:
    """`@name`: a value given elsewhere in the query."""

    name: str


@dataclass(frozen=True, slots=True)
class Json:
    """An array or object written as JSON."""

    text: str


@dataclass(frozen=True, slots=True)
class Cast:
    """`cast(…)` or `isof(…)`."""

    kind: Choice["cast", "isof"]
    operand: Expression | None
    type: str


Expression = Literal | Member | Call | Unary | Binary | In | ListOf | Lambda | Alias | Json | Cast


def chain(expression: Binary) -> list[Expression]:
    """Operands of a chain of one operator: `a or b or c`, however long, without recursion."""
    found: list[Expression] = []
    node: Expression = expression
    while isinstance(node, Binary) and node.operator == expression.operator:
        found.append(node.right)
        node = node.left
    found.append(node)
    return found[::-1]


@dataclass(frozen=True, slots=True)
class OrderTerm:
    """One term of `$orderby`."""

    expression: Expression
    descending: bool = False


@dataclass(frozen=True, slots=True)
class SelectItem:
    """One item of `$select`: a path, `*`, or `NS.*`, with nested options where a complex member has them."""

    path: tuple[str, ...]
    options: QueryOptions | None = None


@dataclass(frozen=True, slots=True)
class Expand:
    """One item of `$expand`."""

    path: tuple[str, ...]
    """Type casts included. `*` alone: all."""

    suffix: str = ""
    """`$ref`, `$count` or `$value`."""

    options: QueryOptions | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryOptions:
    """The system query options of a request or of an `$expand` item. None: not given."""

    filter: Expression | None = None
    orderby: tuple[OrderTerm, ...] = ()
    select: tuple[SelectItem, ...] | None = None
    expand: tuple[Expand, ...] = ()
    search: str | None = None
    top: int | None = None
    skip: int | None = None
    count: bool | None = None
    levels: str | None = None
    format: str | None = None
    skiptoken: str | None = None
    deltatoken: str | None = None
    apply: str | None = None
    compute: str | None = None
    schemaversion: str | None = None
    id: str | None = None
    index: int | None = None
    aliases: tuple[tuple[str, Expression], ...] = ()
    custom: tuple[tuple[str, str], ...] = ()
    """Options without `$` or `@` (`company`, `cross-company`), as sent, decoded."""

    def custom_value(self, name: str) -> str | None:
        """The last value of a custom option, its name compared without case."""
        found = [v for n, v in self.custom if n.lower() == name.lower()]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Fragment:
    """A relative URL: resource path and options."""

    path: tuple[Segment, ...]
    options: QueryOptions
