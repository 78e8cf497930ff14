"""Whatever is cut from, doubled or swapped in a sound document: it is read with defects, or refused in a sentence."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.catalog.documents import entity, many, nav, prop, sets, xml
from vegraph.catalog import csdl, snapshot
from vegraph.catalog.diff import difference
from vegraph.catalog.summary import summary
from vegraph.errors import CatalogError

SOUND = xml(
    entity(
        "order",
        prop("number", "NS.Code"),
        prop("kind", "NS.Kind"),
        prop("where", "NS.Place"),
        prop("customerId", "Edm.Guid"),
        nav("customer", "customer", ("customerId", "id"), more='Partner="orders"'),
        nav("lines", many("line"), ("id", "orderId"), more='ContainsTarget="true"'),
    )
    + '<EntityType Name="rush" BaseType="Self.order" OpenType="true"/>'
    + entity("customer", prop("number"), nav("orders", many("order"), more='Partner="customer"'))
    + entity("line", prop("orderId", "Edm.Guid"), key=("id", "orderId"))
    + '<ComplexType Name="Place"><Property Name="city" Type="Edm.String"/></ComplexType>'
    + '<EnumType Name="Kind" IsFlags="true"><Member Name="A" Value="1"/><Member Name="B" Value="2"/></EnumType>'
    + '<TypeDefinition Name="Code" UnderlyingType="Edm.String" MaxLength="10"/>'
    + '<Action Name="post" IsBound="true"><Parameter Name="it" Type="NS.order"/><ReturnType Type="NS.order"/></Action>'
    + '<Function Name="near"><Parameter Name="x" Type="Edm.Int32"/><ReturnType Type="NS.order"/></Function>',
    container='<EntitySet Name="orders" EntityType="NS.order"><NavigationPropertyBinding Path="customer" '
    'Target="customers"/></EntitySet>'
    + sets("customers:customer")
    + '<Singleton Name="me" Type="NS.customer"/><FunctionImport Name="near" Function="NS.near" EntitySet="orders"/>',
    after='<Annotations Target="NS.order/number"><Annotation Term="Org.OData.Core.V1.Revisions"><Collection><Record>'
    '<PropertyValue Property="Kind" EnumMember="x/Deprecated"/></Record></Collection></Annotation></Annotations>',
)

steps = st.tuples(st.sampled_from(["drop", "double", "move", "swap", "strip", "empty"]), *[st.integers(0, 10_000)] * 3)


def _mutilate(root, kind: str, one: int, two: int, which: int) -> None:
    elements = [each for each in root.iter() if each.getparent() is not None]
    if len(elements) < 2:
        return
    left, right = elements[one % len(elements)], elements[two % len(elements)]
    names = sorted(left.attrib)
    match kind:
        case "drop":
            left.getparent().remove(left)
        case "double":
            left.addnext(etree.fromstring(etree.tostring(left)))
        case "move" if left not in right.iterancestors() and left is not right:
            right.append(left)
        case "swap" if names and right.attrib:
            name, other = names[which % len(names)], sorted(right.attrib)[which % len(right.attrib)]
            left.attrib[name], right.attrib[other] = right.attrib[other], left.attrib[name]
        case "strip" if names:
            del left.attrib[names[which % len(names)]]
        case "empty" if names:
            left.attrib[names[which % len(names)]] = ""


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, min_size=1, max_size=8))
def test_it_never_crashes(mutilations):
    root = etree.fromstring(SOUND)
    for mutilation in mutilations:
        _mutilate(root, *mutilation)
    try:
        catalog = csdl.read(etree.tostring(root), name="t")
    except CatalogError:
        return
    assert snapshot.opened(snapshot.compiled(catalog), "t") == catalog
    assert summary(catalog)["counts"]["entitySets"] == len(catalog.entity_sets)
    assert difference(csdl.read(SOUND, name="t"), catalog).text() is not None
    for kind in catalog.entity_types.values():
        assert {n.target for n in kind.navigation} <= set(catalog.entity_types)
        assert kind.base is None or kind.base in catalog.entity_types
    for entity_set in catalog.entity_sets.values():
        assert entity_set.type in catalog.entity_types
        assert set(entity_set.bindings.values()) <= set(catalog.entity_sets)
    for relationship in (each for group in catalog.relationships.values() for each in group):
        assert relationship.target_set is None or relationship.target_set in catalog.entity_sets


def test_the_sound_document_has_no_defect():
    assert csdl.read(SOUND, name="t").defects == ()
