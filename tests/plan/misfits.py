"""An OData service that says whatever it is told to: rows whose values do not fit their types, lists that are none."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

__all__ = ["METADATA", "Service", "rows"]

METADATA = b"""<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
  <edmx:DataServices>
    <Schema Namespace="Odd" xmlns="http://docs.oasis-open.org/odata/ns/edm">
      <EnumType Name="Color"><Member Name="Red" Value="0"/><Member Name="Dark_x0020_Blue" Value="1"/></EnumType>
      <EnumType Name="Marks" IsFlags="true"><Member Name="A" Value="1"/><Member Name="B" Value="2"/></EnumType>
      <ComplexType Name="Place">
        <Property Name="City" Type="Edm.String"/>
        <Property Name="Code" Type="Edm.Int32"/>
        <Property Name="Within" Type="Odd.Place"/>
        <Property Name="Color" Type="Odd.Color"/>
      </ComplexType>
      <ComplexType Name="Loose" OpenType="true"><Property Name="Known" Type="Edm.Int16"/></ComplexType>
      <EntityType Name="Thing">
        <Key><PropertyRef Name="No"/></Key>
        <Property Name="No" Type="Edm.String" Nullable="false"/>
        <Property Name="ParentNo" Type="Edm.String"/>
        <Property Name="Small" Type="Edm.Int32"/>
        <Property Name="Big" Type="Edm.Int64"/>
        <Property Name="Price" Type="Edm.Decimal" Scale="variable"/>
        <Property Name="Ratio" Type="Edm.Double"/>
        <Property Name="On" Type="Edm.Boolean"/>
        <Property Name="Day" Type="Edm.Date"/>
        <Property Name="At" Type="Edm.DateTimeOffset"/>
        <Property Name="Clock" Type="Edm.TimeOfDay"/>
        <Property Name="Span" Type="Edm.Duration"/>
        <Property Name="Raw" Type="Edm.Binary"/>
        <Property Name="Gid" Type="Edm.Guid"/>
        <Property Name="Color" Type="Odd.Color"/>
        <Property Name="Marks" Type="Odd.Marks"/>
        <Property Name="Tags" Type="Collection(Edm.String)" Nullable="false"/>
        <Property Name="Colors" Type="Collection(Odd.Color)"/>
        <Property Name="Here" Type="Odd.Place"/>
        <Property Name="Places" Type="Collection(Odd.Place)"/>
        <Property Name="Loose" Type="Odd.Loose"/>
        <NavigationProperty Name="Parent" Type="Odd.Thing" Partner="Children">
          <ReferentialConstraint Property="ParentNo" ReferencedProperty="No"/>
        </NavigationProperty>
        <NavigationProperty Name="Children" Type="Collection(Odd.Thing)" Partner="Parent"/>
      </EntityType>
      <EntityType Name="Gadget" BaseType="Odd.Thing" OpenType="true">
        <Property Name="Power" Type="Edm.Int32"/>
      </EntityType>
      <EntityContainer Name="Container">
        <EntitySet Name="Things" EntityType="Odd.Thing">
          <NavigationPropertyBinding Path="Parent" Target="Things"/>
          <NavigationPropertyBinding Path="Children" Target="Things"/>
        </EntitySet>
      </EntityContainer>
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>
"""

_GOOD: dict[str, tuple[Any, ...]] = {
    "Small": (0, -5, 2**31 - 1, None),
    "Big": (0, 2**53 + 1, "9223372036854775807", None),
    "Price": (1.5, "12345678901234567890.12", 0, None),
    "Ratio": (0.1, 1e300, 3, None),
    "On": (True, False, None),
    "Day": ("2024-02-29", None),
    "At": ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00.1234567+02:00", None),
    "Clock": ("12:00:00", None),
    "Span": ("PT1H", None),
    "Raw": ("AQI_", None),
    "Gid": ("7E610002-0000-4eed-a002-00000000002a", None),
    "Color": ("Red", "Dark_x0020_Blue", "Dark Blue", None),
    "Marks": ("A", "A,B", "A, B", "0", None),
    "Tags": ([], ["a", "b"]),
    "Colors": ([], ["Red"], None),
    "Here": ({"City": "Oslo", "Code": 1, "Within": {"City": None}, "Color": "Red"}, {}, None),
    "Places": ([], [{"City": "Oslo"}], None),
    "Loose": ({"Known": 1, "Other": [1, {"a": None}]}, None),
    "ParentNo": ("a", "b", "gone", None),
}
_BAD: tuple[Any, ...] = (
    2**31, -(2**31) - 1, 1.5, "text", "", True, [], [None], [1, "a"], {}, {"City": 5}, {"Code": "x"}, "2024-13-45",
    "Green", "A,C", 1e400, "NaN", [{"Code": 2**40}], [None, {"City": "x"}], {"Within": {"Within": 7}}, "INF",
)  # fmt: skip


def rows(random: Random, depth: int = 2) -> list[dict[str, Any]]:
    """Some rows, a few of whose values do not fit."""
    return [_row(random, depth) for _ in range(random.randint(0, 3))]


def _row(random: Random, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {"No": random.choice("abcd")}
    wrong = random.random() < 0.5
    for name, good in _GOOD.items():
        if random.random() < 0.1:
            continue
        found[name] = random.choice(_BAD) if wrong and random.random() < 0.1 else random.choice(good)
    if random.random() < 0.04:
        found["No"] = random.choice((None, 5, ["a"]))
    kind = random.random()
    if kind < 0.3:
        found["@odata.type"] = "#Odd.Gadget"
        found["Power"] = random.choice((1, None, "x"))
        found["Extra"] = {"any": 1}
    elif kind < 0.35:
        found["@odata.type"] = "#Odd.Unheard"
    found["@odata.etag"] = 'W/"1"'
    if depth:
        found["Parent"] = random.choice((None, _row(random, depth - 1), _row(random, depth - 1)))
        found["Children"] = rows(random, depth - 1)
    return found


class Service:
    """Answers every read with the rows it was given, whatever is asked for."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        if path.endswith("$metadata"):
            return Response(METADATA, media_type="application/xml")
        if path.endswith("$batch"):
            return Response(status_code=404)
        if path.endswith("$count"):
            return Response(str(len(self.rows)), media_type="text/plain")
        if path.endswith(")"):
            return _json(self.rows[0]) if self.rows else Response(status_code=404)
        return _json({"value": self.rows, "@odata.count": len(self.rows)})


def _json(value: Any) -> Response:
    text = json.dumps(value).replace("Infinity", "1e400")
    return Response(text, media_type="application/json")
