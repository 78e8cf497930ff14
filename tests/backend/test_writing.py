"""Writes against the emulated ERPs: each once, and what is said of it is so, whatever breaks on the way."""

import asyncio
from dataclasses import replace
from typing import ClassVar

import msgspec
import pytest

from tests.backend.erps import CRONUS, business_central, finance
from vegraph.errors import (
    BackendConflict,
    BackendInvalid,
    BackendNotFound,
    BackendRateLimited,
    BackendUnavailable,
    BadUserInput,
    OutcomeUnknown,
)
from vegraph.plan.steps import Call, Company, Create, Delete, Key, ReadOne, Update


class Bc:
    """Customers of Business Central."""

    serving = staticmethod(business_central)
    set = "customers"
    text = "displayName"
    number = "number"
    company = CRONUS
    new: ClassVar = {"displayName": "O'Neil & Söhne", "number": "NEW-1"}

    @staticmethod
    def count(erp):
        return erp.emulator.store

    @staticmethod
    def keyed(erp, row):
        return (row["id"],)


class Fo:
    """Customers of finance and operations."""

    serving = staticmethod(finance)
    set = "CustomersV3"
    text = "OrganizationName"
    company = Company("usmf")
    number = "CustomerAccount"
    new: ClassVar = {
        "CustomerAccount": "NEW-1",
        "CustomerGroupId": "80",
        "OrganizationName": "O'Neil & Söhne",
        "SalesCurrencyCode": "USD",
    }

    @staticmethod
    def keyed(erp, row):
        return ("usmf", row["CustomerAccount"])


class Work:
    """One ERP, and writes of its customers."""

    def __init__(self, kind, erp):
        self.kind, self.erp = kind, erp
        self.entity = erp.entity(kind.set)
        self.base = {"source": erp.name, "set": self.entity.set, "entity": self.entity}

    def create(self, **values):
        return Create(**self.base, values={**self.kind.new, **values}, company=self.kind.company)

    def key(self, row):
        return Key(self.entity.key, self.kind.keyed(self.erp, row))

    def update(self, row, text, tag="row"):
        return Update(
            **self.base,
            key=self.key(row),
            values={self.kind.text: text},
            company=self.at,
            if_match=row["@odata.etag"] if tag == "row" else tag,
        )

    def delete(self, row, tag="row"):
        return Delete(
            **self.base, key=self.key(row), company=self.at, if_match=row["@odata.etag"] if tag == "row" else tag
        )

    @property
    def at(self):
        return self.kind.company if self.erp.name == "bc" else None

    def back(self, row=None):
        return ReadOne(**self.base, key=self.key(row) if row else None, select=(self.kind.text,), company=self.at)

    async def write(self, *steps, atomic=False, back=()):
        return await self.erp.runner().write(steps, atomic=atomic, read_back=back)

    async def made(self):
        (done,) = await self.write(self.create())
        assert done.error is None, done.error
        self.erp.asked()
        return msgspec.json.decode(done.body)

    async def now(self, row):
        """The row as it is; None where it is gone."""
        rules = list(self.erp.emulator.app.faults.rules)
        self.erp.well()
        body = await self.erp.runner().read_one(replace(self.back(row), select=()))
        self.erp.emulator.app.faults.rules.extend(rules)
        return None if body is None else msgspec.json.decode(body)

    def sent(self, method):
        return [line for line in self.erp.asked() if line.startswith(method)]


@pytest.fixture(params=[Bc, Fo], ids=["bc", "fo"])
async def work(request):
    async with request.param.serving() as erp:
        yield Work(request.param, erp)


async def test_create_gives_the_row_with_what_the_erp_filled_in(work):
    (done,) = await work.write(work.create(), back=[work.back()])
    row = msgspec.json.decode(done.read_back)
    assert row[work.kind.text] == "O'Neil & Söhne"
    assert len(row) > len(work.kind.new)
    assert (done.status, done.error) == (201, None)
    assert done.etag == row["@odata.etag"]
    assert len(work.erp.asked()) == 1 if work.erp.name == "fo" else True


async def test_update_is_one_request_with_the_row_read_back(work):
    row = await work.made()
    (done,) = await work.write(work.update(row, "Newer"), back=[work.back(row)])
    assert done.error is None
    assert msgspec.json.decode(done.read_back)[work.kind.text] == "Newer"
    assert done.etag not in (None, row["@odata.etag"])
    assert len(work.erp.asked()) == 1


