"""A small document with everything that decides the graph's shape."""

from tests.catalog.documents import entity, many, nav, prop, sets

BODY = (
    entity(
        "customer",
        prop("number", "Edm.String", 'MaxLength="20"'),
        prop("displayName"),
        prop("balanceDue", "Edm.Decimal", 'Scale="Variable"'),
        prop("Blocked", "Self.blocked"),
        prop("marks", "Self.marks"),
        prop("address", "Self.address"),
        prop("picture", "Edm.Stream"),
        prop("tags", "Collection(Edm.String)"),
        nav("orders", many("order"), ("id", "customerId")),
    )
    + entity(
        "order",
        prop("Document_Type", "Self.blocked", 'Nullable="false"'),
        prop("No", more='Nullable="false"'),
        prop("customerId", "Edm.Guid"),
        prop("postedOn", "Edm.Date"),
        prop("lines_count", "Edm.Int32"),
        prop("open", "Self.NoYes"),
        nav("customer", "customer", ("customerId", "id")),
        key=("Document_Type", "No"),
    )
    + '<EnumType Name="blocked"><Member Name="_x0020_" Value="0"/><Member Name="Ship" Value="1"/>'
    '<Member Name="G_x002F_L_x0020_All" Value="2"/></EnumType>'
    '<EnumType Name="NoYes"><Member Name="No" Value="0"/><Member Name="Yes" Value="1"/></EnumType>'
    '<EnumType Name="marks" IsFlags="true"><Member Name="Red" Value="1"/><Member Name="Blue" Value="2"/></EnumType>'
    '<ComplexType Name="address"><Property Name="City" Type="Edm.String"/>'
    '<Property Name="geo" Type="Edm.GeographyPoint"/></ComplexType>'
    '<Action Name="block" IsBound="true"><Parameter Name="customer" Type="Self.customer"/>'
    '<Parameter Name="reason" Type="Edm.String" Nullable="false"/></Action>'
    '<Function Name="overdue" IsBound="true"><Parameter Name="customer" Type="Self.customer"/>'
    '<Parameter Name="days" Type="Edm.Int32"/><ReturnType Type="Edm.Boolean"/></Function>'
)
CONTAINER = sets("customer", "order")
