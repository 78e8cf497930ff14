"""A condition on related rows as alternatives that stand in lambdas of their own: `any(a or b)` is `any(a) or any(b)`.

Written apart where an alternative goes over a to-one relation: services that join for it lose the rows that have no
such relation in the other alternatives too (SAP CAP, measured: an inner join inside `any`).
"""

from __future__ import annotations

from itertools import product

from vegraph.backend.normal import normal
from vegraph.plan.logic import all_of, identity
from vegraph.plan.predicates import And, Compare, IsNull, Match, Not, OneOf, Or, Path, Predicate, Related

__all__ = ["MOST", "branches"]

MOST = 16
"""Alternatives of one lambda; a condition of more stays one."""


def branches(inner: Predicate, *, nulls: bool) -> tuple[Predicate, ...]:
    """The alternatives of a normal condition; the condition itself where nothing is to be written apart."""
    if not _crosses(inner):
        return (inner,)
    found = _alternatives(inner, nulls)
    return tuple({identity(each): each for each in found}.values()) if len(found) <= MOST else (inner,)


def _crosses(found: Predicate) -> bool:
    match found:
        case And(terms) | Or(terms):
            return any(map(_crosses, terms))
        case Not(term):
            return _crosses(term)
        case Related(quantifier=quantifier):
            return quantifier == "one"
        case Compare(path) | OneOf(path) | Match(path) | IsNull(path):
            return bool(path.relations)
    return False


def _alternatives(found: Predicate, nulls: bool) -> list[Predicate]:
    """What stays inside the row, or inside one related row, is one alternative however many it could be."""
    if not _crosses(found):
        return [found]
    match found:
        case Or(terms):
            within = tuple(term for term in terms if not _crosses(term))
            apart = [each for term in terms if _crosses(term) for each in _alternatives(term, nulls)]
            return [*([within[0] if len(within) == 1 else Or(within)] if within else []), *apart]
        case And(terms):
            parts = [_alternatives(term, nulls) for term in terms]
            return [all_of(chosen) for chosen in product(*parts)] if _size(parts) <= MOST else [found]
        case Related(relation=relation, quantifier="one", predicate=predicate):
            inner = _alternatives(normal(predicate, nulls=nulls), nulls)
            return [Related(relation, "one", each) for each in inner]
        case Not(Related(relation=relation, quantifier="one", predicate=predicate)) if relation.target.key:
            key = relation.target.key[0]
            none = IsNull(Path((relation.relationship.name, key.wire), key.value, (relation,)))
            inner = _alternatives(normal(predicate, nulls=nulls, negated=True), nulls)
            return [none, *(Related(relation, "one", each) for each in inner)]
    return [found]


def _size(parts: list[list[Predicate]]) -> int:
    whole = 1
    for part in parts:
        whole *= len(part)
    return whole
