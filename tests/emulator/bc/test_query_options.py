"""Query options and paging (erp.md 4.2.6 and 4.2.7)."""

import pytest

from tests.emulator.bc import books
from vegraph.emulator.bc.choices import BcChoices

OR = "The 'OR' operator is not supported on distinct fields on an OData filter."


@pytest.mark.parametrize(
    ("path", "numbers"),
    [
        pytest.param("customers?$filter=number eq 'C2'", "C2", id="OB-70 eq"),
        pytest.param("customers?$filter=number ne 'C2' and number lt 'C4'", "C1 C3", id="OB-70 ne and lt"),
        pytest.param("customers?$filter=balanceDue ge 0.6", "C2 C6 C7", id="OB-70 ge on decimals"),
        pytest.param("customers?$filter=balanceDue gt 12345678901234567890.11", "C2", id="OB-70 gt on 20 digits"),
        pytest.param("customers?$filter=balanceDue gt 12345678901234567890.12", "", id="OB-70 gt on 20 digits, exact"),
        pytest.param("customers?$filter=balanceDue le 0.10", "C1", id="OB-70 le"),
        pytest.param(
            "customers?$filter=city eq 'Odense' and type eq 'Company' and balanceDue gt 0.1",
            "C3 C6",
            id="OB-71 and over any fields",
        ),
        pytest.param("customers?$filter=city eq 'Paris' or city eq 'Rome'", "C4 C7", id="OB-72 or on one field"),
        pytest.param(
            "customers?$filter=(city eq 'Paris' or city eq 'Rome') and (number eq 'C7' or number eq 'C1')",
            "C7",
            id="OB-72 or on one field, twice",
        ),
        pytest.param("customers?$filter=startswith(displayName,'A')", "C4", id="OB-74 startswith minds case"),
        pytest.param("customers?$filter=endswith(displayName,'st')", "C5", id="OB-74 endswith"),
        pytest.param("customers?$filter=contains(displayName,'& S')".replace("&", "%26"), "C2", id="OB-74 contains"),
        pytest.param("customers?$filter=contains(displayName,'_')", "C3", id="OB-74 signs of LIKE are plain"),
        pytest.param("customers?$filter=tolower(displayName) eq 'adatum'", "C4", id="OB-74 tolower"),
        pytest.param("customers?$filter=toupper(city) eq 'KØBENHAVN'", "C2", id="OB-74 toupper"),
        pytest.param("customers?$filter=substring(number,1) eq '3'", "C3", id="OB-74 substring"),
        pytest.param(
            "customers?$schemaversion=2.1&$filter=contains(tolower(displayName),'ada')",
            "C4 C5",
            id="OB-75 nested functions in schema 2.1",
        ),
        pytest.param(
            "customers?$schemaversion=2.1&$filter=number in ('C1','C5','nobody')", "C1 C5", id="OB-76 in, in schema 2.1"
        ),
        pytest.param(
            "salesOrders?$filter=salesOrderLines/any(x:x/quantity gt 999)",
            "S-ORD101 S-ORD102 S-ORD103 S-ORD104",
            id="OB-77 any is ignored",
        ),
        pytest.param(
            "salesOrders?$filter=number eq 'S-ORD102' and salesOrderLines/all(x:x/quantity gt 999)",
            "S-ORD102",
            id="OB-77 all is ignored, the rest is not",
        ),
        pytest.param("customers?$filter=displayName eq 'A*'", "C4", id="OB-79 wildcard behind"),
        pytest.param("customers?$filter=displayName eq '*at*'", "C4 C5", id="OB-79 wildcards around"),
        pytest.param("customers?$filter=displayName eq '[*'", "C6", id="OB-79 brackets are plain"),
        pytest.param("customers?$filter=city eq null", "C5", id="OB-80 null is empty text"),
        pytest.param("customers?$filter=city ne null and number lt 'C3'", "C1 C2", id="OB-80 not null"),
        pytest.param("customers?$filter=displayName eq 'O''Neil''s'", "C1", id="OB-83 quote doubled"),
        pytest.param(f"customers?$filter=id eq {books.customer(3)}", "C3", id="OB-83 GUID bare"),
        pytest.param("salesOrders?$filter=orderDate eq 2026-01-12", "S-ORD102", id="OB-83 date bare"),
        pytest.param(
            "customers?$filter=lastModifiedDateTime gt 2026-01-05T12:00:00Z", "C6 C7", id="OB-83 date-time bare"
        ),
        pytest.param(
            "customers?$filter=lastModifiedDateTime gt 2026-01-05T13:00:00%2B02:00",
            "C6 C7",
            id="OB-83 date-time with an offset",
        ),
        pytest.param("salesOrders?$filter=status eq 'In_x0020_Review'", "S-ORD102", id="OB-83 enum member escaped"),
        pytest.param("salesOrders?$filter=status eq 'In Review'", "S-ORD102", id="OB-83 enum member decoded"),
        pytest.param("customers?$filter=blocked eq ' '&$top=1", "C1", id="OB-83 blank enum member"),
        pytest.param("customers?$orderby=city desc,number desc&$top=3", "C7 C4 C6", id="OB-86 orderby"),
        pytest.param("customers?$orderby=balanceDue desc&$top=2", "C2 C7", id="OB-86 orderby decimals"),
        pytest.param("customers?$top=2&$skip=3", "C4 C5", id="OB-87 top and skip"),
        pytest.param("customers?$format=json&$top=1", "C1", id="OB-90 format in lower case"),
        pytest.param(
            "customers?$filter=number eq 'C1' or number eq 'C2' or number eq 'C3'", "C1 C2 C3", id="OB-92 or chain"
        ),
    ],
)
async def test_which_rows_come_back(erp, path, numbers):
    assert " ".join(await erp.numbers(path)) == numbers


