"""Bound and unbound actions (erp.md 4.2.5): what they do to the rows."""

from decimal import Decimal

import pytest

from tests.emulator.bc import books
from vegraph.emulator.bc.choices import BcChoices

FEATURES = b"""<?xml version="1.0"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="Microsoft.NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">
 <EntityType Name="feature"><Key><PropertyRef Name="id"/></Key>
  <Property Name="id" Type="Edm.String" Nullable="false" MaxLength="50"/>
  <Property Name="enabled" Type="Edm.String"/></EntityType>
 <Action Name="activate" IsBound="true"><Parameter Name="bindingParameter" Type="Microsoft.NAV.feature"/>
  <Parameter Name="updateInBackground" Type="Edm.Boolean" Nullable="false"/>
  <Parameter Name="startDateTime" Type="Edm.DateTimeOffset"/></Action>
 <EntityContainer Name="NAV"><EntitySet Name="features" EntityType="Microsoft.NAV.feature"/></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>"""


def action(name: str) -> str:
    return f"Microsoft.NAV.{name}"


async def followed(erp, path):
    """The row the action's Location leads to."""
    answer = await erp.send("POST", path)
    assert (answer.status_code, answer.content) == (204, b""), answer.text
    return await erp.get(answer.headers["location"], root="")


async def test_ob_55_ob_56_posting_turns_a_draft_into_an_open_invoice(erp):
    posted = await followed(erp, f"salesInvoices({books.invoice(1)})/{action('post')}")
    assert (posted["status"], posted["number"][:6], posted["remainingAmount"]) == ("Open", "PS-INV", 50.0)
    assert posted["id"] != books.invoice(1)
    assert (await erp.refused("GET", f"salesInvoices({books.invoice(1)})"))[0] == 404
    lines = await erp.rows(f"salesInvoices({posted['id']})/salesInvoiceLines")
    assert [line["sequence"] for line in lines] == [10000, 20000]


async def test_ob_56_the_posted_invoice_may_keep_its_id(make):
    erp = make(choices=BcChoices(posted_id="same"))
    posted = await followed(erp, f"salesInvoices({books.invoice(1)})/{action('post')}")
    assert posted["id"] == books.invoice(1)


async def test_ob_56_posting_moves_stock_and_balance(erp):
    await followed(erp, f"salesInvoices({books.invoice(1)})/{action('post')}")
    assert (await erp.get(f"items({books.item(1)})"))["inventory"] == 98
    assert (await erp.get(f"customerFinancialDetails({books.customer(1)})"))["balance"] == 150
    entries = await erp.rows("itemLedgerEntries")
    assert [(e["itemNumber"], e["quantity"], e["entryType"]) for e in entries] == [
        ("1001", -2, "Sale"),
        ("1002", -2, "Sale"),
    ]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        pytest.param(
            f"salesInvoices({books.invoice(2)})/{action('post')}",
            400,
            "Application_FieldValidationException",
            id="OB-56 posted already",
        ),
        pytest.param(
            f"salesInvoices({books.invoice(3)})/{action('post')}",
            400,
            "Application_DialogException",
            id="OB-56 nothing to post",
        ),
        pytest.param(
            f"salesInvoices({books.invoice(1)})/{action('cancel')}",
            400,
            "Application_DialogException",
            id="OB-60 a draft cannot be cancelled",
        ),
        pytest.param(
            f"salesInvoices({books.invoice(9)})/{action('post')}",
            404,
            "Internal_RecordNotFound",
            id="OB-55 no such row",
        ),
        pytest.param(
            f"salesInvoices({books.invoice(1)})/{action('ship')}",
            404,
            "BadRequest_ResourceNotFound",
            id="OB-55 no such action",
        ),
        pytest.param(
            f"salesInvoices({books.invoice(1)})/NAV.post",
            404,
            "BadRequest_ResourceNotFound",
            id="OB-55 namespace of page services",
        ),
        pytest.param(f"salesInvoices/{action('post')}", 404, "BadRequest_ResourceNotFound", id="OB-55 not on the set"),
        pytest.param(
            f"items({books.item(1)})/{action('post')}", 404, "BadRequest_ResourceNotFound", id="OB-28 not on this type"
        ),
    ],
)
async def test_actions_that_are_refused(erp, path, status, code):
    before = await erp.rows("salesInvoices")
    assert (await erp.refused("POST", path))[:2] == (status, code)
    assert await erp.rows("salesInvoices") == before


