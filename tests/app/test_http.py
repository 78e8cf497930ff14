"""The endpoint as clients meet it, refusals included."""

import asyncio
import gzip
import json
import logging
from typing import Any

import httpx
import pytest

from tests.app.server import served
from tests.app.toy import TRACE, anybody, client, settings, toy_app
from vegraph.app.http.guard import ASKED_FIRST
from vegraph.app.http.negotiation import JSON, MODERN

QUERY = {"query": "{ hello }"}


async def post(body: Any, *, given: Any = None, **headers: str) -> httpx.Response:
    async with client(toy_app(given)) as asking:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await asking.post("/graphql", content=content, headers={"Content-Type": "application/json", **headers})


async def get(path: str = "/graphql", *, given: Any = None, params: Any = None, **headers: str) -> httpx.Response:
    async with client(toy_app(given)) as asking:
        return await asking.get(path, params=params, headers=headers)


def code(response: httpx.Response) -> str:
    errors = response.json()["errors"]
    assert all(error["extensions"]["requestId"] == response.headers["X-Request-Id"] for error in errors)
    return errors[0]["extensions"]["code"]


async def test_a_query_is_answered():
    response = await post(QUERY)
    assert (response.status_code, response.json()) == (200, {"data": {"hello": "Hello world"}})


async def test_variables_and_the_operation_name_are_used():
    document = "query A($n: String!) { hello(name: $n) } query B { hello }"
    response = await post({"query": document, "variables": {"n": "Zoë"}, "operationName": "A"})
    assert response.json() == {"data": {"hello": "Hello Zoë"}}


async def test_who_asks_reaches_the_resolver():
    response = await post({"query": "{ who }"}, **{"X-Request-Id": "r-1", "Accept-Language": "da-DK, en;q=0.5"})
    assert response.json() == {"data": {"who": "mary r-1 da-DK"}}


REFUSED = [
    # body, headers, status, code, says
    (b"", {}, 400, "BAD_REQUEST", "The body is not JSON."),
    (b"null", {}, 400, "BAD_REQUEST", "The body must be a JSON object"),
    (b"{", {}, 400, "BAD_REQUEST", "The body is not JSON."),
    (b"\xff", {}, 400, "BAD_REQUEST", "The body is not JSON."),
    (b"[" * 100_000, {}, 400, "BAD_REQUEST", "The body is not JSON."),
    (b'{"query":"{hello}","variables":{"a":' + b"[" * 70 + b"]" * 70 + b"}}", {}, 400, "BAD_REQUEST", "deeper than 64"),
    ([QUERY, QUERY], {}, 400, "BAD_REQUEST", "Several requests in one body are not supported"),
    ({"query": 3}, {}, 400, "BAD_REQUEST", "'query' must be text or left out."),
    ({"query": "{ hello }", "variables": []}, {}, 400, "BAD_REQUEST", "'variables' must be an object or left out."),
    ({"query": "{ hello }", "operationName": 1}, {}, 400, "BAD_REQUEST", "'operationName' must be text"),
    ({"query": "{ hello }", "extensions": "x"}, {}, 400, "BAD_REQUEST", "'extensions' must be an object"),
    ({}, {}, 400, "BAD_REQUEST", "There is no document to run"),
    ({"query": ""}, {}, 400, "BAD_REQUEST", "There is no document to run"),
    (b"query=x", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "BAD_REQUEST", "Send the request as JSON"),
    (b"{}", {"Content-Type": "text/plain"}, 415, "BAD_REQUEST", "Send the request as JSON"),
    (b"{}", {"Content-Type": "multipart/form-data; boundary=x"}, 415, "BAD_REQUEST", "Send the request as JSON"),
    (b"{}", {"Content-Type": "application/json; charset=utf-16"}, 415, "BAD_REQUEST", "Send the JSON as UTF-8"),
    (gzip.compress(b"{}"), {"Content-Encoding": "gzip"}, 415, "BAD_REQUEST", "Compressed requests are not read"),
    (QUERY, {"Accept": "text/csv"}, 406, "BAD_REQUEST", "This endpoint answers in"),
    (QUERY, {"Accept": f"{JSON};q=0"}, 406, "BAD_REQUEST", "This endpoint answers in"),
    (QUERY, {"Authorization": "Bearer nobody"}, 401, "UNAUTHENTICATED", "Sign in first."),
]


