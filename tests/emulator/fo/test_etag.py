"""ETags and concurrency: erp.md §4.1.7."""

import base64
import re

from tests.emulator.fo.conftest import Erp

URL = "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='C00042')"


async def test_of_90_an_etag_is_pairs_of_version_and_record_id(erp: Erp):
    tag = (await erp.get(URL))["@odata.etag"]
    found = re.fullmatch(r'W/"([A-Za-z0-9+/=]+)"', tag)
    assert found
    text = base64.b64decode(found[1]).decode()
    assert re.fullmatch(r"'(\d+,\d+)(;\d+,\d+)*'", text), text


async def test_of_91_without_if_match_the_last_writer_wins(own: Erp):
    assert (await own.ask("PATCH", URL, {"CreditLimit": 1})).status_code == 204
    assert (await own.ask("PATCH", URL, {"CreditLimit": 2})).status_code == 204
    assert (await own.get(URL))["CreditLimit"] == 2


async def test_of_91_a_stale_tag_is_412_and_writes_nothing(own: Erp):
    tag = (await own.get(URL))["@odata.etag"]
    first = await own.ask("PATCH", URL, {"CreditLimit": 1}, if_match=tag)
    assert first.status_code == 204
    assert (await own.ask("PATCH", URL, {"CreditLimit": 2}, if_match=tag)).status_code == 412
    assert (await own.ask("DELETE", URL, if_match=tag)).status_code == 412
    assert (await own.get(URL))["CreditLimit"] == 1
    assert (await own.ask("PATCH", URL, {"CreditLimit": 3}, if_match="*")).status_code == 204


async def test_of_91_the_new_tag_comes_back_in_the_header(own: Erp):
    response = await own.ask("PATCH", URL, {"CreditLimit": 1})
    assert response.headers["etag"] == (await own.get(URL))["@odata.etag"]
    again = await own.ask("PATCH", URL, {"CreditLimit": 2}, if_match=response.headers["etag"])
    assert again.status_code == 204


async def test_of_92_defaulted_values_are_seen_by_reading_back(own: Erp):
    line = (await own.get("/data/SalesOrderLines?$top=1"))["value"][0]
    url = f"/data/SalesOrderLines(dataAreaId='usmf',InventoryLotId='{line['InventoryLotId']}')"
    response = await own.ask(
        "PATCH",
        url,
        {"OrderedSalesQuantity": 2, "SalesPrice": 10, "LineDiscountAmount": 0, "LineDiscountPercentage": 0},
    )
    assert response.status_code == 204
    assert (await own.get(url))["LineAmount"] == 20
