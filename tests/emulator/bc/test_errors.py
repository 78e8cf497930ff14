"""Error bodies and codes (erp.md 4.2.11) and headers (4.2.13)."""

import re

import pytest

from tests.emulator.bc import books

CUSTOMER = f"customers({books.customer(1)})"
ANY = {"if-match": "*"}


async def test_ob_140_the_message_ends_in_its_correlation_id(erp):
    answer = await erp.send("GET", "nothing")
    error = answer.json()["error"]
    assert set(error) == {"code", "message"}
    assert re.search(r"\.  CorrelationId:  [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.$", error["message"])
    assert answer.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "customers?$filter=number eq", None, 400, "BadRequest_NotFound"),
        ("GET", "nothing", None, 404, "BadRequest_ResourceNotFound"),
        ("PATCH", CUSTOMER, {"balanceDue": 1}, 400, "BadRequest_InvalidOperation"),
        ("PATCH", CUSTOMER, {"city": 5}, 400, "BadRequest"),
        ("POST", "customers", {"city": "Ribe"}, 400, "BadRequest_RequiredParamNotProvided"),
        ("POST", "companies", {}, 405, "BadRequest_MethodNotAllowed"),
        ("GET", "customers?$filter=number in ('C1')", None, 501, "BadRequest_MethodNotImplemented"),
        ("GET", f"customers({books.customer(99)})", None, 404, "Internal_RecordNotFound"),
        ("POST", "salesOrders", {"customerId": books.customer(99)}, 400, "Internal_InvalidTableRelation"),
        ("POST", "customers", {"id": books.customer(1), "displayName": "x"}, 400, "Internal_EntityWithSameKeyExists"),
        ("GET", "customers?company=Nobody", None, 404, "Internal_CompanyNotFound"),
        ("POST", "salesOrders", {"customerNumber": "C7"}, 400, "Application_DialogException"),
        ("PATCH", CUSTOMER, {"city": "x" * 31}, 400, "Application_StringExceededLength"),
        ("PATCH", CUSTOMER, {"currencyId": "x"}, 400, "Application_InvalidGUID"),
        (
            "POST",
            f"salesInvoices({books.invoice(2)})/Microsoft.NAV.post",
            None,
            400,
            "Application_FieldValidationException",
        ),
    ],
    ids=lambda value: f"OB-140 {value}" if isinstance(value, str) and re.match("[A-Z][a-z]+_?[A-Z]?", value) else None,
)
async def test_codes(erp, method, path, body, status, code):
    more = {} if body is None else {"json": body}
    assert (await erp.refused(method, path, headers=ANY, **more))[:2] == (status, code)


async def test_ob_140_a_body_that_is_no_json(erp):
    for content in (b"{", b"[]", b'{"a": NaN}', b"\xff"):
        found = await erp.refused("POST", "customers", content=content, headers={"content-type": "application/json"})
        assert found[:2] == (400, "BadRequest")


async def test_ob_140_another_media_type_is_415(erp):
    found = await erp.refused("POST", "customers", content=b"<a/>", headers={"content-type": "application/xml"})
    assert found[0] == 415


async def test_ob_157_a_body_above_the_limit_is_413(make):
    from vegraph.emulator.engine.profile import Limits

    erp = make(limits=Limits(body_bytes=100))
    assert (await erp.refused("POST", "customers", json={"displayName": "x" * 99}))[0] == 413


async def test_ob_46_a_read_only_intent_refuses_writes(erp):
    headers = {"data-access-intent": "ReadOnly", **ANY}
    assert (await erp.refused("PATCH", CUSTOMER, json={"city": "x"}, headers=headers))[0] == 400
    assert (await erp.send("GET", "items", headers=headers)).status_code == 200
    headers["data-access-intent"] = "ReadWrite"
    assert (await erp.send("PATCH", CUSTOMER, json={"city": "x"}, headers=headers)).status_code == 200


async def test_ob_42_a_write_may_answer_with_nothing(erp):
    headers = {"prefer": "return=minimal", **ANY}
    answer = await erp.send("PATCH", CUSTOMER, json={"city": "x"}, headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("accept", "context", "kind"),
    [
        pytest.param("application/json", True, False, id="OB-40 minimal metadata"),
        pytest.param("application/json;odata.metadata=none", False, False, id="OB-40 no metadata"),
        pytest.param("application/json;odata.metadata=full", True, True, id="OB-40 full metadata"),
    ],
)
async def test_metadata_levels(erp, accept, context, kind):
    row = await erp.get(CUSTOMER, headers={"accept": accept})
    assert ("@odata.context" in row, "@odata.type" in row) == (context, kind)
