"""Error bodies of the dialects as vegraph's errors."""

import json
from datetime import UTC, datetime

import pytest

from vegraph.backend.faults import fault, retry_after
from vegraph.errors import (
    BackendConflict,
    BackendForbidden,
    BackendInvalid,
    BackendNotFound,
    BackendRateLimited,
    BackendTimeout,
    BackendUnavailable,
)

BC, FO, ODATA = "business-central", "finance-operations", "generic"
WRITE = "Microsoft.Dynamics.Platform.Integration.Services.OData.AxODataWriteException"


def bc(code, message):
    return {"error": {"code": code, "message": f"{message}  CorrelationId:  2f9b6b8a-0000-4000-8000-d0c7cb4b9d1c."}}


def fo(message, kind, outer="An error has occurred."):
    return {
        "error": {
            "code": "",
            "message": outer,
            "innererror": {"message": message, "type": kind, "stacktrace": "at X.Y"},
        }
    }


@pytest.mark.parametrize(
    ("flavour", "status", "body", "error", "text"),
    [
        (
            BC,
            400,
            bc("Application_DialogException", "Amount must be positive."),
            BackendInvalid,
            "Amount must be positive.",
        ),
        (
            BC,
            409,
            bc("Request_EntityChanged", "Another user has already changed the record."),
            BackendConflict,
            "Another",
        ),
        (
            BC,
            400,
            bc("Internal_EntityWithSameKeyExists", "The record already exists."),
            BackendConflict,
            "already exists.",
        ),
        (
            BC,
            405,
            bc("BadRequest_MethodNotAllowed", "'POST' is not allowed."),
            BackendForbidden,
            "'POST' is not allowed.",
        ),
        (BC, 404, bc("Internal_RecordNotFound", "The Customer does not exist."), BackendNotFound, "does not exist."),
        (BC, 500, bc("Internal_ServerError", "cannot reach sql-server-7"), BackendUnavailable, "not available (500)"),
        (BC, 501, bc("BadRequest_MethodNotImplemented", "in"), BackendUnavailable, "in another way"),
        (BC, 408, {}, BackendTimeout, "own time limit"),
        (
            FO,
            500,
            fo(
                "Write failed for table row of type 'CustCustomerV3Entity'. Infolog: Error: Customer group 'X' does"
                " not exist.; Warning: Check the group.",
                WRITE,
            ),
            BackendInvalid,
            "Customer group 'X' does not exist. Check the group.",
        ),
        (
            FO,
            500,
            fo(
                "Write failed for table row of type 'CustCustomerV3Entity'. Infolog: Error: Cannot create a record in"
                " Customers (CustTable). Customer account: US-001. The record already exists.",
                WRITE,
            ),
            BackendConflict,
            "already exists",
        ),
        (
            FO,
            500,
            fo(
                "Exception occurred while executing action cancel on Entity SalesOrder: Order is invoiced.",
                "System.InvalidOperationException",
            ),
            BackendInvalid,
            "Order is invoiced.",
        ),
        (
            FO,
            500,
            fo("Object reference not set at Server7", "System.NullReferenceException"),
            BackendUnavailable,
            "not available",
        ),
        (
            FO,
            500,
            fo("Sequence contains no elements", "System.InvalidOperationException"),
            BackendUnavailable,
            "not available",
        ),
        (
            FO,
            400,
            fo("Write failed for table row of type 'X'. Infolog: Error: Blank.", WRITE),
            BackendInvalid,
            "Blank.",
        ),
        (
            FO,
            404,
            {"error": {"code": "", "message": "No HTTP resource was found."}},
            BackendNotFound,
            "No HTTP resource",
        ),
        (FO, 412, {}, BackendConflict, "refused the request (412)"),
        (
            ODATA,
            400,
            {"error": {"code": "c", "message": {"lang": "en", "value": "old form"}}},
            BackendInvalid,
            "old form",
        ),
        (ODATA, 400, {"error": "text"}, BackendInvalid, "refused the request (400)"),
        (ODATA, 400, [1], BackendInvalid, "refused the request (400)"),
        (ODATA, 500, {"error": {"message": "Traceback: secret"}}, BackendUnavailable, "not available (500)"),
        (ODATA, 429, {}, BackendRateLimited, "no more requests"),
    ],
)
def test_a_fault_by_status_and_body(flavour, status, body, error, text):
    found = fault("s", status, {}, json.dumps(body).encode(), flavour)
    assert type(found) is error
    assert text in str(found)
    for secret in ("CorrelationId", "secret", "sql-server-7", "Server7", "at X.Y", "Write failed"):
        assert secret not in str(found)


def test_target_and_details_tell_which_member():
    body = {
        "error": {
            "code": "V",
            "message": "Two mistakes",
            "target": "name",
            "details": [{"target": "age", "message": "too old"}, {"message": "and so on"}, "x"],
        }
    }
    found = fault("s", 422, {}, json.dumps(body).encode())
    assert (found.target, found.erp_code) == ("name", "V")
    assert found.details == (("age", "too old"), (None, "and so on"))


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b'{"error":', b"[" * 100_000])
def test_a_body_that_is_no_fault_still_gives_one(body):
    assert isinstance(fault("s", 400, {}, body), BackendInvalid)


def test_control_characters_and_endless_texts_do_not_pass():
    found = fault("s", 400, {}, json.dumps({"error": {"message": "a\x1b[31m\r\n" + "b" * 5000}}).encode())
    assert "\x1b" not in str(found)
    assert len(str(found)) <= 1000


NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("999999999999", 86400),
        ("Wed, 25 Nov 2026 12:00:30 GMT", 30),
        ("Wed, 25 Nov 2026 11:00:00 GMT", 0),
        ("soon", None),
        ("", None),
        ("-1", None),
        ("٣", None),
    ],
)
def test_retry_after_in_both_forms(given, seconds):
    assert retry_after({"retry-after": given}, NOW) == seconds