@pytest.mark.parametrize(
    ("path", "status", "code", "text"),
    [
        pytest.param(
            "customers?$filter=city eq 'a' or number eq 'b'", 400, "BadRequest", OR, id="OB-72 or on two fields"
        ),
        pytest.param(
            "customers?$filter=(city eq 'a' and number eq 'b') or city eq 'c'",
            400,
            "BadRequest",
            OR,
            id="OB-72 or on two fields, in brackets",
        ),
        pytest.param(
            "customers?$filter=startswith(city,'a') or startswith(number,'b')",
            400,
            "BadRequest",
            OR,
            id="OB-72 or on two fields, in functions",
        ),
        pytest.param(
            "customers?$filter=not (city eq 'a')", 501, "BadRequest_MethodNotImplemented", "not", id="OB-73 not"
        ),
        pytest.param(
            "customers?$filter=length(city) eq 3",
            501,
            "BadRequest_MethodNotImplemented",
            "length",
            id="OB-74 no AL equivalent",
        ),
        pytest.param(
            "customers?$filter=balanceDue add 1 eq 2",
            501,
            "BadRequest_MethodNotImplemented",
            "add",
            id="OB-74 no arithmetic",
        ),
        pytest.param(
            "customers?$filter=city eq displayName", 400, "BadRequest", "value", id="OB-74 property to property"
        ),
        pytest.param(
            "customers?$filter=contains(tolower(city),'a')",
            400,
            "BadRequest",
            "inside functions",
            id="OB-75 nested functions before schema 2.1",
        ),
        pytest.param(
            "customers?$filter=number in ('C1')",
            501,
            "BadRequest_MethodNotImplemented",
            "in",
            id="OB-76 in before schema 2.1",
        ),
        pytest.param("customers?$filter=true", 400, "BadRequest", "literal", id="OB-78 a literal is no filter"),
        pytest.param(
            "salesOrders?$filter=customer/number eq 'C1'", 400, "BadRequest", "customer", id="OB-81 navigation path"
        ),
        pytest.param(
            "customers?$filter=id eq 'C1'", 400, "BadRequest", "incompatible types", id="OB-83 GUID in quotes"
        ),
        pytest.param(
            "customers?$filter=number eq 5", 400, "BadRequest", "incompatible types", id="OB-83 text without quotes"
        ),
        pytest.param(
            "customers?$filter=blocked eq 'Sometimes'", 400, "BadRequest", "Sometimes", id="OB-83 unknown member"
        ),
        pytest.param("customers?$filter=shoeSize eq 5", 400, "BadRequest", "shoeSize", id="OB-83 unknown property"),
        pytest.param("customers?$filter=number eq", 400, "BadRequest_NotFound", "expected", id="OB-83 syntax"),
        pytest.param("customers?$select=number,shoeSize", 400, "BadRequest", "shoeSize", id="OB-85 unknown property"),
        pytest.param("customers?$expand=shoes", 400, "BadRequest", "shoes", id="OB-84 unknown navigation"),
        pytest.param(
            "customerSales?$orderby=name", 501, "BadRequest_MethodNotImplemented", "sorted", id="OB-86 not sortable"
        ),
        pytest.param(
            "customers?$apply=aggregate(balanceDue with sum as x)",
            501,
            "BadRequest_MethodNotImplemented",
            "$apply",
            id="OB-89 apply",
        ),
        pytest.param("customers?$search=a", 501, "BadRequest_MethodNotImplemented", "$search", id="OB-89 search"),
        pytest.param(
            "customers?$compute=balanceDue as x", 501, "BadRequest_MethodNotImplemented", "$compute", id="OB-89 compute"
        ),
        pytest.param("customers?$format=JSON", 400, "BadRequest_NotFound", "JSON", id="OB-90 format in upper case"),
        pytest.param(
            "customers?$deltatoken=x", 501, "BadRequest_MethodNotImplemented", "$deltatoken", id="OB-99 delta links"
        ),
        pytest.param(
            "customers?$filter=" + "number eq 'C1' or " * 450 + "number eq 'C2'",
            414,
            "BadRequest",
            "8099",
            id="OB-91 long query",
        ),
    ],
)
async def test_what_is_refused(erp, path, status, code, text):
    found = await erp.refused("GET", path)
    assert found[:2] == (status, code)
    assert text in found[2]


