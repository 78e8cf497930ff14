"""Several API routes of one source are one catalog; only what clashes is renamed, whatever is visible."""

from tests.catalog.documents import entity, many, nav, prop, read, sets
from vegraph.catalog import snapshot
from vegraph.catalog.model import wire_type
from vegraph.catalog.routes import merged

COMPANY = entity("company", prop("name"))
MAIN = read(
    COMPANY
    + entity("customer", prop("number"), prop("kind", "NS.Kind"))
    + '<EnumType Name="Kind"><Member Name="A"/></EnumType>'
    + '<Action Name="post" IsBound="true"><Parameter Name="it" Type="NS.customer"/></Action>',
    container=sets("companys:company", "customers:customer"),
)
ROUTE = "contoso/app/v1.0"
MORE = read(
    COMPANY
    + entity(
        "customer", prop("loyalty", "Edm.Int32"), prop("kind", "NS.Kind"), nav("visits", many("visit"), ("id", "who"))
    )
    + entity("visit", prop("who", "Edm.Guid"), nav("customer", "customer", ("who", "id")), prop("bad", "NS.Gone"))
    + '<EnumType Name="Kind"><Member Name="A"/></EnumType>'
    + '<Action Name="post" IsBound="true"><Parameter Name="it" Type="NS.customer"/></Action>'
    + '<EntityType Name="vip" BaseType="NS.customer"/>',
    container=sets("companys:company", "customers:customer", "visits:visit"),
)
WHOLE = merged({"v2.0": MAIN, ROUTE: MORE})
THEIRS = f"{ROUTE}:NS.customer"


def test_the_main_route_keeps_every_name():
    for name, kind in MAIN.entity_types.items():
        assert WHOLE.entity_types[name] == kind
    for name, entity_set in MAIN.entity_sets.items():
        assert WHOLE.entity_sets[name] == entity_set


def test_equal_sets_and_types_are_shared():
    assert WHOLE.entity_sets["companys"].api == ""
    assert list(WHOLE.enum_types) == ["NS.Kind"]


def test_what_clashes_carries_its_route():
    theirs = WHOLE.entity_sets[f"{ROUTE}/customers"]
    assert (theirs.name, theirs.segment, theirs.api, theirs.type) == (f"{ROUTE}/customers", "customers", ROUTE, THEIRS)
    assert WHOLE.entity_types[THEIRS].short_name == "customer"
    assert wire_type(THEIRS) == "NS.customer"
    assert wire_type("NS.customer") == "NS.customer"
    assert WHOLE.entity_types["NS.vip"].base == THEIRS
    assert WHOLE.derived == {THEIRS: ("NS.vip",)}


def test_what_does_not_clash_keeps_its_name_and_gets_its_route():
    visits = WHOLE.entity_sets["visits"]
    assert (visits.segment, visits.api) == ("visits", ROUTE)


def test_relations_stay_within_their_route():
    [visits] = WHOLE.relationships[THEIRS]
    [customer] = WHOLE.relationships["NS.visit"]
    assert (visits.target_set, visits.fetch) == ("visits", "field")
    assert (customer.target, customer.target_set, customer.fetch) == (THEIRS, f"{ROUTE}/customers", "key")


def test_actions_keep_their_wire_name_and_know_their_type():
    assert [(o.name, o.binding.name) for o in WHOLE.operations] == [("NS.post", "NS.customer"), ("NS.post", THEIRS)]


def test_a_type_that_leads_to_a_clashing_one_clashes_too():
    main = read(entity("a", nav("b", "b")) + entity("b", prop("x")), container=sets("a", "b"))
    more = read(entity("a", nav("b", "b")) + entity("b", prop("y")), container=sets("a", "b"))
    whole = merged({"": main, "r": more})
    assert whole.relationships["r:NS.a"][0].target == "r:NS.b"
    assert whole.relationships["NS.a"][0].target == "NS.b"


def test_defects_say_which_route():
    assert [d.place for d in WHOLE.defects] == [f"{ROUTE}: NS.visit/bad"]


def test_the_digest_follows_every_route():
    assert len({WHOLE.digest, MAIN.digest, merged({"v2.0": MAIN, "other": MORE}).digest}) == 3


def test_a_merged_catalog_is_compiled_like_any_other():
    assert snapshot.opened(snapshot.compiled(WHOLE), "t") == WHOLE
