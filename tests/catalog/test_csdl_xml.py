"""CSDL XML: every declaration becomes a member of the model."""

import gzip

import pytest

from tests.catalog.documents import entity, many, nav, problems, prop, read, sets, xml
from vegraph.catalog import csdl
from vegraph.catalog.model import Parameter, TypeRef

REFERENCE = """<edmx:Reference Uri="https://nowhere.invalid/Core.xml">
  <edmx:Include Namespace="Org.OData.Core.V1" Alias="Core"/>
  <edmx:Include Namespace="Org.OData.Capabilities.V1" Alias="Cap"/></edmx:Reference>"""


@pytest.mark.parametrize(
    ("attributes", "facts"),
    [
        ('Type="Edm.String" MaxLength="20"', {"max_length": 20, "nullable": True}),
        ('Type="Edm.String" MaxLength="max" Nullable="false"', {"max_length": None, "nullable": False}),
        ('Type="Edm.Decimal" Precision="28" Scale="6"', {"precision": 28, "scale": 6}),
        ('Type="Edm.Decimal" Scale="Variable"', {"scale": "variable"}),
        ('Type="Edm.Decimal" Scale="floating"', {"scale": "floating"}),
        ('Type="Edm.Boolean" DefaultValue="true"', {"default": "true"}),
        ('Type="Collection(Edm.String)"', {"type": TypeRef("Edm.String", collection=True)}),
        ('Type="Self.Colour"', {"type": TypeRef("NS.Colour")}),
        ('Type="NS.Code"', {"max_length": 10, "type": TypeRef("NS.Code")}),  # from the type definition
    ],
)
def test_a_property_has_its_facets(attributes, facts):
    catalog = read(
        entity("thing", f'<Property Name="p" {attributes}/>')
        + '<EnumType Name="Colour"><Member Name="Red"/></EnumType>'
        + '<TypeDefinition Name="Code" UnderlyingType="Edm.String" MaxLength="10"/>'
    )
    found = catalog.entity_types["NS.thing"].property("p")
    assert {name: getattr(found, name) for name in facts} == facts
    assert not catalog.defects


@pytest.mark.parametrize(
    ("inner", "facts"),
    [
        ('<Annotation Term="Core.Description" String="What it is"/>', {"description": "What it is"}),
        ('<Annotation Term="Core.Description"><String>Text</String></Annotation>', {"description": "Text"}),
        ('<Annotation Term="Core.LongDescription" String="Long"/>', {"description": "Long"}),
        ('<Annotation Term="Org.OData.Core.V1.Computed" Bool="true"/>', {"computed": True}),
        ('<Annotation Term="Core.Computed"/>', {"computed": True}),
        ('<Annotation Term="Core.Computed" Bool="false"/>', {"computed": False}),
        ('<Annotation Term="Core.Immutable" Bool="true"/>', {"updatable": False, "insertable": True}),
        (
            '<Annotation Term="Core.Permissions"><EnumMember>Core.Permission/Read</EnumMember></Annotation>',
            {"computed": True},
        ),
        ('<Annotation Term="Core.Permissions" EnumMember="Core.Permission/ReadWrite"/>', {"computed": False}),
        (
            '<Annotation Term="Core.Revisions"><Collection><Record>'
            '<PropertyValue Property="Kind" EnumMember="Core.RevisionKind/Deprecated"/>'
            '<PropertyValue Property="Description" String="Use q"/></Record></Collection></Annotation>',
            {"deprecated": "Use q"},
        ),
        ('<Annotation Term="Core.Description" Qualifier="Tablet" String="Short"/>', {"description": None}),
        ('<Annotation Term="Core.Description"><Path>other</Path></Annotation>', {"description": None}),
        ('<Annotation Term="Core.Description"><If><Path>x</Path></If></Annotation>', {"description": None}),
        ('<Annotation Term="Unknown.Alias.Description" String="?"/>', {"description": None}),
    ],
)
def test_annotations_become_members(inner, facts):
    found = read(entity("thing", prop("p", inner=inner)), references=REFERENCE).entity_types["NS.thing"].property("p")
    assert {name: getattr(found, name) for name in facts} == facts


AX = "Microsoft.Dynamics.OData.Core.V1"


