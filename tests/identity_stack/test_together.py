"""Sixty-four people at once (T12, I10): no answer and no token crosses over, whatever the provider does meanwhile.

The provider throttles some exchanges (429 with `Retry-After`), and puts `Retry-After` on good answers too: MSAL as
shipped would hand those to the next person who asks for the same scope. Everybody signs in anew now and then.
"""

import asyncio
import os
import random
import re
import threading
from collections import Counter

import aiohttp

from tests.identity.provider import Reply
from tests.identity_stack.people import Contact, Employee, customer_of

REQUESTS = int(os.environ.get("VEGRAPH_TOGETHER", "5000"))
SESSION = 26
"""Requests of one person until they sign in anew."""

QUERIES = (
    "{ bcCustomers { nodes { number } } }",
    "{ foCustomersV3 { nodes { customerAccount } } }",
    "{ bcCustomers { nodes { number } } foCustomersV3 { nodes { customerAccount } } }",
    "{ bcSalesOrders(first: 2) { nodes { customerNumber customer { number } } } }",
    "{ foSalesOrderHeadersV2(first: 2) { nodes { orderingCustomerAccountNumber } } }",
    "{ me { id } bcItems(first: 1) { nodes { number } } foReleasedProductsV2(first: 1) { nodes { itemNumber } } }",
)
_CUSTOMER = re.compile(r'"C\d{5}"')

PEOPLE = [*map(Employee, range(2, 50)), *[Contact(n) for n in (1, 2, 3, 4, 5, 6)] * 2, *[None] * 4]
assert len(PEOPLE) == 64


class Trouble:
    """What the provider does to whom, by chance; asked from several threads."""

    def __init__(self):
        self.chance = random.Random(64)
        self.lock = threading.Lock()
        self.given = Counter()

    def refusal(self, form):
        with self.lock:
            if self.chance.random() > 0.08:
                return None
            self.given["429"] += 1
        return Reply({"error": "temporarily_unavailable"}, 429, {"Retry-After": "3600"})

    def headers(self, form):
        with self.lock:
            if self.chance.random() > 0.3:
                return {}
            self.given["200"] += 1
        return {"Retry-After": "3600"}


async def test_sixty_four_people_at_once_get_their_own_answers_and_no_others(stack):
    trouble, met = Trouble(), Counter()
    stack.authority.trouble, stack.authority.extra = trouble.refusal, trouble.headers
    left = iter(range(REQUESTS))

    async def person(place, who, http):
        chance, token = random.Random(place), None
        path = "/graphql" if isinstance(who, Employee) else "/portal/support/graphql"
        for count, number in enumerate(left):
            if who is not None and count % SESSION == 0:
                token = stack.token(who, sid=f"{place}.{count}")
            name = f"together-{number}"
            stack.asked[name] = who
            headers = {"X-Request-Id": name, **({"Authorization": f"Bearer {token}"} if token else {})}
            query = {"query": chance.choice(QUERIES)}
            async with http.post(stack.url + path, json=query, headers=headers) as response:
                assert response.status == 200
                text = await response.text()
            met[judged(who, text)] += 1

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64)) as http:
        await asyncio.gather(*(person(place, who, http) for place, who in enumerate(PEOPLE)))

    assert met.total() == REQUESTS
    assert met["rows"] > REQUESTS * 0.8
    assert trouble.given["429"]
    assert trouble.given["200"]
    assert len({form["assertion"] for form in stack.exchanged()}) >= 48
    assert_tokens_are_of_whom_they_ran_as(stack)


def judged(who, text):
    """`rows`, all of them the person's own, or what went wrong."""
    seen = set(_CUSTOMER.findall(text))
    assert seen <= {f'"{customer_of(who.number)}"' if who is not None else None}, text
    if '"me"' in text and who is not None and '"id":null' not in text:
        assert (who.oid if isinstance(who, Employee) else who.id) in text
    if '"errors"' not in text:
        return "rows"
    assert set(re.findall(r'"code":"(\w+)"', text)) == {"UNAVAILABLE"}, text
    return "unavailable"


def assert_tokens_are_of_whom_they_ran_as(stack):
    """Each token that an ERP took was issued to the very person whose request it came with."""
    found = 0
    for app in stack.apps.values():
        for entry in list(app.journal.entries):
            who = stack.asked.get(entry.request.headers.get("x-ms-client-request-id"))
            if isinstance(who, Employee):
                token = entry.request.headers["authorization"].removeprefix("Bearer ")
                assert stack.authority.issued[token] == who.oid
                found += 1
    assert found > REQUESTS // 2
