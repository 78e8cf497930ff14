"""Over real connections: what goes out as it was written, and every way an answer can be wrong."""

import asyncio
import gzip
import logging

import httpx
import pytest

from tests.backend.serving import (
    THING,
    THINGS,
    Delegated,
    Script,
    backend,
    json_answer,
    nobody,
    read_things,
    runner,
    served,
)
from vegraph.backend.transport import Transport
from vegraph.errors import (
    BackendForbidden,
    BackendInvalid,
    BackendNotFound,
    BackendRateLimited,
    BackendTimeout,
    BackendUnauthenticated,
    BackendUnavailable,
    ConfigError,
)
from vegraph.plan.predicates import Compare, Path
from vegraph.plan.steps import Key, ReadOne

ROWS = '{"value":[{"id":1}]}'


async def answered(*answers, step=None, kind="odata", **more):
    app = Script(list(answers))
    async with served(app) as url, backend(url + "/svc", kind) as made:
        return app, await runner(made, **more).read(step or read_things())


async def test_the_url_arrives_as_it_was_written():
    path = Path(("name",), THING.by_wire["name"].value)
    step = read_things(filter=Compare(path, "eq", "a/b '+&%27\r\n😀"))
    app, body = await answered(json_answer(ROWS), step=step)
    assert body == ROWS.encode()
    assert app.asked[0][1] == (
        "/svc/Things?$filter=name%20eq%20'a%2Fb%20''%2B%26%2527%0D%0A%F0%9F%98%80'&$select=id,name"
    )


async def test_what_every_request_says():
    app, _ = await answered(json_answer(ROWS), request_id="req-1", language="de-DE, en;q=0.5")
    headers = app.asked[0][2]
    assert headers["accept"] == "application/json;odata.metadata=minimal;IEEE754Compatible=true"
    assert headers["accept-language"] == "de-DE, en;q=0.5"
    assert headers["x-ms-client-request-id"] == "req-1"
    assert headers["odata-maxversion"] == "4.0"
    assert "cookie" not in headers
    assert "authorization" not in headers


async def test_a_header_value_from_a_client_that_is_none_is_left_out():
    app, _ = await answered(json_answer(ROWS), request_id="x\r\nA: b", language="de\r\nAuthorization: x")
    assert not {"x-ms-client-request-id", "accept-language", "authorization"} & app.asked[0][2].keys()


async def test_a_cookie_is_not_kept():
    app = Script([json_answer(ROWS, set_cookie="ApplicationGatewayAffinity=abc; Path=/")])
    async with served(app) as url, backend(url) as made:
        for _ in range(2):
            await runner(made).read(read_things())
    assert all("cookie" not in headers for _, _, headers, _ in app.asked)


class Bearer(httpx.Auth):
    def __init__(self, token):
        self.token = token

    def auth_flow(self, request):
        request.headers["Authorization"] = f"Bearer {self.token}"
        yield request


async def test_each_request_carries_its_own_user_and_connections_are_shared():
    app = Script([json_answer(ROWS)])
    async with served(app) as url, backend(url) as made:
        for name in ("mary", "walter", None):

            async def delegate(source, claims, name=name):
                return Delegated(principal=str(name), auth=Bearer(name) if name else None)

            await runner(made, delegate).read(read_things())
    assert [h.get("authorization") for _, _, h, _ in app.asked] == ["Bearer mary", "Bearer walter", None]


async def test_a_claims_challenge_is_met_once_with_a_new_token():
    app = Script(
        [
            json_answer("{}", 401, www_authenticate='Bearer error="insufficient_claims", claims="eyJ9"'),
            json_answer(ROWS),
        ]
    )
    seen = []

    async def delegate(source, claims):
        seen.append(claims)
        return Delegated(auth=Bearer("new" if claims else "old"))

    async with served(app) as url, backend(url) as made:
        assert await runner(made, delegate).read(read_things()) == ROWS.encode()
    assert seen == [None, "eyJ9"]
    assert [h["authorization"] for _, _, h, _ in app.asked] == ["Bearer old", "Bearer new"]


async def test_a_second_challenge_reaches_the_client():
    challenge = json_answer("{}", 401, www_authenticate='Bearer claims="eyJ9"')
    with pytest.raises(BackendUnauthenticated) as found:
        await answered(challenge)
    assert found.value.extensions == {"code": "UNAUTHENTICATED", "source": "s", "claims": "eyJ9"}


def text_answer(body, kind):
    return json_answer(body, content_type=kind)


