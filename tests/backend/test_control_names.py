"""Control information under its short names of 4.01."""

import json

import pytest

from vegraph.backend.control_names import long_names


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ('{"@context":"c","@count":2,"value":[]}', '{"@odata.context":"c","@odata.count":2,"value":[]}'),
        ('{"value":[{"@etag" : "W/1"}],"@nextLink":"n"}', '{"value":[{"@odata.etag" : "W/1"}],"@odata.nextLink":"n"}'),
        ('{"lines@count":1,\n "lines":[]}', '{"lines@odata.count":1,\n "lines":[]}'),
        ('{"pic@mediaContentType":"image/png"}', '{"pic@odata.mediaContentType":"image/png"}'),
    ],
)
def test_short_names_become_long_ones(given: str, found: str) -> None:
    assert long_names(given.encode()) == found.encode()


@pytest.mark.parametrize(
    "value",
    ['"@count":1', ', "@etag": "x"', "@nextLink", ' {"@type":"#A"} ', "\\", '\\"@count":', "a@count"],
)
def test_values_stay_as_they_are(value: str) -> None:
    body = json.dumps(
        {"@odata.count": 1, "text": value, "texts": [value, " ", value], "mail@example.count": 3}
    ).encode()
    assert long_names(body) == body
