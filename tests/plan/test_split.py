"""A source gets the most of a condition that it evaluates truly; pushed and residue together are the condition."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plan.rows_and_filters import filters, read, related, rows
from tests.plan.sample_entities import CUSTOMER, ORDER
from vegraph.plan.evaluate import compile_predicate
from vegraph.plan.logic import all_of, opposite
from vegraph.plan.predicates import FALSE, TRUE, And, Compare, Match, Not, OneOf, Or, Path, Related, Within
from vegraph.plan.split import Split, split
from vegraph.plan.where import predicate

NAMES = ["number", "balance", "rank", "blocked", "since", "seen", "taxable", "address/City", "perks"]


def terms(predicate_):
    """The predicate and everything inside it."""
    yield predicate_
    if isinstance(predicate_, And | Or):
        for term in predicate_.terms:
            yield from terms(term)
    if isinstance(predicate_, Not):
        yield from terms(predicate_.term)


def names(predicate_):
    return {"/".join(term.path.names) for term in terms(predicate_) if hasattr(term, "path")}


@dataclass
class Source:
    """A dialect that refuses some of what can be said."""

    unknown: frozenset[str] = frozenset()
    """Properties it can't filter by."""
    refused: tuple[type, ...] = ()
    or_over_one_property: bool = False
    most: int = 1000
    """Conditions in one filter."""
    wider: frozenset[str] = frozenset()
    """Properties of which it finds more than asked for, under eq."""

    def why_not_filter(self, predicate_: Any, entity: Any) -> str | None:
        wide = [t for t in terms(predicate_) if isinstance(t, Compare) and t.path.names[0] in self.wider]
        return self.why_not_superset(predicate_, entity) or ("Finds more." if wide else None)

    def why_not_superset(self, predicate_: Any, entity: Any) -> str | None:
        wide = [t for t in terms(predicate_) if isinstance(t, Compare) and t.path.names[0] in self.wider]
        if any(t.op != "eq" for t in wide):
            return "Finds too few."
        return self._why_not(predicate_)

    def _why_not(self, predicate_: Any) -> str | None:
        found = list(terms(predicate_))
        assert not any(isinstance(term, Within) for term in found)
        if len(found) > self.most:
            return "Too long."
        for term in found:
            if isinstance(term, (*self.refused, Related)):
                return f"No {type(term).__name__}."
            if self.or_over_one_property and isinstance(term, Or) and len(names(term)) > 1:
                return "OR over distinct fields."
        hidden = names(predicate_) & self.unknown
        return f"No {sorted(hidden)[0]}." if hidden else None


sources = st.builds(
    Source,
    unknown=st.frozensets(st.sampled_from(NAMES), max_size=4),
    refused=st.lists(st.sampled_from([Not, Or, OneOf, Match]), max_size=2).map(tuple),
    or_over_one_property=st.booleans(),
    most=st.sampled_from([2, 4, 8, 1000]),
    wider=st.frozensets(st.sampled_from(["number", "blocked"]), max_size=2),
)


@settings(max_examples=600)
@given(filters, sources, st.lists(rows, min_size=1, max_size=6))
def test_pushed_and_residue_are_the_condition_and_the_source_takes_what_is_pushed(where, source, some_rows):
    whole = predicate(where, CUSTOMER)
    parts = split(whole, source, CUSTOMER)
    assert parts.pushed in (TRUE, FALSE) or source.why_not_superset(parts.pushed, CUSTOMER) is None
    expected, pushed, residue = (
        list(map(compile_predicate(part, read, related), some_rows)) for part in (whole, parts.pushed, parts.residue)
    )
    assert [p and r for p, r in zip(pushed, residue, strict=True)] == expected
    assert (parts.residue == TRUE) or parts.reasons


def of(where):
    return predicate(where, CUSTOMER)


A, B = {"number": {"eq": "a"}}, {"number": {"eq": "b"}}
RICH, RANKED = {"balance": {"gt": Decimal(9)}}, {"rank": {"eq": 1}}
NOT_RICH = {"or": [{"balance": {"lte": Decimal(9)}}, {"balance": {"isNull": True}}]}
RANKLESS = Source(unknown=frozenset({"rank"}))
FOLDING = Source(wider=frozenset({"number"}))
BC = Source(refused=(Not,), or_over_one_property=True)


