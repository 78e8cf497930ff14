"""Every way two documents can differ is named, and classed as breaking the graph or not."""

import json

import pytest

from tests.catalog.documents import entity, many, nav, prop, read, sets
from tests.shared import metadata
from vegraph.catalog import csdl
from vegraph.catalog.diff import difference

AX = "Microsoft.Dynamics.OData.Core.V1"


def _capability(kind: str, flag: str, value: str) -> str:
    return (
        f'<EntitySet Name="as" EntityType="NS.a"><Annotation Term="Org.OData.Capabilities.V1.{kind}"><Record>'
        f'<PropertyValue Property="{flag}" Bool="{value}"/></Record></Annotation></EntitySet>'
    )


def _ax(term: str, value: str = 'Bool="false"') -> str:
    return f'<Annotation Term="{AX}.{term}" {value}/>'


def _a(*members: str, key: tuple[str, ...] = ("id",)) -> str:
    return entity("a", *members, key=key)


B = entity("b", prop("aId", "Edm.Guid"))
AS = sets("a")
AB = sets("a", "b")
CORE = "Org.OData.Core.V1"
DEPRECATED = (
    f'<Annotation Term="{CORE}.Revisions"><Collection><Record>'
    '<PropertyValue Property="Kind" EnumMember="x/Deprecated"/>'
    '<PropertyValue Property="Description" String="Use q"/></Record></Collection></Annotation>'
)
CONCURRENT = (
    f'<EntitySet Name="as" EntityType="NS.a"><Annotation Term="{CORE}.OptimisticConcurrency"><Collection/></Annotation>'
    "</EntitySet>"
)
ALTERNATE = (
    f'<Annotation Term="{CORE}.AlternateKeys"><Collection><Record><PropertyValue Property="Key"><Collection><Record>'
    '<PropertyValue Property="Name" PropertyPath="p"/></Record></Collection></PropertyValue></Record></Collection>'
    "</Annotation>"
)


def _enum(*members: str, flags: str = "false") -> str:
    body = "".join(f'<Member Name="{m.partition("=")[0]}" Value="{m.partition("=")[2] or 0}"/>' for m in members)
    return f'<EnumType Name="E" IsFlags="{flags}">{body}</EnumType>'


def _action(inner: str = "", returns: str = "") -> str:
    result = f'<ReturnType Type="{returns}"/>' if returns else ""
    return f'<Action Name="go" IsBound="true"><Parameter Name="it" Type="NS.a"/>{inner}{result}</Action>'


PARAMETER = '<Parameter Name="x" Type="Edm.Int32"{}/>'