async def test_ob_55_an_action_is_posted(erp):
    assert (await erp.refused("GET", f"salesInvoices({books.invoice(1)})/{action('post')}"))[0] == 405


async def test_ob_60_ship_and_invoice_makes_an_invoice_of_an_order(erp):
    made = await followed(erp, f"salesOrders({books.order(1)})/{action('shipAndInvoice')}")
    assert (made["status"], made["orderNumber"], made["orderId"]) == ("Open", "S-ORD101", books.order(1))
    assert made["totalAmountIncludingTax"] == 75
    assert len(await erp.rows(f"salesInvoices({made['id']})/salesInvoiceLines")) == 3
    assert (await erp.refused("GET", f"salesOrders({books.order(1)})"))[0] == 404


async def test_ob_60_receive_and_invoice_makes_a_purchase_invoice(erp):
    made = await followed(erp, f"purchaseOrders({books.PURCHASE})/{action('receiveAndInvoice')}")
    assert (made["status"], made["vendorNumber"], made["orderNumber"]) == ("Open", "V1", "PO1")
    assert (await erp.get(f"items({books.item(1)})"))["inventory"] == 104


@pytest.mark.parametrize(
    ("name", "target"),
    [
        pytest.param("makeInvoice", "salesInvoices", id="OB-60 makeInvoice"),
        pytest.param("makeOrder", "salesOrders", id="OB-60 makeOrder"),
    ],
)
async def test_a_quote_becomes(erp, name, target):
    made = await followed(erp, f"salesQuotes({books.QUOTE})/{action(name)}")
    assert (await erp.get(f"{target}({made['id']})"))["status"] == "Draft"
    assert await erp.rows("salesQuotes") == []


async def test_ob_60_sending_a_quote_marks_it_sent(erp):
    assert (await erp.send("POST", f"salesQuotes({books.QUOTE})/{action('send')}")).status_code == 204
    quote = await erp.get(f"salesQuotes({books.QUOTE})")
    assert quote["status"] == "Sent"
    assert quote["sentDate"] > "2026"


@pytest.mark.parametrize("name", [pytest.param(n, id=f"OB-60 {n}") for n in ("cancel", "cancelAndSend")])
async def test_cancelling_leaves_a_corrective_credit_memo(erp, name):
    answer = await erp.send("POST", f"salesInvoices({books.invoice(2)})/{action(name)}")
    assert (answer.status_code, "location" in answer.headers) == (204, False)
    invoice = await erp.get(f"salesInvoices({books.invoice(2)})")
    assert (invoice["status"], invoice["remainingAmount"]) == ("Canceled", 0)
    memo = (await erp.rows("salesCreditMemos?$filter=status eq 'Corrective'"))[0]
    assert (memo["invoiceNumber"], memo["totalAmountIncludingTax"]) == ("S-INV202", 50)


async def test_ob_60_a_corrective_credit_memo_is_a_draft(erp):
    memo = await followed(erp, f"salesInvoices({books.invoice(2)})/{action('makeCorrectiveCreditMemo')}")
    assert (memo["status"], memo["invoiceId"]) == ("Draft", books.invoice(2))
    assert len(await erp.rows(f"salesCreditMemos({memo['id']})/salesCreditMemoLines")) == 2


async def test_ob_60_post_and_send_posts(erp):
    posted = await followed(erp, f"salesInvoices({books.invoice(1)})/{action('postAndSend')}")
    assert posted["status"] == "Open"


async def test_ob_60_sending_needs_an_address(erp):
    await erp.send("PATCH", f"salesInvoices({books.invoice(1)})", json={"email": ""}, headers={"if-match": "*"})
    found = await erp.refused("POST", f"salesInvoices({books.invoice(1)})/{action('send')}")
    assert found[1] == "Application_DialogException"


