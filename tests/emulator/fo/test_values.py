"""Values: erp.md §4.1.6."""

import base64
from decimal import Decimal

import orjson
import pytest

from tests.emulator.fo.conftest import Erp

EMPTY = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("row", "set_and_name", "empty"),
    [
        ("OF-70 text", "CustomersV3.AddressState", ""),
        ("OF-71 Int64", "CustomersV3.LoyaltyPoints", 0),
        ("OF-71 Int32", "PaymentTerms.NumberOfDays", 0),
        ("OF-72 real", "CustomersV3.CreditLimit", 0),
        ("OF-73 date", "CustomersV3.PersonBirthDate", "1900-01-01T12:00:00Z"),
        ("OF-74 date-time", "ContactPersons.LastContactedDateTime", "1900-01-01T00:00:00Z"),
        ("OF-76 enum", "CustomersV3.OnHoldStatus", "No"),
        ("OF-77 NoYes", "CustomersV3.IsOneTimeCustomer", "No"),
        ("OF-78 guid", "ContactPersons.PortalContactId", EMPTY),
        ("OF-80 time", "CustomersV3.OpeningTime", 0),
    ],
    ids=lambda v: v if isinstance(v, str) and v.startswith("OF-") else "",
)
async def test_nothing_is_written_as_an_empty_value(own: Erp, row: str, set_and_name: str, empty: object):
    entity_set, _, name = set_and_name.partition(".")
    body = {
        "CustomersV3": {"CustomerGroupId": "10"},
        "ContactPersons": {"ContactPersonName": "X"},
        "PaymentTerms": {"Name": "Net0"},
    }[entity_set]
    made = (await own.ask("POST", f"/data/{entity_set}", body)).json()
    assert made[name] == empty
    assert type(made[name]) is type(empty)


async def test_of_71_an_int64_is_a_number_unless_asked_otherwise(erp: Erp):
    url = "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='C00010')?$select=LoyaltyPoints,CreditLimit"
    assert (await erp.get(url))["LoyaltyPoints"] > 2**53
    text = await erp.get(url, accept="application/json;IEEE754Compatible=true")
    assert isinstance(text["LoyaltyPoints"], str)


async def test_of_72_twenty_digits_arrive_as_they_are(erp: Erp):
    response = await erp.ask("GET", "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='C00001')?$select=CreditLimit")
    assert b'"CreditLimit":123456789012345678.90' in response.content
    rate = await erp.ask("GET", "/data/ExchangeRates?$top=1&$select=Rate")
    digits = rate.text.partition('"Rate":')[2].partition("}")[0]
    assert len(Decimal(digits).as_tuple().digits) >= 18


async def test_of_73_a_date_is_noon_utc_whatever_the_time_sent(own: Erp):
    body = {"CustomerGroupId": "10", "PersonBirthDate": "1990-05-06T23:30:00Z"}
    made = (await own.ask("POST", "/data/CustomersV3", body)).json()
    assert made["PersonBirthDate"] == "1990-05-06T12:00:00Z"


async def test_of_75_the_latest_date(erp: Erp):
    found = await erp.get("/data/Employments?$filter=EmploymentEndDate eq 2154-12-31T23:59:59Z&$top=1")
    assert found["value"][0]["EmploymentEndDate"] == "2154-12-31T23:59:59Z"


async def test_of_76_an_enum_is_its_name_and_anything_else_is_refused(own: Erp):
    url = "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='C00042')"
    assert (await own.ask("PATCH", url, {"OnHoldStatus": "Invoice"})).status_code == 204
    assert (await own.get(url))["OnHoldStatus"] == "Invoice"
    status, text = await own.infolog("PATCH", url, {"OnHoldStatus": "Whatever"})
    assert (status, "Whatever" in text) == (400, True)


async def test_of_77_a_boolean_is_no_noyes(own: Erp):
    status, text = await own.infolog("POST", "/data/CustomersV3", {"CustomerGroupId": "10", "IsOneTimeCustomer": True})
    assert (status, "NoYes" in text) == (400, True)


async def test_of_79_a_container_is_base64_or_null(own: Erp):
    row = (await own.get("/data/SalesOrderHeaderDocumentAttachments?$top=1"))["value"][0]
    assert "Tor 3" in base64.b64decode(row["FileContents"]).decode()
    body = {"SalesOrderNumber": row["SalesOrderNumber"], "FileName": "empty.txt"}
    made = (await own.ask("POST", "/data/SalesOrderHeaderDocumentAttachments", body)).json()
    assert made["FileContents"] is None


async def test_of_81_nothing_else_is_null(erp: Erp):
    for entity_set in erp.service.catalog.entity_sets:
        for row in orjson.loads((await erp.ask("GET", f"/data/{entity_set}?$top=20&cross-company=true")).content)[
            "value"
        ]:
            nulls = {name for name, value in row.items() if value is None}
            assert nulls <= {"FileContents", "PersonPhoto"}, (entity_set, nulls)


async def test_of_82_an_enum_and_an_entity_share_a_name(erp: Erp):
    document = await erp.get("/data/$metadata")
    assert '<EnumType Name="JobFunction">' in document
    assert '<EntityType Name="JobFunction">' in document
    assert (await erp.get("/data/JobFunctions?$top=1"))["value"][0]["Description"] == "Sales work"
