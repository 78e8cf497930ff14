"""What is wrong inside a document is skipped, and said: place, problem, consequence."""

import pytest

from tests.catalog.documents import entity, many, nav, prop, read, sets
from vegraph.catalog import snapshot
from vegraph.catalog.csdl.inheritance import MAX_DEPTH

THING = entity("thing", prop("number"))


@pytest.mark.parametrize(
    ("body", "container", "place", "words"),
    [
        (entity("a", prop("p", "NS.Gone")), "", "NS.a/p", "NS.Gone is not declared"),
        (entity("a", prop("p", "Edm.DateTime")), "", "NS.a/p", "Edm.DateTime is not declared"),
        (THING + entity("a", prop("p", "NS.thing")), "", "NS.a/p", "which only navigation leads to"),
        (entity("a", '<Property Name="p"/>'), "", "NS.a/p", "no Type"),
        (entity("a", '<Property Type="Edm.String"/>'), "", "NS.a/", "no Name"),
        (entity("a", prop("p"), prop("p", "Edm.Int32")), "", "NS.a/p", "more than once"),
        (entity("a", prop("p"), nav("p", "a")), "", "NS.a/p", "more than once"),
        (entity("a", nav("b", "gone")), "", "NS.a/b", "NS.gone is not an entity type"),
        (entity("a", nav("b", "P")) + '<ComplexType Name="P"/>', "", "NS.a/b", "NS.P is not an entity type"),
        (
            THING + f'<ComplexType Name="P">{nav("t", "thing")}</ComplexType>',
            "",
            "NS.P/t",
            "from a complex value to rows",
        ),
        (entity("a") + entity("a", prop("late")), "", "NS.a", "more than once"),
        (entity("a") + '<ComplexType Name="a"/>', "", "NS.a", "more than once"),
        (entity("a", attributes='BaseType="NS.gone"'), "", "NS.a", "base type NS.gone"),
        (entity("a", attributes='BaseType="NS.a"'), "", "NS.a", "lead back to NS.a"),
        (
            entity("a", attributes='BaseType="NS.b"') + '<EntityType Name="b" BaseType="NS.a"/>',
            "",
            "NS.b",
            "lead back to NS.a",
        ),
        (entity("a", attributes='Abstract="true"'), sets("a"), "NS.a", "no type of this document has it as base"),
        (THING + entity("b", attributes='BaseType="NS.thing"'), "", "NS.b", "a key although a base type has one"),
        (
            THING + '<EntityType Name="b" BaseType="NS.thing">' + prop("number", "Edm.Int32") + "</EntityType>",
            "",
            "NS.b/number",
            "base type has a member",
        ),
        ('<EntityType Name="a"><Key><PropertyRef Name="x"/></Key></EntityType>', "", "NS.a", "key part 'x'"),
        ('<EntityType Name="a"><Key><PropertyRef/></Key></EntityType>', "", "NS.a", "key part ''"),
        (entity("a", prop("k", "Edm.Stream"), key=("k",)), "", "NS.a", "'k' is Edm.Stream, which no key can hold"),
        (entity("a", prop("k", "Edm.GeographyPoint"), key=("k",)), "", "NS.a", "'k' is Edm.GeographyPoint"),
        (entity("a", prop("k", "Collection(Edm.Guid)"), key=("k",)), "", "NS.a", "'k' is Collection(Edm.Guid)"),
        (entity("a", prop("k", "NS.P"), key=("k",)) + '<ComplexType Name="P"/>', "", "NS.a", "'k' is NS.P"),
        (
            entity("a", prop("k", "NS.D"), key=("k",)) + '<TypeDefinition Name="D" UnderlyingType="Edm.Stream"/>',
            "",
            "NS.a",
            "'k' is NS.D",
        ),
        (entity("a", nav("t", "thing", ("gone", "id"))) + THING, "", "NS.a/t", "'gone', which NS.a does not have"),
        (entity("a", nav("t", "thing", ("id", "gone"))) + THING, "", "NS.a/t", "'gone', which NS.thing does not"),
        (
            entity("a", nav("t", "b", more='Partner="custmer"')) + entity("b", nav("customer", "a")),
            "",
            "NS.a/t",
            "partner 'custmer' is not declared on NS.b. Did you mean 'customer'?",
        ),
        (THING, '<EntitySet Name="x" EntityType="NS.gone"/>', "NS.C/x", "NS.gone is not an entity type"),
        (THING, sets("x:thing", "x:thing"), "NS.C/x", "missing or repeated"),
        (
            entity("a", nav("t", "a")),
            '<EntitySet Name="as" EntityType="NS.a"><NavigationPropertyBinding Path="t" Target="gone"/></EntitySet>',
            "NS.C/as",
            "binds 't' to 'gone'",
        ),
        (
            THING,
            '<EntitySet Name="t" EntityType="NS.thing"><NavigationPropertyBinding Path="x/y" Target="t"/></EntitySet>',
            "NS.C/t",
            "binds 'x/y', which is not a navigation property",
        ),
        ('<Action Name="go"><Parameter Name="p" Type="NS.Gone"/></Action>', "", "NS.go", "NS.Gone"),
        ('<Function Name="go"><ReturnType Type="NS.Gone"/></Function>', "", "NS.go", "NS.Gone"),
        ('<Action Name="go" IsBound="true"/>', "", "NS.go", "no binding parameter"),
        ('<Action Name="go"/><Action Name="go"/>', "", "NS.go", "more than once"),
        (THING, '<ActionImport Name="Go" Action="NS.go"/>', "Go", "no unbound overload"),
        (
            THING + '<Function Name="f"><ReturnType Type="NS.thing"/></Function>',
            '<FunctionImport Name="F" Function="NS.f" EntitySet="gone"/>',
            "F",
            "entity set 'gone' does not exist",
        ),
        ('<EnumType Name="E"><Member Name="a"/><Member Name="a"/></EnumType>', "", "NS.E/a", "missing or repeated"),
        ('<EnumType Name="E"><Member Name="a" Value="x"/></EnumType>', "", "NS.E/a", "not a number"),
        (f'<EnumType Name="E"><Member Name="a" Value="{2**63}"/></EnumType>', "", "NS.E/a", "of at most 64 bits"),
        ('<TypeDefinition Name="D" UnderlyingType="NS.X"/>', "", "NS.D", "not a primitive type"),
        (
            '<Annotations Target="NS.gone/x"><Annotation Term="Org.OData.Core.V1.Computed"/></Annotations>',
            "",
            "NS.gone/x",
            "not declared",
        ),
    ],
)
def test_it_is_skipped_and_said(body, container, place, words):
    catalog = read(body, container=container)
    found = [defect for defect in catalog.defects if defect.place == place]
    assert words in " ".join(defect.problem for defect in found)
    assert all(defect.consequence for defect in found)


