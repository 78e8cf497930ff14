"""Bodies that are sent, and answers to writes that small services give."""

from decimal import Decimal

import pytest

from tests.backend.serving import (
    THING,
    THINGS,
    Script,
    backend,
    json_answer,
    runner,
    served,
)
from vegraph.errors import (
    BadUserInput,
    NotSupported,
)
from vegraph.plan.steps import Create, ReadOne


async def sent_body(kind, values):
    app = Script([json_answer('{"id":1}', 201)])
    async with served(app) as url, backend(url, kind) as made:
        await runner(made).write([Create(source="s", set=THINGS, entity=THING, values=values)], atomic=False)
    return app.asked[0][3], app.asked[0][2]["content-type"]


async def test_decimals_keep_their_digits():
    exact = Decimal("12345678901234567890.10")
    assert (await sent_body("finance-operations", {"amount": exact}))[0] == b'{"amount":12345678901234567890.10}'


async def test_what_a_service_without_a_promise_refuses():
    async with backend("http://127.0.0.1:9", "odata") as made:
        one = runner(made)
        step = Create(source="s", set=THINGS, entity=THING, values={"id": 1})
        with pytest.raises(NotSupported):
            await one.write([step], atomic=False, idempotency_key="k")
        made.sources["s"].dialect.batch_format = None
        with pytest.raises(NotSupported):
            await one.write([step], atomic=True)
        assert await one.write([], atomic=True) == []
        made.sources["s"].dialect.idempotent_header = True
        with pytest.raises(BadUserInput):
            await one.write([step], atomic=False, idempotency_key="a\r\nb")


async def test_a_repeatable_write_is_sent_again_under_the_same_name():
    app = Script([json_answer("{}", 502), json_answer('{"id":1}', 201)])
    async with served(app) as url, backend(url, "odata") as made:
        made.sources["s"].dialect.idempotent_header = True
        step = Create(source="s", set=THINGS, entity=THING, values={"id": 1})
        (done,) = await runner(made).write([step], atomic=False, idempotency_key="key-1")
    names = [headers["repeatability-request-id"] for _, _, headers, _ in app.asked]
    assert done.error is None
    assert len(names) == 2
    assert len(set(names)) == 1
    assert all("repeatability-first-sent" in headers for _, _, headers, _ in app.asked)


async def test_a_new_row_without_a_body_is_found_by_its_location():
    app = Script([json_answer("", 204, location="/Things('a%2Fb')"), json_answer('{"id":"a/b"}')])
    async with served(app) as url, backend(url, "odata") as made:
        step = Create(source="s", set=THINGS, entity=THING, values={"name": "x"})
        back = ReadOne(source="s", set=THINGS, entity=THING, key=None, select=("id",))
        (done,) = await runner(made).write([step], atomic=False, read_back=[back])
    assert (done.location, done.read_back) == ("'a%2Fb'", b'{"id":"a/b"}')
    assert app.asked[1][1] == "/Things('a%2Fb')?$select=id"


async def test_a_location_elsewhere_is_not_followed():
    app = Script([json_answer("", 204, location="http://evil.example/Things(1)")])
    async with served(app) as url, backend(url, "odata") as made:
        step = Create(source="s", set=THINGS, entity=THING, values={"name": "x"})
        back = ReadOne(source="s", set=THINGS, entity=THING, key=None, select=("id",))
        (done,) = await runner(made).write([step], atomic=False, read_back=[back])
    assert len(app.asked) == 1
    assert done.error is not None or done.read_back_error is not None
