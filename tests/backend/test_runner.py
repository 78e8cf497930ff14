"""Steps against the emulated ERPs: what comes back, and with how many requests."""

import asyncio
from uuid import UUID

import msgspec
import pytest

from tests.abnf import check_url
from tests.backend.erps import CRONUS, business_central, finance
from tests.backend.serving import Delegated
from tests.backend.test_injection import HOSTILE
from vegraph.emulator.data.bc import COMPANIES
from vegraph.emulator.users import READ_ONLY, User
from vegraph.errors import BackendInvalid, BackendNotFound, BackendUnavailable, BadUserInput, VegraphError
from vegraph.plan.predicates import FALSE, Compare, Match, Path
from vegraph.plan.steps import Company, Create, Expand, Key, Lookup, Order

NOBODY_S = str(UUID(int=1))


def rows(body):
    return msgspec.json.decode(body)["value"]


def path(erp, set_, wire):
    return Path((wire,), erp.entity(set_).by_wire[wire].value)


def looked_up(erp, set_, members, values, *select, **more):
    entity = erp.entity(set_)
    return Lookup(
        source=erp.name,
        set=entity.set,
        entity=entity,
        members=tuple(entity.by_wire[m] for m in members),
        values=tuple(values),
        select=select,
        **more,
    )


@pytest.fixture
async def bc():
    async with business_central() as erp:
        yield erp
        for entry in erp.journal:
            target = entry.request.path.removeprefix("/v2.0/production/api/v2.0/")
            check_url(target + (f"?{entry.request.query}" if entry.request.query else ""))


@pytest.fixture
async def fo():
    async with finance() as erp:
        yield erp
        for entry in erp.journal:
            target = entry.request.path.removeprefix("/data/")
            check_url(target + (f"?{entry.request.query}" if entry.request.query else ""))


async def test_a_page_and_its_next_pages(bc):
    runner = bc.runner()
    step = bc.read("customers", "number", company=CRONUS, order=(Order(path(bc, "customers", "number")),), page_size=15)
    body, found = await runner.read(step), []
    while True:
        page = msgspec.json.decode(body)
        found += [row["number"] for row in page["value"]]
        if "@odata.nextLink" not in page:
            break
        body = await runner.read(step, page["@odata.nextLink"])
    assert len(found) == 40
    assert found == sorted(found)
    assert len(bc.asked()) == 3


async def test_a_row_and_a_row_that_is_not_there(bc):
    runner = bc.runner()
    first = rows(await runner.read(bc.read("customers", "id", "number", company=CRONUS, top=1)))[0]
    one = await runner.read_one(bc.one("customers", first["id"], select=("number",), company=CRONUS))
    assert msgspec.json.decode(one)["number"] == first["number"]
    assert await runner.read_one(bc.one("customers", NOBODY_S, company=CRONUS)) is None


async def test_counts(bc, fo):
    assert await bc.runner().count(bc.read("customers", company=CRONUS, top=1)) == 40
    number = Compare(path(bc, "customers", "number"), "le", "C00003")
    assert await bc.runner().count(bc.read("customers", company=CRONUS, filter=number)) == 3
    assert await fo.runner().count(fo.read("CustomersV3", cross_company=True)) == 50
    assert await fo.runner().count(fo.read("CustomersV3", filter=FALSE)) == 0


async def test_what_is_never_true_asks_nothing(bc):
    runner = bc.runner()
    assert await runner.read(bc.read("customers", filter=FALSE, company=CRONUS)) == b'{"value":[]}'
    assert await runner.lookup(looked_up(bc, "customers", ["id"], [])) == []
    assert await runner.batch([]) == []
    assert bc.asked() == []


async def test_a_look_up_is_one_request_or_one_batch(bc):
    runner = bc.runner()
    ids = [(row["id"],) for row in rows(await runner.read(bc.read("customers", "id", company=CRONUS)))]
    bc.asked()
    few = await runner.lookup(looked_up(bc, "customers", ["id"], ids, "number", company=CRONUS))
    assert [len(rows(body)) for body in few] == [40]
    assert len(bc.asked()) == 1
    strangers = [(str(UUID(int=i)),) for i in range(400)]
    many = await runner.lookup(looked_up(bc, "customers", ["id"], strangers + ids, "number", company=CRONUS))
    assert sum(len(rows(body)) for body in many) == 40
    assert [line.rpartition("/")[2] for line in bc.asked()] == ["$batch"]


