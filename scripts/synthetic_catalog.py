"""An F&O-like CSDL document of any size, the same every time: what size and speed are measured on.

    scripts/synthetic-catalog 4000 synthetic.xml [--properties 20]

Per entity type: a key of `dataAreaId` and a code, `NoYes` and other enumerations (one property in four), strings,
decimals, dates and timestamps told apart by AXType only, up to three to-one relations with constraints on both ends,
bindings, and the AX annotations in the proportions of the real documents (metadata.md §3).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from random import Random

__all__ = ["document", "write"]

_NAMESPACE = "Microsoft.Dynamics.DataEntities"
_AX = "Microsoft.Dynamics.OData.Core.V1"
_VOCABULARY = (
    "Account Address Agreement Asset Bank Batch Bill Budget Charge Commission Component Contract Cost "
    "Customer Delivery Department Dimension Discount Employee Entry Exchange Fiscal Formula Group Header "
    "Inventory Invoice Item Journal Ledger Line Location Main Order Packing Party Payment Period Planning "
    "Policy Position Price Product Production Project Purchase Quality Quotation Rate Receipt Release "
    "Reservation Resource Retail Return Route Sales Schedule Service Shipment Site Status Tax Template "
    "Term Transaction Transfer Unit Vendor Warehouse Work Worker Zone "
)
_WORDS = _VOCABULARY.split()
_KINDS = (
    # (type, AXType, nullable): the shares of a real document
    *[("Edm.String", "String", True)] * 9,
    *[("NoYes", "Enum", True)] * 4,
    *[("Enum", "Enum", True)] * 2,
    *[("Edm.Decimal", "Real", False)] * 2,
    ("Edm.DateTimeOffset", "Date", False),
    ("Edm.DateTimeOffset", "UtcDateTime", False),
    ("Edm.Int32", "Int32", False),
    ("Edm.Int64", "Int64", False),
)


def document(entities: int, properties: int = 20) -> Iterator[str]:
    """The document in pieces. The same numbers give the same text."""
    chance = Random(entities * 1000 + properties)  # repeatable, not secret
    names = _names(entities, chance)
    enums = max(4, entities // 8)
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">\n  <edmx:DataServices>\n'
    yield f'    <Schema Namespace="{_NAMESPACE}" xmlns="http://docs.oasis-open.org/odata/ns/edm">\n'
    yield _enum("NoYes", ("No", "Yes"))
    for number in range(enums):
        members = tuple(f"{_WORDS[(number + m) % len(_WORDS)]}{m or ''}" for m in range(2 + number % 9))
        yield _enum(f"State{number}", members)
    relations = [
        tuple((names[target], f"Link{n}") for n, target in enumerate(_targets(index, entities, chance)))
        for index in range(entities)
    ]
    back: dict[str, list[tuple[str, str]]] = {name: [] for name in names}
    for name, links in zip(names, relations, strict=True):
        for target, link in links:
            back[target].append((name, link))
    for name, links in zip(names, relations, strict=True):
        yield _entity(name, properties, enums, links, back[name], chance)
    yield '      <EntityContainer Name="Resources">\n'
    for name, links in zip(names, relations, strict=True):
        yield f'        <EntitySet Name="{name}s" EntityType="{_NAMESPACE}.{name}">\n'
        for target, link in links:
            yield f'          <NavigationPropertyBinding Path="{link}{target}" Target="{target}s" />\n'
        for source, link in back[name]:
            yield f'          <NavigationPropertyBinding Path="{source}{link}" Target="{source}s" />\n'
        yield "        </EntitySet>\n"
    yield "      </EntityContainer>\n    </Schema>\n"
    yield f'    <Schema Namespace="{_AX}" xmlns="http://docs.oasis-open.org/odata/ns/edm">\n'
    yield _enum("AXType", ("Container", "Date", "Enum", "Guid", "Int32", "Int64", "Real", "String", "UtcDateTime"))
    yield "    </Schema>\n  </edmx:DataServices>\n</edmx:Edmx>\n"


def write(path: Path, entities: int, properties: int = 20) -> int:
    """Write the document; gives its size in octets."""
    with path.open("w", encoding="utf-8") as file:
        return sum(file.write(piece) for piece in document(entities, properties))


def _names(entities: int, chance: Random) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < entities:
        name = "".join(chance.choice(_WORDS) for _ in range(chance.randint(2, 3)))
        found.setdefault(name if name not in found else f"{name}V{len(found)}")
    return list(found)


def _targets(index: int, entities: int, chance: Random) -> list[int]:
    """What an entity points at: a few favourites take most relations, as sites and workers do; some at themselves."""
    if chance.random() < 0.4:
        return []
    found = {
        chance.randrange(min(entities, 40)) if chance.random() < 0.5 else chance.randrange(entities)
        for _ in range(chance.randint(1, 3))
    }
    if index % 50 == 0:
        found.add(index)
    return sorted(found)


def _enum(name: str, members: tuple[str, ...]) -> str:
    lines = "".join(
        f'        <Member Name="{member}" Value="{value}">\n'
        f'          <Annotation Term="{_AX}.LabelId" String="@SYS{1000 + value}" />\n        </Member>\n'
        for value, member in enumerate(members)
    )
    return f'      <EnumType Name="{name}">\n{lines}      </EnumType>\n'


def _entity(
    name: str,
    properties: int,
    enums: int,
    links: tuple[tuple[str, str], ...],
    back: list[tuple[str, str]],
    chance: Random,
) -> str:
    key = '          <PropertyRef Name="dataAreaId" />\n          <PropertyRef Name="Code" />\n'
    parts = [f'      <EntityType Name="{name}">\n        <Key>\n{key}        </Key>\n']
    parts.append(_property("dataAreaId", "Edm.String", "String", nullable=False, required=False))
    parts.append(_property("Code", "Edm.String", "String", nullable=False, required=True))
    parts.extend(
        _property(f"{link}{target}Code", "Edm.String", "String", nullable=True, required=False)
        for target, link in links
    )
    for number in range(max(0, properties - 2 - len(links))):
        kind, ax, nullable = chance.choice(_KINDS)
        if kind == "Enum":
            kind = f"State{chance.randrange(enums)}"
        kind = kind if kind.startswith("Edm.") else f"{_NAMESPACE}.{kind}"
        word = f"{chance.choice(_WORDS)}{chance.choice(_WORDS)}{number}"
        parts.append(_property(word, kind, ax, nullable=nullable, required=chance.random() < 0.1))
    for target, link in links:
        parts.append(_navigation(f"{link}{target}", target, f"{name}{link}", f"{link}{target}Code", "Code", many=False))
    for source, link in back:
        parts.append(_navigation(f"{source}{link}", source, f"{link}{name}", "Code", f"{link}{name}Code", many=True))
    parts.append(f'        <Annotation Term="{_AX}.LabelId" String="@SYN:{name}" />\n      </EntityType>\n')
    return "".join(parts)


def _property(name: str, kind: str, ax: str, *, nullable: bool, required: bool) -> str:
    never_null = "" if nullable else ' Nullable="false"'
    must = f'          <Annotation Term="{_AX}.IsRequired" Bool="true" />\n' if required else ""
    return (
        f'        <Property Name="{name}" Type="{kind}"{never_null}>\n'
        f'          <Annotation Term="{_AX}.LabelId" String="@SYN:{name}" />\n'
        f'          <Annotation Term="{_AX}.ConfigurationKeyEnabled" Bool="true" />\n{must}'
        f'          <Annotation Term="{_AX}.AXType">\n            <EnumMember>{_AX}.AXType/{ax}</EnumMember>\n'
        "          </Annotation>\n        </Property>\n"
    )


def _navigation(name: str, target: str, partner: str, own: str, theirs: str, *, many: bool) -> str:
    kind = f"Collection({_NAMESPACE}.{target})" if many else f"{_NAMESPACE}.{target}"
    never_null = "" if many else ' Nullable="false"'
    return (
        f'        <NavigationProperty Name="{name}" Type="{kind}"{never_null} Partner="{partner}">\n'
        f'          <ReferentialConstraint Property="{own}" ReferencedProperty="{theirs}" />\n'
        '          <ReferentialConstraint Property="dataAreaId" ReferencedProperty="dataAreaId" />\n'
        "        </NavigationProperty>\n"
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Write an F&O-like metadata document of any size.")
    parser.add_argument("entities", type=int)
    parser.add_argument("path", type=Path)
    parser.add_argument("--properties", type=int, default=20)
    said = parser.parse_args()
    size = write(said.path, said.entities, said.properties)
    print(f"{said.path}: {said.entities} entity types, {size / 2**20:.1f} MB")


if __name__ == "__main__":
    main()
