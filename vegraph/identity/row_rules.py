"""A portal's row rules: which rows of an ERP that can't tell contacts apart are a contact's own (I8, T19).

`rows = { "bc.customers" = "contactId eq @contact" }`: property names, `eq ne lt le gt ge`, `and`, `or`, `not`,
parentheses, literals, and `@claim` for a value of the caller's checked token. The text becomes a tree here, once, at
start; a claim is a leaf of it and is filled in as a value, never as text. The planner adds the tree to every read and
checks it before every write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

__all__ = ["And", "Claim", "Compare", "Everything", "Not", "Operator", "Or", "Rule", "Value", "claims_of", "parse"]

Operator: TypeAlias = Literal["eq", "ne", "lt", "le", "gt", "ge"]
Value: TypeAlias = "str | int | Decimal | bool | Claim | None"

MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Claim:
    """A value of the caller's token; who has no such claim sees no row."""

    name: str


@dataclass(frozen=True, slots=True)
class Compare:
    """`path op value`; the path is a property, or one inside complex ones or behind to-one relations."""

    path: tuple[str, ...]
    op: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    terms: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them."""

    terms: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    term: Rule


@dataclass(frozen=True, slots=True)
class Everything:
    """`true`: all rows, said in so many words."""


Rule: TypeAlias = Compare | And | Or | Not | Everything

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')"
    r"|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?![\w.]))"
    r"|(?P<claim>@[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*(?:/[A-Za-z_][A-Za-z0-9_]*)*)"
    r"|(?P<mark>[()]))"
)
_OPERATORS = frozenset(Operator.__args__)  # type: ignore[attr-defined]  # a Literal's members
_WORDS = _OPERATORS | {"and", "or", "not", "true", "false", "null"}


def parse(text: str, why_not: Callable[[tuple[str, ...]], str | None]) -> Rule:
    """The rule as a tree. `why_not` says of a path what is wrong with it, or None. Raises ValueError."""
    return _Parser(text, why_not).rule()


def claims_of(rule: Rule) -> frozenset[str]:
    """Names of the claims a rule needs."""
    return frozenset(_claims(rule))


def _claims(rule: Rule) -> Iterator[str]:
    match rule:
        case Compare(value=Claim(name)):
            yield name
        case And(terms) | Or(terms):
            for term in terms:
                yield from _claims(term)
        case Not(term):
            yield from _claims(term)


class _Parser:
    """Recursive descent: or over and over not over comparison."""

    def __init__(self, text: str, why_not: Callable[[tuple[str, ...]], str | None]) -> None:
        self._text = text
        self._why_not = why_not
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0

    def rule(self) -> Rule:
        found = self._or()
        if self._at < len(self._tokens):
            raise self._wrong("the end was expected")
        return found

    def _or(self) -> Rule:
        terms = [self._and()]
        while self._take("word", "or"):
            terms.append(self._and())
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def _and(self) -> Rule:
        terms = [self._not()]
        while self._take("word", "and"):
            terms.append(self._not())
        return terms[0] if len(terms) == 1 else And(tuple(terms))

    def _not(self) -> Rule:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ValueError(f"'{self._text}' is nested deeper than {MAX_DEPTH} levels.")
        try:
            if self._take("word", "not"):
                return Not(self._not())
            if self._take("mark", "("):
                found = self._or()
                if not self._take("mark", ")"):
                    raise self._wrong("')' was expected")
                return found
            return Everything() if self._take("word", "true") else self._compare()
        finally:
            self._depth -= 1

    def _compare(self) -> Compare:
        kind, text = self._next()
        path = tuple(text.split("/"))
        if kind != "word" or text in _WORDS:
            raise self._wrong("a property was expected", back=1)
        if (problem := self._why_not(path)) is not None:
            raise ValueError(f"'{self._text}': {problem}")
        kind, op = self._next()
        if kind != "word" or op not in _OPERATORS:
            raise self._wrong("one of eq, ne, lt, le, gt, ge was expected", back=1)
        return Compare(path, op, self._value())  # type: ignore[arg-type]  # op was found among them

    def _value(self) -> Value:
        kind, text = self._next()
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return Decimal(text) if "." in text else int(text)
        if kind == "claim":
            return Claim(text[1:])
        if kind == "word" and text in _CONSTANTS:
            return _CONSTANTS[text]
        raise self._wrong("a value was expected: 'text', a number, true, false, null or @claim", back=1)

    def _take(self, kind: str, text: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at][:2] == (kind, text)
        self._at += found
        return found

    def _next(self) -> tuple[str, str]:
        if self._at == len(self._tokens):
            raise self._wrong("more was expected")
        kind, text, _ = self._tokens[self._at]
        self._at += 1
        return kind, text

    def _wrong(self, what: str, *, back: int = 0) -> ValueError:
        at = self._at - back
        where = f" at '{self._text[self._tokens[at][2] :][:20]}'" if at < len(self._tokens) else " at the end"
        return ValueError(f"'{self._text}' is not a row rule: {what}{where}.")


_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    at = 0
    text_end = len(text.rstrip())
    while at < text_end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise ValueError(f"'{text}' is not a row rule: '{text[at : at + 20].strip()}' is not understood.")
        yield match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)
        at = match.end()
