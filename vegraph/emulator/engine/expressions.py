"""From text to expression: `$filter`, `$orderby`, key values and parameters (OData 4.01, part 2, section 5.1.1)."""

from __future__ import annotations

from vegraph.emulator.engine.scanner import Scanner
from vegraph.emulator.engine.syntax import (
    Alias,
    Arguments,
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
    OrderTerm,
    Segment,
    Unary,
)

__all__ = ["ARITIES", "expression", "order_terms", "take_arguments", "take_expression"]

ARITIES: dict[str, tuple[int, int]] = {
    "contains": (2, 2), "startswith": (2, 2), "endswith": (2, 2), "length": (1, 1), "indexof": (2, 2),
    "substring": (2, 3), "tolower": (1, 1), "toupper": (1, 1), "trim": (1, 1), "concat": (2, 2),
    "matchespattern": (2, 2), "hassubset": (2, 2), "hassubsequence": (2, 2),
    "year": (1, 1), "month": (1, 1), "day": (1, 1), "hour": (1, 1), "minute": (1, 1), "second": (1, 1),
    "fractionalseconds": (1, 1), "totalseconds": (1, 1), "date": (1, 1), "time": (1, 1),
    "totaloffsetminutes": (1, 1), "mindatetime": (0, 0), "maxdatetime": (0, 0), "now": (0, 0),
    "round": (1, 1), "floor": (1, 1), "ceiling": (1, 1), "geo.distance": (2, 2), "geo.length": (1, 1),
    "geo.intersects": (2, 2), "isdefined": (1, 1), "substringof": (2, 2),
}  # fmt: skip
"""Built-in functions with their least and greatest number of arguments."""

_LEVELS: tuple[tuple[str, ...], ...] = (
    ("or",),
    ("and",),
    ("eq", "ne"),
    ("gt", "ge", "lt", "le", "has", "in"),
    ("add", "sub"),
    ("mul", "divby", "div", "mod"),
)
"""Binary operators, loosest first."""

_LEVEL_OF = {word: level for level, words in enumerate(_LEVELS) for word in words}

_DEEPEST = 100
"""Nesting above which an expression is refused, as the service's own parser does."""


def expression(text: str) -> Expression:
    """The whole text as one expression."""
    scanner = Scanner(text)
    found = take_expression(scanner)
    if not scanner.done:
        raise scanner.refuse("syntax error")
    return found


def order_terms(text: str) -> tuple[OrderTerm, ...]:
    """The whole text as `$orderby`."""
    scanner, terms = Scanner(text), []
    while True:
        scanner.space()
        term = take_expression(scanner)
        descending = False
        if scanner.space():
            descending = scanner.take_word("asc", "desc") == "desc"
        terms.append(OrderTerm(term, descending))
        scanner.space()
        if scanner.done:
            return tuple(terms)
        scanner.need(",")


def take_expression(scanner: Scanner, level: int = 0, depth: int = 0) -> Expression:
    """An expression whose operators bind at least as tightly as `level`."""
    if depth > _DEEPEST:
        raise scanner.refuse("the expression is nested too deeply")
    left = _unary(scanner, depth)
    while True:
        before = scanner.position
        operator = scanner.take_word(*_LEVEL_OF) if scanner.space() else None
        if operator is None or _LEVEL_OF[operator] < level:
            scanner.position = before
            return left
        if not scanner.space() and not scanner.peek("("):
            raise scanner.refuse(f"a blank expected after '{operator}'")
        right = take_expression(scanner, _LEVEL_OF[operator] + 1, depth)
        left = In(left, _list_side(right)) if operator == "in" else Binary(operator, left, right)


def _list_side(right: Expression) -> Expression:
    return right if isinstance(right, ListOf | Member | Alias | Json | Call) else ListOf((right,))


def _unary(scanner: Scanner, depth: int) -> Expression:
    before = scanner.position
    if scanner.take_word("not"):
        if scanner.space() or scanner.peek("("):
            return Unary("not", _unary(scanner, depth + 1))
        scanner.position = before
    literal = scanner.take_literal()
    if literal is not None:
        return literal
    if scanner.take("-"):
        scanner.space()
        return Unary("-", _unary(scanner, depth + 1))
    return _primary(scanner, depth)


def _primary(scanner: Scanner, depth: int) -> Expression:
    if scanner.take("("):
        return _parenthesised(scanner, depth)
    if scanner.peek("[") or scanner.peek("{"):
        return Json(_json_text(scanner))
    if scanner.take("@"):
        name = scanner.take_qualified()
        if name is None:
            raise scanner.refuse("a name expected after '@'")
        return _path(scanner, [Segment("@" + name)], depth) if "." in name else _alias(scanner, name, depth)
    return _path(scanner, [], depth)


def _alias(scanner: Scanner, name: str, depth: int) -> Expression:
    if scanner.peek("/"):
        return _path(scanner, [Segment("@" + name)], depth)
    return Alias(name)


def _parenthesised(scanner: Scanner, depth: int) -> Expression:
    items: list[Expression] = []
    scanner.space()
    if scanner.take(")"):
        return ListOf(())
    while True:
        scanner.space()
        items.append(take_expression(scanner, 0, depth + 1))
        scanner.space()
        if scanner.take(")"):
            return items[0] if len(items) == 1 else ListOf(tuple(items))
        scanner.need(",")


