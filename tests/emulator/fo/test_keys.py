"""Keys and literals: erp.md §4.1.2."""

import pytest

from tests.emulator.fo.conftest import Erp
from vegraph.emulator.documents.notation import read

NS = "Microsoft.Dynamics.DataEntities"


def test_of_20_company_bound_keys_begin_with_the_company():
    for entity in read("fo").entities:
        if entity.company_bound:
            assert entity.key[0] == "dataAreaId", entity.name
        else:
            assert "dataAreaId" not in entity.key


def test_of_26_record_ids_are_never_part_of_a_key():
    assert not [e.name for e in read("fo").entities for part in e.key if part.endswith("RecordId")]


@pytest.mark.parametrize(
    ("row", "url", "status"),
    [
        (
            "OF-21 a quote doubled",
            "/data/CustomersV3/$count?$filter=OrganizationName eq 'O''Neil''s Pub Supplies'",
            200,
        ),
        ("OF-21 a quote not doubled", "/data/CustomersV3/$count?$filter=OrganizationName eq 'O'Neil'", 400),
        (
            "OF-21 percent-encoded",
            "/data/CustomersV3/$count?$filter=OrganizationName%20eq%20%27100%25%20Organic%20Foods%27",
            200,
        ),
        ("OF-22 a number", "/data/CustomersV3/$count?$filter=CreditLimit gt 1000", 200),
        ("OF-22 a number in quotes", "/data/CustomersV3/$count?$filter=CreditLimit gt '1000'", 400),
        ("OF-22 a date-time with Z", "/data/Workers/$count?$filter=BirthDate lt 2000-01-01T12:00:00Z", 200),
        ("OF-22 a date-time in quotes", "/data/Workers/$count?$filter=BirthDate lt '2000-01-01T12:00:00Z'", 400),
        ("OF-23 an enum with its type", f"/data/Workers/$count?$filter=Gender eq {NS}.HcmPersonGender'Female'", 200),
        ("OF-23 ne", f"/data/Workers/$count?$filter=Gender ne {NS}.HcmPersonGender'Female'", 200),
        ("OF-23 an enum without its type", "/data/Workers/$count?$filter=Gender eq 'Female'", 400),
        ("OF-23 no order over enums", f"/data/Workers/$count?$filter=Gender gt {NS}.HcmPersonGender'Female'", 400),
        ("OF-23 an unknown member", f"/data/Workers/$count?$filter=Gender eq {NS}.HcmPersonGender'Robot'", 400),
        (
            "OF-25 a guid bare",
            "/data/Workers/$count?$filter=PersonGlobalId eq 00000000-0000-0000-0000-000000000000",
            200,
        ),
        ("OF-27 key parts in any order", "/data/CustomersV3(CustomerAccount='C00042',dataAreaId='usmf')", 200),
        (
            "OF-24 an enum in a key, bare name in quotes",
            "/data/OperatingUnits(OperatingUnitType='Department',OperatingUnitNumber='001')",
            200,
        ),
        (
            "OF-24 an enum in a key, with its type",
            f"/data/OperatingUnits(OperatingUnitType={NS}.OMOperatingUnitType'Department',OperatingUnitNumber='001')",
            200,
        ),
        (
            "OF-24 an enum member that is none",
            "/data/OperatingUnits(OperatingUnitType='Circus',OperatingUnitNumber='001')",
            400,
        ),
        (
            "OF-24 a number in a key in quotes",
            "/data/PurchaseOrderLinesV2(dataAreaId='usmf',PurchaseOrderNumber='00000001',LineNumber='1')",
            400,
        ),
        (
            "OF-24 a number in a key",
            "/data/PurchaseOrderLinesV2(dataAreaId='usmf',PurchaseOrderNumber='00000001',LineNumber=1)",
            200,
        ),
        (
            "OF-24 a date in a key",
            "/data/ExchangeRates(RateTypeName='Default',FromCurrency='EUR',ToCurrency='USD',StartDate=2026-03-01T12:00:00Z)",
            200,
        ),
    ],
    ids=lambda v: v if isinstance(v, str) and v.startswith("OF-") else "",
)
async def test_literals(erp: Erp, row: str, url: str, status: int):
    response = await erp.ask("GET", url)
    assert response.status_code == status, response.text


@pytest.mark.parametrize("quote", ["'", ""], ids=["OF-24 guid in quotes", "OF-24 guid bare"])
async def test_a_guid_in_a_key_may_be_quoted(erp: Erp, quote: str):
    row = (await erp.get("/data/SalesOrderHeaderDocumentAttachments?$top=1"))["value"][0]
    key = f"dataAreaId='usmf',SalesOrderNumber='{row['SalesOrderNumber']}',DocumentId={quote}{row['DocumentId']}{quote}"
    assert (await erp.get(f"/data/SalesOrderHeaderDocumentAttachments({key})"))["FileName"] == row["FileName"]


async def test_a_name_with_every_awkward_character_is_found_by_itself(erp: Erp):
    name = 'Smith/Jones "Brothers" + Co; #1'
    found = await erp.get(
        "/data/CustomersV3/$count?$filter=OrganizationName%20eq%20%27Smith%2FJones%20%22Brothers%22%20%2B%20Co%3B%20%231%27"
    )
    assert int(found) == 1, name