@pytest.mark.parametrize(("body", "headers", "status", "expected", "says"), REFUSED, ids=[r[4][:40] for r in REFUSED])
async def test_what_cannot_be_read_is_refused(
    body: Any, headers: dict[str, str], status: int, expected: str, says: str
):
    response = await post(body, **headers)
    assert (response.status_code, code(response)) == (status, expected)
    assert says in response.json()["errors"][0]["message"]
    assert "data" not in response.json()


async def test_no_token_is_401_with_the_way_to_come_in():
    response = await post(QUERY, Authorization="")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="toy"'


async def test_a_long_body_is_given_up_while_it_is_read():
    read = 0

    async def endless():
        nonlocal read
        while True:
            read += 1
            yield b" " * 1000

    async with client(toy_app(settings(limits="max_body_bytes = 5000"))) as asking:
        response = await asking.post("/graphql", content=endless(), headers={"Content-Type": "application/json"})
    assert (response.status_code, code(response), read) == (413, "BAD_REQUEST", 6)


WRONG = [
    # request, code
    ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
    ({"query": "{ helo }"}, "GRAPHQL_VALIDATION_FAILED"),
    ({"query": "{ echo(wanted: { number: " + "9" * 5000 + " }) }"}, "GRAPHQL_VALIDATION_FAILED"),
    ({"query": "query A { hello } query B { hello }"}, "OPERATION_RESOLUTION_FAILURE"),
    ({"query": "query A { hello }", "operationName": "B"}, "OPERATION_RESOLUTION_FAILURE"),
    ({"query": "query($w: Wanted!) { echo(wanted: $w) }", "variables": {"w": {"number": "x"}}}, "BAD_USER_INPUT"),
    ({"query": "query($w: Wanted!) { echo(wanted: $w) }"}, "BAD_USER_INPUT"),
    ({"query": "{ shelf " + "{ below " * 20 + "{ name }" + "}" * 21}, "TOO_COMPLEX"),
]


@pytest.mark.parametrize(("body", "expected"), WRONG, ids=[w[1] for w in WRONG])
@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), (MODERN, 400), (f"{MODERN}, {JSON};q=0.9", 400)])
async def test_what_cannot_be_executed_has_no_data(body: Any, expected: str, accept: str, status: int):
    response = await post(body, Accept=accept)
    assert (response.status_code, code(response)) == (status, expected)
    assert response.headers["Content-Type"] == f"{JSON if status == 200 else MODERN}; charset=utf-8"
    assert "data" not in response.json()


async def test_an_error_of_the_erp_nulls_its_field_and_tells_when_to_try_again():
    response = await post({"query": "{ hello down }"}, Accept=MODERN)
    assert response.status_code == 200
    assert response.json()["data"] == {"hello": "Hello world", "down": None}
    [error] = response.json()["errors"]
    assert error["path"] == ["down"]
    extensions = {
        "code": "UNAVAILABLE",
        "source": "shop",
        "retryAfter": 3,
        "requestId": response.headers["X-Request-Id"],
    }
    assert error["extensions"] == extensions


async def test_an_unexpected_error_is_masked_and_logged_under_the_request_id(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.ERROR, "vegraph"):
        response = await post({"query": "{ broken }"}, **{"X-Request-Id": "find-me"})
    assert "hunter2" not in response.text
    assert code(response) == "INTERNAL_SERVER_ERROR"
    assert "find-me" in caplog.records[0].getMessage()


async def test_a_long_name_does_not_come_back_whole():
    response = await post({"query": "{ " + "x" * 200_000 + " }"})
    assert len(response.text) < 2000


