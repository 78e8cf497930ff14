"""What the dialects answer, and that every difference they name is listed with its evidence."""

import re
from dataclasses import replace

import msgspec
import pytest

from tests.backend.serving import EMPTY, entity, member, value
from vegraph.backend.dialects import DIALECTS, dialect_for
from vegraph.catalog.model import Capabilities, Catalog, EntitySet, Relationship
from vegraph.plan.predicates import Compare, IsNull, Match, Not, Or, Path, Related
from vegraph.plan.steps import Company, Order
from vegraph.schema.binding import RelationField
from vegraph.schema.values import Kind

ODATA = dialect_for("odata", EMPTY)
BC = dialect_for("business-central", EMPTY)
FO = dialect_for("finance-operations", EMPTY)
NAME, AGE = Path(("name",), value(Kind.STRING, never_null=True)), Path(("age",), value(Kind.INT))
FRIENDS = RelationField(
    name="friends",
    relationship=Relationship(source="NS.Thing", name="Friends", target="NS.Thing", many=True),
    resolve=lambda: THING,
)
OWNER = replace(
    FRIENDS, name="owner", relationship=Relationship(source="NS.Thing", name="Owner", target="NS.Thing", many=False)
)
FAR = replace(
    FRIENDS,
    name="far",
    relationship=Relationship(source="NS.Thing", name="far", target="X.Y", many=False, declared=False),
)


def thing(**capabilities):
    set_ = EntitySet(name="Things", type="NS.Thing", capabilities=Capabilities(**capabilities))
    made = entity(member("id", Kind.INT, key=True), member("name"), member("age", Kind.INT), set_=set_)
    made.__dict__["relations"] = {"friends": FRIENDS, "owner": OWNER, "far": FAR}
    return made


THING = thing()
ZIP = Path(("at", "zip"), NAME.value)


@pytest.mark.parametrize("kind", DIALECTS)
def test_every_difference_that_is_named_has_its_evidence(kind):
    dialect = dialect_for(kind, EMPTY)
    asked = [
        Or((Compare(NAME, "eq", "a"), Compare(AGE, "eq", 1))),
        Not(Match(NAME, "contains", "a")),
        Match(Path(("colors",), value(Kind.FLAGS, "NS.C")), "has", "Red"),
        Related(FRIENDS, "some", Compare(NAME, "eq", "a")),
    ]
    for predicate in asked:
        why = dialect.why_not_filter(predicate, THING) or ""
        named = re.findall(r"known difference: ([^)]+)\)", why)
        assert set(named) <= dialect.KNOWN_DIFFERENCES.keys()
    assert all(dialect.KNOWN_DIFFERENCES.values())


@pytest.mark.parametrize(
    ("capabilities", "ask", "says"),
    [
        ({"sortable": False}, lambda d, t: d.why_not_order((Order(NAME),), t.sets[0], t), "does not sort"),
        ({"no_sort": ("name",)}, lambda d, t: d.why_not_order((Order(NAME),), t.sets[0], t), "sort by 'name'"),
        ({"filterable": False}, lambda d, t: d.why_not_filter(Compare(NAME, "eq", "a"), t), "does not filter"),
        ({"no_filter": ("name",)}, lambda d, t: d.why_not_filter(Compare(NAME, "eq", "a"), t), "cannot be filtered"),
        ({"no_sort": ("at/zip",)}, lambda d, t: d.why_not_order((Order(ZIP),), t.sets[0], t), "sort by 'at/zip'"),
        ({"no_filter": ("at/zip",)}, lambda d, t: d.why_not_filter(IsNull(ZIP), t), "'at/zip' cannot be filtered"),
        ({"no_filter": ("at",)}, lambda d, t: d.why_not_filter(IsNull(ZIP), t), "'at/zip' cannot be filtered"),
        ({"filterable": False}, lambda d, t: d.why_not_lookup(t.key, t), "does not filter"),
        ({"countable": False}, lambda d, t: d.why_not_count(t.sets[0]), "does not count"),
        ({"expandable": False}, lambda d, t: d.why_not_expand("Friends", t), "does not expand"),
        ({"no_expand": ("Friends",)}, lambda d, t: d.why_not_expand("Friends", t), "expand 'Friends'"),
    ],
)
def test_what_the_document_says_is_believed(capabilities, ask, says):
    assert ask(ODATA, THING) is None
    assert says in ask(ODATA, thing(**capabilities))


def test_a_declared_relationship_is_none_of_the_service_s():
    assert "declared here" in ODATA.why_not_expand("far", THING)


def test_orders_over_relations():
    behind = Order(Path(("Owner", "name"), NAME.value, (OWNER,)))
    assert ODATA.why_not_order((behind,), THING.sets[0], THING) is None
    assert "related row" in FO.why_not_order((behind,), THING.sets[0], THING)
    assert "another page" in BC.why_not_order((behind,), THING.sets[0], THING)
    assert ODATA.why_not_order((), THING.sets[0], THING) is None


def test_look_ups_by_several_members():
    members = (THING.by_wire["name"], THING.by_wire["age"])
    assert BC.why_not_lookup(members[:1], THING) is None
    assert "one property only" in BC.why_not_lookup(members, THING)
    assert FO.why_not_lookup(members, THING) is None
    assert ODATA.why_not_lookup((), THING) is not None
    assert "cannot be filtered" in ODATA.why_not_lookup((msgspec.structs.replace(members[0], filterable=False),), THING)


def test_a_newer_service_has_in_and_json_batches():
    newer = dialect_for("odata", Catalog(version="4.01"))
    assert (newer.rules.has_in, newer.batch_format, newer.odata_version) == (True, "json", "4.01")
    assert (ODATA.rules.has_in, ODATA.batch_format, ODATA.odata_version) == (False, "multipart", "4.0")


def test_sets_of_other_routes_and_companies():
    other = EntitySet(name="contoso/app/v1.0/things", path="things", type="NS.Thing", api="contoso/app/v1.0")
    company = Company("CRONUS", "7e610001-0000-4eed-a001-000000000001")
    assert BC.route(other) == "contoso/app/v1.0"
    assert BC.set_path(other, company) == "companies(7e610001-0000-4eed-a001-000000000001)/things"
    assert BC.set_path(other, None) == "things"
    assert FO.set_path(other, company) == "things"