@pytest.mark.parametrize(
    ("inner", "facts"),
    [
        (f'<Annotation Term="{AX}.LabelId" String="@SYS1"/>', {"label_id": "@SYS1", "label": None}),
        (f'<Annotation Term="{AX}.LabelId" String="A text"/>', {"label_id": None, "label": "A text"}),
        (f'<Annotation Term="{AX}.HelpTextId" String="@SYS2"/>', {"help_id": "@SYS2"}),
        (f'<Annotation Term="{AX}.IsRequired" Bool="true"/>', {"required": True}),
        (f'<Annotation Term="{AX}.AllowEdit" Bool="false"/>', {"updatable": False}),
        (f'<Annotation Term="{AX}.AllowEditOnCreate" Bool="false"/>', {"insertable": False}),
        (
            f'<Annotation Term="{AX}.AXType"><EnumMember>{AX}.AXType/Date</EnumMember></Annotation>',
            {"ax_type": "Date"},
        ),
    ],
)
def test_the_annotations_of_finance_become_members(inner, facts):
    found = read(entity("thing", prop("p", inner=inner))).entity_types["NS.thing"].property("p")
    assert {name: getattr(found, name) for name in facts} == facts


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        ("Self.thing/p", lambda c: c.entity_types["NS.thing"].property("p")),
        ("NS.thing", lambda c: c.entity_types["NS.thing"]),
        ("NS.thing/others", lambda c: c.entity_types["NS.thing"].navigation[0]),
        ("NS.C/things", lambda c: c.entity_sets["things"]),
        ("NS.Colour", lambda c: c.enum_types["NS.Colour"]),
        ("Self.act(Self.thing)", lambda c: c.operations[0]),
        ("Self.act", lambda c: c.operations[0]),
        ("Self.act(Self.thing)/x", lambda c: c.operations[0].parameters[0]),
        ("Self.act/x", lambda c: c.operations[0].parameters[0]),
        ("NS.special/p", lambda c: c.entity_types["NS.special"].property("p")),  # inherited, seen from the subtype
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_annotations_reach_their_target_from_outside(target, reached):
    catalog = read(
        entity("thing", prop("p"), nav("others", many("thing")))
        + '<EntityType Name="special" BaseType="NS.thing"/>'
        + '<EnumType Name="Colour"><Member Name="Red"/></EnumType>'
        + '<Action Name="act" IsBound="true"><Parameter Name="it" Type="NS.thing"/>'
        + '<Parameter Name="x" Type="Edm.Int32"/></Action>',
        references=REFERENCE,
        container=sets("thing"),
        after=f'<Annotations Target="{target}"><Annotation Term="Core.Description" String="Told"/></Annotations>',
    )
    assert reached(catalog).description == "Told"
    assert not catalog.defects
    if target == "NS.special/p":
        assert catalog.entity_types["NS.thing"].property("p").description is None


def test_inherited_members_come_first_and_a_derived_type_may_bring_the_key():
    catalog = read(
        entity("base", prop("a"), nav("peer", "leaf"), key=(), attributes='Abstract="true" OpenType="true"')
        + '<EntityType Name="middle" BaseType="Self.base" Abstract="true" HasStream="true">'
        + prop("b")
        + "</EntityType>"
        + '<EntityType Name="leaf" BaseType="NS.middle"><Key><PropertyRef Name="id"/></Key>'
        + prop("id", "Edm.Int32", 'Nullable="false"')
        + "</EntityType>"
    )
    leaf = catalog.entity_types["NS.leaf"]
    assert [p.name for p in leaf.properties] == ["a", "b", "id"]
    assert (leaf.key, leaf.base, leaf.abstract, leaf.open, leaf.has_stream) == (("id",), "NS.middle", False, True, True)
    assert catalog.entity_types["NS.base"].key == ()
    assert catalog.derived == {"NS.base": ("NS.middle",), "NS.middle": ("NS.leaf",)}
    assert [r.name for r in catalog.relationships["NS.leaf"]] == ["peer"]


def test_complex_types_nest_and_inherit_and_keys_may_lead_into_them():
    catalog = read(
        '<EntityType Name="thing"><Key><PropertyRef Name="where/Code" Alias="c"/></Key>'
        + prop("where", "Self.City")
        + "</EntityType>"
        + '<ComplexType Name="Place" OpenType="true">'
        + prop("Code")
        + '</ComplexType><ComplexType Name="City" BaseType="Self.Place">'
        + prop("Twins", "Collection(Self.City)")
        + "</ComplexType>"
    )
    assert catalog.entity_types["NS.thing"].key == ("where/Code",)
    city = catalog.complex_types["NS.City"]
    assert [p.name for p in city.properties] == ["Code", "Twins"]
    assert city.open
    assert not catalog.defects


