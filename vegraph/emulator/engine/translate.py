"""From expression to parameterised SQLite SQL over typed columns. Values never become part of the SQL text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from vegraph.emulator.engine import functions
from vegraph.emulator.engine.operands import Operand, incompatible, literal_operand
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.shape import Link, Shape, Table
from vegraph.emulator.engine.syntax import (
    Alias,
    Binary,
    Call,
    Cast,
    Expression,
    In,
    Json,
    Lambda,
    ListOf,
    Literal,
    Member,
    Unary,
    chain,
)

__all__ = ["Predicate", "Translator", "fixed_part"]

_COMPARISONS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_NUMBERS = ("int", "decimal", "double")


@dataclass(frozen=True, slots=True)
class Predicate:
    """SQL that is true or not, and its parameters."""

    sql: str = "1"
    params: tuple[Any, ...] = ()

    def __and__(self, other: Predicate) -> Predicate:
        if self.sql == "1":
            return other
        if other.sql == "1":
            return self
        return Predicate(f"({self.sql} AND {other.sql})", self.params + other.params)


def fixed_part(target: Table, link: Link, alias: str) -> Predicate:
    """What a relation asks of the target's rows beside its pairs."""
    found = Predicate()
    for name, value in link.fixed:
        column = target.columns[name]
        found = found & Predicate(f"{alias}.{column.key_sql} = ?", (column.sort_key(column.encode(value)),))
    return found


def _everything(table: Table, alias: str) -> Predicate:
    del table, alias
    return Predicate()


