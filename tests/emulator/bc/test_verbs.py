"""Verbs and results, ETags (erp.md 4.2.4 and 4.2.8)."""

import base64
import re

import pytest

from tests.emulator.bc import books

ITEM, CUSTOMER, ORDER = books.item(1), books.customer(1), books.order(1)
ANY = {"if-match": "*"}


async def test_ob_40_get_answers_200(erp):
    assert (await erp.send("GET", "items")).status_code == 200
    assert (await erp.send("GET", f"items({ITEM})")).status_code == 200


async def test_ob_41_post_answers_201_with_the_row_and_its_location(erp):
    answer = await erp.send("POST", "customers", json={"displayName": "Åse", "currencyCode": "DKK"})
    row = answer.json()
    assert answer.status_code == 201
    assert row["number"].startswith("C")
    assert row["currencyId"] == books.CURRENCY
    assert (row["blocked"], row["city"], row["balanceDue"]) == ("_x0020_", "", 0)
    assert await erp.get(answer.headers["location"], root="") == row


async def test_ob_41_the_caller_may_choose_the_id(erp):
    chosen = books.guid(77, 7)
    answer = await erp.send("POST", "customers", json={"id": chosen, "displayName": "Own id"})
    assert answer.json()["id"] == chosen


async def test_ob_42_patch_answers_200_with_the_row(erp):
    answer = await erp.send("PATCH", f"customers({CUSTOMER})", json={"city": "Ribe"}, headers=ANY)
    assert (answer.status_code, answer.json()["city"]) == (200, "Ribe")
    assert answer.headers["etag"] == answer.json()["@odata.etag"]


async def test_ob_45_delete_answers_204(erp):
    answer = await erp.send("DELETE", f"customers({books.customer(6)})", headers=ANY)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await erp.refused("GET", f"customers({books.customer(6)})"))[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        pytest.param(
            "PATCH",
            f"customers({CUSTOMER})",
            {"documentAttachments": []},
            400,
            "BadRequest",
            id="OB-43 a collection property cannot be changed",
        ),
        pytest.param(
            "PATCH",
            f"salesOrders({ORDER})",
            {"salesOrderLines": [{"quantity": 1}]},
            400,
            "BadRequest",
            id="OB-48 nested rows cannot be changed with their parent",
        ),
        pytest.param(
            "PATCH",
            f"companies({books.MAIN})",
            {"name": "x"},
            405,
            "BadRequest_MethodNotAllowed",
            id="OB-46 update switched off",
        ),
        pytest.param(
            "POST", "generalLedgerEntries", {}, 405, "BadRequest_MethodNotAllowed", id="OB-46 insert switched off"
        ),
        pytest.param(
            "POST", "pictures", {}, 405, "BadRequest_MethodNotAllowed", id="OB-46 insert switched off, pictures"
        ),
        pytest.param(
            "DELETE",
            f"companies({books.MAIN})",
            None,
            405,
            "BadRequest_MethodNotAllowed",
            id="OB-46 delete switched off",
        ),
        pytest.param(
            "DELETE", "customers", None, 405, "BadRequest_MethodNotAllowed", id="OB-46 a set cannot be deleted"
        ),
        pytest.param(
            "POST", f"customers({CUSTOMER})", {}, 405, "BadRequest_MethodNotAllowed", id="OB-46 a row takes no POST"
        ),
        pytest.param(
            "PATCH",
            f"customers({CUSTOMER})",
            {"id": books.customer(2)},
            400,
            "BadRequest_InvalidOperation",
            id="OB-42 the key cannot be changed",
        ),
        pytest.param(
            "PATCH",
            f"salesOrders({ORDER})",
            {"totalAmountIncludingTax": 1},
            400,
            "BadRequest_InvalidOperation",
            id="OB-42 calculated members are read-only",
        ),
        pytest.param(
            "POST", "customers", {"displayName": "x", "shoeSize": 9}, 400, "BadRequest", id="OB-41 an unknown member"
        ),
    ],
)
async def test_writes_that_are_refused(erp, method, path, body, status, code):
    more = {} if body is None else {"json": body}
    assert (await erp.refused(method, path, headers=ANY, **more))[:2] == (status, code)


async def test_ob_46_a_write_without_permission_is_405(erp):
    status, code, _ = await erp.refused("POST", "items", who="clerk", json={"displayName": "x"})
    assert (status, code) == (405, "BadRequest_MethodNotAllowed")