async def test_ob_60_posting_a_credit_memo_gives_stock_back(erp):
    posted = await followed(erp, f"salesCreditMemos({books.CREDIT_MEMO})/{action('post')}")
    assert posted["number"].startswith("PS-CR")
    assert (await erp.get(f"items({books.item(1)})"))["inventory"] == 102


async def test_ob_60_posting_a_journal_writes_the_ledger(erp):
    answer = await erp.send("POST", f"journals({books.JOURNAL})/{action('post')}")
    assert answer.status_code == 204
    entries = await erp.rows("generalLedgerEntries")
    assert [(e["debitAmount"], e["creditAmount"]) for e in entries] == [(12.5, 0), (0, 12.5)]
    assert await erp.rows(f"journals({books.JOURNAL})/journalLines") == []
    assert (await erp.refused("POST", f"journals({books.JOURNAL})/{action('post')}"))[
        1
    ] == "Application_DialogException"


async def test_ob_60_restart_makes_a_job_ready(erp):
    assert (await erp.send("POST", f"jobQueueEntries({books.JOB})/{action('restart')}")).status_code == 204
    assert (await erp.get(f"jobQueueEntries({books.JOB})"))["status"] == "Ready"


async def test_ob_56_a_posted_document_stays_as_it_is(erp):
    path = f"salesInvoices({books.invoice(2)})"
    found = await erp.refused("PATCH", path, json={"email": "x@y.z"}, headers={"if-match": "*"})
    assert found[1] == "Application_DialogException"
    assert (await erp.refused("DELETE", path, headers={"if-match": "*"}))[1] == "Application_DialogException"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(
            {"updateInBackground": False, "startDateTime": "2026-12-01T00:00:00Z"}, 204, id="OB-57 parameters"
        ),
        pytest.param({"updateInBackground": True}, 204, id="OB-57 a nullable parameter left out"),
        pytest.param({}, 400, id="OB-57 a parameter missing"),
        pytest.param({"updateInBackground": "yes"}, 400, id="OB-57 a parameter of another type"),
        pytest.param({"updateInBackground": True, "sooner": 1}, 400, id="OB-57 an unknown parameter"),
    ],
)
async def test_action_parameters(make, body, status):
    erp = make(routes={"contoso/automation/v2.0": FEATURES})
    root = "/v2.0/production/api/contoso/automation/v2.0"
    await erp.send("POST", "features", root=root, json={"id": "NewThing", "enabled": "None"})
    answer = await erp.send("POST", f"features('NewThing')/{action('activate')}", root=root, json=body)
    assert answer.status_code == status, answer.text
    assert (await erp.rows("features", root=root))[0]["enabled"] == ("All Users" if status == 204 else "None")


async def test_ob_58_a_published_procedure_answers_a_value(erp):
    def multiply(given):
        return int(given["a"]) * int(given["b"])

    erp.emulator.service.dialect.extras.procedures["Calculator_Multiply"] = multiply
    root = "/v2.0/production/ODataV4"
    answer = await erp.send("POST", f"Calculator_Multiply?company={books.MAIN}", root=root, json={"a": 6, "b": 7})
    assert answer.json()["value"] == 42
    assert (await erp.refused("POST", "Calculator_Multiply", root=root, json={}))[1] == "Internal_CompanyNotFound"
    assert (await erp.refused("POST", f"Calculator_Divide?company={books.MAIN}", root=root, json={}))[0] == 404


async def test_ob_56_totals_follow_the_lines(erp):
    line = (await erp.rows(f"salesOrders({books.order(1)})/salesOrderLines"))[0]
    body = {"quantity": 5, "discountPercent": 10}
    changed = await erp.send("PATCH", f"salesOrderLines({line['id']})", json=body, headers={"if-match": "*"})
    assert changed.json()["amountExcludingTax"] == 45
    order = await erp.get(f"salesOrders({books.order(1)})")
    assert (order["totalAmountExcludingTax"], order["totalTaxAmount"]) == (85, 21.25)
    await erp.send("DELETE", f"salesOrderLines({line['id']})", headers={"if-match": "*"})
    after = await erp.get(f"salesOrders({books.order(1)})")
    assert Decimal(str(after["totalAmountIncludingTax"])) == Decimal("50")
