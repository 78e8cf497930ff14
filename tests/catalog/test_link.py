"""Relationships by the nine rules: which pairs, from which end, and how they are fetched."""

import pytest

from tests.catalog.documents import entity, many, nav, prop, read, relationship, sets
from vegraph.catalog.model import Pair

ITEM = entity("item", prop("code"), prop("area"), key=("area", "code"))


def _line(*pairs: tuple[str, str]) -> str:
    return entity("line", prop("itemCode"), prop("area"), nav("item", "item", *pairs))


@pytest.mark.parametrize(
    ("body", "kind", "name", "fetch", "origin"),
    [
        # rule 1: the target's whole key, from the dependent end
        (entity("order", prop("c", "Edm.Guid"), nav("customer", "customer", ("c", "id"))) + entity("customer"),
         "order", "customer", "key", "constraint"),
        # rule 1: a constraint on the to-many end, reversed
        (entity("order", nav("lines", many("line"), ("id", "orderId"))) + entity("line", prop("orderId", "Edm.Guid")),
         "order", "lines", "field", "constraint"),
        # own key to the target's field
        (entity("invoice", nav("pdf", "pdf", ("id", "parentId"))) + entity("pdf", prop("parentId", "Edm.Guid")),
         "invoice", "pdf", "field", "constraint"),
        # to-many, field to field
        (entity("a", prop("f"), nav("bs", many("b"), ("f", "g"))) + entity("b", prop("g")),
         "a", "bs", "field", "constraint"),
        # rule 2: only the partner has the constraint (Dataverse)
        (entity("account", nav("contacts", many("contact"), more='Partner="account"'))
         + entity("contact", prop("a", "Edm.Guid"), nav("account", "account", ("a", "id"), more='Partner="contacts"')),
         "account", "contacts", "field", "partner"),
        # rule 2: the partner names this end, and this end says nothing
        (entity("account", nav("contacts", many("contact")))
         + entity("contact", prop("a", "Edm.Guid"), nav("account", "account", ("a", "id"), more='Partner="contacts"')),
         "account", "contacts", "field", "partner"),
        # rule 3: not the key, not from the key
        (entity("order", prop("d"), nav("dimension", "dimension", ("d", "code")))
         + entity("dimension", prop("code")), "order", "dimension", "follow", "constraint"),
        # rule 4: no constraint on either end
        (entity("a", nav("b", "b")) + entity("b"), "a", "b", "follow", "path"),
        # rule 7: the tuple with the company covers the key, whatever its order
        (_line(("itemCode", "code"), ("area", "area")) + ITEM, "line", "item", "key", "constraint"),
        # rule 7: one part alone does not
        (_line(("itemCode", "code")) + ITEM, "line", "item", "follow", "constraint"),
        # a keyless target is never covered, a keyless owner never starts from its key
        (entity("a", prop("f"), nav("b", "b", ("f", "f"))) + entity("b", prop("f"), key=()),
         "a", "b", "follow", "constraint"),
        (entity("a", prop("f"), nav("b", "b", ("f", "f")), key=()) + entity("b", prop("f")),
         "a", "b", "follow", "constraint"),
        # types that are never equal
        (entity("a", prop("f"), nav("b", "b", ("f", "id"))) + entity("b"), "a", "b", "follow", "constraint"),
        # numbers of different width are compared
        (entity("a", prop("f", "Edm.Int32"), nav("b", "b", ("f", "id"))) + entity("b", prop("id", "Edm.Int64")),
         "a", "b", "key", "constraint"),
        # through a complex property
        (entity("a", prop("w", "NS.W"), nav("b", "b", ("w/c", "id"))) + entity("b")
         + '<ComplexType Name="W">' + prop("c", "Edm.Guid") + "</ComplexType>", "a", "b", "follow", "constraint"),
        # to oneself
        (entity("a", prop("p", "Edm.Guid"), nav("parent", "a", ("p", "id"), more='Partner="children"'),
                nav("children", many("a"), more='Partner="parent"')), "a", "children", "field", "partner"),
        # an enumeration in the key
        (entity("a", prop("k", "NS.K"), nav("b", "b", ("k", "k"))) + entity("b", prop("k", "NS.K"), key=("k",))
         + '<EnumType Name="K"><Member Name="A"/></EnumType>', "a", "b", "key", "constraint"),
    ],
)  # fmt: skip
def test_how_a_relationship_is_fetched(body, kind, name, fetch, origin):
    names = sorted({part.partition('"')[0] for part in body.split('<EntityType Name="')[1:]})
    catalog = read(body, container=sets(*names))
    found = relationship(catalog, kind, name)
    assert (found.fetch, found.origin) == (fetch, origin)
    assert not catalog.defects
    assert found.why.endswith(".")


def test_a_partners_constraint_is_reversed():
    catalog = read(
        entity("account", nav("contacts", many("contact"), more='Partner="account"'))
        + entity("contact", prop("a", "Edm.Guid"), nav("account", "account", ("a", "id"))),
        container=sets("account", "contact"),
    )
    assert relationship(catalog, "account", "contacts").pairs == (Pair("id", "a"),)