def _json_text(scanner: Scanner) -> str:
    start, depth, quoted, escaped = scanner.position, 0, False, False
    for position in range(start, len(scanner.text)):
        sign = scanner.text[position]
        if quoted:
            quoted, escaped = sign != '"' or escaped, sign == "\\" and not escaped
        elif sign == '"':
            quoted = True
        elif sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
            if depth == 0:
                scanner.position = position + 1
                return scanner.text[start : position + 1]
    raise scanner.refuse("the JSON value is not closed")


def _path(scanner: Scanner, segments: list[Segment], depth: int) -> Expression:
    if segments and not scanner.take("/"):
        return Member(tuple(segments))
    while True:
        start = scanner.position
        sign = "$" if scanner.take("$") else "@" if scanner.take("@") else ""
        name = scanner.take_qualified()
        if name is None:
            raise scanner.refuse("an expression expected")
        name = sign + name
        if name.lower() in ("any", "all") and segments and scanner.peek("("):
            return _lambda(scanner, name.lower(), Member(tuple(segments)), depth)
        arguments: Arguments | None = None
        if scanner.peek("("):
            if not segments and not sign and (call := _call(scanner, name, depth)) is not None:
                return call
            arguments = _count_options(scanner) if name == "$count" else take_arguments(scanner, depth)
        if sign == "$" and not _is_system(name, first=not segments):
            scanner.position = start
            raise scanner.refuse(f"'{name}' is not known")
        segments.append(Segment(name, arguments))
        if not scanner.take("/"):
            return Member(tuple(segments))


def _is_system(name: str, *, first: bool) -> bool:
    return name in (("$it", "$root", "$this", "$count") if first else ("$count", "$value"))


def _count_options(scanner: Scanner) -> Arguments:
    depth, quoted = 0, False
    start = scanner.position
    for position in range(start, len(scanner.text)):
        sign = scanner.text[position]
        if sign == "'":
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
            if depth == 0:
                scanner.position = position + 1
                return Arguments(Literal("string", scanner.text[start + 1 : position]))
    raise scanner.refuse("')' expected")


def _lambda(scanner: Scanner, kind: str, path: Member, depth: int) -> Expression:
    scanner.need("(")
    scanner.space()
    which: str = kind
    if scanner.take(")"):
        if which == "all":
            raise scanner.refuse("all() needs a predicate")
        return Lambda("any", path)
    variable = scanner.take_name()
    scanner.space()
    if variable is None or not scanner.take(":"):
        raise scanner.refuse("a lambda variable expected")
    scanner.space()
    body = take_expression(scanner, 0, depth + 1)
    scanner.space()
    scanner.need(")")
    return Lambda("any" if which == "any" else "all", path, variable, body)


def _call(scanner: Scanner, name: str, depth: int) -> Expression | None:
    lower = name.lower()
    if lower in ("cast", "isof"):
        return _cast(scanner, lower, depth)
    if lower == "case":
        return _case(scanner, depth)
    if lower not in ARITIES:
        return None
    arguments = _positional(scanner, depth)
    least, most = ARITIES[lower]
    if not least <= len(arguments) <= most:
        raise scanner.refuse(f"{lower} takes {least if least == most else f'{least} to {most}'} arguments")
    return Call(lower, arguments)


def _positional(scanner: Scanner, depth: int) -> tuple[Expression, ...]:
    scanner.need("(")
    scanner.space()
    if scanner.take(")"):
        return ()
    items: list[Expression] = []
    while True:
        scanner.space()
        items.append(take_expression(scanner, 0, depth + 1))
        scanner.space()
        if scanner.take(")"):
            return tuple(items)
        scanner.need(",")


def _case(scanner: Scanner, depth: int) -> Expression:
    scanner.need("(")
    items: list[Expression] = []
    while True:
        scanner.space()
        items.append(take_expression(scanner, 0, depth + 1))
        scanner.space()
        scanner.need(":")
        scanner.space()
        items.append(take_expression(scanner, 0, depth + 1))
        scanner.space()
        if scanner.take(")"):
            return Call("case", tuple(items))
        scanner.need(",")


def _cast(scanner: Scanner, kind: str, depth: int) -> Expression:
    items = _positional(scanner, depth)
    if not 1 <= len(items) <= 2 or not isinstance(items[-1], Member):
        raise scanner.refuse(f"{kind} takes an expression and a type")
    type_name = items[-1].text
    operand = items[0] if len(items) == 2 else None
    return Cast("cast" if kind == "cast" else "isof", operand, type_name)


def take_arguments(scanner: Scanner, depth: int = 0) -> Arguments:
    """Parentheses after a name: nothing, one value, or `name=value` pairs."""
    scanner.need("(")
    scanner.space()
    if scanner.take(")"):
        return Arguments()
    named: list[tuple[str, Expression]] = []
    while True:
        scanner.space()
        name = _argument_name(scanner)
        value = take_expression(scanner, 0, depth + 1)
        scanner.space()
        if name is None:
            if named:
                raise scanner.refuse("a name expected before the value")
            scanner.need(")")
            return Arguments(value)
        named.append((name, value))
        if scanner.take(")"):
            return Arguments(None, tuple(named))
        scanner.need(",")


def _argument_name(scanner: Scanner) -> str | None:
    before = scanner.position
    name = scanner.take_name()
    if name is not None:
        scanner.space()
        if scanner.take("="):
            scanner.space()
            return name
    scanner.position = before
    return None