@pytest.mark.parametrize(
    ("source", "where", "pushed", "residue"),
    [
        (Source(), {"or": [A, {"not": {"rank": {"lt": 1}}}]}, {"or": [A, {"not": {"rank": {"lt": 1}}}]}, {}),
        (Source(), {"or": []}, {"or": []}, {}),
        (RANKLESS, {**A, **RANKED, **RICH}, {**A, **RICH}, RANKED),
        # `or` over distinct properties stays here, other conditions don't wait for it
        (BC, {"or": [A, RICH], **RANKED}, RANKED, {"or": [A, RICH]}),
        (BC, {"or": [A, B]}, {"or": [A, B]}, {}),
        # what every branch says of one property is pushed too
        (BC, {"or": [{**A, **RANKED}, {**B, **RICH}]}, {"or": [A, B]}, {"or": [{**A, **RANKED}, {**B, **RICH}]}),
        (BC, {"or": [{**A, **RANKED}, RICH]}, {}, {"or": [{**A, **RANKED}, RICH]}),
        # `not` in other words
        (BC, {"not": {"or": [A, RICH]}}, {"number": {"ne": "a"}, **NOT_RICH}, {}),
        (BC, {"number": {"notIn": ["a", "b"]}}, {"and": [{"number": {"ne": "a"}}, {"number": {"ne": "b"}}]}, {}),
        (BC, {"not": {"number": {"contains": "a"}}}, {}, {"not": {"number": {"contains": "a"}}}),
        # a branch without a pushable part widens to everything
        (RANKLESS, {"or": [A, RANKED]}, {}, {"or": [A, RANKED]}),
        (RANKLESS, {"or": [{**A, **RANKED}, B]}, {"or": [A, B]}, {"or": [{**A, **RANKED}, B]}),
        # what finds too much is asked for all the same, and looked at again
        (FOLDING, {**A, **RICH}, {**A, **RICH}, A),
        (FOLDING, {"or": [A, {**B, **RICH}]}, {"or": [A, {**B, **RICH}]}, {"or": [A, {**B, **RICH}]}),
        (FOLDING, {"number": {"ne": "a"}}, {}, {"number": {"ne": "a"}}),
        # only so many fit
        (Source(most=3), {**A, **RANKED, **RICH}, {**A, **RANKED}, RICH),
        # related rows are not the source's affair unless it says so
        (Source(), {**A, "orders": {"some": {}}}, A, {"orders": {"some": {}}}),
    ],
    ids=str,
)  # fmt: skip
def test_a_source_gets_and_vegraph_keeps(source, where, pushed, residue):
    parts = split(of(where), source, CUSTOMER)
    assert (parts.pushed, parts.residue) == (of(pushed), of(residue))


def test_the_reason_is_the_dialects_own_sentence():
    assert split(of({"or": [A, RICH], "orders": {"some": {}}}), BC, CUSTOMER).reasons == (
        "OR over distinct fields.",
        "No Related.",
    )
    assert split(of(A), BC, CUSTOMER).reasons == ()


def test_few_rows_are_dropped_where_all_of_the_residue_is_pushed_too():
    assert split(of({**A, **RICH}), FOLDING, CUSTOMER).close
    assert split(of(RICH), FOLDING, CUSTOMER).close
    assert not split(of({**A, **RANKED}), RANKLESS, CUSTOMER).close


class Joining(Source):
    """A dialect that filters by members of a to-one target, unless their name is hidden."""

    def _why_not(self, predicate_):
        if isinstance(predicate_, Related) and predicate_.quantifier == "one":
            return super()._why_not(predicate_.predicate)
        return super()._why_not(predicate_)


def test_a_related_condition_is_pushed_where_the_dialect_takes_it_and_as_far_as_it_does():
    buyer = ORDER.relations["customer"]
    known, hidden = of(A), of(RANKED)
    whole = predicate({"customer": {**A, **RANKED}}, ORDER)
    assert whole == Related(buyer, "one", And((known, hidden)))
    assert split(whole, Joining(), ORDER) == Split(whole, TRUE)
    parts = split(whole, Joining(unknown=frozenset({"rank"})), ORDER)
    assert (parts.pushed, parts.residue) == (Related(buyer, "one", known), Related(buyer, "one", hidden))


def test_key_sets_stay_here_and_the_dialect_is_not_even_asked():
    keys = Within((Path(("id",), CUSTOMER.members["rowId"].value),), frozenset({("a",)}))
    parts = split(And((of(A), keys)), BC, CUSTOMER)
    assert (parts.pushed, parts.residue) == (of(A), keys)
    assert split(Or((And((of(A), keys)), of(B))), BC, CUSTOMER).pushed == of({"or": [A, B]})
    assert split(Not(keys), BC, CUSTOMER).residue == opposite(keys)


def test_what_others_put_together_unsimplified_is_taken_as_it_is_meant():
    assert split(Or((FALSE, of(A))), BC, CUSTOMER) == Split(of(A), TRUE)
    assert split(And((TRUE, Not(TRUE))), BC, CUSTOMER) == Split(FALSE, TRUE)
    assert split(Not(Compare(of(A).path, "eq", "a")), BC, CUSTOMER).pushed == of({"number": {"ne": "a"}})
    assert all_of((of(A), And((TRUE, of(A))))) == of(A)


def test_thousands_of_conditions_cost_no_thousands_of_questions():
    many = of({"and": [{"not": {"number": {"eq": str(i)}}} for i in range(2000)]})

    class Counting(Source):
        asked = 0

        def _why_not(self, predicate_):
            Counting.asked += isinstance(predicate_, And)
            return super()._why_not(predicate_)

    parts = split(many, Counting(most=300), CUSTOMER)
    assert len(parts.pushed.terms) == 299
    assert len(parts.residue.terms) == 2000 - 299
    assert Counting.asked <= 102
