"""What a portal's section means over a graph: rules of types and their subtypes, operations by entity, visitors."""

from pathlib import Path

import pytest

from tests.app.odata import METADATA
from tests.catalog.documents import entity, prop, sets
from tests.schema.graphs import graph
from vegraph.app.cli import main
from vegraph.app.portal_rules import PortalRules
from vegraph.errors import ConfigError
from vegraph.identity.config import Portal
from vegraph.identity.user import Caller, anonymous
from vegraph.plan.predicates import FALSE, TRUE, And, Compare, IsNull, Not, Or

CONTACT = Caller(door="p", kind="contact", contact_id="c-1", claims={"contact": "c-1", "customer": "10000", "level": 3})
NAMELESS = Caller(door="p", kind="contact", contact_id="c-2", claims={"contact": "c-2"})
VISITOR = anonymous("p")


@pytest.fixture(scope="module")
def shop():
    """Animals with dogs among them, and houses; two sets of animals."""
    body = (
        entity("animal", prop("name"), prop("owner"), prop("age", "Edm.Int32"))
        + '<EntityType Name="dog" BaseType="Self.animal">' + prop("bark") + "</EntityType>"
        + entity("house", prop("owner"))
    )  # fmt: skip
    return graph(body, container=sets("animal", "strays:animal", "dogs:dog", "house"))


def rules(shop, **more):
    portal = Portal(
        **{"name": "p", "issuer": "p.test", "audience": "a", "public_key": Path("p.pem"), "entities": ("s.*",), **more}
    )
    return PortalRules.of(portal, shop)


def rule_of(found, shop, name, caller=CONTACT):
    return found.rule(caller)(shop.object_of("s", f"NS.{name}"))


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("owner eq @customer", Compare),
        ("age eq @customer", Compare),  # a claim is text as a rule, the property a number
        ("owner eq @customer and age gt 2", And),
        ("owner eq @customer or owner eq null", Or),
        ("owner eq null", IsNull),
        ("not (owner eq @customer)", Compare | Not),
    ],
)
def test_a_rule_becomes_a_condition(shop, text, shape):
    assert isinstance(rule_of(rules(shop, rows={"s.animals": text}), shop, "animal"), shape)


def test_a_rule_of_a_source_that_is_down_stops_nothing(shop):
    assert rules(shop, rows={"late.animals": "owner eq @customer", "s.animals": "true"}).rules.keys() == {
        ("s", "NS.animal")
    }


def test_a_claim_is_filled_in_as_a_value(shop):
    found = rules(shop, rows={"s.animals": "owner eq @customer"})
    sly = Caller(door="p", kind="contact", contact_id="c-3", claims={"customer": "' or 1 eq 1 or '"})
    assert rule_of(found, shop, "animal").value == "10000"
    assert rule_of(found, shop, "animal", sly).value == "' or 1 eq 1 or '"


@pytest.mark.parametrize(
    "text",
    [
        "owner eq @nothing",
        "owner ne @nothing",
        "not (owner eq @nothing)",
        "not (owner eq @customer and owner eq @nothing)",
        "age eq @contact",  # no age is c-1
        "not (age eq @contact)",
        "not (age gt 'x')",
        "owner eq @customer and owner eq @nothing",
    ],
)
def test_what_can_not_be_compared_shows_no_row(shop, text):
    assert rule_of(rules(shop, rows={"s.animals": text}), shop, "animal") == FALSE


def test_everything_is_said_in_so_many_words(shop):
    assert rule_of(rules(shop, rows={"s.animals": "true"}, authenticated="s:everybody"), shop, "animal") == TRUE


def test_who_has_no_such_claim_sees_no_row(shop):
    found = rules(shop, rows={"s.animals": "owner eq @customer"})
    assert rule_of(found, shop, "animal", NAMELESS) == FALSE
    assert rule_of(found, shop, "animal", VISITOR) == FALSE


def test_a_rule_stands_over_subtypes_too(shop):
    found = rules(shop, rows={"s.animals": "owner eq @customer"})
    assert rule_of(found, shop, "dog") == rule_of(found, shop, "animal")
    assert found.restricted(shop.object_of("s", "NS.dog"))


def test_a_subtype_can_not_have_a_rule_of_its_own_where_its_base_shows_its_rows(shop):
    with pytest.raises(ConfigError, match=r"portals\.p\.rows\.'s\.dogs': s\.animals shows these rows too"):
        rules(shop, rows={"s.dogs": "owner eq @customer"})