@pytest.mark.parametrize(
    ("before", "after", "what", "breaking"),
    [
        ((_a(), AS), (_a() + B, AB), "entity added", False),
        ((_a() + B, AB), (_a(), AS), "entity gone", True),
        ((_a() + B, sets("xs:a")), (_a() + B, sets("xs:b")), "entity type changed", True),
        ((_a(prop("p")), AS), (_a(), AS), "property gone", True),
        ((_a(), AS), (_a(prop("p")), AS), "property added", False),
        ((_a(), AS), (_a(prop("p", inner=_ax("IsRequired", 'Bool="true"'))), AS), "required property added", True),
        ((_a(prop("p")), AS), (_a(prop("p", "Edm.Int32")), AS), "type changed", True),
        ((_a(prop("p")), AS), (_a(prop("p", "Collection(Edm.String)")), AS), "type changed", True),
        ((_a(prop("p", "Edm.DateTimeOffset")), AS),
         (_a(prop("p", "Edm.DateTimeOffset", inner=_ax("AXType", 'EnumMember="x/Date"'))), AS), "type changed", True),
        ((_a(prop("p", more='Nullable="false"')), AS), (_a(prop("p")), AS), "nullable", False),
        ((_a(prop("p")), AS), (_a(prop("p", more='Nullable="false"')), AS), "not nullable", False),
        # the key's members are the only non-null ones of the graph
        ((_a(prop("id", more='Nullable="false"')), AS), (_a(prop("id")), AS), "nullable", True),
        ((_a(prop("p")), AS), (_a(prop("p", inner=_ax("AllowEdit"))), AS), "no longer updatable", True),
        ((_a(prop("p", inner=_ax("AllowEdit"))), AS), (_a(prop("p")), AS), "now updatable", False),
        ((_a(prop("p")), AS), (_a(prop("p", inner=_ax("AllowEditOnCreate"))), AS), "no longer insertable", True),
        ((_a(prop("p")), AS), (_a(prop("p", inner=_ax("IsRequired", 'Bool="true"'))), AS), "now required", True),
        ((_a(prop("p", inner=_ax("IsRequired", 'Bool="true"'))), AS), (_a(prop("p")), AS), "no longer required", False),
        ((_a(prop("p", more='MaxLength="20"')), AS), (_a(prop("p", more='MaxLength="10"')), AS),
         "max length changed", True),
        ((_a(prop("p", more='MaxLength="10"')), AS), (_a(prop("p")), AS), "max length changed", False),
        ((_a(prop("p")), AS), (_a(prop("p", inner=DEPRECATED)), AS), "deprecated", False),
        ((_a(prop("k"), key=("id",)), AS), (_a(prop("k"), prop("id", "Edm.Guid"), key=("id", "k")), AS),
         "key changed", True),
        ((_a(prop("p")), AS), (_a(prop("p"), ALTERNATE), AS), "alternate key added", False),
        ((_a(prop("p"), ALTERNATE), AS), (_a(prop("p")), AS), "alternate key gone", True),
        ((_a(nav("b", "b")) + B, AB), (_a() + B, AB), "relation gone", True),
        ((_a() + B, AB), (_a(nav("b", "b")) + B, AB), "relation added", False),
        ((_a(nav("b", "b")) + B, AB), (_a(nav("b", "a")) + B, AB), "relation leads elsewhere", True),
        ((_a(nav("b", "b")) + B, AB), (_a(nav("b", many("b"))) + B, AB), "relation leads elsewhere", True),
        ((_a(nav("b", "b", more='ContainsTarget="true"')) + B, AS), (_a(nav("b", "b")) + B, AS),
         "relation no longer contained", True),
        ((_a(nav("b", many("b"))) + B, AB), (_a(nav("b", many("b"), ("id", "aId"))) + B, AB),
         "relation fetched otherwise", False),
        ((_a(), AS), (_a(), _capability("InsertRestrictions", "Insertable", "false")), "no longer insertable", True),
        ((_a(), _capability("DeleteRestrictions", "Deletable", "false")), (_a(), AS), "now deletable", False),
        ((_a(), _capability("SortRestrictions", "Sortable", "true")),
         (_a(), _capability("SortRestrictions", "Sortable", "false")), "no longer sortable", True),
        ((_a(), AS), (_a(), CONCURRENT), "etag required", True),
        ((_a(prop("e", "NS.E")) + _enum("x"), AS), (_a(prop("e", "NS.E")) + _enum("x", "y=1"), AS),
         "enum member added", False),
        ((_a(prop("e", "NS.E")) + _enum("x", "y=1"), AS), (_a(prop("e", "NS.E")) + _enum("x"), AS),
         "enum member gone", True),
        ((_a(prop("e", "NS.E")) + _enum("x"), AS), (_a(prop("e", "NS.E")) + _enum("x=5"), AS),
         "enum value changed", False),
        ((_a() + _enum("x"), AS), (_a() + _enum("x", flags="true"), AS), "now flags", True),
        ((_a() + '<ComplexType Name="P">' + prop("p") + "</ComplexType>", AS), (_a() + '<ComplexType Name="P"/>', AS),
         "property gone", True),
        ((_a() + '<ComplexType Name="P"/>', AS), (_a(), AS), "type gone", True),
        ((_a() + '<ComplexType Name="P" OpenType="true"/>', AS), (_a() + '<ComplexType Name="P"/>', AS),
         "no longer open", True),
        ((_a(), AS), (_a() + _action(), AS), "action added", False),
        ((_a() + _action(), AS), (_a(), AS), "action gone", True),
        ((_a() + _action(), AS), (_a() + _action(returns="Edm.String"), AS), "result changed", True),
        ((_a() + _action(PARAMETER.format("")), AS), (_a() + _action(), AS), "parameter gone", True),
        ((_a() + _action(), AS), (_a() + _action(PARAMETER.format("")), AS), "parameter added", False),
        ((_a() + _action(), AS), (_a() + _action(PARAMETER.format(' Nullable="false"')), AS), "parameter added", True),
        ((_a() + _action(PARAMETER.format("")), AS), (_a() + _action(PARAMETER.format(' Nullable="false"')), AS),
         "parameter now required", True),
        ((_a() + _action(PARAMETER.format("")), AS),
         (_a() + _action(PARAMETER.format("").replace("Int32", "String")), AS), "parameter type changed", True),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_change_is_named_and_classed(before, after, what, breaking):
    old, new = (read(body, container=container) for body, container in (before, after))
    found = difference(old, new)
    assert (what, breaking) in {(change.what, change.breaking) for change in found.changes}
    assert found.breaking is any(change.breaking for change in found.changes)


SUB = '<EntityType Name="sub" BaseType="NS.a"{}>{}</EntityType>'
LEAF = '<EntityType Name="leaf" BaseType="NS.sub"/>'
ABSTRACT = SUB.format(' Abstract="true"', "") + LEAF
LINES = nav("lines", many("line"), more='ContainsTarget="true"')
REPORT = '<Function Name="f"><ReturnType Type="NS.R"/></Function><ComplexType Name="R">{}</ComplexType>'


@pytest.mark.parametrize(
    ("before", "after", "sentences"),
    [
        (SUB.format("", ""), "", {"BREAKING NS.sub: type gone"}),
        ("", SUB.format("", ""), {"NS.sub: type added"}),
        (SUB.format("", prop("q")), SUB.format("", ""), {"BREAKING NS.sub/q: property gone"}),
        (SUB.format("", nav("b", "a")), SUB.format("", ""), {"BREAKING NS.sub/b: relation gone"}),
        (SUB.format("", "") + LEAF, ABSTRACT, {"BREAKING NS.sub: now abstract"}),
        (ABSTRACT, SUB.format("", "") + LEAF, {"BREAKING NS.sub: no longer abstract"}),
        (SUB.format(' HasStream="true"', ""), SUB.format("", ""), {"BREAKING NS.sub: stream gone"}),
        (entity("line", prop("q")), entity("line"), {"BREAKING NS.line/q: property gone"}),
        (REPORT.format(prop("q")), REPORT.format(""), {"BREAKING NS.R/q: property gone"}),
        (
            REPORT.format("") + '<ComplexType Name="S" BaseType="NS.R"/>',
            REPORT.format(""),
            {"BREAKING NS.S: type gone"},
        ),
    ],
)
@pytest.mark.parametrize("visible", [None, {"as"}], ids=["all", "visible"])
def test_what_no_set_is_of_is_compared_where_it_is_shown(before, after, sentences, visible):
    body = entity("a", prop("p"), LINES if "line" in before else "")
    old, new = (read(body + more, container=AS) for more in (before, after))
    assert {change.sentence for change in difference(old, new, visible=visible).changes} == sentences
    assert difference(old, new, visible=set()).changes == ()


def test_a_change_of_a_base_is_told_once():
    old, new = (read(_a(*members) + SUB.format("", prop("q")), container=AS) for members in ((prop("p"),), ()))
    assert [change.sentence for change in difference(old, new).changes] == ["BREAKING as/p: property gone"]


def test_a_type_definition_over_another_type_is_another_type():
    definition = '<TypeDefinition Name="D" UnderlyingType="{}"/>'
    old, new = (
        read(_a(prop("p", "NS.D")) + definition.format(kind), container=AS) for kind in ("Edm.Int64", "Edm.String")
    )
    said = [change.sentence for change in difference(old, new, visible={"as"}).changes]
    assert said == ["BREAKING NS.D: type changed (Edm.Int64 → Edm.String)"]


def test_nothing_changed_between_equal_documents():
    catalog = read(_a(prop("p")), container=AS)
    moved = read("\n" + _a(prop("p")), container=AS)
    assert difference(catalog, catalog).changes == ()
    assert difference(catalog, moved).changes == ()
    assert difference(catalog, moved).text() == ""


def test_the_text_and_json_are_stable_and_go_entity_by_entity():
    old = read(_a(prop("p"), prop("q")) + B, container=AB)
    new = read(_a(prop("q", "Edm.Int32"), prop("r")) + B, container=sets("a"))
    found = difference(old, new)
    assert found.text() == (
        "as\n"
        "  ! p: property gone\n"
        "  ! q: type changed (Edm.String → Edm.Int32)\n"
        "    r: property added ( → Edm.String)\n"
        "bs\n"
        "  ! entity gone\n"
    )
    said = found.json()
    assert json.loads(json.dumps(said)) == said
    assert [each["what"] for each in said["changes"]] == [
        "property gone",
        "type changed",
        "property added",
        "entity gone",
    ]
    assert found.changes[0].sentence == "BREAKING as/p: property gone"


def test_only_what_is_visible_counts():
    old = read(_a(prop("e", "NS.E")) + B + _enum("x", "y"), container=AB)
    new = read(_a(prop("e", "NS.E")) + _enum("x"), container=AS)
    assert {c.subject for c in difference(old, new, visible={"as"}).changes} == {"NS.E"}
    assert {c.subject for c in difference(old, new, visible={"bs"}).changes} == {"bs"}
    assert difference(old, new, visible=set()).changes == ()


def test_a_trimmed_business_central_document_breaks_what_was_cut():
    text = metadata("bc-api-v2.0.xml").read_text(encoding="utf-8-sig")
    old = csdl.read(text.encode(), name="bc")
    new = csdl.read(text.replace('<Property Name="phoneNumber" ', '<Property Name="telephone" ').encode(), name="bc")
    said = {(c.subject, c.member, c.what) for c in difference(old, new, visible={"customers"}).changes}
    assert said == {("customers", "phoneNumber", "property gone"), ("customers", "telephone", "property added")}
