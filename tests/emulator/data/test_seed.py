"""The seed data of both ERPs: deterministic, related keys that fit, totals that add up, awkward on purpose."""

import hashlib
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from vegraph.emulator.data.bc import COMPANIES, bc_seed
from vegraph.emulator.data.business import Business
from vegraph.emulator.data.fo import AREAS, fo_seed
from vegraph.emulator.data.people import PORTAL_CUSTOMER
from vegraph.emulator.data.seed import Batch, load
from vegraph.emulator.documents.notation import read

SEEDS = {"bc": bc_seed, "fo": fo_seed}
ZERO = "00000000-0000-0000-0000-000000000000"
Tables = dict[str, list[dict[str, Any]]]


def gathered(erp: str, business: Business | None = None) -> Tables:
    tables: Tables = defaultdict(list)
    for batch in SEEDS[erp](business):
        tables[batch.set] += [{**row, "(company)": batch.company} for row in batch.rows]
    return tables


@pytest.fixture(scope="module")
def bc() -> Tables:
    return gathered("bc")


@pytest.fixture(scope="module")
def fo() -> Tables:
    return gathered("fo")


@pytest.mark.parametrize("erp", ["bc", "fo"])
def test_the_same_rows_every_time(erp: str):
    small = Business(orders=100, customers=100, items=50)

    def digest() -> str:
        return hashlib.sha256(repr(sorted(gathered(erp, small).items())).encode()).hexdigest()

    assert digest() == digest()


def test_as_much_of_everything_as_the_demo_wants(bc: Tables, fo: Tables):
    for tables, names in (
        (bc, ("customers", "salesOrders", "salesOrderLines", "items")),
        (fo, ("CustomersV3", "SalesOrderHeadersV2", "SalesOrderLines", "ReleasedProductsV2")),
    ):
        assert [len(tables[name]) for name in names] == [2_000, 10_000, 40_000, 500]
    assert len(bc["companies"]) == len(fo["LegalEntities"]) == 3
    assert "'" in COMPANIES[1]


@pytest.mark.parametrize("erp", ["bc", "fo"])
def test_relations_lead_to_rows(erp: str, request: pytest.FixtureRequest):
    tables: Tables = request.getfixturevalue(erp)
    facts = read("bc" if erp == "bc" else "fo")
    for entity in facts.entities:
        rows = tables.get(entity.set, [])
        for navigation in entity.navigation:
            if navigation.many or not navigation.pairs:
                continue
            own, other = navigation.pairs[0]
            alike = [n for n in entity.navigation if not n.many and n.pairs and n.pairs[0][0] == own]
            if own in ("id", "shortcutDimension1Code") or len(alike) > 1:
                continue
            scope = "(company)" if erp == "bc" else "dataAreaId"
            target = facts.entity(navigation.target)
            bound = erp == "bc" or (entity.company_bound and target.company_bound)
            known = {(r.get(scope) if bound else None, r.get(other)) for r in tables[target.set]}
            for row in rows:
                value = row.get(own)
                if value in (None, "", ZERO):
                    continue
                assert ((row.get(scope) if bound else None), value) in known, (entity.name, navigation.name, value)


def test_totals_are_the_sums_of_their_lines(bc: Tables, fo: Tables):
    net: dict[Any, Decimal] = defaultdict(Decimal)
    for line in bc["salesOrderLines"]:
        net[line["documentId"]] += line.get("amountIncludingTax", 0)
    assert all(order["totalAmountIncludingTax"] == net[order["id"]] for order in bc["salesOrders"])
    amounts: dict[Any, Decimal] = defaultdict(Decimal)
    for line in fo["SalesOrderLines"]:
        amounts[line["dataAreaId"], line["SalesOrderNumber"]] += line.get("LineAmount", 0)
    for order in fo["SalesOrderHeadersV2"]:
        key = order["dataAreaId"], order["SalesOrderNumber"]
        assert order["OrderTotalAmount"] - order["OrderTotalTaxAmount"] == amounts[key]