@dataclass
class Translator:
    """Translates expressions over one table under one SQL alias."""

    shape: Shape
    table: Table
    alias: str = "t"
    visible: Callable[[Table, str], Predicate] = _everything
    """What else must hold for rows of another table to be seen (company, row rights)."""

    values: Mapping[str, Expression] = field(default_factory=dict)
    """Parameter aliases."""

    now: str = "1970-01-01T00:00:00"
    variables: Mapping[str, tuple[Table, str]] = field(default_factory=dict)
    _counter: list[int] = field(default_factory=lambda: [0])

    def predicate(self, expression: Expression, *, negated: bool = False) -> Predicate:
        """The expression as a condition."""
        if isinstance(expression, Binary) and expression.operator in ("and", "or"):
            terms = [self.predicate(term, negated=negated) for term in chain(expression)]
            params = tuple(value for term in terms for value in term.params)
            return Predicate(_balanced([term.sql for term in terms], f" {expression.operator.upper()} "), params)
        if isinstance(expression, Unary) and expression.operator == "not":
            inner = self.predicate(expression.operand, negated=True)
            return Predicate(f"(NOT {inner.sql})", inner.params)
        if isinstance(expression, Binary) and expression.operator in _COMPARISONS:
            return self._comparison(expression, negated)
        if isinstance(expression, In):
            return self._membership(expression)
        if isinstance(expression, Lambda):
            return self._lambda(expression)
        found = self.operand(expression)
        if found.kind not in ("bool", "null"):
            raise Problem(400, "bad_filter", "The $filter expression must evaluate to a single boolean value.")
        return Predicate(found.sql, found.params)

    def operand(self, expression: Expression, other: Operand | None = None) -> Operand:
        """The expression as a value; a literal is read as the type of `other`."""
        match expression:
            case Literal():
                return literal_operand(
                    expression, other=other, quoted_enums=self.shape.profile.enum_literals != "qualified"
                )
            case Member():
                return self._member(expression)
            case Alias(name):
                if name not in self.values:
                    return Operand("NULL", (), "null", nullable=True)
                return self.operand(self.values[name], other)
            case Call(name, arguments):
                return functions.call(self, name, arguments)
            case Unary("-", inner):
                return functions.negative(self.operand(inner))
            case Binary(operator, left, right) if operator in ("add", "sub", "mul", "div", "divby", "mod"):
                return functions.arithmetic(operator, self.operand(left), self.operand(right))
            case Binary("has", left, right):
                flags = self.operand(left)
                wanted = self.operand(right, flags)
                if flags.kind != "enum":
                    raise incompatible("has", flags, wanted)
                sql = f"(({flags.sql} & {wanted.sql}) = {wanted.sql})"
                return Operand(sql, flags.params + wanted.params * 2, "bool", nullable=flags.nullable)
            case Binary() | Unary() | In() | Lambda():
                found = self.predicate(expression, negated=True)
                return Operand(found.sql, found.params, "bool")
            case ListOf() | Json() | Cast():
                raise Problem(501, "not_implemented", "This kind of expression is not supported here.")
        assert_never(expression)

    def _comparison(self, expression: Binary, negated: bool) -> Predicate:
        left, right = self.sides(expression.left, expression.right)
        operator = expression.operator
        if right.kind == "null" or left.kind == "null":
            return self._null(operator, left, right)
        if self._is_pattern(operator, right):
            return self._pattern(operator, left, right)
        left, right = functions.unify(operator, left, right)
        if operator in ("gt", "ge", "lt", "le") and left.kind in ("bool", "json", "binary", "stream"):
            raise incompatible(operator, left, right)
        if left.kind == "enum" and operator not in ("eq", "ne") and not self.shape.profile.enum_ordering:
            raise incompatible(operator, left, right)
        fold = " COLLATE NOCASE" if (left.fold or right.fold) and left.column is None else ""
        params = left.params + right.params
        nullable = left.nullable or right.nullable
        if nullable and operator in ("eq", "ne"):
            sign = "IS" if operator == "eq" else "IS NOT"
            return Predicate(f"({left.sql}{fold} {sign} {right.sql})", params)
        sql = f"{left.sql}{fold} {_COMPARISONS[operator]} {right.sql}"
        return Predicate(f"ifnull({sql}, 0)" if nullable and negated else f"({sql})", params)

    def sides(self, left: Expression, right: Expression) -> tuple[Operand, Operand]:
        """Both sides, a literal read as the type of the other."""
        left, right = self._value(left), self._value(right)
        if isinstance(left, Literal) and not isinstance(right, Literal):
            second = self.operand(right)
            return self.operand(left, second), second
        first = self.operand(left)
        return first, self.operand(right, first)

    def _value(self, expression: Expression) -> Expression:
        return self.values.get(expression.name, expression) if isinstance(expression, Alias) else expression

    def _null(self, operator: str, left: Operand, right: Operand) -> Predicate:
        if operator not in ("eq", "ne"):
            return Predicate("0")
        side = left if right.kind == "null" else right
        column = side.column
        if column is not None and not side.nullable and not self.shape.profile.nulls:
            sign = "=" if operator == "eq" else "<>"
            return Predicate(f"({side.sql} {sign} ?)", (*side.params, column.sort_key(column.empty)))
        sign = "IS" if operator == "eq" else "IS NOT"
        return Predicate(f"({side.sql} {sign} NULL)", side.params)

    def _is_pattern(self, operator: str, right: Operand) -> bool:
        literal = right.literal
        return bool(
            self.shape.profile.wildcards
            and operator in ("eq", "ne")
            and literal is not None
            and literal.kind == "string"
            and right.kind == "text"
            and "*" in literal.text
        )

    def _pattern(self, operator: str, left: Operand, right: Operand) -> Predicate:
        if left.kind != "text":
            raise incompatible(operator, left, right)
        text, negation = str(right.params[0]), "NOT " if operator == "ne" else ""
        if left.fold:
            for sign in "\\%_":
                text = text.replace(sign, "\\" + sign)
            return Predicate(f"({left.sql} {negation}LIKE ? ESCAPE '\\')", (*left.params, text.replace("*", "%")))
        text = text.replace("[", "[[]").replace("?", "[?]")
        return Predicate(f"({left.sql} {negation}GLOB ?)", (*left.params, text))

    def _membership(self, expression: In) -> Predicate:
        left = self.operand(expression.left)
        right = self._value(expression.right)
        if not isinstance(right, ListOf):
            raise Problem(400, "bad_filter", "The right side of 'in' must be a list of values.")
        params: list[Any] = []
        for item in right.items:
            value = self.operand(item, left)
            first, value = functions.unify("in", left, value) if value.kind != "null" else (left, value)
            if value.sql != "?" or first.sql != left.sql:
                raise incompatible("in", left, value)
            params += value.params
        marks = ", ".join("?" * len(params))
        sql = f"{left.sql} IN ({marks})"
        return Predicate(f"ifnull({sql}, 0)" if left.nullable else f"({sql})", (*left.params, *params))

    def _lambda(self, expression: Lambda) -> Predicate:
        if self.shape.profile.lambdas == "ignore":
            return Predicate()
        table, alias, link = self._walk(expression.path)
        rows, name, joined = self._joined(table, alias, link, many=True)
        if expression.body is None:
            return Predicate(f"EXISTS (SELECT 1 FROM {rows} WHERE {joined.sql})", joined.params)
        inner = replace(self, variables={**self.variables, expression.variable: (self.shape.tables[link.target], name)})
        body = inner.predicate(expression.body, negated=expression.kind == "all")
        if expression.kind == "any":
            return Predicate(
                f"EXISTS (SELECT 1 FROM {rows} WHERE {joined.sql} AND {body.sql})", joined.params + body.params
            )
        return Predicate(
            f"NOT EXISTS (SELECT 1 FROM {rows} WHERE {joined.sql} AND NOT ifnull({body.sql}, 0))",
            joined.params + body.params,
        )

    def _walk(self, path: Member) -> tuple[Table, str, Link]:
        table, alias = self.table, self.alias
        names = [s.name for s in path.path]
        if names[0] in self.variables:
            table, alias = self.variables[names.pop(0)]
        elif names[0] == "$it":
            names.pop(0)
        link = table.links.get(names[0]) if len(names) == 1 else None
        if link is None:
            raise _unknown(table, "/".join(names))
        return table, alias, link

    def _joined(self, table: Table, alias: str, link: Link, *, many: bool) -> tuple[str, str, Predicate]:
        if link.many != many or not link.pairs:
            raise Problem(400, "bad_filter", f"'{link.name}' cannot be used in this way in a filter.")
        target = self.shape.tables[link.target]
        self._counter[0] += 1
        name = f"x{self._counter[0]}"
        on = " AND ".join(
            f"{name}.{target.columns[p.target].key_sql} = {alias}.{table.columns[p.own].key_sql}" for p in link.pairs
        )
        if table.company == "hidden" and target.company == "hidden":
            on += f' AND {name}."_c" = {alias}."_c"'
        joined = Predicate(f"({on})") & fixed_part(target, link, name)
        return f"{target.sql} AS {name}", name, joined & self.visible(target, name)

    def _member(self, member: Member) -> Operand:
        names = [s.name for s in member.path]
        if any(s.arguments is not None for s in member.path):
            raise Problem(501, "not_implemented", f"'{member.text}' cannot be evaluated in an expression.")
        table, alias = self.table, self.alias
        if names[0] in self.variables:
            table, alias = self.variables[names.pop(0)]
        elif names[0] in ("$it", "$this"):
            names.pop(0)
        if not names:
            raise Problem(400, "bad_filter", f"'{member.text}' is not a value.")
        return self._property(table, alias, names)

    def _property(self, table: Table, alias: str, names: list[str]) -> Operand:
        column = table.columns.get(names[0])
        if column is not None:
            if column.kind == "stream":
                raise Problem(400, "bad_filter", f"'{column.name}' is a stream and cannot be compared.")
            if len(names) > 1:
                path = "$." + ".".join(f'"{n}"' for n in names[1:])
                return Operand(f"json_extract({alias}.{column.sql}, ?)", (path,), "text", nullable=True)
            if not column.declared.filterable:
                raise Problem(
                    400, "bad_filter", f"The property '{column.name}' cannot be used in the $filter query option."
                )
            return Operand(f"{alias}.{column.key_sql}", (), column.kind, column, column.nullable, column.nocase)
        link = table.links.get(names[0])
        if link is None:
            raise _unknown(table, names[0])
        if len(names) == 2 and names[1] == "$count" and link.many:
            rows, _, joined = self._joined(table, alias, link, many=True)
            return Operand(f"(SELECT count(*) FROM {rows} WHERE {joined.sql})", joined.params, "int")
        if len(names) < 2 or link.many or not self.shape.profile.navigation_filter:
            raise Problem(
                400, "bad_filter", f"The navigation property '{names[0]}' cannot be used in a filter like this."
            )
        rows, name, joined = self._joined(table, alias, link, many=False)
        inner = self._property(self.shape.tables[link.target], name, names[1:])
        sql = f"(SELECT {inner.sql} FROM {rows} WHERE {joined.sql} LIMIT 1)"
        return replace(inner, sql=sql, params=inner.params + joined.params, nullable=True)


def _balanced(parts: list[str], word: str) -> str:
    """The parts joined, in brackets that keep SQLite's expression tree shallow."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return f"({_balanced(parts[:half], word)}{word}{_balanced(parts[half:], word)})"


def _unknown(table: Table, name: str) -> Problem:
    return Problem(
        400,
        "unknown_property",
        f"Could not find a property named '{name}' on type '{table.type.name}'.",
        target=name,
    )