@pytest.mark.parametrize(
    ("attributes", "members", "values"),
    [
        ("", [("a", None), ("b", None)], [0, 1]),
        ("", [("a", "5"), ("b", None), ("c", "-1")], [5, 6, -1]),
        ("", [("a", "1"), ("b", "1")], [1, 1]),  # repeated values are lawful
        ('IsFlags="true"', [("a", None), ("b", None), ("c", None)], [1, 2, 4]),
        ('IsFlags="true"', [("none", "0"), ("a", "1"), ("both", "3")], [0, 1, 3]),
        ("", [("a", "many"), ("b", "7")], [0, 7]),
    ],
)
def test_enumerations_have_values(attributes, members, values):
    body = "".join(f'<Member Name="{n}"' + (f' Value="{v}"/>' if v is not None else "/>") for n, v in members)
    enum = read(f'<EnumType Name="E" {attributes}>{body}</EnumType>').enum_types["NS.E"]
    assert [member.value for member in enum.members] == values
    assert enum.flags is bool(attributes)


def test_operations_keep_their_overloads_parameters_and_imports():
    catalog = read(
        entity("a")
        + entity("b")
        + '<Action Name="post" IsBound="true"><Parameter Name="self" Type="Self.a"/></Action>'
        + '<Action Name="post" IsBound="true"><Parameter Name="self" Type="Collection(Self.b)"/>'
        + '<Parameter Name="force" Type="Edm.Boolean" Nullable="false"><Annotation Term="Core.OptionalParameter"/>'
        + '</Parameter><ReturnType Type="Self.b" Nullable="false"/></Action>'
        + '<Function Name="near"><Parameter Name="lat" Type="Edm.Double" Nullable="false"/><ReturnType Type="Self.a"/>'
        + '</Function><Function Name="near"><ReturnType Type="Collection(Self.a)"/></Function>'
        + '<Action Name="reset"/>',
        references=REFERENCE,
        container=sets("a")
        + '<ActionImport Name="Reset" Action="Self.reset"/>'
        + '<FunctionImport Name="Near" Function="NS.near" EntitySet="as"/>',
    )
    assert not catalog.defects
    single, collection, near, nearest, _ = catalog.operations
    assert (single.binding, collection.binding) == (TypeRef("NS.a"), TypeRef("NS.b", collection=True))
    assert collection.binding_name == "self"
    assert collection.parameters == (
        Parameter(name="force", type=TypeRef("Edm.Boolean"), nullable=False, optional=True),
    )
    assert (collection.returns, collection.returns_nullable) == (TypeRef("NS.b"), False)
    assert near.parameters[0].name == "lat"
    assert nearest.returns == TypeRef("NS.a", collection=True)
    assert [(i.name, i.kind, i.operation, i.entity_set) for i in catalog.imports] == [
        ("Reset", "action", "NS.reset", None),
        ("Near", "function", "NS.near", "as"),
    ]


def test_capabilities_of_a_set_reach_the_properties_of_its_type():
    catalog = read(
        entity("thing", prop("fixed"), prop("free")),
        references=REFERENCE,
        container="""<EntitySet Name="things" EntityType="NS.thing">
          <Annotation Term="Cap.InsertRestrictions"><Record><PropertyValue Property="Insertable" Bool="true"/>
            <PropertyValue Property="NonInsertableProperties"><Collection><PropertyPath>fixed</PropertyPath>
            </Collection></PropertyValue>
            <PropertyValue Property="RequiredProperties"><Collection><PropertyPath>free</PropertyPath>
            </Collection></PropertyValue></Record></Annotation>
          <Annotation Term="Cap.FilterRestrictions"><Record><PropertyValue Property="NonFilterableProperties">
            <Collection><PropertyPath>fixed</PropertyPath></Collection></PropertyValue></Record></Annotation>
          <Annotation Term="Cap.DeleteRestrictions"><Record><PropertyValue Property="Deletable" Bool="false"/></Record>
          </Annotation>
          <Annotation Term="Cap.TopSupported" Bool="false"/>
          <Annotation Term="Cap.CountRestrictions"><Record><PropertyValue Property="Countable"><Bool>false</Bool>
            </PropertyValue></Record></Annotation>
          <Annotation Term="Core.OptimisticConcurrency"><Collection/></Annotation>
        </EntitySet><Annotation Term="Cap.BatchSupported" Bool="true"/>
        <Annotation Term="Core.Description" String="All"/>""",
    )
    things = catalog.entity_sets["things"]
    said = things.capabilities
    assert (said.insertable, said.deletable, said.top, said.countable, said.batch) == (True, False, False, False, True)
    assert said.updatable is None
    assert things.optimistic
    assert things.description is None  # the container's, not its own
    fixed, free = (catalog.entity_types["NS.thing"].property(name) for name in ("fixed", "free"))
    assert (fixed.insertable, fixed.filterable, fixed.updatable) == (False, False, True)
    assert (free.insertable, free.required) == (True, True)


