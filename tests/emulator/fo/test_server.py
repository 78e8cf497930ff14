"""The emulator over real HTTP, in a process of its own."""

import httpx

from vegraph.emulator.data.people import MANAGER, fo_users
from vegraph.emulator.engine.access import Anyone
from vegraph.emulator.fo.server import FO_ROOT
from vegraph.emulator.process import start


def test_it_serves_seeded_rows_and_records_who_asked():
    heard: list[str] = []
    options = {
        "tokens": Anyone(user=MANAGER.fo),
        "users": fo_users(),
        "page_size": 50,
        "seed": ("tests.emulator.fo.small:small_seed", {}),
    }
    with start("fo", options=options, progress=lambda name, _: heard.append(name)) as emulator:
        url = f"{emulator.url}{FO_ROOT}/SalesOrderHeadersV2?$expand=SalesOrderLines,InvoiceCustomer&cross-company=true"
        page = httpx.get(url).json()
        assert len(page["value"]) == 50
        assert page["@odata.nextLink"].startswith(f"{emulator.url}{FO_ROOT}/SalesOrderHeadersV2?")
        log = httpx.get(f"{emulator.control_url}/control/requests").text
    assert "SalesOrderHeadersV2" in heard
    assert '"sofia"' in log
