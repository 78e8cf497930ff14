"""Batches: erp.md §4.1.8."""

import re

import pytest

from tests.emulator.fo.conftest import Erp

HOST = "http://fo.example"
CUSTOMER = "/data/CustomersV3(dataAreaId='usmf',CustomerAccount='C00042')"


def part(number: int, method: str, url: str, body: str = "") -> str:
    """One request as the reference has it (OF-103)."""
    return "\r\n".join(
        [
            "Content-Type: application/http",
            "Content-Transfer-Encoding: binary",
            f"Content-ID: {number}",
            "",
            f"{method} {HOST}{url} HTTP/1.1",
            "OData-Version: 4.0",
            "OData-MaxVersion: 4.0",
            "Content-Type: application/json;odata.metadata=minimal",
            "",
            body,
        ]
    )


def multipart(boundary: str, parts: list[str]) -> bytes:
    text = "".join(f"--{boundary}\r\n{each}\r\n" for each in parts) + f"--{boundary}--\r\n"
    return text.encode()


def change_set(name: str, parts: list[str]) -> str:
    inner = multipart(name, parts).decode()
    return f"Content-Type: multipart/mixed; boundary={name}\r\n\r\n{inner}"


async def send(erp: Erp, parts: list[str]):
    kind = "multipart/mixed; boundary=batch_1"
    return await erp.ask("POST", "/data/$batch", multipart("batch_1", parts), content_type=kind)


def statuses(text: str) -> list[int]:
    return [int(status) for status in re.findall(r"HTTP/1\.1 (\d{3})", text)]


async def test_of_100_json_is_no_batch(erp: Erp):
    response = await erp.ask("POST", "/data/$batch", {"requests": []})
    assert response.status_code == 415


async def test_of_103_of_104_parts_are_answered_in_order_with_their_content_ids(erp: Erp):
    response = await send(
        erp, [part(7, "GET", "/data/Currencies?$top=1"), part(8, "GET", f"{CUSTOMER}/OrganizationName")]
    )
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("multipart/mixed; boundary=")
    assert statuses(response.text) == [200, 200]
    assert re.findall(r"(?i)content-id: (\d+)", response.text) == ["7", "8"]
    assert "\r\n" in response.text


async def test_of_101_a_change_set_is_all_or_nothing(own: Erp):
    good = part(1, "PATCH", CUSTOMER, '{"CreditLimit": 5}')
    bad = part(2, "POST", "/data/CustomersV3", '{"CustomerGroupId": "99"}')
    before = (await own.get(CUSTOMER))["CreditLimit"]
    response = await send(own, [change_set("changes", [good, bad])])
    assert response.status_code == 200
    assert 400 in statuses(response.text)
    assert (await own.get(CUSTOMER))["CreditLimit"] == before
    response = await send(
        own, [change_set("changes", [good, part(2, "POST", "/data/CustomersV3", '{"CustomerGroupId": "10"}')])]
    )
    assert statuses(response.text) == [204, 201]
    assert (await own.get(CUSTOMER))["CreditLimit"] == 5


async def test_of_102_without_a_change_set_one_failure_undoes_no_other(own: Erp):
    response = await send(
        own,
        [
            part(1, "PATCH", CUSTOMER, '{"CreditLimit": 6}'),
            part(2, "POST", "/data/CustomersV3", '{"CustomerGroupId": "99"}'),
            part(3, "GET", "/data/Currencies?$top=1"),
        ],
    )
    assert statuses(response.text) == [204, 400, 200]
    assert (await own.get(CUSTOMER))["CreditLimit"] == 6


async def test_of_106_at_most_five_thousand_operations(erp: Erp):
    assert erp.service.dialect.profile.batch_max == 5000
    one = part(1, "GET", "/data/Currencies('USD')/Symbol")
    response = await send(erp, [one] * 5001)
    assert response.status_code == 400


@pytest.mark.parametrize(
    "extra",
    ['"@odata.type": "#Microsoft.Dynamics.DataEntities.CustomerV3", ', ""],
    ids=["OF-108 with its type", "OF-108 without"],
)
async def test_a_body_may_say_its_type(own: Erp, extra: str):
    response = await send(own, [part(1, "POST", "/data/CustomersV3", "{" + extra + '"CustomerGroupId": "10"}')])
    assert statuses(response.text) == [201]


async def test_the_companies_of_a_part_are_its_own_affair(erp: Erp):
    response = await send(
        erp, [part(1, "GET", "/data/CustomersV3/$count"), part(2, "GET", "/data/CustomersV3/$count?cross-company=true")]
    )
    assert re.findall(r"\r\n\r\n(\d+)\r\n", response.text) == ["240", "300"]
