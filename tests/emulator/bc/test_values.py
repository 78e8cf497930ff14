"""Values on the wire (erp.md 4.2.10)."""

import time

import pytest

from tests.emulator.bc import books
from vegraph.emulator.bc.choices import BcChoices

ZERO = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        pytest.param(f"customers({books.customer(5)})", "city", "", id="OB-120 empty text"),
        pytest.param(f"customers({books.customer(2)})", "currencyId", ZERO, id="OB-121 empty GUID"),
        pytest.param(f"salesInvoices({books.invoice(3)})", "dueDate", "0001-01-01", id="OB-122 empty date"),
        pytest.param(f"salesOrders({books.order(1)})", "orderDate", "2026-01-11", id="OB-122 date"),
        pytest.param(
            f"customers({books.customer(1)})", "lastModifiedDateTime", "2026-01-01T10:00:00Z", id="OB-123 time"
        ),
        pytest.param(f"salesQuotes({books.QUOTE})", "sentDate", "0001-01-01T00:00:00Z", id="OB-123 empty time"),
        pytest.param(f"customers({books.customer(5)})", "blocked", "_x0020_", id="OB-125 blank enum member"),
        pytest.param(f"items({books.item(3)})", "type", "Non_x002D_Inventory", id="OB-125 enum member escaped"),
        pytest.param(f"jobQueueEntries({books.JOB})", "status", "Error", id="OB-126 old option field is text"),
    ],
)
async def test_how_a_value_is_written(erp, path, name, value):
    assert (await erp.get(path))[name] == value


async def test_ob_124_decimals_keep_their_digits(erp):
    text = (await erp.send("GET", f"customers({books.customer(2)})")).text
    assert '"balanceDue":12345678901234567890.12,' in text
    assert '"creditLimit":1000.00,' in text


async def test_ob_124_decimals_are_kept_as_they_were_sent(erp):
    content = b'{"displayName": "Exact", "creditLimit": 98765432109876543210.1230}'
    answer = await erp.send("POST", "customers", content=content, headers={"content-type": "application/json"})
    assert '"creditLimit":98765432109876543210.1230,' in answer.text


@pytest.mark.parametrize(
    ("body", "name", "value"),
    [
        pytest.param({"type": "Non-Inventory"}, "type", "Non_x002D_Inventory", id="OB-125 decoded member is read"),
        pytest.param(
            {"type": "Non_x002D_Inventory"}, "type", "Non_x002D_Inventory", id="OB-125 escaped member is read"
        ),
        pytest.param({"displayName": None}, "displayName", "", id="OB-120 null clears text"),
        pytest.param({"itemCategoryId": None}, "itemCategoryCode", "", id="OB-121 null clears a GUID and its code"),
        pytest.param({"itemCategoryCode": ""}, "itemCategoryId", ZERO, id="OB-121 an empty code clears its GUID"),
    ],
)
async def test_how_a_value_is_read(erp, body, name, value):
    answer = await erp.send("PATCH", f"items({books.item(1)})", json=body, headers={"if-match": "*"})
    assert answer.json()[name] == value


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({"displayName": 5}, "BadRequest", id="OB-120 a number for text"),
        pytest.param({"unitPrice": "5.00"}, "BadRequest", id="OB-124 text for a decimal"),
        pytest.param({"blocked": "true"}, "BadRequest", id="OB-124 text for a boolean"),
        pytest.param({"itemCategoryId": "chairs"}, "Application_InvalidGUID", id="OB-121 no GUID"),
        pytest.param(
            {"itemCategoryId": books.guid(15, 9)}, "Internal_InvalidTableRelation", id="OB-121 a GUID of nothing"
        ),
        pytest.param({"number": "x" * 21}, "Application_StringExceededLength", id="OB-120 too long"),
        pytest.param({"type": "Gas"}, "BadRequest", id="OB-125 an unknown member"),
    ],
)
async def test_values_of_another_type_are_refused(erp, body, code):
    assert (await erp.refused("PATCH", f"items({books.item(1)})", json=body, headers={"if-match": "*"}))[1] == code


async def test_ob_122_the_empty_date_is_an_option(make):
    erp = make(choices=BcChoices(empty_date="1900-01-01"))
    assert (await erp.get(f"salesOrders({books.order(1)})"))["requestedDeliveryDate"] == "1900-01-01"


async def test_ob_125_decoded_members_in_answers_are_an_option(make):
    erp = make(choices=BcChoices(enum_text="decoded"))
    assert (await erp.get(f"items({books.item(3)})"))["type"] == "Non-Inventory"
    assert (await erp.get(f"customers({books.customer(1)})"))["blocked"] == " "


async def test_ob_127_a_stream_is_two_links(erp):
    row = await erp.get(f"pictures({books.PICTURE_ITEM})")
    assert "pictureContent" not in row
    url = f"http://erp.test/v2.0/production/api/v2.0/companies({books.MAIN})/pictures({books.PICTURE_ITEM})/pictureContent"
    assert (row["pictureContent@odata.mediaReadLink"], row["pictureContent@odata.mediaEditLink"]) == (url, url)
    assert (await erp.send("GET", url)).status_code == 204


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        pytest.param("2026-05-01T10:00:00+02:00", "2026-05-01T08:00:00Z", id="OB-128 an offset is converted"),
        pytest.param("2026-05-01T10:00:00", "2026-05-01T10:00:00Z", id="OB-128 none is read as UTC"),
        pytest.param("2026-05-01T10:00:00.120Z", "2026-05-01T10:00:00.12Z", id="OB-128 parts of a second"),
    ],
)
async def test_times_are_in_utc(erp, sent, kept):
    body = {"subscriptionType": "x", "eventName": "e", "lastModifiedDateTime": sent}
    table = erp.emulator.store.table("externaleventsubscriptions")
    stored = table.columns["lastModifiedDateTime"].encode(body["lastModifiedDateTime"])
    assert table.columns["lastModifiedDateTime"].decode(stored) == kept


async def test_ob_131_the_time_of_the_last_change_is_kept(erp):
    clock = erp.emulator.service.clock
    clock.set(time.time() + 600, frozen=True)
    edge = clock.text()
    clock.advance(1)
    await erp.send("PATCH", f"customers({books.customer(3)})", json={"city": "Ribe"}, headers={"if-match": "*"})
    found = await erp.numbers(f"customers?$filter=lastModifiedDateTime gt {edge}")
    assert found == ["C3"]