@pytest.mark.parametrize(
    ("container", "target_set", "fetch"),
    [
        (sets("a", "b"), "bs", "key"),  # rule 5: the only set of the type
        (sets("a", "b1:b", "b2:b"), None, "follow"),  # several sets of one type (SAP B1): stay on paths
        ('<EntitySet Name="as" EntityType="NS.a"><NavigationPropertyBinding Path="b" Target="b2"/></EntitySet>'
         + sets("b1:b", "b2:b"), "b2", "key"),  # the binding decides
        ('<EntitySet Name="as" EntityType="NS.a"><NavigationPropertyBinding Path="b" Target="owners"/></EntitySet>'
         + sets("bs:b"), "bs", "key"),  # a dangling binding is not trusted
        ('<EntitySet Name="a1" EntityType="NS.a"><NavigationPropertyBinding Path="b" Target="b1"/></EntitySet>'
         '<EntitySet Name="a2" EntityType="NS.a"><NavigationPropertyBinding Path="b" Target="b2"/></EntitySet>'
         + sets("b1:b", "b2:b"), None, "follow"),  # bindings that disagree
        (sets("a"), None, "follow"),  # no set at all
        ('<EntitySet Name="as" EntityType="NS.a"><NavigationPropertyBinding Path="b" Target="C/bs"/></EntitySet>'
         + sets("bs:b"), "bs", "key"),
    ],
)  # fmt: skip
def test_which_set_a_relationship_reads(container, target_set, fetch):
    body = entity("a", prop("f", "Edm.Guid"), nav("b", "b", ("f", "id"))) + entity("b")
    found = relationship(read(body, container=container), "a", "b")
    assert (found.target_set, found.fetch) == (target_set, fetch)


def test_the_set_of_a_base_type_holds_its_subtypes():
    catalog = read(
        entity("base")
        + '<EntityType Name="special" BaseType="NS.base"/>'
        + entity("a", prop("f", "Edm.Guid"), nav("s", "special", ("f", "id"))),
        container=sets("base", "a"),
    )
    assert relationship(catalog, "a", "s").target_set == "bases"


def test_containment_is_true_only_without_a_set():
    body = entity("order", nav("lines", many("line"), more='ContainsTarget="true"')) + entity("line")
    contained = relationship(read(body, container=sets("order")), "order", "lines")
    in_name_only = relationship(read(body, container=sets("order", "line")), "order", "lines")
    assert (contained.contained, contained.target_set) == (True, None)
    assert (in_name_only.contained, in_name_only.target_set) == (False, "lines")


PARENTS = entity("salesOrder") + entity("customer") + entity("item")
KINDS = (
    '<EnumType Name="Kind"><Member Name="_x0020_" Value="0"/><Member Name="Sales_x0020_Order" Value="2"/>'
    '<Member Name="Customer" Value="3"/><Member Name="G_x002F_L" Value="4"/></EnumType>'
)


def _picture(*members: str) -> str:
    return entity(
        "picture",
        prop("parentId", "Edm.Guid"),
        *members,
        *(nav(name, name, ("parentId", "id")) for name in ("salesOrder", "customer", "item")),
    )


SETS = sets("picture", "salesOrder", "customer", "item")


def test_a_shared_field_makes_a_group_with_its_discriminator():
    catalog = read(_picture(prop("parentType", "NS.Kind")) + KINDS + PARENTS, container=SETS)
    found = {r.name: (r.group, r.discriminator, r.discriminator_member) for r in catalog.relationships["NS.picture"]}
    assert found == {
        "salesOrder": ("parentId", "parentType", "Sales_x0020_Order"),
        "customer": ("parentId", "parentType", "Customer"),
        "item": ("parentId", "parentType", None),  # not among the members: asked always
    }


@pytest.mark.parametrize(
    "members",
    [
        (),  # no enumeration beside it
        (prop("colour", "NS.Colour"),),  # one that names none of them
        (prop("first", "NS.Kind"), prop("second", "NS.Kind")),  # two that could be it
        (prop("parentType", "Edm.String"),),
    ],
    ids=["none", "unrelated", "two", "a string"],
)
def test_no_discriminator_is_guessed(members):
    colour = '<EnumType Name="Colour"><Member Name="Red"/></EnumType>'
    catalog = read(_picture(*members) + KINDS + colour + PARENTS, container=SETS)
    found = catalog.relationships["NS.picture"]
    assert {r.group for r in found} == {"parentId"}
    assert {(r.discriminator, r.discriminator_member) for r in found} == {(None, None)}


def test_the_one_named_after_the_field_is_preferred():
    catalog = read(_picture(prop("other", "NS.Kind"), prop("parentType", "NS.Kind")) + KINDS + PARENTS, container=SETS)
    assert {r.discriminator for r in catalog.relationships["NS.picture"]} == {"parentType"}


def test_two_members_of_one_meaning_are_not_told_apart():
    kinds = (
        '<EnumType Name="Kind"><Member Name="Customer"/><Member Name="customer"/>'
        '<Member Name="Item"/><Member Name="Sales_Order"/></EnumType>'
    )
    catalog = read(_picture(prop("parentType", "NS.Kind")) + kinds + PARENTS, container=SETS)
    members = {r.name: r.discriminator_member for r in catalog.relationships["NS.picture"]}
    assert members == {"customer": None, "item": "Item", "salesOrder": "Sales_Order"}


def test_a_navigation_property_is_nobodys_promise_of_non_null():
    catalog = read(
        entity("a", prop("f", "Edm.Guid"), nav("b", "b", ("f", "id"), more='Nullable="false"')) + entity("b"),
        container=sets("a", "b"),
    )
    assert not hasattr(relationship(catalog, "a", "b"), "nullable")  # rule 9: the graph has no way to ask
