"""Which part of a condition a source evaluates, and which is left to vegraph: never a wrong row, never a missing one.

Pushed is always implied by the whole condition, so no row gets lost; what is pushed exactly needs no second look, all
else stays in the residue as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from vegraph.plan.logic import all_of, any_of, conjuncts, identity, opposite, positive
from vegraph.plan.predicates import (
    TRUE,
    And,
    Compare,
    Constant,
    IsNull,
    Match,
    Not,
    OneOf,
    Or,
    Predicate,
    Related,
    Within,
)
from vegraph.plan.steps import Dialect
from vegraph.schema.binding import EntityBinding

__all__ = ["Split", "split"]


@dataclass(frozen=True, slots=True)
class Split:
    """`pushed` and `residue` together are the condition; each is TRUE where there is nothing to say.

    A condition that nothing fits is pushed as FALSE: no request is needed.
    """

    pushed: Predicate
    """Goes into the filter."""
    residue: Predicate
    """Runs in vegraph over the rows that come back."""
    reasons: tuple[str, ...] = ()
    """Why there is a residue, one sentence each: for `explain` and SCAN_LIMIT."""
    close: bool = field(default=False, compare=False)
    """All of the residue is pushed too, in a way that finds a little more: most rows that come are kept."""


def split(predicate: Predicate, dialect: Dialect, entity: EntityBinding) -> Split:
    """The largest part that this dialect evaluates truly in reads of the entity, found conjunct by conjunct."""
    return _Splitter(dialect, entity).divide(predicate)


_QUESTIONS = 100
"""Questions to the dialect over one conjunction whose terms may not all stand together; what is left stays here."""


class _Splitter:
    def __init__(self, dialect: Dialect, entity: EntityBinding) -> None:
        self._dialect = dialect
        self._entity = entity

    def _why_not(self, predicate: Predicate) -> str | None:
        """Why it may not stand in a filter, be it evaluated again on what comes."""
        if _holds_keys(predicate):
            return "Rows are compared with keys of related rows, which were read before."
        return self._dialect.why_not_superset(predicate, self._entity)

    def _why_inexact(self, predicate: Predicate) -> str | None:
        if _holds_keys(predicate):
            return "Rows are compared with keys of related rows, which were read before."
        return self._dialect.why_not_filter(predicate, self._entity)

    def divide(self, predicate: Predicate) -> Split:
        if isinstance(predicate, Not):
            predicate = opposite(predicate.term)
        if isinstance(predicate, Or):
            predicate = any_of(predicate.terms)
        if isinstance(predicate, Constant):
            return Split(predicate, TRUE, close=True)
        if isinstance(predicate, And):
            return self._conjunction(predicate.terms)
        why = self._why_inexact(predicate)
        if why is None:
            return Split(predicate, TRUE, close=True)
        if self._why_not(predicate) is None:
            return Split(predicate, predicate, (why,), close=True)
        other = _other_wording(predicate)
        if other is not None:
            found = self.divide(other)
            if found.residue == TRUE or found.close or isinstance(other, And):
                return found
            # The reason that counts is the one against the condition as it was written.
            return Split(found.pushed, predicate, (why,))
        pushed = self._wider(predicate.terms) if isinstance(predicate, Or) else TRUE
        return Split(pushed, predicate, (why,))

    def _conjunction(self, terms: Iterable[Predicate]) -> Split:
        """Each term for itself, then as many of them as may stand together."""
        parts = [self.divide(term) for term in terms]
        pushed = [p.pushed for p in parts]
        reasons = [reason for part in parts for reason in part.reasons]
        residue = [part.residue for part in parts]
        together, refused, why = self._together(pushed)
        if refused:
            # A term that was pushed for itself goes back whole: what was pushed of it, and what was not.
            residue += refused
            reasons.append(why)
        close = not refused and all(part.close for part in parts)
        return Split(together, all_of(residue), tuple(dict.fromkeys(reasons)), close)

    def _together(self, terms: Sequence[Predicate]) -> tuple[Predicate, list[Predicate], str]:
        """(the conjunction of what may stand together, the rest, why the first of the rest may not)."""
        whole = all_of(terms)
        if not isinstance(whole, And):
            return whole, [], ""
        kept: Predicate = TRUE
        refused: list[Predicate] = []
        first = ""
        waiting = [whole.terms]
        for _ in range(_QUESTIONS):  # all at once; else half by half, down to the single terms that are in the way
            if not waiting:
                break
            some = waiting.pop()
            candidate = all_of((kept, *some))
            why = self._why_not(candidate) if isinstance(candidate, And) else None
            if why is None:
                kept = candidate
            elif len(some) == 1:
                refused += some
                first = first or why
            else:
                first = first or why
                waiting += [some[len(some) // 2 :], some[: len(some) // 2]]
        return kept, [*refused, *(term for some in reversed(waiting) for term in some)], first

    def _wider(self, branches: Sequence[Predicate]) -> Predicate:
        """A condition that follows from `or` over these branches and may be pushed; TRUE where there is none.

        First `or` over what can be pushed of each branch; where that may not stand, `or` over what all branches say of
        the same property: from `a = 1 and b = 2 or a = 3 and c = 4` follows `a = 1 or a = 3`.
        """
        weaker = [self.divide(branch).pushed for branch in branches]
        whole = any_of(weaker)
        if isinstance(whole, Constant) or self._why_not(whole) is None:
            return whole
        by_subject = [_by_subject(branch) for branch in weaker]
        common = [subject for subject in by_subject[0] if all(subject in branch for branch in by_subject[1:])]
        wider = [any_of(all_of(branch[subject]) for branch in by_subject) for subject in common]
        return self._together([w for w in wider if self._why_not(w) is None])[0]


def _other_wording(predicate: Predicate) -> Predicate | None:
    """The same condition in words that a source may understand where it doesn't understand these."""
    if isinstance(predicate, Related) and predicate.quantifier == "one" and isinstance(predicate.predicate, And):
        return And(tuple(Related(predicate.relation, "one", term) for term in predicate.predicate.terms))
    if isinstance(predicate, Related) and predicate.quantifier == "every":
        return Related(predicate.relation, "none", opposite(predicate.predicate))
    turned = positive(predicate)
    return None if identity(turned) == identity(predicate) else turned


def _holds_keys(predicate: Predicate) -> bool:
    match predicate:
        case And(terms=terms) | Or(terms=terms):
            return any(map(_holds_keys, terms))
        case Not(term=term):
            return _holds_keys(term)
        case Related(predicate=inner):
            return _holds_keys(inner)
        case _:
            return isinstance(predicate, Within)


def _by_subject(predicate: Predicate) -> dict[tuple[str, ...], list[Predicate]]:
    """Conjuncts that speak of one property only, by that property."""
    found: dict[tuple[str, ...], list[Predicate]] = {}
    for term in conjuncts(predicate):
        subjects = _subjects(term)
        if len(subjects) == 1:
            found.setdefault(next(iter(subjects)), []).append(term)
    return found


def _subjects(predicate: Predicate) -> set[tuple[str, ...]]:
    match predicate:
        case And(terms=terms) | Or(terms=terms):
            return set().union(*map(_subjects, terms))
        case Not(term=term):
            return _subjects(term)
        case Compare(path=path) | OneOf(path=path) | Match(path=path) | IsNull(path=path):
            return {path.names}
        case Related(relation=relation):
            return {(relation.name, "")}
        case Within(paths=paths):
            return {path.names for path in paths}
        case Constant():
            return set()
