"""Predicates as `$filter` (4.01 part 2, section 5.1.1), by the rules of one dialect.

`write` writes what it is given; whether the service evaluates it as the predicate means it is asked before, with
`why_not` (exactly) and `why_not_superset` (at least those rows, so that vegraph evaluates it again on what comes).
"""

from __future__ import annotations

from vegraph.backend.branches import branches
from vegraph.backend.filter_rules import Rules, why_not, why_not_superset
from vegraph.backend.literals import Style, encode, literal, literals, text_literal
from vegraph.backend.normal import normal
from vegraph.errors import NotSupported
from vegraph.plan.predicates import (
    FALSE,
    TRUE,
    And,
    Compare,
    Constant,
    IsNull,
    Match,
    Not,
    OneOf,
    Or,
    Path,
    Predicate,
    Related,
)
from vegraph.schema.values import ValueType

__all__ = ["Rules", "never", "why_not", "why_not_superset", "write"]


def write(predicate: Predicate, rules: Rules, style: Style) -> str:
    """The percent-encoded text after `$filter=`; "" for what is always true.

    Raises NotSupported for what is never true (nothing is to be sent then) and what has no form in the grammar."""
    found = normal(predicate, nulls=rules.nulls)
    return "" if found == TRUE else _Writer(rules, style).text(found)


def never(predicate: Predicate | None, rules: Rules) -> bool:
    """No row of this service can fit: nothing need be asked."""
    return predicate is not None and normal(predicate, nulls=rules.nulls) == FALSE


class _Writer:
    """Writes a normal predicate. `root` goes before each path: the lambda variable, or the way over a relation."""

    def __init__(self, rules: Rules, style: Style, root: str = "", depth: int = 0) -> None:
        self.rules = rules
        self.style = style
        self.root = root
        self.depth = depth

    def text(self, found: Predicate, *, inside: bool = False) -> str:
        match found:
            case And(terms):
                return "%20and%20".join(self.text(term, inside=True) for term in terms)
            case Or(terms):
                joined = "%20or%20".join(self.text(term, inside=True) for term in terms)
                return f"({joined})" if inside else joined
            case Compare(path, op, value):
                return f"{self.path(path)}%20{op}%20{literal(value, path.value, self.style)}"
            case OneOf(path, values):
                return self.one_of(path, values, inside)
            case IsNull(path):
                return f"{self.path(path)}%20eq%20{self.null(path.value)}"
            case Not(IsNull(path)):
                return f"{self.path(path)}%20ne%20{self.null(path.value)}"
            case Match():
                return self.match(found)
            case Not(Match() as term):
                return self.unmatched(term)
            case Related():
                return self.related(found, negated=False)
            case Not(Related() as term):
                return self.related(term, negated=True)
        raise NotSupported("A condition that is never true has no filter; nothing is to be asked for.")

    def path(self, path: Path) -> str:
        return self.root + "/".join(map(encode, path.names))

    def null(self, type_: ValueType) -> str:
        return "null" if type_.empty is None else literal(type_.empty, type_, self.style)

    def one_of(self, path: Path, values: tuple[object, ...], inside: bool) -> str:
        left = self.path(path)
        items = literals(values, path.value, self.style)
        if self.rules.has_in:
            return f"{left}%20in%20({','.join(items)})"
        start = f"{left}%20eq%20"
        chain = start + f"%20or%20{start}".join(items)
        return f"({chain})" if inside else chain

    def match(self, found: Match) -> str:
        left = self.path(found.path)
        if found.how == "has":
            return f"{left}%20has%20{literal([found.text], found.path.value, self.style)}"
        if any(sign in self.rules.function_unsafe for sign in found.text):
            return f"{left}%20eq%20{_pattern(found)}"
        return f"{found.how}({left},{text_literal(found.text)})"

    def unmatched(self, found: Match) -> str:
        if any(sign in self.rules.function_unsafe for sign in found.text) and found.how != "has":
            return f"{self.path(found.path)}%20ne%20{_pattern(found)}"
        text = self.match(found)
        return f"not%20({text})" if found.how == "has" else f"not%20{text}"

    def related(self, found: Related, *, negated: bool) -> str:
        quantifier, condition = found.quantifier, found.predicate
        way = self.root + encode(found.relation.relationship.name)
        if quantifier == "one":
            return self.to_one(found, way, negated)
        if quantifier == "every":
            quantifier, condition, negated = "some", Not(condition), not negated
        inner = normal(condition, nulls=self.rules.nulls)
        if inner == Constant(False):
            return self.constant(negated != (quantifier == "none"))
        parts = [self.any(way, each) for each in branches(inner, nulls=self.rules.nulls)]
        if negated != (quantifier == "none"):
            return "%20and%20".join(f"not%20{part}" for part in parts)
        return parts[0] if len(parts) == 1 else f"({'%20or%20'.join(parts)})"

    def any(self, way: str, inner: Predicate) -> str:
        if inner == TRUE:
            return f"{way}/any()"
        variable = f"r{self.depth}"
        return f"{way}/any({variable}:{_Writer(self.rules, self.style, f'{variable}/', self.depth + 1).text(inner)})"

    def to_one(self, found: Related, way: str, negated: bool) -> str:
        key = found.relation.target.key
        known = f"{way}/{encode(key[0].wire)}%20{'eq' if negated else 'ne'}%20null" if key else f"{way}%20ne%20null"
        inner = normal(found.predicate, nulls=self.rules.nulls, negated=negated)
        if isinstance(inner, Constant):
            return known if inner.value != negated else self.constant(inner.value)
        text = _Writer(self.rules, self.style, f"{way}/", self.depth).text(inner, inside=True)
        return f"({known}%20or%20{text})" if negated else f"({known}%20and%20{text})"

    def constant(self, value: bool) -> str:
        """A condition on related rows that holds for all rows or for none."""
        return "true" if value else "false"


def _pattern(found: Match) -> str:
    """`contains` and its kin as a pattern for `eq` (OF-41)."""
    before = "*" if found.how in ("contains", "endswith") else ""
    after = "*" if found.how in ("contains", "startswith") else ""
    return text_literal(f"{before}{found.text}{after}")