async def test_ob_44_a_stream_is_written_through_its_edit_link(erp):
    picture = await erp.get(f"pictures({books.PICTURE_ITEM})")
    link = picture["pictureContent@odata.mediaEditLink"]
    assert link == picture["pictureContent@odata.mediaReadLink"]
    answer = await erp.send("PATCH", link, headers={"content-type": "image/png"}, content=b"\x89PNG")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest_InvalidToken")
    answer = await erp.send("PATCH", link, headers={"content-type": "image/png", **ANY}, content=b"\x89PNG")
    assert (answer.status_code, answer.content) == (204, b"")
    read = await erp.send("GET", link)
    assert (read.content, read.headers["content-type"]) == (b"\x89PNG", "image/png")
    after = await erp.get(f"items({ITEM})/picture")
    assert after["contentType"] == "image/png"
    assert after["@odata.etag"] != picture["@odata.etag"]


async def test_ob_47_rows_are_created_with_their_parent(erp):
    body = {
        "customerNumber": "C1",
        "salesOrderLines": [
            {"lineType": "Item", "lineObjectNumber": "1001", "quantity": 3},
            {"itemId": books.item(2), "quantity": 1, "unitPrice": 7.25},
        ],
    }
    made = (await erp.send("POST", "salesOrders", json=body)).json()
    lines = await erp.rows(f"salesOrders({made['id']})/salesOrderLines")
    assert [(x["sequence"], x["itemId"], x["amountExcludingTax"]) for x in lines] == [
        (10000, books.item(1), 31.5),
        (20000, books.item(2), 7.25),
    ]
    assert (made["totalAmountExcludingTax"], made["customerName"], made["status"]) == (38.75, "O'Neil's", "Draft")


async def test_ob_47_nothing_of_it_stays_if_one_row_is_refused(erp):
    before = await erp.numbers("salesOrders")
    body = {
        "customerNumber": "C1",
        "salesOrderLines": [
            {"lineObjectNumber": "1001", "quantity": 1},
            {"lineObjectNumber": "nothing", "quantity": 1},
        ],
    }
    status, code, _ = await erp.refused("POST", "salesOrders", json=body)
    assert (status, code) == (400, "Internal_InvalidTableRelation")
    assert await erp.numbers("salesOrders") == before


async def test_ob_100_an_etag_is_three_quoted_parts(erp):
    tag = (await erp.get(f"items({ITEM})"))["@odata.etag"]
    decoded = base64.b64decode(re.fullmatch(r'W/"(.+)"', tag)[1]).decode()
    assert re.fullmatch(r"'\d{1,3};\d{19,20};00;'", decoded)


@pytest.mark.parametrize(
    ("method", "tag", "status", "code"),
    [
        pytest.param("PATCH", None, 400, "BadRequest_InvalidToken", id="OB-101 missing on PATCH"),
        pytest.param("DELETE", None, 400, "BadRequest_InvalidToken", id="OB-101 missing on DELETE"),
        pytest.param("PATCH", "nonsense", 400, "BadRequest_InvalidToken", id="OB-101 not an ETag"),
        pytest.param("PATCH", 'W/"JzE5OzE7MDA7Jw=="', 409, "Request_EntityChanged", id="OB-102 stale on PATCH"),
        pytest.param("DELETE", 'W/"JzE5OzE7MDA7Jw=="', 409, "Request_EntityChanged", id="OB-102 stale on DELETE"),
    ],
)
async def test_writes_without_the_right_etag(erp, method, tag, status, code):
    before = await erp.get(f"customers({CUSTOMER})")
    more = {"json": {"city": "Ribe"}} if method == "PATCH" else {}
    headers = {"if-match": tag} if tag else {}
    assert (await erp.refused(method, f"customers({CUSTOMER})", headers=headers, **more))[:2] == (status, code)
    assert await erp.get(f"customers({CUSTOMER})") == before


async def test_ob_102_the_status_of_a_stale_etag_is_an_option(make):
    from vegraph.emulator.bc.choices import BcChoices

    erp = make(choices=BcChoices(stale_status=412))
    headers = {"if-match": 'W/"JzE5OzE7MDA7Jw=="'}
    assert (await erp.refused("PATCH", f"customers({CUSTOMER})", json={"city": "x"}, headers=headers))[0] == 412


async def test_ob_103_a_star_overrides(erp):
    answer = await erp.send("PATCH", f"customers({CUSTOMER})", json={"city": "Ribe"}, headers=ANY)
    assert answer.status_code == 200


async def test_ob_104_an_etag_changes_with_its_row_only(erp):
    first, second = await erp.get(f"customers({CUSTOMER})"), await erp.get(f"customers({books.customer(2)})")
    headers = {"if-match": first["@odata.etag"]}
    changed = (await erp.send("PATCH", f"customers({CUSTOMER})", json={"city": "Ribe"}, headers=headers)).json()
    assert changed["@odata.etag"] != first["@odata.etag"]
    assert await erp.get(f"customers({books.customer(2)})") == second
    assert "@odata.etag" not in (await erp.rows("companies"))[0]
