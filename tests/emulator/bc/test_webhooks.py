"""Webhook subscriptions over real HTTP (erp.md 4.2.14)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.emulator.bc import books
from vegraph.emulator.bc.webhooks import WebhookTimes
from vegraph.emulator.running import running

CUSTOMERS = f"companies({books.MAIN})/customers"
FAST = WebhookTimes(delay_s=0.03, retry_s=0.02, retries_s=0.1, most_rows=3)


class Listener:
    """A subscriber: answers the handshake and keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[dict[str, object]] = []
        self.tokens: list[str] = []
        self.statuses: list[int] = []
        """Answers to give, the last one from then on."""
        self.confirms = True
        self.changed = asyncio.Event()

    async def heard(self, request: Request) -> Response:
        token = request.query_params.get("validationToken")
        if token is not None:
            self.tokens.append(token)
            return PlainTextResponse(token if self.confirms else "no")
        status = self.statuses.pop(0) if len(self.statuses) > 1 else (self.statuses or [200])[0]
        self.told.append({"status": status, "value": (await request.json())["value"]})
        self.changed.set()
        return Response(status_code=status)

    async def until_told(self, times: int) -> list[dict[str, object]]:
        async with asyncio.timeout(5):
            while len(self.told) < times:
                self.changed.clear()
                await self.changed.wait()
        return self.told


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[Listener, str]]:
    listener = Listener()
    async with running(Starlette(routes=[Route("/hook", listener.heard, methods=["POST"])])) as url:
        yield listener, f"{url}/hook"


async def subscribed(erp, url, resource=CUSTOMERS, **more):
    body = {"notificationUrl": url, "resource": resource, "clientState": "secret", **more}
    return await erp.send("POST", "subscriptions", json=body)


async def test_ob_170_subscribing_asks_the_url_to_confirm(make):
    erp = make(webhook_times=FAST)
    async with listening() as (listener, url):
        answer = await subscribed(erp, url)
        assert answer.status_code == 201, answer.text
        assert len(listener.tokens) == 1
        row = answer.json()
        assert (row["notificationUrl"], row["clientState"]) == (url, "secret")
        renewed = await erp.send(
            "PATCH", f"subscriptions('{row['subscriptionId']}')", json={}, headers={"if-match": "*"}
        )
        assert renewed.status_code == 200
        assert len(listener.tokens) == 2


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"confirms": False}, id="OB-170 a wrong token"),
        pytest.param({"url": "http://127.0.0.1:9/hook"}, id="OB-170 nobody there"),
        pytest.param({"url": "ftp://x"}, id="OB-170 no web address"),
        pytest.param({"clientState": "x" * 2049}, id="OB-170 client state too long"),
        pytest.param({"resource": "customers"}, id="OB-170 a resource without company"),
        pytest.param({"resource": f"companies({books.MAIN})/jobQueueEntries"}, id="OB-175 Job Queue Entry"),
        pytest.param({"resource": f"companies({books.MAIN})/customerSales"}, id="OB-175 an API query"),
        pytest.param({"resource": f"companies({books.MAIN})/pictures"}, id="OB-175 a temporary source"),
        pytest.param({"resource": f"companies({books.MAIN})/companies"}, id="OB-175 a system table"),
    ],
)
async def test_subscriptions_that_are_refused(make, change):
    erp = make(webhook_times=FAST)
    async with listening() as (listener, url):
        listener.confirms = change.get("confirms", True)
        more = {"clientState": change["clientState"]} if "clientState" in change else {}
        answer = await subscribed(erp, change.get("url", url), change.get("resource", CUSTOMERS), **more)
        assert answer.status_code == 400, answer.text
        assert await erp.rows("subscriptions") == []


async def test_ob_171_a_subscription_lives_three_days(make):
    erp = make(webhook_times=FAST)
    clock = erp.emulator.service.clock
    async with listening() as (listener, url):
        row = (await subscribed(erp, url)).json()
        assert row["expirationDateTime"][:10] > clock.text()[:10]
        clock.advance(3 * 86400 + 1)
        erp.emulator.service.dialect.webhooks._alive()
        clock.reset()
        assert await erp.rows("subscriptions") == []
        row = (await subscribed(erp, url)).json()
        gone = await erp.send("DELETE", f"subscriptions('{row['subscriptionId']}')", headers={"if-match": "*"})
        assert gone.status_code == 204
        await erp.send("POST", "customers", json={"displayName": "Unheard"})
        await asyncio.sleep(0.1)
        assert listener.told == []


