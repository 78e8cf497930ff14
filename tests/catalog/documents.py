"""Small documents for the tests: CSDL XML around a body, and the catalog it gives."""

from vegraph.catalog import csdl
from vegraph.catalog.model import Catalog, Relationship


def xml(body: str, *, container: str = "", version: str = "4.0", references: str = "", after: str = "") -> bytes:
    """A document of one schema `NS`, alias `Self`; `after` is more schema children, `references` come first."""
    sets = f'<EntityContainer Name="C">{container}</EntityContainer>' if container else ""
    return f"""<?xml version="1.0" encoding="utf-8"?>
        <edmx:Edmx Version="{version}" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">{references}
        <edmx:DataServices><Schema Namespace="NS" Alias="Self" xmlns="http://docs.oasis-open.org/odata/ns/edm">
        {body}{sets}{after}</Schema></edmx:DataServices></edmx:Edmx>""".encode()


def read(body: str, **more: str) -> Catalog:
    """The catalog of such a document."""
    return csdl.read(xml(body, **more), name="t")


def entity(name: str, *members: str, key: tuple[str, ...] = ("id",), attributes: str = "") -> str:
    """An entity type whose key parts are Guids unless a member declares them."""
    refs = "".join(f'<PropertyRef Name="{part}"/>' for part in key)
    declared = "".join(members)
    parts = "".join(
        f'<Property Name="{part}" Type="Edm.Guid" Nullable="false"/>'
        for part in key
        if f'Name="{part}"' not in declared
    )
    keys = f"<Key>{refs}</Key>" if key else ""
    return f'<EntityType Name="{name}" {attributes}>{keys}{parts}{declared}</EntityType>'


def prop(name: str, kind: str = "Edm.String", more: str = "", inner: str = "") -> str:
    """A property."""
    return f'<Property Name="{name}" Type="{kind}" {more}>{inner}</Property>'


def nav(name: str, target: str, *pairs: tuple[str, str], more: str = "") -> str:
    """A navigation property; `target` may be `Collection(Self.X)` or a short name."""
    kind = target if "." in target else f"Self.{target}"
    constraints = "".join(f'<ReferentialConstraint Property="{a}" ReferencedProperty="{b}"/>' for a, b in pairs)
    return f'<NavigationProperty Name="{name}" Type="{kind}" {more}>{constraints}</NavigationProperty>'


def many(target: str) -> str:
    """The type of a to-many navigation property."""
    return f"Collection(Self.{target})"


def sets(*names: str) -> str:
    """Entity sets: `customers:customer`, or `x` for set `xs` of type `x`."""
    pairs = [(name.partition(":")[0] if ":" in name else f"{name}s", name.rpartition(":")[2]) for name in names]
    return "".join(f'<EntitySet Name="{each}" EntityType="Self.{kind}"/>' for each, kind in pairs)


def relationship(catalog: Catalog, kind: str, name: str) -> Relationship:
    """One relationship by its type's short name and its own."""
    return next(each for each in catalog.relationships[f"NS.{kind}"] if each.name == name)


def problems(catalog: Catalog) -> list[str]:
    """The defects as `place: problem`."""
    return [f"{defect.place}: {defect.problem}" for defect in catalog.defects]
