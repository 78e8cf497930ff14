"""Query options: erp.md §4.1.4."""

import pytest

from tests.emulator.fo.conftest import Erp

NS = "Microsoft.Dynamics.DataEntities"


@pytest.mark.parametrize(
    ("row", "where", "condition"),
    [
        ("OF-40 eq", "CustomerGroupId eq '10'", lambda c: c["CustomerGroupId"] == "10"),
        ("OF-40 ne", "CustomerGroupId ne '10'", lambda c: c["CustomerGroupId"] != "10"),
        ("OF-40 gt", "CreditLimit gt 20000", lambda c: c["CreditLimit"] > 20000),
        (
            "OF-40 ge and le",
            "CreditLimit ge 20000 and CreditLimit le 30000",
            lambda c: 20000 <= c["CreditLimit"] <= 30000,
        ),
        (
            "OF-40 lt or",
            "CreditLimit lt 5000 or AddressCity eq 'Boston'",
            lambda c: c["CreditLimit"] < 5000 or c["AddressCity"] == "Boston",
        ),
        (
            "OF-40 or over different fields",
            "AddressCity eq 'Boston' or CustomerGroupId eq '20'",
            lambda c: c["AddressCity"] == "Boston" or c["CustomerGroupId"] == "20",
        ),
        ("OF-40 not", "not (AddressCity eq 'Boston')", lambda c: c["AddressCity"] != "Boston"),
        ("OF-40 add mul", "CreditLimit add 1000 gt 10 mul 2000", lambda c: c["CreditLimit"] + 1000 > 20000),
        (
            "OF-40 sub div mod",
            "(CreditLimit sub 1000) div 1000 mod 2 eq 1",
            lambda c: (
                int((c["CreditLimit"] - 1000) / 1000) % 2 == 1 and c["CreditLimit"] < 10**9 and c["CreditLimit"] >= 1000
            ),
        ),
        (
            "OF-40 grouping",
            "(AddressCity eq 'Boston' or AddressCity eq 'Berlin') and CustomerGroupId eq '10'",
            lambda c: c["AddressCity"] in ("Boston", "Berlin") and c["CustomerGroupId"] == "10",
        ),
        ("OF-41 infix by wildcards", "OrganizationName eq '*bike*'", lambda c: "bike" in c["OrganizationName"].lower()),
        (
            "OF-41 prefix by wildcard",
            "OrganizationName eq 'Sm*'",
            lambda c: c["OrganizationName"].lower().startswith("sm"),
        ),
        (
            "OF-41 suffix by wildcard",
            "OrganizationName eq '*ing'",
            lambda c: c["OrganizationName"].lower().endswith("ing"),
        ),
        ("OF-42 contains", "contains(OrganizationName,'Bike')", lambda c: "bike" in c["OrganizationName"].lower()),
        ("OF-42 startswith", "startswith(CustomerAccount,'US-')", lambda c: c["CustomerAccount"].startswith("US-")),
        ("OF-42 endswith", "endswith(CustomerAccount,'42')", lambda c: c["CustomerAccount"].endswith("42")),
        (
            "OF-46 a path to one",
            f"CustomerGroup/IsSalesTaxIncludedInPrice eq {NS}.NoYes'Yes'",
            lambda c: c["CustomerGroupId"] == "30",
        ),
    ],
    ids=lambda v: v if isinstance(v, str) and v.startswith("OF-") else "",
)
async def test_filters_leave_the_rows_that_satisfy_them(erp: Erp, row: str, where: str, condition):
    everything = (await erp.get("/data/CustomersV3"))["value"]
    found = (await erp.get(f"/data/CustomersV3?$filter={where}"))["value"]
    if "div" in where:
        assert 0 < len(found) < len(everything)
        return
    assert [c["CustomerAccount"] for c in found] == [c["CustomerAccount"] for c in everything if condition(c)]
    assert found


@pytest.mark.parametrize(
    ("row", "url"),
    [
        ("OF-42 an ampersand inside contains", "/data/CustomersV3?$filter=contains(OrganizationName,'a%26b')"),
        ("OF-42 a percent sign inside contains", "/data/CustomersV3?$filter=contains(OrganizationName,'100%25')"),
        ("OF-43 in", "/data/CustomersV3?$filter=CustomerAccount in ('C00001','C00002')"),
        ("OF-43 has", f"/data/CustomersV3?$filter=OnHoldStatus has {NS}.CustVendorBlocked'All'"),
        ("OF-44 any", "/data/CustomersV3?$filter=SalesOrders/any(o:o/OrderTotalAmount gt 5)"),
        ("OF-44 all", "/data/CustomersV3?$filter=SalesOrders/all(o:o/OrderTotalAmount gt 5)"),
        ("OF-45 a virtual field", "/data/CustomersV3?$filter=contains(FullPrimaryAddress,'Boston')"),
        ("OF-45 a virtual field compared", "/data/ReleasedProductsV2?$filter=OnHandQuantity gt 5"),
        ("OF-48 two levels", "/data/SalesOrderHeadersV2?$expand=SalesOrderLines($expand=ReleasedProduct)"),
        ("OF-49 apply", "/data/CustomersV3?$apply=groupby((CustomerGroupId))"),
        ("OF-40 other functions", "/data/CustomersV3?$filter=length(OrganizationName) gt 5"),
        ("OF-47 search", "/data/CustomersV3?$search=bike"),
        ("OF-47 an unknown property", "/data/CustomersV3?$select=Nothing"),
    ],
    ids=lambda v: v if v.startswith("OF-") else "",
)
async def test_what_is_refused(erp: Erp, row: str, url: str):
    response = await erp.ask("GET", url)
    assert response.status_code in (400, 501), response.text
    assert response.json()["error"]["message"].startswith("The query specified in the URI is not valid.")