def test_members_after_the_largest_number_are_counted_no_further():
    flags = (
        '<EnumType Name="E" IsFlags="true"><Member Name="a" Value="{}"/><Member Name="b"/><Member Name="c"/></EnumType>'
    )
    catalog = read(flags.format(2**62))
    assert [member.value for member in catalog.enum_types["NS.E"].members] == [2**62, 2**63 - 1, 2**63 - 1]
    assert snapshot.opened(snapshot.compiled(catalog), "t").enum_types == catalog.enum_types


@pytest.mark.parametrize(
    "annotation",
    [
        '<Annotation Term="Org.OData.Core.V1.Description" Int="--5"/>',
        *(
            f'<Annotation Term="{term}"><Record><PropertyValue Property="{member}" {value}/></Record></Annotation>'
            for term, member in (
                ("Org.OData.Aggregation.V1.ApplySupported", "Transformations"),
                ("Org.OData.Capabilities.V1.FilterRestrictions", "NonFilterableProperties"),
                ("Org.OData.Capabilities.V1.InsertRestrictions", "RequiredProperties"),
            )
            for value in ('Bool="true"', 'Int="5"', 'String="id"')
        ),
    ],
)
def test_an_annotation_of_another_shape_says_nothing(annotation):
    of_a_set = f'<EntitySet Name="things" EntityType="NS.thing">{annotation}</EntitySet>'
    catalog = read(THING, container=of_a_set)
    [found] = catalog.entity_sets.values()
    assert (found.capabilities.no_filter, found.required, found.description) == ((), (), None)


def test_the_rest_of_the_document_stands():
    catalog = read(
        entity("a", prop("good"), prop("bad", "NS.Gone"), nav("lost", "gone"), nav("self", "a")), container=sets("a")
    )
    assert [p.name for p in catalog.entity_types["NS.a"].properties] == ["id", "good"]
    assert [r.name for r in catalog.relationships["NS.a"]] == ["self"]
    assert len(catalog.defects) == 2


def test_one_bad_pair_discards_the_whole_constraint():
    catalog = read(
        entity("line", prop("area"), prop("code"), nav("item", "item", ("code", "code"), ("area", "gone")))
        + entity("item", prop("code"), prop("area"), key=("code",)),
        container=sets("line", "item"),
    )
    [relationship] = catalog.relationships["NS.line"]
    assert (relationship.pairs, relationship.fetch) == ((), "follow")  # half a key would cross companies


def test_a_type_whose_key_is_lost_counts_as_keyless_and_is_kept():
    catalog = read('<EntityType Name="a"><Key><PropertyRef Name="x"/></Key></EntityType>', container=sets("a"))
    assert catalog.entity_types["NS.a"].key == ()
    assert set(catalog.entity_sets) == {"as"}


def _chain(length: int) -> str:
    return entity("t0") + "".join(
        f'<EntityType Name="t{n}" BaseType="NS.t{n - 1}">{prop(f"p{n}")}</EntityType>' for n in range(1, length)
    )


def test_a_chain_of_bases_is_followed_to_its_end():
    catalog = read(_chain(MAX_DEPTH + 1))
    last = catalog.entity_types[f"NS.t{MAX_DEPTH}"]
    assert (last.key, len(last.properties)) == (("id",), MAX_DEPTH + 1)
    assert not catalog.defects


def test_an_endless_chain_of_bases_is_cut():
    catalog = read(_chain(4000))
    assert max(len(kind.properties) for kind in catalog.entity_types.values()) <= MAX_DEPTH + 1
    assert {d.problem for d in catalog.defects if "base types" in d.problem} == {
        f"it has more than {MAX_DEPTH} base types"
    }


def test_an_inherited_defect_is_told_once():
    body = entity("a", nav("t", "a", ("id", "gone"))) + "".join(
        f'<EntityType Name="b{n}" BaseType="NS.a"/>' for n in range(5)
    )
    assert len(read(body).defects) == 1


def test_types_that_lead_in_circles_are_read():
    catalog = read(
        entity("a", nav("b", "b"), nav("parent", "a"), nav("children", many("a"), more='Partner="parent"'))
        + entity("b", nav("a", "a"), prop("loop", "NS.Loop"))
        + '<ComplexType Name="Loop"><Property Name="again" Type="NS.Loop"/></ComplexType>',
        container=sets("a", "b"),
    )
    assert not catalog.defects
    assert [r.target_set for r in catalog.relationships["NS.a"]] == ["bs", "as", "as"]
