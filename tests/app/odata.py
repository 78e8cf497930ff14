"""A small OData service in this process: metadata, a service document, and nothing behind them."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

METADATA = """<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
  <edmx:DataServices>
    <Schema Namespace="Shop" xmlns="http://docs.oasis-open.org/odata/ns/edm">
      <EntityType Name="Customer">
        <Key><PropertyRef Name="No"/></Key>
        <Property Name="No" Type="Edm.String" Nullable="false" MaxLength="20"/>
        <Property Name="Name" Type="Edm.String"/>
        <NavigationProperty Name="Orders" Type="Collection(Shop.Order)" Partner="Customer"/>
      </EntityType>
      <EntityType Name="Order">
        <Key><PropertyRef Name="No"/></Key>
        <Property Name="No" Type="Edm.Int32" Nullable="false"/>
        <Property Name="CustomerNo" Type="Edm.String"/>
        <NavigationProperty Name="Customer" Type="Shop.Customer" Partner="Orders">
          <ReferentialConstraint Property="CustomerNo" ReferencedProperty="No"/>
        </NavigationProperty>
      </EntityType>
      <EntityContainer Name="Container">
        <EntitySet Name="Customers" EntityType="Shop.Customer">
          <NavigationPropertyBinding Path="Orders" Target="Orders"/>
        </EntitySet>
        <EntitySet Name="Orders" EntityType="Shop.Order">
          <NavigationPropertyBinding Path="Customer" Target="Customers"/>
        </EntitySet>
      </EntityContainer>
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>
"""

CHANGED = METADATA.replace('<Property Name="Name" Type="Edm.String"/>', "")


def shop(metadata: str = METADATA, *, status: int = 200, token: str | None = None) -> Starlette:
    """The service. `token`: what it wants to see, None: it is public."""

    def allowed(request: Request) -> bool:
        return token is None or request.headers.get("authorization") == f"Bearer {token}"

    async def document(request: Request) -> Response:
        if not allowed(request):
            return Response(status_code=401)
        return Response(metadata, status_code=status, media_type="application/xml")

    async def root(request: Request) -> Response:
        return JSONResponse({"value": []}, status_code=200 if allowed(request) else 401)

    return Starlette(routes=[Route("/odata/$metadata", document), Route("/odata/", root)])
