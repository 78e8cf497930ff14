"""Two small entity types for the planner's tests: customers with orders, orders with a customer and lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vegraph.catalog.model import Catalog, EntitySet, EntityType, Pair, Relationship
from vegraph.schema.binding import EntityBinding, EntityField, PropertyField, RelationField, SourceBinding
from vegraph.schema.values import ComplexValue, EnumValues, Kind, Member, ValueType

SOURCE = SourceBinding(name="bc", kind="business-central", prefix="Bc", catalog=Catalog())

STATUS = EnumValues(
    graph_name="BcStatus",
    wire_type="NS.status",
    to_graph={"_x0020_": "BLANK", " ": "BLANK", "Open": "OPEN", "On_x0020_Hold": "ON_HOLD", "On Hold": "ON_HOLD"},
    to_wire={"BLANK": "_x0020_", "OPEN": "Open", "ON_HOLD": "On_x0020_Hold"},
)
PERKS = EnumValues(
    graph_name="BcPerks",
    wire_type="NS.perks",
    to_graph={"Free": "FREE", "Fast": "FAST", "Late": "LATE"},
    to_wire={"FREE": "Free", "FAST": "Fast", "LATE": "Late"},
)
ZERO_GUID = "00000000-0000-0000-0000-000000000000"

EDM = {
    Kind.STRING: "Edm.String", Kind.UUID: "Edm.Guid", Kind.INT: "Edm.Int32", Kind.LONG: "Edm.Int64",
    Kind.DECIMAL: "Edm.Decimal", Kind.FLOAT: "Edm.Double", Kind.BOOLEAN: "Edm.Boolean", Kind.NO_YES: "NS.NoYes",
    Kind.DATE: "Edm.Date", Kind.NOON_DATE: "Edm.DateTimeOffset", Kind.DATE_TIME: "Edm.DateTimeOffset",
    Kind.TIME: "Edm.TimeOfDay", Kind.SECONDS: "Edm.Int32", Kind.DURATION: "Edm.Duration", Kind.BASE64: "Edm.Binary",
    Kind.MEDIA: "Edm.Stream", Kind.ENUM: "NS.status", Kind.FLAGS: "NS.perks", Kind.COMPLEX: "NS.address",
    Kind.JSON: "Edm.Untyped",
}  # fmt: skip


def value(kind: Kind, **more: Any) -> ValueType:
    if kind is Kind.ENUM:
        more.setdefault("enum", STATUS)
    if kind is Kind.FLAGS:
        more.setdefault("enum", PERKS)
    return ValueType(**{"kind": kind, "edm": EDM[kind]} | more)


def member(field: str, kind: Kind, *, wire: str | None = None, key: bool = False, required: bool = False, **more: Any):
    return Member(field=field, wire=wire or field, value=value(kind, **more), key=key, required=required)


CITY = member("city", Kind.STRING, wire="City", max_length=5)
ADDRESS = ComplexValue(
    graph_name="BcAddress",
    wire_type="NS.address",
    members={"city": CITY, "since": member("since", Kind.DATE, wire="Since", empty="0001-01-01")},
)


def relation(name: str, resolve: Callable[[], EntityBinding], *, many: bool, pairs: tuple[Pair, ...]) -> RelationField:
    relationship = Relationship(
        source="NS.any", name=name, target="NS.other", many=many, pairs=pairs, fetch="field" if many else "key"
    )
    return RelationField(name=name, relationship=relationship, resolve=resolve)


def entity(
    graph_name: str,
    members: tuple[Member, ...],
    relations: Callable[[], tuple[RelationField, ...]] = tuple,
    company: str | None = "context",
) -> EntityBinding:
    def load(_: EntityBinding) -> Mapping[str, EntityField]:
        fields: dict[str, EntityField] = {m.field: PropertyField(member=m) for m in members}
        return fields | {r.name: r for r in relations()}

    type_ = EntityType(name=f"NS.{graph_name}", key=tuple(m.wire for m in members if m.key))
    return EntityBinding(
        source=SOURCE,
        graph_name=graph_name,
        type=type_,
        sets=(EntitySet(name=graph_name, type=type_.name),),
        company=company,
        load=load,
    )


CUSTOMER = entity(
    "BcCustomer",
    (
        member("rowId", Kind.UUID, wire="id", key=True, empty=ZERO_GUID),
        member("number", Kind.STRING, never_null=True, max_length=20),
        member("balance", Kind.DECIMAL),
        member("rank", Kind.INT),
        member("blocked", Kind.ENUM),
        member("perks", Kind.FLAGS),
        member("since", Kind.DATE, empty="0001-01-01"),
        member("seen", Kind.DATE_TIME, empty="0001-01-01T00:00:00Z"),
        member("taxable", Kind.NO_YES),
        member("address", Kind.COMPLEX, complex=ADDRESS),
    ),
    lambda: (relation("orders", lambda: ORDER, many=True, pairs=(Pair("id", "customerId"),)),),
)
ORDER = entity(
    "BcOrder",
    (
        member("rowId", Kind.UUID, wire="id", key=True, empty=ZERO_GUID),
        member("number", Kind.STRING, never_null=True),
        member("amount", Kind.DECIMAL),
        member("customerId", Kind.UUID, empty=ZERO_GUID),
    ),
    lambda: (
        relation("customer", lambda: CUSTOMER, many=False, pairs=(Pair("customerId", "id"),)),
        relation("lines", lambda: LINE, many=True, pairs=()),
    ),
)
LINE = entity(
    "FoLine",
    (
        member("dataAreaId", Kind.STRING, key=True, never_null=True),
        member("price", Kind.DECIMAL, key=True),
        member("taxed", Kind.NO_YES, key=True),
        member("count", Kind.LONG, key=True),
    ),
    company="dataAreaId",
)
GENERAL = entity("FoUnit", (member("symbol", Kind.STRING, key=True),), company=None)


class SampleGraph:
    """The part of `schema.binding.Graph` that names need."""

    def __init__(self) -> None:
        self.schema: Any = None
        self.sources = {"bc": SOURCE}

    def entity(self, graph_name: str) -> EntityBinding | None:
        return {e.graph_name: e for e in (CUSTOMER, ORDER, LINE, GENERAL)}.get(graph_name)

    def entity_of(self, source: str, wire_type: str) -> EntityBinding | None:
        return self.entity(wire_type.removeprefix("NS."))

    def entity_in(self, source: str, set_name: str) -> EntityBinding | None:
        return self.entity(set_name)


GRAPH = SampleGraph()