async def test_a_stale_etag_writes_nothing(work):
    row = await work.made()
    await work.write(work.update(row, "Newer"))
    stale = await work.write(work.update(row, "Newest"), work.delete(row))
    assert [type(d.error) for d in stale] == [BackendConflict, BackendConflict]
    assert (await work.now(row))[work.kind.text] == "Newer"


async def test_overwriting_has_to_be_said(work):
    row = await work.made()
    await work.write(work.update(row, "Newer"))
    (done,) = await work.write(work.update(row, "Newest", tag="*"))
    assert done.error is None
    assert (await work.now(row))[work.kind.text] == "Newest"


async def test_delete(work):
    row = await work.made()
    (done,) = await work.write(work.delete(row))
    assert (done.status, done.error) == (204, None)
    assert await work.now(row) is None
    (again,) = await work.write(work.delete(row))
    assert isinstance(again.error, BackendNotFound)


async def test_one_that_is_refused_does_not_keep_the_next(work):
    row = await work.made()
    first, second = await work.write(work.update(row, "x" * 5000), work.update(row, "Newer"))
    if work.erp.name == "bc":
        assert isinstance(first.error, BackendInvalid)
        assert second.error is None


async def test_a_value_that_cannot_be_written_is_found_before_anything_is_sent(work):
    row = await work.made()
    done = await work.write(work.update(row, "\ud800"), work.update(row, "Newer", tag="no tag"))
    assert [type(d.error) for d in done] == [BadUserInput, BadUserInput]
    assert work.erp.asked() == []


async def test_all_or_nothing(work):
    row = await work.made()
    other = await work.write(work.create(**{work.kind.number: "NEW-2"}))
    second = msgspec.json.decode(other[0].body)
    work.erp.asked()
    done = await work.write(work.update(row, "A"), work.update(second, "B", tag='W/"JzE="'), atomic=True)
    assert len(work.erp.asked()) == 1
    assert all(d.error is not None for d in done)
    assert any("none of the group" in str(d.error) for d in done)
    assert (await work.now(row))[work.kind.text] == row[work.kind.text]
    good = await work.write(
        work.update(row, "A"), work.update(second, "B"), atomic=True, back=[work.back(row), work.back(second)]
    )
    assert [msgspec.json.decode(d.read_back)[work.kind.text] for d in good] == ["A", "B"]


# Faults: what is claimed is so, and nothing runs twice


@pytest.mark.parametrize("op", ["update", "delete"])
@pytest.mark.parametrize(
    "fault",
    [{"reset": "before"}, {"reset": "after"}, {"status": 502}, {"status": 503, "retry_after": 0}, {"cut_after": 0}],
    ids=str,
)
async def test_a_guarded_write_is_made_good(work, op, fault):
    row = await work.made()
    work.erp.fault(times=1, method="PATCH" if op == "update" else "DELETE", **fault)
    (done,) = await work.write(work.update(row, "Newer") if op == "update" else work.delete(row))
    there = await work.now(row)
    if op == "delete" and fault == {"cut_after": 0}:
        return  # an answer without a body has nothing to be cut
    assert done.error is None, done.error
    assert there is None if op == "delete" else there[work.kind.text] == "Newer"


async def test_a_guarded_write_that_somebody_else_has_overtaken_is_in_doubt(work):
    row = await work.made()
    work.erp.fault(times=1, method="PATCH", reset="before")
    source = work.erp.backend.sources[work.erp.name]
    real = source.transport.send
    calls = []

    async def overtaken(wire, auth, headers):
        if wire.method == "GET" and not calls:
            calls.append(wire)
            await work.write(work.update(row, "Theirs"))
        return await real(wire, auth, headers)

    source.transport.send = overtaken
    (done,) = await work.write(work.update(row, "Ours"))
    assert isinstance(done.error, OutcomeUnknown)
    assert (await work.now(row))[work.kind.text] == "Theirs"


