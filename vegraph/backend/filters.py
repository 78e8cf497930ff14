"""Predicates as `$filter` (4.01 part 2, section 5.1.1), by the rules of one dialect.

`write` writes what it is given; whether the service evaluates it as the predicate means it is asked before, with
`why_not` (exactly) and `why_not_superset` (at least those rows, so that vegraph evaluates it again on what comes).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vegraph.backend.literals import Style, encode, literal, text_literal
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
    Within,
)
from vegraph.schema.values import Kind, ValueType

__all__ = ["Rules", "never", "why_not", "why_not_superset", "write"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What of the filter grammar one dialect truly evaluates. The rows named are of the ERP reference."""

    service: str
    """Named in reasons: `Business Central`."""

    has_in: bool = False
    """`in` (OB-76, OF-43)."""

    distinct_or: bool = True
    """`or` over different properties (OB-72)."""

    has_not: bool = True
    """`not` before a function call (OB-73)."""

    lambdas: bool = True
    """`any` and `all` (OB-77, OF-44)."""

    to_one_depth: int = 8
    """To-one navigation properties that a path may cross (OB-81, OF-46)."""

    has_flags: bool = True
    """`has` (OF-43)."""

    nulls: bool = True
    """The service has JSON null and its literal compares as specified; no: empties stand for it (OB-120, OF-81)."""

    functions: frozenset[str] = frozenset({"contains", "startswith", "endswith"})

    wildcards: str = ""
    """Characters that make a pattern of a text in `eq` (OF-41, OB-79)."""

    function_wildcards: str = ""
    """Characters that do so inside text functions."""

    function_unsafe: str = ""
    """Characters that text functions fail on; a pattern stands in (OF-42, US-46)."""

    folds_case: bool = False
    """Texts that differ only in case are equal to the service. Their order is the service's own anyhow."""


def write(predicate: Predicate, rules: Rules, style: Style) -> str:
    """The percent-encoded text after `$filter=`; "" for what is always true.

    Raises NotSupported for what is never true (nothing is to be sent then) and what has no form in the grammar."""
    found = normal(predicate, nulls=rules.nulls)
    return "" if found == TRUE else _Writer(rules, style).text(found)


def never(predicate: Predicate | None, rules: Rules) -> bool:
    """No row of this service can fit: nothing need be asked."""
    return predicate is not None and normal(predicate, nulls=rules.nulls) == FALSE


def why_not(predicate: Predicate, rules: Rules) -> str | None:
    """Does the service evaluate this exactly as it is meant? None for yes, else why not."""
    return next(_reasons(normal(predicate, nulls=rules.nulls), rules, exact=True), None)


def why_not_superset(predicate: Predicate, rules: Rules) -> str | None:
    """Does the service give at least the rows that are meant? None for yes, else why not."""
    return next(_reasons(normal(predicate, nulls=rules.nulls), rules, exact=False), None)


def _reasons(found: Predicate, rules: Rules, *, exact: bool) -> Iterator[str]:
    match found:
        case And(terms):
            for term in terms:
                yield from _reasons(term, rules, exact=exact)
        case Or(terms):
            if not rules.distinct_or and len(paths := set(_paths(found))) != 1:
                yield (
                    f"{rules.service} takes 'or' over one property only, and this one names "
                    f"{_listed(sorted(paths))} (known difference: distinct or)."
                )
            for term in terms:
                yield from _reasons(term, rules, exact=exact)
        case Related():
            yield from _of_relation(found, rules, exact=exact, negated=False)
        case Not(Related() as term):
            yield from _of_relation(term, rules, exact=exact, negated=True)
        case Not(term):
            yield from _of_leaf(term, rules, exact=exact, negated=True)
        case _:
            yield from _of_leaf(found, rules, exact=exact, negated=False)


def _paths(found: Predicate) -> Iterator[str]:
    match found:
        case And(terms) | Or(terms):
            for term in terms:
                yield from _paths(term)
        case Not(term):
            yield from _paths(term)
        case Compare(path) | OneOf(path) | Match(path) | IsNull(path):
            yield "/".join(path.names)
        case Related(relation):
            yield relation.relationship.name


def _listed(names: list[str]) -> str:
    return " and ".join(f"'{n}'" for n in names[:3])