async def test_a_harmful_request_id_is_replaced():
    for given in ("a b", "x" * 100, "-x", "", "${x}"):
        response = await post(QUERY, **{"X-Request-Id": given})
        assert len(response.headers["X-Request-Id"]) == 32


async def test_a_query_may_come_by_get():
    params = {"query": "query($n: String) { hello(name: $n) }", "variables": '{"n": "you"}', "operationName": ""}
    assert (await get(params=params)).json() == {"data": {"hello": "Hello you"}}


@pytest.mark.parametrize(
    ("params", "headers", "status", "says"),
    [
        ({"query": 'mutation { shout(text: "x") }'}, {}, 405, "By GET come queries only"),
        ({"query": "{ hello }", "variables": "{"}, {}, 400, "The URL's 'variables' is not JSON."),
        ({"query": "{ hello }", "variables": "[]"}, {}, 400, "'variables' must be an object"),
        ({}, {}, 400, "There is no document to run"),
        ({"query": "{ hello }"}, {"Authorization": "", "Sec-Fetch-Site": "cross-site"}, 401, "Sign in first."),
    ],
)
async def test_what_get_cannot_ask(params: dict[str, str], headers: dict[str, str], status: int, says: str):
    response = await get(params=params, **headers)
    assert response.status_code == status
    assert says in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Authorization": "Bearer mary"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "GraphQL-Require-Preflight": "1"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "X-Apollo-Operation-Name": "A"}, 200),
    ],
    ids=str,
)
async def test_another_sites_page_cannot_set_off_a_query_by_get(headers: dict[str, str], status: int):
    transport = httpx.ASGITransport(app=toy_app(door=anybody))
    async with httpx.AsyncClient(transport=transport, base_url="http://toy") as asking:
        response = await asking.get("/graphql", params=QUERY, headers=headers)
    assert response.status_code == status


async def test_get_can_be_switched_off():
    response = await get(params=QUERY, given=settings(server="queries_by_get = false"))
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


