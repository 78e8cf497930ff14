import json
import logging
from collections.abc import Iterator

import pytest

from vegraph.app import logs
from vegraph.identity import audit


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, own = root.handlers[:], root.level, logging.getLogger("vegraph").level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("vegraph").setLevel(own)


def test_a_line_per_event_for_people(capsys: pytest.CaptureFixture[str]):
    logs.configure("text")
    logging.getLogger("vegraph.backend").info("bc GET customers 200")
    assert capsys.readouterr().err.rstrip().endswith("INFO vegraph.backend bc GET customers 200")


def test_a_json_object_per_event_with_the_requests_id(capsys: pytest.CaptureFixture[str]):
    logs.configure("json")
    token = audit.request_id.set("r-1")
    logging.getLogger("vegraph").warning("slow")
    audit.request_id.reset(token)
    found = json.loads(capsys.readouterr().err)
    assert (found["level"], found["logger"], found["message"], found["requestId"]) == (
        "warning",
        "vegraph",
        "slow",
        "r-1",
    )


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_reaches_the_log(form: str, capsys: pytest.CaptureFixture[str]):
    logs.configure(form)
    secret = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtYXJ5In0.c2lnbmF0dXJl"
    logging.getLogger("vegraph").warning("Authorization: Bearer %s", secret)
    try:
        raise ValueError(f"client_secret=hunter2 and {secret}")
    except ValueError:
        logging.getLogger("vegraph").exception("failed")
    err = capsys.readouterr().err
    assert secret not in err
    assert "hunter2" not in err


def test_libraries_that_log_urls_are_quiet(capsys: pytest.CaptureFixture[str]):
    logs.configure("text")
    logging.getLogger("httpx").info("GET https://erp/customers?$filter=name eq 'Zoe'")
    assert capsys.readouterr().err == ""
