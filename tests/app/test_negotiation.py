import pytest

from vegraph.app.http.negotiation import JSON, MODERN, media_type, takes_gzip, wants_page
from vegraph.app.http.refusals import Refusal

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (MODERN, MODERN),
        (MODERN.upper(), MODERN),
        (f"{MODERN}; charset=utf-8", MODERN),
        (f"{MODERN}, {JSON}", MODERN),
        (f"{JSON}, */*", JSON),
        (f"{MODERN}, {JSON};q=0.9", MODERN),
        (f"{JSON};q=0.5, {MODERN};q=0.6", MODERN),
        (f"*/*, {MODERN};q=0", JSON),
        (f"{MODERN};q=0.2, */*;q=0.1", MODERN),
        (f"text/event-stream, {JSON}", JSON),
        (f"{JSON};q=nonsense, {MODERN};q=0.1", MODERN),
        (BROWSER, JSON),
    ],
)
def test_the_media_type_is_the_one_the_client_prefers(accept: str | None, expected: str):
    assert media_type(accept) == expected


@pytest.mark.parametrize("accept", ["text/csv", f"{JSON};q=0", "image/*", f"{JSON};q=nonsense"])
def test_none_that_suits_is_not_acceptable(accept: str):
    with pytest.raises(Refusal) as caught:
        media_type(accept)
    assert caught.value.status == 406


@pytest.mark.parametrize(
    ("accept", "expected"),
    [(BROWSER, True), ("text/html", True), ("*/*", False), (f"{JSON}, text/html;q=0.5", False), (None, False)],
)
def test_a_page_is_for_those_who_name_it(accept: str | None, expected: bool):
    assert wants_page(accept) is expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [("gzip, br", True), ("br", False), ("*", True), ("gzip;q=0, *", False), ("", False), ("identity", False)],
)
def test_gzip_is_for_those_who_read_it(accept: str, expected: bool):
    assert takes_gzip({"accept-encoding": accept}) is expected