def test_what_a_customer_owes_is_what_is_open(bc: Tables):
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for invoice in bc["salesInvoices"]:
        owed[invoice["customerId"]] += invoice["remainingAmount"]
    assert all(customer["balanceDue"] == owed[customer["id"]] for customer in bc["customers"])
    assert any(owed.values())


def test_keys_are_unique(bc: Tables, fo: Tables):
    for erp, tables in (("bc", bc), ("fo", fo)):
        for entity in read("bc" if erp == "bc" else "fo").entities:
            rows = tables.get(entity.set, [])
            keys = [(r["(company)"], *(r.get(k) for k in entity.key)) for r in rows]
            assert len(keys) == len(set(keys)), entity.set


def test_orders_of_one_erp_meet_customers_of_the_other_and_miss_some(bc: Tables, fo: Tables):
    known = {c["number"] for c in bc["customers"] if c["(company)"] == COMPANIES[0]}
    accounts = [o["InvoiceCustomerAccountNumber"] for o in fo["SalesOrderHeadersV2"] if o["dataAreaId"] == AREAS[0]]
    hits = sum(account in known for account in accounts)
    assert 0.6 < hits / len(accounts) < 0.9
    assert accounts.count(PORTAL_CUSTOMER) > 50


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("apostrophe", "'"),
        ("not ASCII", "Ægir"),
        ("right to left", "شركة"),
        ("emoji", "🎉"),
        ("percent", "%"),
        ("ampersand", "&"),
        ("hash", "#"),
        ("plus", "+"),
        ("backslash", "\\"),
        ("quotation mark", '"'),
        ("slash", "/"),
        ("semicolon", ";"),
    ],
)
def test_names_are_awkward(bc: Tables, fo: Tables, kind: str, text: str):
    assert any(text in c["displayName"] for c in bc["customers"]), kind
    assert any(text in c["OrganizationName"] for c in fo["CustomersV3"]), kind


def test_values_are_awkward(bc: Tables, fo: Tables):
    assert max(len(str(abs(c["creditLimit"])).replace(".", "")) for c in bc["customers"]) >= 20
    assert any(o["requestedDeliveryDate"] == "0001-01-01" for o in bc["salesOrders"])
    assert {c["blocked"] for c in bc["customers"]} == {"_x0020_", "Ship", "Invoice", "All"}
    assert any(line["itemId"] == ZERO for line in bc["salesOrderLines"])
    assert any(o["RequestedShippingDate"] == "1900-01-01" for o in fo["SalesOrderHeadersV2"])
    assert any(c["PartyGlobalId"] == ZERO for c in fo["CustomersV3"])
    assert any(c["LoyaltyPoints"] > 2**53 for c in fo["CustomersV3"])


def test_values_are_json_values_but_decimals(bc: Tables, fo: Tables):
    for tables in (bc, fo):
        kinds = {type(v) for rows in tables.values() for row in rows for v in row.values()}
        assert kinds <= {str, int, bool, Decimal, type(None)}


def test_a_larger_business_keeps_its_proportions():
    large = Business.of_size(1_000_000)
    assert (large.orders, large.customers, large.items) == (1_000_000, 50_000, 5_000)
    assert sum(large.share(large.orders, d) for d in range(3)) == 1_000_000
    assert next(iter(large.all_orders(0))).n == 1


class Shelf:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str | None], int] = {}

    def load(self, set_name: str, rows: Any, company: str | None = None) -> int:
        self.rows[set_name, company] = sum(1 for _ in rows)
        return self.rows[set_name, company]


def test_loading_says_how_far_it_is():
    heard: list[tuple[str, int]] = []
    batches = [Batch("a", "X", ({} for _ in range(12_000))), Batch("b", None, iter(()))]
    shelf = Shelf()
    assert load(shelf, batches, lambda name, count: heard.append((name, count))) == 12_000
    assert heard == [("a", 5_000), ("a", 5_000), ("a", 2_000), ("b", 0)]
    assert shelf.rows == {("a", "X"): 12_000, ("b", None): 0}
