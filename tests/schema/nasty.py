"""Documents with everything that names, keys and relations can have against one."""

from collections.abc import Callable

from tests.catalog.documents import entity, many, nav, prop, sets
from tests.schema.graphs import graph
from vegraph.schema.build import SchemaGraph


def _names() -> SchemaGraph:
    members = [
        prop(name)
        for name in ("__EntityControl", "__typename", "null", "true", "2nd", "Café", "金额", "feedbackid", "FeedbackId",
                     "Document_Type", "DocumentType", "and", "or", "not", "some", "Node", "etag", "company", "ID",
                     "_x003C_Escaped_x003E_", "UPPER_CASE", "key", "dynamicProperties", "_", "__", "a-b", "a.b" "c")
    ]  # fmt: skip
    enum = '<EnumType Name="null">' + "".join(
        f'<Member Name="{name}" Value="{i}"/>'
        for i, name in enumerate(("null", "true", "false", "0", "-1", "1", "_x0020_", "_x0020__x0020_", "a b", "a_b",
                                  "Größe", "金额", "+", "__x", "aB"))
    ) + "</EnumType>"  # fmt: skip
    types = "".join(
        entity(name, prop("e", "Self.null"))
        for name in ("query", "Node", "PageInfo", "string", "thingFilter", "thingGroup", "createThing", "THING",
                     "Thing_", "catalog", "viewer", "Mutation", "2ndThing", "Ümlaut")
    )  # fmt: skip
    container = sets(
        "thing:thing",
        "node:Node",
        "me:query",
        "catalog:catalog",
        "nodes:PageInfo",
        "_service:string",
        "thingFilters:thingFilter",
        "thingGroups:thingGroup",
        "createThing:createThing",
        "THINGS:THING",
        "things_:Thing_",
        "viewers:viewer",
        "makeVisible:Mutation",
        "seconds:2ndThing",
        "ümlaute:Ümlaut",
    )
    return graph(entity("thing", *members) + types + enum, container=container, prefix="")


def _keys() -> SchemaGraph:
    parts = tuple(f"Part{i}" for i in range(14))
    kinds = ("Edm.String", "Edm.DateTimeOffset", "Edm.Int32", "Edm.Decimal", "Self.kind", "Edm.Int64", "Edm.Guid")
    members = [prop(part, kinds[i % len(kinds)]) for i, part in enumerate(parts)]
    enum = '<EnumType Name="kind"><Member Name="A"/><Member Name="B"/></EnumType>'
    inner = '<ComplexType Name="address"><Property Name="code" Type="Edm.String"/></ComplexType>'
    path = '<EntityType Name="path"><Key><PropertyRef Name="at/code" Alias="code"/></Key>' + (
        prop("at", "Self.address", 'Nullable="false"') + "</EntityType>"
    )
    keyless = entity("keyless", prop("a"), key=())
    return graph(
        entity("wide", *members, key=parts) + entity("enumKey", prop("k", "Self.kind"), key=("k",)) + path + keyless
        + enum + inner,
        container=sets("wide", "enumKey", "path", "keyless"),
    )  # fmt: skip


def _cycles() -> SchemaGraph:
    complex_types = (
        '<ComplexType Name="a"><Property Name="b" Type="Self.b"/><Property Name="n" Type="Edm.Int32"/></ComplexType>'
        '<ComplexType Name="b"><Property Name="a" Type="Self.a"/><Property Name="many" Type="Collection(Self.b)"/>'
        "</ComplexType>"
    )
    node = entity(
        "node",
        prop("parentId", "Edm.Guid"),
        prop("c", "Self.a"),
        nav("parent", "node", ("parentId", "id"), more='Partner="children"'),
        nav("children", many("node"), more='Partner="parent"'),
        nav("other", "leaf"),
    )
    return graph(
        node + entity("leaf", nav("back", "node"), nav("self", "leaf")) + complex_types,
        container=sets("node", "leaf"),
    )


def _families() -> SchemaGraph:
    body = (
        '<EntityType Name="root" Abstract="true"/>'
        + entity("animal", prop("name"), nav("friends", many("animal")), attributes='BaseType="Self.root"')
        + '<EntityType Name="dog" BaseType="Self.animal" OpenType="true">' + prop("bark") + "</EntityType>"
        + '<EntityType Name="puppy" BaseType="Self.dog">' + prop("age", "Edm.Int32") + "</EntityType>"
        + '<EntityType Name="cat" BaseType="Self.animal" Abstract="true">' + prop("lives", "Edm.Byte")
        + nav("owner", "person") + "</EntityType>"
        + '<EntityType Name="tiger" BaseType="Self.cat"/>'
        + entity("person", nav("anything", "root"), nav("pet", "dog"))
        + '<ComplexType Name="place"><Property Name="city" Type="Edm.String"/></ComplexType>'
        + '<ComplexType Name="airport" BaseType="Self.place"><Property Name="code" Type="Edm.String"/></ComplexType>'
        + entity("trip", prop("at", "Self.place"), prop("all", "Collection(Self.airport)"))
    )  # fmt: skip
    return graph(body, container=sets("animal", "person", "trip"))


def _operations() -> SchemaGraph:
    def action(name: str, *parameters: str, bound: bool = False, returns: str = "") -> str:
        inner = "".join(f'<Parameter Name="p{i}" Type="{kind}"/>' for i, kind in enumerate(parameters))
        return (
            f'<Action Name="{name}" IsBound="{str(bound).lower()}">{inner}'
            + (f'<ReturnType Type="{returns}"/>' if returns else "")
            + "</Action>"
        )

    def function(name: str, *parameters: str, bound: bool = False, returns: str = "Edm.String") -> str:
        return action(name, *parameters, bound=bound, returns=returns).replace("Action", "Function")

    return graph(
        entity("thing", prop("a")) + entity("other")
        + action("post", "Self.thing", bound=True) + action("post", "Self.other", bound=True)
        + action("create", "Self.thing", bound=True) + action("createXThing")
        + action("merge", "Collection(Self.thing)", "Self.thing", bound=True, returns="Collection(Self.thing)")
        + action("reset") + action("reset", "Edm.String")
        + function("find", "Edm.String") + function("find", "Edm.String", "Edm.Int32") + function("find")
        + function("near", "Self.thing", "Edm.Int32", bound=True, returns="Self.other")
        + function("a", "Self.thing", bound=True)
        + function("newest", "Collection(Self.thing)", bound=True, returns="Self.thing")
        + function("all", returns="Collection(Self.thing)")
        + '<ComplexType Name="r"><Property Name="n" Type="Edm.Int32"/></ComplexType>'
        + function("report", "Self.r", returns="Collection(Self.r)"),
        container=sets("thing", "other") + '<FunctionImport Name="Find" Function="Self.find"/>',
    )  # fmt: skip


NASTY: dict[str, Callable[[], SchemaGraph]] = {
    "names": _names,
    "keys": _keys,
    "cycles": _cycles,
    "families": _families,
    "operations": _operations,
}
"""By what is nasty about them."""
