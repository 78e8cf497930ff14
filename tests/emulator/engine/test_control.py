"""The control port over real HTTP: request log, faults, clock."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.emulator.bc import books
from vegraph.emulator.engine.access import Anyone
from vegraph.emulator.engine.profile import Limits
from vegraph.emulator.running import running
from vegraph.emulator.server import BC_ROOT, create_bc
from vegraph.emulator.users import SYSTEM_ADMINISTRATOR, User

ADMIN = User(id="ADMIN", roles=(SYSTEM_ADMINISTRATOR,))
ORDERS = f"{BC_ROOT}/salesOrders"


class Both:
    """An emulator and its control port."""

    def __init__(self, client: httpx.AsyncClient, erp: str, control: str) -> None:
        self.client, self.erp, self.control_url = client, erp, control

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(self.erp + path, headers=headers)

    async def control(self, method: str, path: str, body: object = None) -> httpx.Response:
        more = {} if body is None else {"json": body}
        return await self.client.request(method, f"{self.control_url}/control/{path}", **more)

    async def fault(self, **rule: object) -> None:
        answer = await self.control("POST", "faults", rule)
        assert answer.status_code == 201, answer.text


@asynccontextmanager
async def started() -> AsyncIterator[Both]:
    emulator = create_bc(
        tokens=Anyone(user=ADMIN), rows=books.batches(), default_company=books.MAIN_NAME, limits=Limits()
    )
    async with running(emulator.app) as erp, running(emulator.control) as control, httpx.AsyncClient() as client:
        yield Both(client, erp, control)
    emulator.store.close()


async def test_requests_are_logged_without_secrets():
    async with started() as both:
        await both.get(f"{BC_ROOT}/items?$top=2", authorization="Bearer secret")
        await both.client.post(
            f"{both.erp}{BC_ROOT}/$batch", json={"requests": [{"method": "GET", "url": "items?$top=1"}]}
        )
        found = (await both.control("GET", "requests")).json()
        first, second = found["requests"]
        assert found["total"] == 2
        assert (first["method"], first["url"], first["user"], first["status"], first["rows"]) == (
            "GET",
            f"{BC_ROOT}/items?$top=2",
            "ADMIN",
            200,
            2,
        )
        assert "secret" not in json.dumps(found)
        assert first["ms"] > 0
        assert [(p["method"], p["url"], p["status"]) for p in second["parts"]] == [
            ("GET", f"{BC_ROOT}/items?$top=1", 200)
        ]
        assert (await both.control("DELETE", "requests")).status_code == 204
        assert (await both.control("GET", "requests")).json() == {"total": 0, "requests": []}


@pytest.mark.parametrize(
    ("rule", "status", "header"),
    [
        ({"status": 503}, 503, None),
        ({"status": 503, "retry_after": 7}, 503, "7"),
        ({"status": 429, "retry_after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 429, "Wed, 21 Oct 2026 07:28:00 GMT"),
        ({"status": 302, "headers": {"location": "https://elsewhere.example"}}, 302, None),
    ],
)
async def test_a_status_instead_of_an_answer(rule, status, header):
    async with started() as both:
        await both.fault(**rule)
        answer = await both.get(ORDERS)
        assert (answer.status_code, answer.headers.get("retry-after")) == (status, header)
        assert (await both.control("DELETE", "faults")).status_code == 204
        assert (await both.get(ORDERS)).status_code == 200


@pytest.mark.parametrize(
    ("rule", "statuses"),
    [
        ({"status": 500, "times": 2}, [500, 500, 200, 200]),
        ({"status": 500, "times": 1, "skip": 2}, [200, 200, 500, 200]),
        ({"status": 500, "method": "POST"}, [200] * 4),
        ({"status": 500, "path": "customers"}, [200] * 4),
        ({"status": 500, "path": r"salesOrders\?\$top=1$"}, [500] * 4),
        ({"status": 500, "user": "SOMEONE"}, [200] * 4),
        ({"status": 500, "user": "ADMIN"}, [500] * 4),
    ],
)
async def test_which_requests_a_rule_is_for(rule, statuses):
    async with started() as both:
        await both.fault(**rule)
        assert [(await both.get(f"{ORDERS}?$top=1")).status_code for _ in range(4)] == statuses


async def test_answers_may_be_spoilt():
    async with started() as both:

        async def spoilt(path: str = ORDERS, **rule: object) -> httpx.Response:
            await both.control("DELETE", "faults")
            await both.fault(**rule)
            return await both.get(path)

        with pytest.raises(ValueError, match=r"Expecting|Invalid"):
            (await spoilt(malformed=True)).json()
        assert (await spoilt(content_type="text/plain")).headers["content-type"] == "text/plain"
        page = await spoilt(html=True)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        linked = (await spoilt(next_link_host="https://evil.example")).json()
        assert linked["@odata.nextLink"].startswith("https://evil.example/")
        with pytest.raises(httpx.HTTPError):
            await spoilt(cut_after=100)
        with pytest.raises(httpx.HTTPError):
            await spoilt(reset="before")


@pytest.mark.parametrize("rule", [{"delay_ms": 5000}, {"delay_body_ms": 5000}], ids=str)
async def test_an_answer_or_its_body_may_be_late(rule):
    async with started() as both:
        await both.fault(**rule, times=1)
        with pytest.raises(httpx.ReadTimeout):
            await both.client.get(both.erp + ORDERS, timeout=0.1)
        assert (await both.get(ORDERS)).status_code == 200


async def test_a_next_link_that_is_there_gets_another_host():
    async with started() as both:
        await both.fault(next_link_host="https://evil.example")
        page = (await both.get(f"{BC_ROOT}/customers", prefer="odata.maxpagesize=2")).json()
        assert page["@odata.nextLink"].startswith("https://evil.example/v2.0/")


@pytest.mark.parametrize(("reset", "written"), [("before", False), ("after", True)])
async def test_a_connection_may_break_before_or_after_the_erp_has_acted(reset, written):
    async with started() as both:
        await both.fault(reset=reset, method="POST", times=1)
        with pytest.raises(httpx.HTTPError):
            await both.client.post(f"{both.erp}{BC_ROOT}/customers", json={"displayName": "Perhaps"})
        found = (await both.get(f"{BC_ROOT}/customers?$filter=displayName eq 'Perhaps'")).json()["value"]
        assert bool(found) == written


@pytest.mark.parametrize(
    ("how", "ids"), [("missing", ["1", "2"]), ("doubled", ["1", "1", "2", "3"]), ("shuffled", ["3", "2", "1"])]
)
async def test_the_answers_of_a_batch_may_be_wrong(how, ids):
    async with started() as both:
        await both.fault(batch=how)
        parts = [{"id": str(n), "method": "GET", "url": "items?$top=1"} for n in (1, 2, 3)]
        answer = await both.client.post(f"{both.erp}{BC_ROOT}/$batch", json={"requests": parts})
        assert [r["id"] for r in answer.json()["responses"]] == ids


@pytest.mark.parametrize(
    "rule", [{"statsu": 500}, {"status": "500"}, {"reset": "later"}, {"path": "("}, {"batch": "lost"}, "x"], ids=str
)
async def test_a_rule_that_makes_no_sense_is_refused_with_a_sentence(rule):
    async with started() as both:
        answer = await both.control("POST", "faults", rule)
        assert answer.status_code == 400
        assert answer.json()["error"].startswith("The fault cannot be used: ")


async def test_one_rule_can_be_taken_back():
    async with started() as both:
        await both.fault(status=500)
        listed = (await both.control("GET", "faults")).json()["faults"]
        assert (listed[0]["status"], listed[0]["hits"]) == (500, 0)
        assert (await both.control("DELETE", f"faults/{listed[0]['id']}")).status_code == 204
        assert (await both.control("DELETE", f"faults/{listed[0]['id']}")).status_code == 404
        assert (await both.get(ORDERS)).status_code == 200


async def test_the_clock_can_be_moved():
    async with started() as both:
        moved = (await both.control("PUT", "clock", {"now": "2030-05-01T12:00:00Z", "frozen": True})).json()
        assert (moved["now"], moved["frozen"]) == ("2030-05-01T12:00:00.000Z", True)
        assert (await both.control("PUT", "clock", {"advance_s": 90})).json()["now"] == "2030-05-01T12:01:30.000Z"
        made = await both.client.post(f"{both.erp}{BC_ROOT}/customers", json={"displayName": "Later"})
        assert made.json()["lastModifiedDateTime"] == "2030-05-01T12:01:30Z"
        assert (await both.control("PUT", "clock", {"reset": True})).json()["offset_s"] == 0
        assert (await both.control("PUT", "clock", {"hour": 3})).status_code == 400