def _of_relation(term: Related, rules: Rules, *, exact: bool, negated: bool) -> Iterator[str]:
    name = term.relation.name
    relationship = term.relation.relationship
    if not rules.lambdas:
        yield f"{rules.service} does not evaluate conditions on related rows ('{name}') inside a filter."
    if not relationship.declared or relationship.target_source is not None:
        yield f"'{name}' is a relationship that the service itself does not know."
    strict = exact or negated or term.quantifier == "none"
    yield from _reasons(normal(term.predicate, nulls=rules.nulls), rules, exact=strict)


def _of_leaf(leaf: Predicate, rules: Rules, *, exact: bool, negated: bool) -> Iterator[str]:
    if isinstance(leaf, Within):
        yield "Keys that were found elsewhere are compared here."
    if not isinstance(leaf, (Compare, OneOf, Match, IsNull)):
        return
    path = leaf.path
    shown = "/".join(path.names)
    yield from _of_path(path, shown, leaf, rules, negated=negated)
    if path.value.kind in (Kind.ENUM, Kind.FLAGS, Kind.NO_YES) and isinstance(leaf, Compare) and leaf.op not in _EQUALS:
        yield f"{rules.service} compares the enumeration '{shown}' with eq and ne only."
    if isinstance(leaf, Match):
        yield from _of_match(leaf, shown, rules, negated=negated)
    if isinstance(leaf, Compare) and leaf.op not in _EQUALS:
        return  # texts are ordered as the service orders them, in filters as in $orderby
    narrower = negated or (isinstance(leaf, Compare) and leaf.op == "ne")
    if path.value.kind is Kind.STRING and (exact or narrower) and (why := _why_wider(leaf, shown, rules)):
        yield why


_EQUALS = ("eq", "ne")


def _of_path(path: Path, shown: str, leaf: Predicate, rules: Rules, *, negated: bool) -> Iterator[str]:
    if path.value.collection or path.value.kind in (Kind.COMPLEX, Kind.JSON, Kind.MEDIA):
        yield f"'{shown}' has no literal that a filter could compare it with."
    if len(path.relations) > rules.to_one_depth:
        yield f"{rules.service} does not filter by '{shown}', which lies behind a relation."
    if any(not r.relationship.declared or r.relationship.target_source is not None for r in path.relations):
        yield f"'{shown}' lies behind a relationship that the service itself does not know."
    if not rules.nulls and isinstance(leaf, IsNull) and (path.value.empty is None or path.relations):
        yield f"{rules.service} has no null to compare '{shown}' with."
    if path.relations and not rules.nulls and (negated or (isinstance(leaf, Compare) and leaf.op == "ne")):
        yield f"{rules.service} does not tell rows without '{shown}' from others."


def _of_match(leaf: Match, shown: str, rules: Rules, *, negated: bool) -> Iterator[str]:
    if leaf.how == "has":
        if not rules.has_flags:
            yield f"{rules.service} has no 'has' (known difference: has)."
    elif leaf.how not in rules.functions:
        yield f"{rules.service} has no '{leaf.how}' for '{shown}'."
    if negated and not rules.has_not:
        yield f"{rules.service} has no dependable 'not' for '{shown}' (known difference: not)."


def _why_wider(leaf: Predicate, shown: str, rules: Rules) -> str | None:
    """Why the service finds more rows than meant for this comparison of a text."""
    if rules.folds_case and isinstance(leaf, Compare | OneOf | Match) and not leaf.path.value.folds_case:
        return f"{rules.service} compares '{shown}' without regard to case, so what it finds is compared again."
    signs = rules.function_wildcards if isinstance(leaf, Match) else rules.wildcards
    if isinstance(leaf, Match) and any(c in rules.function_unsafe for c in leaf.text):
        signs = rules.wildcards
    texts = [leaf.text] if isinstance(leaf, Match) else _texts(leaf)
    if signs and any(sign in text for text in texts for sign in signs):
        return f"{rules.service} reads {' and '.join(signs)} in a text as a pattern, so '{shown}' is compared again."
    return None


def _texts(leaf: Predicate) -> list[str]:
    if isinstance(leaf, Compare):
        return [leaf.value] if isinstance(leaf.value, str) and leaf.op in _EQUALS else []
    return [v for v in leaf.values if isinstance(v, str)] if isinstance(leaf, OneOf) else []


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
        items = [literal(value, path.value, self.style) for value in values]
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
        variable = f"r{self.depth}"
        body = _Writer(self.rules, self.style, f"{variable}/", self.depth + 1).text(inner) if inner != TRUE else ""
        text = f"{way}/any({variable}:{body})" if body else f"{way}/any()"
        return f"not%20{text}" if negated != (quantifier == "none") else text

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
