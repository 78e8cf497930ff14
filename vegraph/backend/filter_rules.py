"""What of the filter grammar a dialect truly evaluates, and why a predicate is not left to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vegraph.backend.normal import normal
from vegraph.plan.predicates import And, Compare, IsNull, Match, Not, OneOf, Or, Path, Predicate, Related, Within
from vegraph.schema.values import Kind

__all__ = ["Rules", "why_not", "why_not_superset"]


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
            yield path.text
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
    shown = path.text
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
    if path.value.opaque:
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
