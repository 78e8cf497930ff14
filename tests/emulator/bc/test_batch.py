"""`$batch` (erp.md 4.2.9)."""

import pytest

from tests.emulator.bc import books

JSON = {"Content-Type": "application/json"}


def part(number: str | None, method: str, url: str, body: object = None, **headers: str) -> dict[str, object]:
    found: dict[str, object] = {"method": method, "url": url, "headers": {**JSON, **headers}}
    if number is not None:
        found["id"] = number
    if body is not None:
        found["body"] = body
    return found


async def send(erp, *parts, **headers):
    answer = await erp.send("POST", "$batch", json={"requests": list(parts)}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["responses"]


NEW = {"displayName": "From a batch"}
BAD = {"displayName": "x" * 101}


async def test_ob_110_ob_111_ob_112_answers_stand_in_order(erp):
    found = await send(
        erp,
        part("a", "GET", "items?$top=1&$select=number"),
        part(None, "POST", "customers", NEW),
        part("c", "PATCH", f"customers({books.customer(1)})", {"city": "Ribe"}, **{"If-Match": "*"}),
        part("d", "GET", f"/v2.0/production/api/v2.0/items({books.item(2)})"),
        part("e", "DELETE", f"customers({books.customer(6)})", **{"If-Match": "*"}),
    )
    assert [(r["id"], r["status"]) for r in found] == [("a", 200), (None, 201), ("c", 200), ("d", 200), ("e", 204)]
    assert found[1]["headers"]["location"].endswith(f"/customers({found[1]['body']['id']})")
    assert "body" not in found[4]


@pytest.mark.parametrize(
    ("prefer", "statuses", "stays"),
    [
        pytest.param("", [201, 400], 1, id="OB-113 stops at a failure, earlier successes stay"),
        pytest.param("odata.continue-on-error", [201, 400, 201], 2, id="OB-113 goes on when that is preferred"),
        pytest.param("odata.continue-on-error=false", [201, 400], 1, id="OB-113 stops when that is preferred"),
    ],
)
async def test_a_failure_outside_isolation(erp, prefer, statuses, stays):
    headers = {"prefer": prefer} if prefer else {}
    found = await send(
        erp,
        part("1", "POST", "customers", NEW),
        part("2", "POST", "customers", BAD),
        part("3", "POST", "customers", NEW),
        **headers,
    )
    assert [r["status"] for r in found] == statuses
    assert len(await erp.rows("customers?$filter=displayName eq 'From a batch'")) == stays


async def test_ob_113_going_on_is_an_option(make):
    from vegraph.emulator.bc.choices import BcChoices

    erp = make(choices=BcChoices(batch_after_failure="goes on"))
    found = await send(erp, part("1", "POST", "customers", BAD), part("2", "GET", "items?$top=1"))
    assert [r["status"] for r in found] == [400, 200]


async def test_ob_114_isolation_reverts_all(erp):
    found = await send(
        erp,
        part("1", "POST", "customers", NEW),
        part("2", "PATCH", f"customers({books.customer(1)})", {"city": "Ribe"}, **{"If-Match": "*"}),
        part("3", "POST", "customers", BAD),
        part("4", "GET", "customers"),
        isolation="snapshot",
    )
    assert [r["status"] for r in found] == [201, 200, 400]
    assert (await erp.get(f"customers({books.customer(1)})"))["city"] == "Odense"
    assert await erp.rows("customers?$filter=displayName eq 'From a batch'") == []


async def test_ob_114_isolation_keeps_all_when_all_succeed(erp):
    found = await send(
        erp, part("1", "POST", "customers", NEW), part("2", "POST", "customers", NEW), isolation="snapshot"
    )
    assert [r["status"] for r in found] == [201, 201]
    assert len(await erp.rows("customers?$filter=displayName eq 'From a batch'")) == 2


async def test_ob_115_at_most_100_operations(erp):
    many = [part(str(n), "GET", "items?$top=0") for n in range(101)]
    status, code, message = await erp.refused("POST", "$batch", json={"requests": many})
    assert (status, code, "100" in message) == (400, "BadRequest", True)
    assert len(await send(erp, *many[:100])) == 100


async def test_ob_116_each_part_has_its_own_if_match_and_company(erp):
    found = await send(
        erp,
        part("1", "PATCH", f"customers({books.customer(1)})", {"city": "x"}),
        part("2", "GET", "customers", Company=books.OTHER),
        **{"if-match": "*", "company": books.MAIN, "prefer": "odata.continue-on-error"},
    )
    assert found[0]["body"]["error"]["code"] == "BadRequest_InvalidToken"
    assert [row["displayName"] for row in found[1]["body"]["value"]] == ["Elsewhere A/S"]


async def test_ob_111_a_part_waits_for_what_it_depends_on(erp):
    found = await send(
        erp,
        {**part("1", "POST", "customers", BAD)},
        {**part("2", "GET", "items?$top=1"), "dependsOn": ["1"]},
        prefer="odata.continue-on-error",
    )
    assert [r["status"] for r in found] == [400, 424]


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        pytest.param(
            {"content-type": "multipart/mixed; boundary=b"}, b"--b--", 415, id="OB-110 multipart is not taken"
        ),
        pytest.param(JSON, b"{}", 400, id="OB-111 no requests"),
        pytest.param(JSON, b"[1", 400, id="OB-111 no JSON"),
        pytest.param(JSON, b'{"requests": [7]}', 400, id="OB-111 a part that is no object"),
    ],
)
async def test_batches_that_cannot_be_read(erp, headers, content, status):
    assert (await erp.refused("POST", "$batch", headers=headers, content=content))[0] == status


async def test_ob_112_a_part_without_url_fails_alone(erp):
    found = await send(
        erp, {"id": "1", "method": "GET"}, part("2", "GET", "items?$top=0"), prefer="odata.continue-on-error"
    )
    assert [r["status"] for r in found] == [400, 200]


async def test_ob_47_deep_insert_works_inside_a_batch(erp):
    body = {"customerNumber": "C1", "salesOrderLines": [{"lineObjectNumber": "1001", "quantity": 1}]}
    found = await send(erp, part("1", "POST", "salesOrders", body))
    assert found[0]["body"]["totalAmountExcludingTax"] == 10.5