async def test_ob_172_ob_173_changes_are_told_together_after_a_while(make):
    erp = make(webhook_times=FAST)
    async with listening() as (listener, url):
        row = (await subscribed(erp, url)).json()
        made = (await erp.send("POST", "customers", json={"displayName": "New"})).json()
        await erp.send("PATCH", f"customers({books.customer(1)})", json={"city": "Ribe"}, headers={"if-match": "*"})
        await erp.send("DELETE", f"customers({books.customer(6)})", headers={"if-match": "*"})
        await erp.send("POST", "items", json={"displayName": "Not a customer"})
        told = (await listener.until_told(1))[0]["value"]
        assert [(n["resource"], n["changeType"]) for n in told] == [
            (f"{CUSTOMERS}({made['id']})", "created"),
            (f"{CUSTOMERS}({books.customer(1)})", "updated"),
            (f"{CUSTOMERS}({books.customer(6)})", "deleted"),
        ]
        assert (told[0]["subscriptionId"], told[0]["clientState"]) == (row["subscriptionId"], "secret")
        assert set(told[0]) == {
            "subscriptionId",
            "clientState",
            "expirationDateTime",
            "resource",
            "changeType",
            "lastModifiedDateTime",
        }


async def test_ob_173_many_changes_are_told_as_one_collection(make):
    erp = make(webhook_times=FAST)
    async with listening() as (listener, url):
        await subscribed(erp, url)
        await erp.send(
            "POST",
            "$batch",
            json={
                "requests": [
                    {
                        "method": "POST",
                        "url": "customers",
                        "headers": {"Content-Type": "application/json"},
                        "body": {"displayName": str(n)},
                    }
                    for n in range(4)
                ]
            },
        )
        told = (await listener.until_told(1))[0]["value"]
        assert [n["changeType"] for n in told] == ["collection"]
        assert told[0]["resource"].startswith(f"{CUSTOMERS}?$filter=lastModifiedDateTime")


@pytest.mark.parametrize(
    ("statuses", "attempts", "stays"),
    [
        pytest.param([503, 429, 200], 3, True, id="OB-174 tried again on 5xx and 429"),
        pytest.param([408, 202], 2, True, id="OB-174 tried again on 408"),
        pytest.param([410], 1, False, id="OB-174 another answer deletes the subscription"),
        pytest.param([500], 6, False, id="OB-174 given up in the end"),
    ],
)
async def test_answers_to_a_notification(make, statuses, attempts, stays):
    erp = make(webhook_times=FAST)
    async with listening() as (listener, url):
        await subscribed(erp, url)
        listener.statuses = statuses
        await erp.send("POST", "customers", json={"displayName": "New"})
        await listener.until_told(attempts)
        await erp.emulator.service.dialect.webhooks.settled()
        assert len(listener.told) == attempts
        assert bool(await erp.rows("subscriptions")) == stays


async def test_ob_176_line_changes_tell_of_the_header(make):
    erp = make(webhook_times=FAST)
    async with listening() as (listener, url):
        await subscribed(erp, url, f"companies({books.MAIN})/salesOrders")
        line = (await erp.rows("salesOrderLines?$top=1"))[0]
        await erp.send("PATCH", f"salesOrderLines({line['id']})", json={"quantity": 7}, headers={"if-match": "*"})
        told = (await listener.until_told(1))[0]["value"]
        assert [(n["resource"], n["changeType"]) for n in told] == [
            (f"companies({books.MAIN})/salesOrders({line['documentId']})", "updated")
        ]


async def test_ob_176_what_can_be_subscribed_to_is_listed(erp):
    root = "/v2.0/production/api/microsoft/runtime/beta"
    rows = await erp.rows(f"companies({books.MAIN})/webhookSupportedResources", root=root)
    names = {row["resource"].rpartition("/")[2] for row in rows}
    assert {"customers", "salesOrders"} <= names
    assert not names & {"jobQueueEntries", "pictures", "customerSales", "companies"}
