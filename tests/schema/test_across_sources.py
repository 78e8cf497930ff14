"""Relationships of the configuration, within a source and across two."""

from dataclasses import dataclass

from tests.catalog.documents import entity, prop, read, sets
from tests.schema.graphs import fields, source
from vegraph.catalog.declare import declare, with_declared
from vegraph.schema.build import build

FO = read(entity("Order", prop("No"), prop("Account"), key=("No",)), container=sets("Order"))
BC = read(entity("customer", prop("number")), container=sets("customer"))


@dataclass
class Entry:
    from_: str = "fo.Orders"
    to: str = "bc.customers"
    name: str = "bcCustomer"
    on: dict[str, str] | None = None
    inverse: str | None = "foOrders"
    many: bool = False


def _declared():
    found = declare({"fo": FO, "bc": BC}, [Entry(on={"Account": "number"})])
    assert not found.problems
    return found.relationships


def _graph(visible=("customers",), **more):
    fo, bc = source(FO, name="fo", prefix="Fo"), source(BC, name="bc", prefix="Bc", visible=visible)
    return build([fo, bc], **more)


def test_a_relation_crosses_sources_both_ways():
    found = _graph(relationships=_declared())
    assert fields(found, "FoOrder")["bcCustomer"] == "BcCustomer"
    assert fields(found, "BcCustomer")["foOrders"] == "FoOrderConnection"
    assert found.entity("FoOrder").relations["bcCustomer"].target is found.entity("BcCustomer")
    assert fields(found, "FoOrderFilter")["bcCustomer"] == "BcCustomerFilter"
    assert fields(found, "FoOrderOrder")["bcCustomer"] == "BcCustomerOrder"


def test_it_is_not_written_through():
    found = _graph(relationships=_declared())
    assert "bcCustomer" not in fields(found, "FoOrderInput")
    assert "foOrders" not in fields(found, "BcCustomerInput")


def test_catalogs_may_hold_it_already():
    declared = _declared()
    fo = source(with_declared(FO, declared["fo"]), name="fo", prefix="Fo")
    bc = source(with_declared(BC, declared["bc"]), name="bc", prefix="Bc")
    assert fields(build([fo, bc]), "FoOrder")["bcCustomer"] == "BcCustomer"
    assert fields(build([fo, bc], declared), "BcCustomer")["foOrders"] == "FoOrderConnection"


def test_it_is_not_there_where_its_target_is_hidden():
    assert "bcCustomer" not in fields(_graph(visible=(), relationships=_declared()), "FoOrder")