def test_alternate_keys_on_a_set_belong_to_its_type():
    catalog = read(
        entity("thing", prop("number")),
        references=REFERENCE,
        container="""<EntitySet Name="things" EntityType="NS.thing"><Annotation Term="Core.AlternateKeys"><Collection>
          <Record><PropertyValue Property="Key"><Collection><Record><PropertyValue Property="Alias" String="n"/>
          <PropertyValue Property="Name" PropertyPath="number"/></Record></Collection></PropertyValue></Record>
          </Collection></Annotation></EntitySet>""",
    )
    assert catalog.entity_types["NS.thing"].alternate_keys == (("number",),)


NASTY = ("__EntityControl", "null", "0", "Café", "prefix-x", "No", "no", "NO", "true", "x.y")


def test_nasty_names_are_kept_as_the_document_has_them():
    catalog = read(entity("Ünïcode", *(prop(name) for name in NASTY), key=("__EntityControl", "0")))
    kind = catalog.entity_types["NS.Ünïcode"]
    assert tuple(p.name for p in kind.properties) == NASTY
    assert kind.key == ("__EntityControl", "0")
    assert not catalog.defects


def test_a_key_may_have_fourteen_parts_and_an_enumeration_among_them():
    parts = tuple(f"part{n}" for n in range(13))
    catalog = read(
        entity("wide", prop("kind", "Self.Kind"), key=(*parts, "kind"))
        + '<EnumType Name="Kind"><Member Name="A"/></EnumType>'
    )
    assert catalog.entity_types["NS.wide"].key == (*parts, "kind")


def test_several_schemas_may_share_short_names():
    other = (
        '</Schema><Schema Namespace="Other" Alias="O" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
        + entity("thing", nav("first", "NS.thing"))
        + '<EntityContainer Name="D"><EntitySet Name="others" EntityType="O.thing"/></EntityContainer>'
    )
    catalog = read(entity("thing"), container=sets("thing"), after=other)
    assert catalog.namespaces == ("NS", "Other")
    assert set(catalog.entity_types) == {"NS.thing", "Other.thing"}
    assert catalog.relationships["Other.thing"][0].target_set == "things"


@pytest.mark.parametrize(
    "wrap",
    [
        lambda data: data,
        gzip.compress,
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: b"\n  " + data,
        lambda data: data.decode().replace("utf-8", "utf-16").encode("utf-16"),
        lambda data: data[data.index(b"<Schema") : data.index(b"</edmx:DataServices")],  # a bare Schema as root
    ],
    ids=["plain", "gzip", "byte order mark", "leading blanks", "UTF-16", "bare schema"],
)
def test_a_document_may_be_wrapped(wrap):
    data = xml(entity("thing"), container=sets("thing"))
    assert set(csdl.read(wrap(data), name="t").entity_sets) == {"things"}


def test_one_and_zero_are_booleans_too():
    catalog = read(
        '<EntityType Name="a" Abstract="1" OpenType="1" HasStream="1"><Property Name="p" Type="Edm.Guid" Nullable="0"/>'
        '<NavigationProperty Name="n" Type="NS.a" Nullable="0" ContainsTarget="1"/></EntityType>'
        '<EntityType Name="b" BaseType="NS.a"/>'
        '<EnumType Name="E" IsFlags="1"/><Function Name="f" IsBound="1" IsComposable="1">'
        '<Parameter Name="on" Type="NS.a"/><ReturnType Type="Edm.Guid" Nullable="0"/></Function>'
    )  # fmt: skip
    found, [enum], [function] = catalog.entity_types["NS.a"], catalog.enum_types.values(), catalog.operations
    assert (found.abstract, found.open, found.has_stream, enum.flags) == (True, True, True, True)
    assert (function.bound, function.composable, function.returns_nullable) == (True, True, False)
    assert (found.properties[0].nullable, found.navigation[0].nullable) == (False, False)
    assert found.navigation[0].contains_target


def test_version_401_is_read():
    assert read(entity("thing"), version="4.01").version == "4.01"


def test_the_digest_is_of_the_content_not_of_its_wrapping():
    data = xml(entity("thing"))
    assert csdl.read(gzip.compress(data), name="a").digest == csdl.read(data, name="b").digest
    assert csdl.read(xml(entity("other")), name="a").digest != csdl.read(data, name="b").digest


def test_problems_are_none_with_a_sound_document():
    assert problems(read(entity("thing"), container=sets("thing"))) == []