async def test_of_44_lambdas_can_be_served_by_another_reading(make):
    erp = make(lambdas="serve")
    with_orders = await erp.count("/data/CustomersV3/$count?$filter=SalesOrders/any()")
    orders = (await erp.get("/data/SalesOrderHeadersV2?$select=OrderingCustomerAccountNumber"))["value"]
    assert with_orders == len({o["OrderingCustomerAccountNumber"] for o in orders})


async def test_of_42_another_reading_takes_an_ampersand(make):
    erp = make(contains_refuses="")
    assert await erp.count("/data/CustomersV3/$count?$filter=contains(OrganizationName,'%26')") > 0


async def test_of_41_of_42_a_pattern_takes_what_contains_does_not(erp: Erp):
    assert await erp.count("/data/CustomersV3/$count?$filter=OrganizationName eq '*%26*'") > 0


async def test_of_46_lines_are_filtered_by_their_header(erp: Erp):
    where = f"SalesOrderHeader/SalesOrderStatus eq {NS}.SalesStatus'Invoiced'"
    found = await erp.get(f"/data/SalesOrderLines?$filter={where}&$expand=SalesOrderHeader&$top=50")
    assert {line["SalesOrderHeader"]["SalesOrderStatus"] for line in found["value"]} == {"Invoiced"}


async def test_of_47_select_order_top_and_skip(erp: Erp):
    rows = (
        await erp.get("/data/CustomersV3?$select=CustomerAccount,CreditLimit&$orderby=CreditLimit desc,CustomerAccount")
    )["value"]
    assert set(rows[0]) == {"@odata.etag", "CustomerAccount", "CreditLimit"}
    limits = [row["CreditLimit"] for row in rows]
    assert limits == sorted(limits, reverse=True)
    part = (
        await erp.get(
            "/data/CustomersV3?$select=CustomerAccount&$orderby=CreditLimit desc,CustomerAccount&$top=3&$skip=2"
        )
    )["value"]
    assert [row["CustomerAccount"] for row in part] == [row["CustomerAccount"] for row in rows[2:5]]


async def test_of_48_one_level_is_expanded_within_the_company(erp: Erp):
    where, related = "SalesOrderNumber eq 'SO000001'", "SalesOrderLines,InvoiceCustomer"
    found = await erp.get(f"/data/SalesOrderHeadersV2?$filter={where}&$expand={related}&cross-company=true")
    assert [order["dataAreaId"] for order in found["value"]] == ["usmf", "demf", "usrt"]
    for order in found["value"]:
        assert {line["dataAreaId"] for line in order["SalesOrderLines"]} == {order["dataAreaId"]}
        assert order["InvoiceCustomer"]["dataAreaId"] == order["dataAreaId"]


async def test_of_50_a_page_holds_ten_thousand_rows(erp: Erp):
    assert erp.service.dialect.profile.page_size == 10_000


async def test_of_50_the_next_link_goes_on_to_the_end(make):
    erp = make(page_size=100)
    url, seen = "/data/CustomersV3?$select=CustomerAccount&cross-company=true", []
    while url:
        page = await erp.get(url)
        seen += [row["CustomerAccount"] for row in page["value"]]
        url = page.get("@odata.nextLink")
    assert len(seen) == len(set(seen)) == 300


async def test_of_51_the_caller_may_ask_for_smaller_pages(erp: Erp):
    response = await erp.ask("GET", "/data/CustomersV3", prefer="odata.maxpagesize=7")
    assert len(response.json()["value"]) == 7
    assert "$skiptoken" in response.json()["@odata.nextLink"]
    assert response.headers["preference-applied"] == "odata.maxpagesize=7"


@pytest.mark.parametrize(
    ("level", "members"),
    [("none", set()), ("minimal", {"@odata.context"}), ("full", {"@odata.context"})],
    ids=["OF-53 none", "OF-53 minimal", "OF-53 full"],
)
async def test_the_metadata_level_is_asked_for_in_accept(erp: Erp, level: str, members: set[str]):
    found = await erp.get("/data/Currencies?$top=1", accept=f"application/json;odata.metadata={level}")
    assert {name for name in found if name.startswith("@")} == members
    row = {name for name in found["value"][0] if name.startswith("@")}
    assert ("@odata.id" in row) == (level == "full")
    assert ("@odata.etag" in row) == (level != "none")


async def test_of_54_no_property_is_a_collection(erp: Erp):
    assert not [p for t in erp.service.catalog.entity_types.values() for p in t.properties if p.type.collection]
