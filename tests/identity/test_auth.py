"""A credential goes to its own source and nowhere else (I2, T14)."""

import httpx
import pytest

from vegraph.errors import ConfigError, IdentityError
from vegraph.identity.auth import Address, BearerAuth, HeaderAuth
from vegraph.identity.secret import Secret

ROOT = "https://erp.example/v2.0/api"
AUTH = BearerAuth(Secret("hush"), Address.of(ROOT), source="bc")


@pytest.fixture
async def http():
    """A client that tells what reached the wire; /v2.0/api/away redirects to a stranger."""
    seen = []

    def answer(request):
        seen.append((str(request.url), request.headers.get("authorization")))
        if request.url.path.endswith("/away"):
            return httpx.Response(302, headers={"Location": "https://stranger.example/v2.0/api/x"})
        return httpx.Response(200)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        client.seen = seen
        yield client


@pytest.mark.parametrize(
    "url",
    [
        ROOT,
        ROOT + "/",
        ROOT + "/customers?$filter=a eq 'x/../y'",
        ROOT + "/customers(name='O''Neil..')",
        "https://ERP.example:443/v2.0/api/customers",
        ROOT + "/$batch",
    ],
)
async def test_the_token_goes_with_each_request_under_the_sources_address(http, url):
    await http.get(url, auth=AUTH)
    assert http.seen[0][1] == "Bearer hush"


@pytest.mark.parametrize(
    "url",
    [
        "https://stranger.example/v2.0/api/customers",
        "http://erp.example/v2.0/api/customers",
        "https://erp.example:8443/v2.0/api/customers",
        "https://erp.example.stranger.example/v2.0/api",
        "https://erp.example@stranger.example/v2.0/api",
        "https://erp.example/v2.0/apiary",
        "https://erp.example/v2.0",
        "https://erp.example/",
        ROOT + "/../admin",
        ROOT + "/%2e%2e/admin",
        ROOT + "/x/%2E%2e%2Fadmin",
        ROOT + "/..%5cadmin",
        "https://user:pw@erp.example/v2.0/api/customers",
    ],
)
async def test_i2_nothing_is_sent_to_another_address(http, url):
    with pytest.raises(IdentityError, match="led away") as problem:
        await http.get(url, auth=AUTH)
    assert http.seen == []
    assert "hush" not in str(problem.value)


BESIDE = BearerAuth(Secret("hush"), Address.of(ROOT, ["/v2.0/fleet/v1.0/"]), source="bc")


@pytest.mark.parametrize(
    ("path", "goes"),
    [
        ("/v2.0/fleet/v1.0/cars", True),
        ("/v2.0/fleet/v1.0", True),
        ("/v2.0/api/customers", True),
        ("/v2.0/fleet/v1.01/cars", False),
        ("/v2.0/fleet/cars", False),
        ("/v2.0/fleet/v1.0/../x", False),
    ],
)
async def test_i2_the_token_goes_to_the_other_roots_that_are_named_and_no_further(http, path, goes):
    url = f"https://erp.example{path}"
    if goes:
        await http.get(url, auth=BESIDE)
        assert http.seen[0][1] == "Bearer hush"
    else:
        with pytest.raises(IdentityError, match="led away"):
            await http.get(url, auth=BESIDE)


async def test_i2_a_redirect_is_not_followed_and_would_not_carry_the_token(http):
    assert (await http.get(ROOT + "/away", auth=AUTH)).status_code == 302
    await http.get(ROOT + "/away", auth=AUTH, follow_redirects=True)
    assert [token for url, token in http.seen if "stranger" in url] == [None]


async def test_fixed_headers_are_pinned_too(http):
    auth = HeaderAuth({"X-Key": Secret("hush")}, Address.of(ROOT), source="bc")
    with pytest.raises(IdentityError):
        await http.get("https://stranger.example/", auth=auth)
    assert http.seen == []


def test_i12_a_credential_does_not_show():
    assert "hush" not in repr(AUTH)
    assert "hush" not in str(vars(AUTH))


@pytest.mark.parametrize("url", ["ftp://erp.example", "erp.example/x", "https://user:pw@erp.example", "https://"])
def test_a_source_without_a_proper_address_has_no_credential(url):
    with pytest.raises(ConfigError):
        Address.of(url)