@pytest.mark.parametrize(
    ("choices", "path", "numbers"),
    [
        pytest.param(
            BcChoices(not_operator="evaluated"),
            "customers?$filter=not (city eq 'Odense')",
            "C2 C4 C5 C7",
            id="OB-73 evaluated",
        ),
        pytest.param(
            BcChoices(nested_functions="undefined"),
            "customers?$filter=contains(tolower(city),'od')",
            "C1 C3 C6",
            id="OB-75 evaluated",
        ),
        pytest.param(
            BcChoices(in_below_21="ignored"),
            "customers?$filter=number in ('C1')",
            "C1 C2 C3 C4 C5 C6 C7",
            id="OB-76 ignored by older releases",
        ),
        pytest.param(BcChoices(boolean_literal="evaluated"), "customers?$filter=false", "", id="OB-78 evaluated"),
        pytest.param(BcChoices(wildcards=False), "customers?$filter=displayName eq 'A*'", "", id="OB-79 off"),
    ],
)
async def test_uncertain_readings_are_options(make, choices, path, numbers):
    assert " ".join(await make(choices=choices).numbers(path)) == numbers


async def test_ob_92_a_chain_of_or_may_be_as_long_as_the_query_string(erp):
    chain = " or ".join(["number eq 'C1'", *["number eq ''"] * 250])
    assert await erp.numbers(f"customers?$filter={chain}") == ["C1"]


