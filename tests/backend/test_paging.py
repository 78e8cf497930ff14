"""Links are followed to the source's own origin and path only."""

import pytest

from vegraph.backend.paging import checked_link, key_of
from vegraph.errors import BackendUnavailable

ROOT = "https://erp.example/v2.0/prod/api/v2.0"
PREFIXES = ("/v2.0/prod/api/v2.0", "/v2.0/prod/api/contoso/app/v1.0")


@pytest.mark.parametrize(
    ("link", "followed"),
    [
        (f"{ROOT}/customers?$skiptoken=a%27b", f"{ROOT}/customers?$skiptoken=a%27b"),
        ("customers?$skiptoken=1", f"{ROOT}/customers?$skiptoken=1"),
        ("/v2.0/prod/api/v2.0/customers", f"{ROOT}/customers"),
        ("https://erp.example:443/v2.0/prod/api/v2.0/x", "https://erp.example:443/v2.0/prod/api/v2.0/x"),
        ("HTTPS://ERP.example/v2.0/prod/api/v2.0/x", "https://ERP.example/v2.0/prod/api/v2.0/x"),
        (f"{ROOT}/customers?$filter=a eq 'b'", f"{ROOT}/customers?$filter=a%20eq%20'b'"),
        (
            "https://erp.example/v2.0/prod/api/contoso/app/v1.0/x",
            "https://erp.example/v2.0/prod/api/contoso/app/v1.0/x",
        ),
    ],
)
def test_own_links(link, followed):
    assert checked_link("s", link, root=ROOT, prefixes=PREFIXES) == followed


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v2.0/prod/api/v2.0/customers",
        "http://erp.example/v2.0/prod/api/v2.0/customers",
        "https://erp.example:8443/v2.0/prod/api/v2.0/customers",
        "https://erp.example@evil.example/v2.0/prod/api/v2.0/x",
        "https://user:pw@erp.example/v2.0/prod/api/v2.0/x",
        "https://erp.example.evil.example/v2.0/prod/api/v2.0/x",
        "//evil.example/v2.0/prod/api/v2.0/x",
        "https://erp.example/other",
        "https://erp.example/v2.0/prod/api/v2.0-other/x",
        f"{ROOT}/../../../admin",
        f"{ROOT}/%2e%2e/%2e%2e/admin",
        f"{ROOT}/%252e%252e/admin",
        f"{ROOT}/..%5cadmin",
        "\\\\evil.example\\v2.0",
        f"{ROOT}/x#fragment",
        f"{ROOT}/\u212a",
        "https://erp.example:99999/v2.0/prod/api/v2.0/x",
        "javascript:alert(1)",
        "x" * 70_000,
        7,
    ],
    ids=lambda v: str(v)[:60],
)
def test_links_that_lead_away_are_not_followed(link):
    with pytest.raises(BackendUnavailable):
        checked_link("s", link, root=ROOT, prefixes=PREFIXES)


@pytest.mark.parametrize(
    ("link", "key"),
    [
        ("https://x/a/customers(7e61)", "7e61"),
        ("https://x/a/People('a%2Fb%28')", "'a%2Fb%28'"),
        ("https://x/a/Lines(a='1',b=2)?x=y", "a='1',b=2"),
        ("https://x/a/customers", None),
        ("https://x/People('a(b)')", "'a(b)'"),
    ],
)
def test_the_key_of_a_new_row(link, key):
    assert key_of(link) == key