def cut(length, body):
    """Promises more bytes than it sends, then closes."""

    async def answer(scope, receive, send):
        headers = [(b"content-type", b"application/json"), (b"content-length", str(length).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": True})
        scope["extensions"]
        raise ConnectionResetError

    return answer


GZIP = {"content_encoding": "gzip"}


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (json_answer('{"error":{"message":"no such thing","target":"x"}}', 400), BackendInvalid, "no such thing"),
        (json_answer('{"error":{"message":"not yours"}}', 403), BackendForbidden, "not yours"),
        (json_answer("", 404), BackendNotFound, "404"),
        (json_answer("", 401), BackendUnauthenticated, "sign-in"),
        (json_answer('{"error":{"message":"secret stack"}}', 500), BackendUnavailable, "not available (500)"),
        (json_answer("", 302, location="http://example.org/"), BackendUnavailable, "redirect"),
        (text_answer("<html>Sign in</html>", "text/html"), BackendUnavailable, "text/html in place of JSON"),
        (json_answer('{"value":[{"id":1},'), BackendUnavailable, "half a JSON document"),
        (json_answer(""), BackendUnavailable, "nothing at all"),
        (json_answer("x" * 10, **GZIP), BackendUnavailable, "cannot be inflated"),
        (json_answer(gzip.compress(ROWS.encode())[:-9], **GZIP), BackendUnavailable, "cannot be inflated"),
        (json_answer(ROWS, content_encoding="br"), BackendUnavailable, "cannot be inflated"),
        (cut(1000, b'{"value":['), BackendUnavailable, "broke the connection"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
async def test_a_wrong_answer_is_an_error_and_never_rows(answer, error, says):
    with pytest.raises(error) as found:
        await answered(answer)
    assert says in str(found.value)
    assert "secret" not in str(found.value)


async def test_a_compressed_answer_is_read():
    _, body = await answered(json_answer(gzip.compress(ROWS.encode()), content_encoding="gzip"))
    assert body == ROWS.encode()


async def test_a_bomb_is_not_inflated():
    bomb = gzip.compress(b"[" + b" " * 3_000_000 + b"]")
    app = Script([json_answer(bomb, content_encoding="gzip")])
    async with served(app) as url, backend(url) as made:
        made.sources["s"].transport._largest = 1_000_000
        with pytest.raises(BackendUnavailable, match="ask for fewer rows"):
            await runner(made).read(read_things())


async def test_nobody_there_is_said_so_after_trying_again():
    async with backend("http://127.0.0.1:9") as made:
        with pytest.raises(BackendUnavailable, match="cannot be reached"):
            await runner(made).read(read_things())


async def test_an_answer_too_late_for_the_request_is_a_time_out():
    async def slow(scope, receive, send):
        await asyncio.sleep(5)

    with pytest.raises(BackendTimeout):
        await answered(slow, seconds=0.1)


async def test_a_429_that_outlasts_the_request_is_told_at_once():
    with pytest.raises(BackendRateLimited) as found:
        await answered(json_answer("{}", 429, retry_after="60"))
    assert found.value.retry_after == pytest.approx(60, abs=1)


async def test_a_read_is_tried_again_where_that_helps():
    busy = json_answer("{}", 503, retry_after="0")
    app, body = await answered(busy, json_answer("{}", 502), json_answer(ROWS))
    assert body == ROWS.encode()
    assert len(app.asked) == 3


async def test_a_missing_row_is_none():
    app = Script([json_answer("{}", 404)])
    step = ReadOne(source="s", set=THINGS, entity=THING, key=Key(THING.key, (7,)))
    async with served(app) as url, backend(url) as made:
        assert await runner(made).read_one(step) is None
    assert app.asked[0][1] == "/Things(7)"


async def test_the_same_read_in_flight_is_sent_once():
    app = Script([json_answer(ROWS)])
    async with served(app) as url, backend(url) as made:
        one = runner(made)
        assert await asyncio.gather(*(one.read(read_things()) for _ in range(5))) == [ROWS.encode()] * 5
        assert len(app.asked) == 1
        await runner(made).read(read_things())
        assert len(app.asked) == 2  # another request shares nothing


async def test_who_joins_a_read_that_is_cancelled_sends_it_again():
    entered = asyncio.Event()

    async def slow(scope, receive, send):
        entered.set()
        await asyncio.sleep(0.05)
        await json_answer(ROWS)(scope, receive, send)

    app = Script([slow])
    async with served(app) as url, backend(url) as made:
        one = runner(made)
        first = asyncio.create_task(one.read(read_things()))
        await entered.wait()
        second = asyncio.create_task(one.read(read_things()))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == ROWS.encode()


@pytest.mark.parametrize("url", ["ftp://x/", "http://", "http://user@x/", "http://x/?a=b", "x"], ids=str)
def test_a_url_that_is_no_service_root_stops_the_start(url):
    with pytest.raises(ConfigError):
        Transport("s", url, headers={})


async def test_one_line_is_logged_and_no_value_in_it(caplog):
    caplog.set_level(logging.DEBUG)
    path = Path(("name",), THING.by_wire["name"].value)
    async with served(Script([json_answer(ROWS)])) as url, backend(url) as made:
        await runner(made, nobody, request_id="req-1").read(read_things(filter=Compare(path, "eq", "Geheim")))
    lines = [r.getMessage() for r in caplog.records if r.name == "vegraph.backend"]
    assert len(lines) == 1
    assert lines[0].startswith("s GET Things 200 ")
    assert lines[0].endswith("req-1")
    assert not any("Geheim" in r.getMessage() for r in caplog.records)


async def test_clients_that_leave_leave_nothing_behind():
    entered, full = 0, asyncio.Event()

    async def slow(scope, receive, send):
        nonlocal entered
        entered += 1
        if entered == 8:
            full.set()
        if entered <= 8:
            await asyncio.sleep(30)
        await json_answer(ROWS)(scope, receive, send)

    async with served(Script([slow])) as url, backend(url) as made:
        jobs = [asyncio.create_task(runner(made).read(read_things(top=n))) for n in range(24)]
        await full.wait()
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        assert await runner(made).read(read_things()) == ROWS.encode()
        source = made.sources["s"]
        assert (source.gate("s:user:1").active, source.bulkhead.active) == (0, 0)
        assert not source.breaker.open


async def test_a_source_that_keeps_failing_is_left_alone_for_a_while():
    app = Script([json_answer("{}", 500)])
    async with served(app) as url, backend(url) as made:
        for _ in range(25):
            with pytest.raises(BackendUnavailable):
                await runner(made).read(read_things())
        assert made.sources["s"].breaker.open
        assert len(app.asked) == 20