async def test_the_first_try_s_own_success_is_not_called_a_conflict(work):
    row = await work.made()
    work.erp.fault(times=1, method="PATCH", status=503, retry_after=0)
    source = work.erp.backend.sources[work.erp.name]
    real = source.transport.send
    tries = []

    async def ran_after_all(wire, auth, headers):
        answer = await real(wire, auth, headers)
        if wire.method == "PATCH" and not tries:
            tries.append(wire)
            await work.write(work.update(row, "Newer"))  # as if the service had carried it out after its 503
        return answer

    source.transport.send = ran_after_all
    (done,) = await work.write(work.update(row, "Newer"))
    assert done.error is None
    assert (await work.now(row))[work.kind.text] == "Newer"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"reset": "before"}, OutcomeUnknown),
        ({"reset": "after"}, OutcomeUnknown),
        ({"status": 502}, OutcomeUnknown),
        ({"status": 503, "retry_after": 0}, OutcomeUnknown),
        ({"status": 500}, OutcomeUnknown),
        ({"cut_after": 10}, OutcomeUnknown),
        ({"malformed": True}, OutcomeUnknown),
        ({"html": True}, OutcomeUnknown),
        ({"status": 409}, BackendConflict),
        ({"status": 400}, BackendInvalid),
        ({"status": 429, "retry_after": 1000}, BackendRateLimited),
    ],
    ids=str,
)
async def test_a_create_is_sent_once_and_doubt_is_said(work, fault, error):
    work.erp.fault(method="POST", **fault)
    (done,) = await work.write(work.create(), back=[work.back()])
    assert type(done.error) is error
    assert len(work.sent("POST")) == 1


async def test_a_create_that_was_refused_for_now_is_sent_again(work):
    work.erp.fault(method="POST", status=429, retry_after=0, times=1)
    (done,) = await work.write(work.create())
    assert done.error is None
    assert len(work.sent("POST")) == 2


async def test_a_create_whose_row_cannot_be_read_back_still_says_that_it_is_there(work):
    work.erp.fault(method="GET", status=500)
    back = replace(work.back(), expand=())
    (done,) = await work.write(work.create(), back=[back])
    assert (done.status, done.error) == (201, None)
    assert done.read_back is not None  # its own answer carried the row


@pytest.mark.parametrize(
    "fault",
    [{"reset": "before"}, {"reset": "after"}, {"batch": "missing"}, {"cut_after": 30}, {"status": 502}],
    ids=str,
)
async def test_a_group_whose_answer_is_lost_is_in_doubt(work, fault):
    row = await work.made()
    work.erp.fault(path="batch", **fault)
    with pytest.raises(OutcomeUnknown):
        await work.write(work.update(row, "Newer"), work.update(row, "Newest"), atomic=True)
    assert len(work.sent("POST")) == 1


async def test_nothing_is_sent_again_where_it_stays_broken(work):
    row = await work.made()
    work.erp.fault(method="PATCH", reset="before")
    (done,) = await work.write(work.update(row, "Newer"))
    assert isinstance(done.error, BackendUnavailable)
    assert len(work.sent("PATCH")) == 2
    assert (await work.now(row))[work.kind.text] == row[work.kind.text]


async def test_who_leaves_lets_a_write_end_that_is_under_way(work):
    row = await work.made()
    work.erp.fault(method="PATCH", delay_ms=100, times=1)
    work.erp.fault(path="batch", delay_ms=100, times=1)
    job = asyncio.create_task(work.write(work.update(row, "First"), work.update(row, "Second", tag="*")))
    await asyncio.sleep(0.05)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    await asyncio.wait(work.erp.backend.sources[work.erp.name]._leaving, timeout=5)
    assert (await work.now(row))[work.kind.text] == "First"  # and the second was not begun


async def test_actions_of_business_central():
    async with business_central() as erp:
        entity = erp.entity("salesOrders")
        page = await erp.runner().read(erp.read("salesOrders", "id", "number", company=CRONUS, top=1))
        order = msgspec.json.decode(page)["value"][0]
        operation = next(
            o
            for o in erp.graph.sources["bc"].catalog.operations
            if o.short_name == "shipAndInvoice" and o.binding.name == entity.type.name
        )
        step = Call(
            source="bc",
            operation=operation,
            set=entity.set,
            entity=entity,
            key=Key(entity.key, (order["id"],)),
            company=CRONUS,
        )
        erp.asked()
        back = erp.one("salesOrders", order["id"], select=("number",), company=CRONUS)
        (done,) = await erp.runner().write([step], atomic=False, read_back=[back])
        assert done.error is None, done.error
        assert len(erp.asked()) == 1
        assert done.read_back is not None or isinstance(done.read_back_error, BackendNotFound)
