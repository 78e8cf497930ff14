import pytest
from graphql import get_introspection_query, parse

from vegraph.app.limits import Measure, excess, measure
from vegraph.app.settings import Limits


def one(text: str) -> Measure:
    return next(found for _, found in measure(parse(text)))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{ a { b { c } } }", {"depth": 3, "root_fields": 1}),
        ("{ a b c }", {"depth": 1, "root_fields": 3}),
        ("{ x: a y: a { z: b } }", {"aliases": 3, "root_fields": 2}),
        ("query @a { b @c { ... on T @d { e } ...F @f } } fragment F on T { g @h }", {"directives": 5}),
        ("{ ... { a { b } } }", {"depth": 2, "root_fields": 1}),
        ("{ ...F } fragment F on Q { a { b } }", {"depth": 2, "root_fields": 1}),
        ("{ a { ...F } } fragment F on T { b { c } }", {"depth": 3, "root_fields": 1}),
        ("{ ...F ...F } fragment F on Q { x: a }", {"aliases": 2, "fields": 2, "root_fields": 2}),
        ("{ __schema { types { name } } a { b } }", {"depth": 2, "introspection_depth": 3, "root_fields": 2}),
        ("{ __schema { ...F } } fragment F on __Schema { types { name } }", {"depth": 0, "introspection_depth": 3}),
        ("{ ...F } fragment F on Q { __schema { types { name } } }", {"depth": 0, "introspection_depth": 3}),
        ("{ a { ...F } } fragment F on T { b { ...F } }", {"depth": 2}),
        ("{ a { ...Nowhere } }", {"depth": 1}),
    ],
    ids=str,
)
def test_a_document_is_measured_with_its_fragments(text: str, says: dict[str, int]):
    found = one(text)
    assert {name: getattr(found, name) for name in says} == says


def test_each_operation_is_measured_by_itself():
    found = dict(measure(parse("query A { a } query B { a { b } }")))
    assert {name: m.depth for name, m in found.items()} == {"A": 1, "B": 2}


def doubling(count: int) -> str:
    """Fragments that spread the next one twice: 2 to the power of `count` fields."""
    chain = "".join(f"fragment F{i} on Q {{ x: a ...F{i + 1} ...F{i + 1} }}" for i in range(count))
    return f"{{ ...F0 }} {chain} fragment F{count} on Q {{ x: a }}"


def test_doubling_fragments_are_counted_exactly_without_following_each_spread():
    assert one(doubling(200)).aliases == 2**201 - 1


class Counting(list):
    """A list that counts how often one of its items is looked at."""

    looked = 0

    def __iter__(self):
        for item in super().__iter__():
            Counting.looked += 1
            yield item


def test_the_work_grows_with_the_document_and_not_with_what_it_stands_for():
    def work(count: int) -> int:
        document = parse(doubling(count))
        Counting.looked = 0
        for definition in document.definitions:
            object.__setattr__(definition.selection_set, "selections", Counting(definition.selection_set.selections))
        list(measure(document))
        return Counting.looked

    assert work(200) <= 2 * work(100)


def test_a_long_chain_of_fragments_does_not_exhaust_the_stack():
    chain = "".join(f"fragment F{i} on Q {{ a {{ ...F{i + 1} }} }}" for i in range(5000))
    assert one(f"{{ ...F0 }} {chain} fragment F5000 on Q {{ a }}").depth == 5001


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{ a { b { c { d } } } }", "4 fields deep, 3 are allowed"),
        ("{ x: a y: a z: a }", "3 aliases, 2 are allowed"),
        ("{ a @x @y @z }", "3 directives, 2 are allowed"),
        ("{ a b c d e }", "5 fields at its root, 4 are allowed"),
        (doubling(60), "more than a million fields"),
        ("{ a ...F ...F ...F } fragment F on Q { a b c }", "10 fields, 9 are allowed"),
    ],
    ids=lambda text: text[:30],
)
def test_what_is_over_a_limit_is_said(text: str, says: str):
    limits = Limits(max_depth=3, max_aliases=2, max_directives=2, max_root_fields=4, max_fields=9)
    assert says in (excess(one(text), limits) or "")


def test_the_usual_introspection_is_within_the_limits():
    text = get_introspection_query(
        descriptions=True, specified_by_url=True, directive_is_repeatable=True, schema_description=True,
        input_value_deprecation=True, one_of=True, experimental_directive_deprecation=True,
    )  # fmt: skip
    assert excess(one(text), Limits()) is None