async def test_a_look_up_by_a_natural_key_of_two_parts(fo):
    keys = [("usmf", "C00001"), ("usmf", "C00003"), ("dat", "C00001")]
    step = looked_up(fo, "CustomersV3", ["dataAreaId", "CustomerAccount"], keys, "CustomerAccount", cross_company=True)
    found = await fo.runner().lookup(step)
    assert sorted(row["CustomerAccount"] for row in rows(found[0])) == ["C00001", "C00003"]


async def test_a_batch_answers_in_order_and_asks_the_same_once(bc):
    runner = bc.runner()
    first = rows(await runner.read(bc.read("customers", "id", company=CRONUS, top=1)))[0]["id"]
    known = bc.one("customers", first, select=("number",), company=CRONUS)
    unknown = Match(Path(("nothing",), path(bc, "customers", "number").value), "contains", "x")
    bad = bc.read("customers", "number", company=CRONUS, filter=unknown)
    bc.asked()
    found = await runner.batch([known, bc.one("customers", NOBODY_S, company=CRONUS), bad, known])
    assert len(bc.asked()) == 1
    assert found[0] == found[3]
    assert found[1] is None
    assert isinstance(found[2], BackendInvalid)


async def test_a_hundred_and_more_reads_take_as_few_batches_as_allowed(bc):
    steps = [bc.one("customers", str(UUID(int=i)), company=CRONUS) for i in range(130)]
    assert await bc.runner().batch(steps) == [None] * 130
    assert len(bc.asked()) == 2


async def test_a_query_that_is_too_long_for_a_url_goes_into_a_batch():
    async with business_central(max_query=200) as bc:
        wanted = Match(path(bc, "customers", "displayName"), "contains", "x" * 300)
        assert rows(await bc.runner().read(bc.read("customers", "number", company=CRONUS, filter=wanted))) == []
        assert bc.asked()[-1].startswith("POST")


async def test_expanded_rows(bc, fo):
    lines = Expand(name="salesOrderLines", select=("lineObjectNumber",), many=True)
    order = rows(await bc.runner().read(bc.read("salesOrders", "number", company=CRONUS, top=1, expand=(lines,))))[0]
    assert order["salesOrderLines"]
    relations = fo.entity("SalesOrderHeadersV2").relations.values()
    many = next(r for r in relations if r.many and fo.dialect.why_not_expand(r.relationship.name, r.target) is None)
    key = tuple(m.wire for m in many.target.key)
    header = fo.read(
        "SalesOrderHeadersV2",
        "SalesOrderNumber",
        top=1,
        cross_company=True,
        expand=(Expand(name=many.relationship.name, select=key, many=True),),
    )
    assert rows(await fo.runner().read(header))[0][many.relationship.name]


async def test_navigation_of_a_row(bc):
    runner = bc.runner()
    order = rows(await runner.read(bc.read("salesOrders", "id", company=CRONUS, top=1)))[0]["id"]
    orders = bc.entity("salesOrders")
    under = (Key(orders.key, (order,)), "salesOrderLines")
    body = await runner.read(bc.read("salesOrders", "lineObjectNumber", company=CRONUS, under=under))
    assert rows(body)
    nobody = (Key(orders.key, (NOBODY_S,)), "customer")
    assert await runner.read(bc.read("salesOrders", company=CRONUS, under=nobody, single=True)) == b'{"value":[]}'
    with pytest.raises(BackendNotFound):
        await runner.read(bc.read("salesOrders", company=CRONUS, under=nobody))


# Companies


async def test_companies_by_name_id_and_case(bc):
    runner = bc.runner()
    assert await runner.companies("bc", None) == ()
    for given in (COMPANIES[0], COMPANIES[0].lower(), CRONUS.id, str(CRONUS.id).upper()):
        assert await runner.companies("bc", [given]) == (CRONUS,)
        assert await runner.companies("bc", [CRONUS.name, given]) == (CRONUS,)  # named twice, meant once
    with pytest.raises(BadUserInput, match=r"Did you mean 'CRONUS USA, Inc\.'"):
        await runner.companies("bc", ["CRONUS US, Inc"])
    for wrong in ("", "x" * 300, "a\nb"):
        with pytest.raises(BadUserInput):
            await runner.companies("bc", [wrong])


async def test_the_default_company_is_the_configured_one():
    async with business_central(company=COMPANIES[1]) as bc:
        (found,) = await bc.runner().companies("bc", None)
        assert found.name == COMPANIES[1]


async def test_a_company_known_by_name_only_is_looked_up_once_a_minute_for_each_principal(bc):
    for principal in ("a", "a", "b"):

        async def delegate(source, claims, principal=principal):
            return Delegated(principal=principal)

        runner = bc.runner(delegate)
        steps = [bc.read("items", "number", company=Company(COMPANIES[0]), top=n) for n in (1, 2)]
        await asyncio.gather(*map(runner.read, steps))
    asked = [line for line in bc.asked() if "/companies?" in line]
    assert len(asked) == 2