async def test_a_browser_gets_graphiql_all_the_same():
    response = await get(given=settings(server="queries_by_get = false"), Accept="text/html,*/*;q=0.8")
    assert response.status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_other_methods_are_told_which_there_are(method: str):
    async with client(toy_app()) as asking:
        response = await asking.request(method, "/graphql")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, POST")
    assert method == "HEAD" or response.json()["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"


async def test_so_it_is_at_every_path():
    async with client(toy_app()) as asking:
        response = await asking.post("/healthz")
    [error] = response.json()["errors"]
    assert (response.status_code, set(response.headers["Allow"].split(", "))) == (405, {"GET", "HEAD"})
    assert (error["extensions"]["code"], error["message"][:9]) == ("METHOD_NOT_ALLOWED", "Ask with ")


async def test_headers_keep_answers_out_of_caches_and_frames():
    headers = (await post(QUERY)).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert {name.strip() for name in headers["Vary"].split(",")} == {"Authorization", "Accept", "Accept-Encoding"}


@pytest.mark.parametrize(("origin", "allowed"), [("https://shop.example", True), ("https://evil.example", False)])
async def test_pages_of_listed_origins_may_ask(origin: str, allowed: bool):
    given = settings(server='cors_origins = ["https://shop.example"]')
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    async with client(toy_app(given)) as asking:
        preflight = await asking.options("/graphql", headers=asked)
        response = await asking.post("/graphql", json=QUERY, headers={"Origin": origin})
    assert (preflight.headers.get("Access-Control-Allow-Origin") == origin) is allowed
    assert (response.headers.get("Access-Control-Allow-Origin") == origin) is allowed
    assert "Access-Control-Allow-Credentials" not in response.headers


async def test_a_listed_origin_may_send_what_lets_it_ask_by_get():
    given = settings(server='cors_origins = ["https://shop.example"]')
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"}
    async with client(toy_app(given)) as asking:
        for header in ASKED_FIRST:
            preflight = await asking.options("/graphql", headers={**asked, "Access-Control-Request-Headers": header})
            assert preflight.status_code == 200, header


async def test_no_path_is_redirected_and_none_repeats_the_host():
    response = await get("/graphql/", Host="evil.example")
    assert response.status_code == 404
    assert "evil" not in response.text + str(response.headers)
    assert response.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_a_websocket_is_refused():
    sent = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    view = toy_app().state.views["graphql"]
    await view({"type": "websocket", "path": "/graphql", "headers": []}, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]


async def test_the_schema_comes_compressed_to_those_who_read_that():
    question = {"query": "{ __schema { queryType { name } } }"}
    compressed = await post(question, **{"Accept-Encoding": "br, gzip"})
    plain = await post(question, **{"Accept-Encoding": "identity"})
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert compressed.json() == plain.json() == {"data": {"__schema": {"queryType": {"name": "Query"}}}}


async def test_a_deadline_ends_what_takes_too_long():
    TRACE.cancelled.clear()
    given = settings(limits="deadline_s = 0.1")
    response = await post({"query": "{ slow(seconds: 60) }"}, given=given)
    assert (response.status_code, code(response)) == (504, "TIMEOUT")
    assert TRACE.cancelled.is_set()


async def test_a_body_that_does_not_come_is_given_up():
    received = iter([{"type": "http.request", "body": b"{", "more_body": True}])
    sent: list[Any] = []

    async def receive() -> Any:
        return next(received, None) or await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", b"Bearer mary"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    await asyncio.wait_for(toy_app(settings(limits="deadline_s = 0.1"))(scope, receive, send), 5)
    assert (sent[0]["status"], json.loads(sent[1]["body"])["errors"][0]["extensions"]["code"]) == (408, "TIMEOUT")
    assert (b"connection", b"close") in sent[0]["headers"]


async def test_what_a_client_no_longer_waits_for_is_cancelled():
    app = toy_app()
    with served(app) as url:
        async with httpx.AsyncClient(headers={"Authorization": "Bearer mary"}) as asking:
            with pytest.raises(httpx.ReadTimeout):
                await asking.post(f"{url}/graphql", json={"query": "{ slow(seconds: 60) }"}, timeout=0.5)
            for _ in range(100):
                if TRACE.cancelled.is_set():
                    break
                await asyncio.sleep(0.05)
            metrics = (await asking.get(f"{url}/metrics")).text
        assert TRACE.cancelled.is_set()
    assert 'vegraph_requests_total{endpoint="graphql",operation="query",outcome="gone"} 1.0' in metrics


async def test_a_graph_can_be_swapped_while_it_is_served():
    app = toy_app()
    view = app.state.views["graphql"]
    async with client(app) as asking:
        running = asyncio.ensure_future(asking.post("/graphql", json={"query": "{ slow(seconds: 0.2) }"}))
        await TRACE.started.wait()
        view.serving = toy_app(settings(server="introspection = false")).state.views["graphql"].serving
        later = await asking.post("/graphql", json={"query": "{ __schema { types { name } } }"})
        assert (await running).json() == {"data": {"slow": "done"}}
    assert code(later) == "GRAPHQL_VALIDATION_FAILED"


async def test_metrics_have_labels_from_fixed_sets():
    async with client(toy_app()) as asking:
        await asking.post("/graphql", json={"query": "query Secret { who }"})
        await asking.post("/graphql", json={"query": "{ helo }"})
        text = (await asking.get("/metrics")).text
    assert 'vegraph_requests_total{endpoint="graphql",operation="query",outcome="ok"} 1.0' in text
    assert 'vegraph_requests_total{endpoint="graphql",operation="none",outcome="wrong"} 1.0' in text
    assert "Secret" not in text
    assert "mary" not in text


async def test_health_says_states_only():
    assert (await get("/healthz")).json() == {"status": "ok"}
    assert (await get("/readyz")).json() == {"status": "ready", "sources": {}}