def test_two_sets_of_one_type_have_one_rule(shop):
    with pytest.raises(ConfigError, match="under another rule"):
        rules(shop, rows={"s.animals": "owner eq @customer", "s.strays": "true"})
    rules(shop, rows={"s.animals": "owner eq @customer", "s.strays": "owner eq @customer"})


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ({"s.nowhere": "true"}, "'s.nowhere' is not among the entities this portal shows"),
        ({"s.animals": "ownr eq @contact"}, "has no property 'ownr'. Did you mean 'owner'"),
        ({"s.animals": "owner/name eq @contact"}, "leads through other values"),
        ({"s.animals": "owner eq"}, "is not a row rule"),
    ],
)
def test_a_rule_that_can_not_be_meant_stops_the_start(shop, rows, says):
    with pytest.raises(ConfigError) as problem:
        rules(shop, rows=rows)
    assert says in str(problem.value)


def test_where_contacts_share_a_user_no_rule_means_no_row(shop):
    found = rules(shop, authenticated="s:everybody", rows={"s.houses": "owner eq @customer"})
    assert rule_of(found, shop, "animal") == rule_of(found, shop, "dog") == FALSE
    assert rule_of(found, shop, "house") != FALSE
    assert all(found.restricted(shop.object_of("s", f"NS.{name}")) for name in ("animal", "dog", "house"))


OPERATIONS = {"s.*": ("read",), "s.house*": ("read", "update"), "s.houses": ("read", "update", "delete")}


@pytest.mark.parametrize(
    ("caller", "name", "operations"),
    [
        (CONTACT, "house", {"read", "update", "delete"}),  # the exact name decides, then the longest pattern
        (CONTACT, "animal", {"read"}),
        (VISITOR, "house", {"read"}),  # what is not listed for visitors: read
        (VISITOR, "animal", set()),
    ],
)
def test_operations_go_by_entity_and_by_who_asks(shop, caller, name, operations):
    found = rules(shop, operations=OPERATIONS, anonymous_operations={"s.animals": (), "s.strays": (), "s.dogs": ()})
    entity_ = shop.object_of("s", f"NS.{name}")
    every = ("read", "create", "update", "delete", "action")
    assert {each for each in every if found.allows(caller, entity_, each)} == operations
    assert (found.rule(caller)(entity_) == FALSE) is ("read" not in operations)


def test_without_rules_and_shared_users_the_erp_decides(shop):
    found = rules(shop)
    for name in ("animal", "dog", "house"):
        assert rule_of(found, shop, name) == TRUE
        assert not found.restricted(shop.object_of("s", f"NS.{name}"))


CONFIG = """
[sources.shop]
kind = "odata"
url = "https://shop.example/odata"
metadata = "shop.xml"
[portals.p]
issuer = "https://p.example"
public_key = "p.pem"
audience = "a"
entities = ["shop.*"]
rows = { "shop.Customers" = "No eq @customer", "shop.Orders" = "No eq @order" }
"""


@pytest.mark.parametrize("key", ["operations", "anonymous_operations"])
def test_operations_of_what_is_not_shown_stop_the_start(tmp_path, monkeypatch, capsys, key):
    monkeypatch.setenv("VEGRAPH_CACHE", str(tmp_path / "cache"))
    (tmp_path / "shop.xml").write_text(METADATA)
    (tmp_path / "vegraph.toml").write_text(CONFIG + f'{key} = {{ "shop.Custmers" = [] }}\n')
    with pytest.raises(SystemExit):
        main(["schema", "print", "--config", str(tmp_path / "vegraph.toml"), "--portal", "p"])
    says = "'shop.Custmers' is not among the entities this portal shows. Did you mean 'shop.Customers'?"
    assert f"portals.p.{key}: {says}" in " ".join(capsys.readouterr().err.split())


def test_an_explanation_shows_the_rule_with_claims_made_up(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("VEGRAPH_CACHE", str(tmp_path / "cache"))
    (tmp_path / "shop.xml").write_text(METADATA)
    (tmp_path / "vegraph.toml").write_text(CONFIG)
    (tmp_path / "q.graphql").write_text("{ customers { nodes { name } } orders { nodes { customerNo } } }")
    with pytest.raises(SystemExit):
        main(["explain", str(tmp_path / "q.graphql"), "--config", str(tmp_path / "vegraph.toml"), "--portal", "p"])
    requests = capsys.readouterr().out
    assert "Customers?$filter=No eq '@customer'&" in requests  # as the claim is called
    assert "Orders?$filter=No eq 0&" in requests  # a number is made up
