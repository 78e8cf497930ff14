"""Entities and dialects that the tests of requests share."""

from urllib.parse import unquote
from uuid import UUID

from tests.abnf import check_url
from tests.backend.serving import EMPTY, entity, member, value
from vegraph.backend.dialects import dialect_for
from vegraph.catalog.model import EntitySet, Operation, Parameter, TypeRef
from vegraph.plan.predicates import Path
from vegraph.plan.steps import Company, Key, Read
from vegraph.schema.values import EnumValues, Kind

ODATA = dialect_for("odata", EMPTY)
BC = dialect_for("business-central", EMPTY)
FO = dialect_for("finance-operations", EMPTY)
CRONUS = Company("CRONUS", str(UUID(int=7)))

NUMBER = member("number", key=True)
CUSTOMER = entity(
    member("id", Kind.UUID, key=True),
    member("number"),
    member("city"),
    name="customer",
    set_=EntitySet(name="customers", type="NS.customer"),
    company="context",
)
COMPOUND = entity(
    member("dataAreaId", key=True),
    member(
        "Type",
        Kind.ENUM,
        edm="NS.T",
        enum=EnumValues(graph_name="T", wire_type="NS.T", to_graph={}, to_wire={}),
        key=True,
    ),
    member("From", Kind.NOON_DATE, key=True),
    member("Line", Kind.DECIMAL, key=True),
    name="Line",
    company="dataAreaId",
)
PERSON = entity(
    member("name", key=True), member("age", Kind.INT), name="Person", set_=EntitySet(name="People", type="NS.Person")
)
NAME = Path(("name",), value(Kind.STRING, never_null=True))
CITY = Path(("city",), value(Kind.STRING))


def people(**more):
    return Read(source="s", set=PERSON.sets[0], entity=PERSON, **more)


def customers(**more):
    return Read(source="s", set=CUSTOMER.sets[0], entity=CUSTOMER, company=CRONUS, **more)


def key(of, *values):
    return Key(of.key, values)


def target(wire):
    check_url(wire.target)
    return unquote(wire.target)


FUNCTION = Operation(name="NS.Find", kind="function", parameters=(Parameter(name="text", type=TypeRef("Edm.String")),))