async def test_ob_82_flow_filters_do_not_restrict_rows(erp):
    rows = [{"customerId": books.customer(1), "customerNumber": "C1", "name": "x", "totalSalesAmount": 5}]
    erp.emulator.store.load("customerSales", rows, books.MAIN)
    found = await erp.rows("customerSales?$filter=dateFilter_FilterOnly ge 2030-01-01")
    assert [row["totalSalesAmount"] for row in found] == [5]


async def test_ob_84_expand_goes_deep_with_options_of_its_own(erp):
    path = (
        "salesOrders?$select=number&$top=2&$expand=customer($select=number),salesOrderLines($select=sequence;"
        "$filter=sequence gt 10000;$orderby=sequence desc;$top=1;$count=true;$expand=item($select=number;"
        "$expand=itemCategory($select=code)))"
    )
    first, second = await erp.rows(path)
    line = first["salesOrderLines"][0]
    assert first["customer"] == {"@odata.etag": first["customer"]["@odata.etag"], "number": "C1"}
    assert (first["salesOrderLines@odata.count"], len(first["salesOrderLines"]), line["sequence"]) == (2, 1, 30000)
    assert line["item"]["itemCategory"]["code"] == "CHAIR"
    assert second["number"] == "S-ORD102"


async def test_ob_84_what_a_row_points_to_may_be_missing(erp):
    found = await erp.rows("customers?$expand=currency($select=code)&$select=number&$top=2")
    assert found[0]["currency"]["code"] == "DKK"
    assert found[1]["currency"] is None


async def test_ob_85_select_minds_no_case_and_shows_what_was_asked(erp):
    row = (await erp.rows("customers?$select=NUMBER,displayname&$top=1"))[0]
    assert set(row) == {"@odata.etag", "number", "displayName"}


async def test_ob_88_the_count_minds_neither_top_nor_skip(erp):
    found = await erp.get("customers?$filter=city eq 'Odense'&$count=true&$top=0")
    assert (found["@odata.count"], found["value"]) == (3, [])
    assert (await erp.send("GET", "customers/$count?$filter=city eq 'Odense'")).text == "3"


async def test_ob_96_ob_97_pages_follow_the_next_link(erp):
    headers, found, url, pages = {"prefer": "odata.maxpagesize=3"}, [], "customers?$orderby=city,number&$count=true", 0
    while url:
        page = await erp.get(url, headers=headers)
        found += [row["number"] for row in page["value"]]
        url, pages = page.get("@odata.nextLink"), pages + 1
        assert page["@odata.count"] == 7
    assert (found, pages) == (["C5", "C2", "C1", "C3", "C6", "C4", "C7"], 3)


async def test_ob_97_a_next_link_keeps_top_and_drops_skip(erp):
    page = await erp.get("customers?$skip=1&$top=5", headers={"prefer": "odata.maxpagesize=2"})
    rest = await erp.numbers(page["@odata.nextLink"])
    assert "$skiptoken=" in page["@odata.nextLink"]
    assert ([row["number"] for row in page["value"]], rest) == (["C2", "C3"], ["C4", "C5", "C6"])


async def test_ob_97_a_made_up_skip_token_is_refused(erp):
    assert (await erp.refused("GET", "customers?$skiptoken=nonsense"))[0] == 400


async def test_ob_95_ob_96_the_page_size_is_fixed_and_cannot_be_raised(make):
    erp = make(page_size=4)
    page = await erp.get("customers", headers={"prefer": "odata.maxpagesize=100"})
    assert len(page["value"]) == 4
    assert "@odata.nextLink" in page
    assert "@odata.nextLink" not in await erp.get("customers?$top=4")


async def test_ob_99_change_tracking_is_not_offered(erp):
    answer = await erp.send("GET", "customers", headers={"prefer": "odata.track-changes"})
    assert "@odata.deltaLink" not in answer.json()
    assert "preference-applied" not in answer.headers


def test_ob_95_the_published_page_size_is_20000():
    from vegraph.emulator.bc.dialect import bc_profile

    assert bc_profile().page_size == 20_000
