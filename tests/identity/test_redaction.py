"""Nothing secret in a log, whoever logs it and however (I12, T09)."""

import io
import logging

import httpx
import pytest

from tests.identity.tokens import person, signed
from vegraph.identity.redaction import NOISY, Redaction, install, redact
from vegraph.identity.secret import Secret

TOKEN = signed(person())


@pytest.fixture
def log():
    """A logger of its own, and what its handler wrote."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.Logger("test")
    logger.addHandler(handler)
    levels = {name: logging.getLogger(name).level for name in NOISY}
    install([handler])
    yield logger, written
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"Authorization: Bearer {TOKEN}", "Authorization: ***"),
        ("{'authorization': 'Basic dXNlcjpwYXNz'}", "{'authorization': '***'}"),
        ("(b'Authorization', b'Bearer abcdefgh12345678')", "(b'Authorization', b'***')"),
        ("got bearer abcdefgh12345678 from him", "got bearer *** from him"),
        (f"token {TOKEN} refused", "token *** refused"),
        (f"half {TOKEN[:60]} cut", "half *** cut"),
        ("grant_type=x&client_secret=hush%21&scope=y", "grant_type=x&client_secret=***&scope=y"),
        ('{"access_token": "opaque", "expires_in": 1}', '{"access_token": "***", "expires_in": 1}'),
        ("{'assertion': b'opaque'}", "{'assertion': b'***'}"),
        (
            "GET https://erp.example/data/Customers?$filter=Name%20eq%20'Smith' 200",
            "GET https://erp.example/data/Customers?*** 200",
        ),
        ("GET /graphql?query=secret HTTP/1.1", "GET /graphql?*** HTTP/1.1"),
        ("postgresql+psycopg://root:hush@host/db", "postgresql+psycopg://root:***@host/db"),
        ("3 rows of bc.customers in 12 ms", "3 rows of bc.customers in 12 ms"),
        ("Which one? This one.", "Which one? This one."),
    ],
)  # fmt: skip
def test_a_text_is_cleaned(text, clean):
    assert redact(text) == clean


def test_message_arguments_extras_and_tracebacks_are_cleaned(log):
    logger, written = log
    logger.warning("Authorization: %s", "opaque-but-secret")
    logger.warning("%(who)s sent %(what)s", {"who": "Mary", "what": TOKEN})
    logger.warning("url %s", httpx.URL("https://erp.example/x?$filter=Name%20eq%20'Smith'"))
    try:
        raise ValueError(f"cannot use {TOKEN}")
    except ValueError:
        logger.exception("failed")
    text = written.getvalue()
    assert TOKEN not in text
    assert "opaque-but-secret" not in text
    assert "Smith" not in text
    assert "Mary sent ***" in text
    assert "ValueError: cannot use ***" in text


def test_an_access_logs_arguments_stay_apart():
    record = logging.makeLogRecord(
        {"msg": '%s - "%s %s HTTP/%s" %d', "args": ("127.0.0.1", "GET", "/graphql?query=x", "1.1", 200)}
    )
    assert Redaction().filter(record)
    assert record.args == ("127.0.0.1", "GET", "/graphql?***", "1.1", 200)


def test_extra_members_are_cleaned():
    record = logging.makeLogRecord({"msg": "x", "header": f"Bearer {TOKEN}", "count": 3})
    Redaction().filter(record)
    assert (record.header, record.count) == ("Bearer ***", 3)


def test_a_wrong_log_call_still_says_something():
    record = logging.makeLogRecord({"msg": "%s and %s", "args": (f"Bearer {TOKEN}",)})
    Redaction().filter(record)
    assert TOKEN not in f"{record.msg} {record.args}"


async def test_the_http_clients_no_longer_log_urls(log, caplog):
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda request: httpx.Response(200))) as http:
        await http.get("https://erp.example/Customers?$filter=Name eq 'Smith'")
    assert "Smith" not in caplog.text


def test_installing_twice_filters_once(log):
    logger, _ = log
    install(logger.handlers)
    assert len(logger.handlers[0].filters) == 1


def test_i12_a_secret_does_not_show():
    secret = Secret("hush")
    shown = (str(secret), repr(secret), f"{secret}", "%s %r" % (secret, secret), repr([secret]), repr({"a": secret}))  # noqa: UP031
    assert not any("hush" in text for text in shown)
    assert secret == Secret("hush") != Secret("other")
    assert (secret == "hush", len({secret, Secret("hush")}), bool(Secret(""))) == (False, 1, False)
    with pytest.raises(TypeError, match="not written anywhere"):
        secret.__reduce__()


def test_long_hostile_lines_take_no_time_to_speak_of():
    for line in ("/" * 50_000, "eyJ" * 20_000, "authorization=" * 5_000, "://a:" * 10_000, "a://" + "b:" * 20_000):
        assert redact(line)