async def test_finance_takes_the_name_and_a_service_without_companies_refuses_one(fo):
    assert await fo.runner().companies("fo", None) == ()
    assert await fo.runner().companies("fo", ["usmf", "usmf"]) == (Company("usmf"),)


# Faults of the service


@pytest.mark.parametrize(
    "fault",
    [
        {"html": True},
        {"cut_after": 20},
        {"status": 500},
        {"content_type": "text/html"},
        {"reset": "before"},
        {"reset": "after"},
        {"status": 503, "retry_after": 1000},
    ],
    ids=str,
)
async def test_a_broken_service_is_an_error_and_never_rows(bc, fault):
    bc.fault(**fault)
    with pytest.raises(BackendUnavailable):
        await bc.runner().read(bc.read("customers", "number", company=CRONUS))


@pytest.mark.parametrize(
    "fault", [{"reset": "before"}, {"status": 502}, {"status": 503, "retry_after": 0}, {"cut_after": 9}]
)
async def test_a_short_trouble_is_not_noticed(bc, fault):
    bc.fault(times=1, **fault)
    assert rows(await bc.runner().read(bc.read("customers", "number", company=CRONUS, top=1)))


@pytest.mark.parametrize("how", ["missing", "doubled"])
async def test_a_batch_answer_that_is_not_whole_is_no_answer(bc, how):
    bc.fault(batch=how)
    with pytest.raises(BackendUnavailable):
        await bc.runner().batch([bc.one("customers", str(UUID(int=i)), company=CRONUS) for i in range(3)])


async def test_a_batch_answer_out_of_order_is_put_in_order(bc):
    items = rows(await bc.runner().read(bc.read("items", "id", "number", company=CRONUS, top=3)))
    bc.fault(batch="shuffled")
    found = await bc.runner().batch([bc.one("items", i["id"], select=("number",), company=CRONUS) for i in items])
    assert [msgspec.json.decode(body)["number"] for body in found] == [i["number"] for i in items]


async def test_a_next_link_to_a_stranger_is_not_followed(bc):
    bc.fault(next_link_host="https://evil.example")
    runner = bc.runner()
    page = msgspec.json.decode(await runner.read(bc.read("customers", "number", company=CRONUS, page_size=5)))
    with pytest.raises(BackendUnavailable, match="not its own"):
        await runner.read_link("bc", CRONUS, page["@odata.nextLink"])


async def test_a_user_without_the_right_is_told_so():
    async with business_central(user=User(id="W", rights=READ_ONLY[:0])) as bc:
        with pytest.raises(VegraphError) as found:
            await bc.runner().read(bc.read("customers", "number", company=CRONUS))
    assert found.value.code == "FORBIDDEN"


# Hostile texts arrive as they were given (threats T20)


@pytest.mark.parametrize("serving", [business_central, finance], ids=["bc", "fo"])
async def test_a_hostile_text_finds_its_own_row_and_no_other(serving):
    async with serving() as erp:
        of_bc = erp.name == "bc"
        set_, wire = ("customers", "displayName") if of_bc else ("CustomersV3", "OrganizationName")
        entity = erp.entity(set_)
        company = CRONUS if of_bc else Company("usmf")
        where = {"company": CRONUS} if of_bc else {"cross_company": True}
        texts = [t[:90] for t in HOSTILE if t.strip()]
        more = {} if of_bc else {"CustomerGroupId": "80", "SalesCurrencyCode": "USD"}
        runner = erp.runner()
        made = await runner.write(
            [
                Create(source=erp.name, set=entity.set, entity=entity, values={wire: t, **more}, company=company)
                for t in texts
            ],
            atomic=False,
        )
        assert [msgspec.json.decode(m.body)[wire] for m in made] == texts
        at = path(erp, set_, wire)
        for text in texts:
            for wanted in (Compare(at, "eq", text), Match(at, "contains", text), Match(at, "startswith", text)):
                found = rows(await runner.read(erp.read(set_, wire, filter=wanted, **where)))
                assert text in [row[wire] for row in found]
                if erp.dialect.why_not_filter(wanted, entity) is None:
                    assert all(_fits(wanted, row[wire]) for row in found)


def _fits(wanted, text):
    if isinstance(wanted, Compare):
        return text == wanted.value
    return wanted.text in text if wanted.how == "contains" else text.startswith(wanted.text)
