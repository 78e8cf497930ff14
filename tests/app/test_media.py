"""Pictures over HTTP: as the caller, in parts, replaced with If-Match, never whole, never somebody else's."""

import asyncio
import hashlib
import json
import logging
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from tests.app.server import served
from vegraph.app.composition import compose
from vegraph.app.demo import sign_in
from vegraph.app.demo.config import BC_SCOPE, audience
from vegraph.app.graph import make
from vegraph.app.http.serving import Serving
from vegraph.app.settings import parse
from vegraph.documents import folder
from vegraph.emulator.data.bc import bc_seed
from vegraph.emulator.data.business import Business
from vegraph.emulator.data.people import CLERK, MANAGER, PORTAL_CONTACT
from vegraph.emulator.engine.access import Tokens
from vegraph.emulator.running import threaded
from vegraph.emulator.server import BC_ROOT, create_bc
from vegraph.emulator.users import EVERYTHING
from vegraph.identity.mapping import MappingRow
from vegraph.identity.mapping_store import MappingStore
from vegraph.identity.secret import Secret

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
MINE = "7e610003-0000-4eed-a003-000000000001"

CONFIG = """
[server]
profile = "development"

[sources.bc]
kind = "business-central"
url = "{url}"
metadata = "{schema}/bc"
prefix = "Bc"
company = "CRONUS USA, Inc."
entities = ["items", "pictures"]
delegation = "development"
scope = "{scope}"

[identity.demo]
issuer = "{issuer}"
audience = "{audience}"

[portals.support]
issuer = "https://{site}"
public_key = "portal.pem"
audience = "{portal_audience}"
entities = ["bc.items", "bc.pictures"]
mapping = "sqlite:///portal.db"
rows = {{ "bc.pictures" = "id eq '{mine}'" }}
operations = {{ "bc.pictures" = ["read", "update"] }}
"""


@dataclass
class Site:
    """A server over an emulator, both on real ports."""

    url: str
    tokens: dict[str, str]
    bc: object
    serving: Serving

    def headers(self, who: str = "manager") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}

    def ask(self, query: str, who: str = "manager") -> dict:
        path = "/portal/support/graphql" if who == "contact" else "/graphql"
        found = httpx.post(self.url + path, json={"query": query}, headers=self.headers(who)).json()
        assert "errors" not in found, found
        return found["data"]

    def pictures(self, who: str = "manager") -> list[dict]:
        query = "{ bcPictures(first: 3) { nodes { rowId etag contentType pictureContent { url } } } }"
        return self.ask(query, who)["bcPictures"]["nodes"]

    def get(self, path: str, who: str = "manager", **headers: str) -> httpx.Response:
        return httpx.get(self.url + path, headers={**self.headers(who), **headers})

    def put(self, path: str, content: object = PNG, who: str = "manager", **headers: str) -> httpx.Response:
        given = {"Content-Type": "image/png", **{k.replace("_", "-"): v for k, v in headers.items()}}
        return httpx.put(self.url + path, content=content, headers={**self.headers(who), **given}, timeout=60)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    signing, files = sign_in.issuer(), tmp_path_factory.mktemp("media")
    (files / "portal.pem").write_bytes(signing.portal_pem())
    contact = replace(PORTAL_CONTACT.bc, rights=EVERYTHING, rows=())
    tokens = Tokens(issuers=(sign_in.ISSUER,), audiences=(audience(BC_SCOPE),), keys=(sign_in.public_key(signing),))
    rows = bc_seed(Business(orders=40, customers=30, items=20))
    bc = create_bc(tokens=tokens, users=[MANAGER.bc, CLERK.bc, contact], rows=rows)
    with pytest.MonkeyPatch.context() as patch, threaded(bc.app) as erp:
        patch.setenv("VEGRAPH_CACHE", str(files / "cache"))
        text = CONFIG.format(
            url=erp + BC_ROOT, schema=folder(), scope=BC_SCOPE, issuer=sign_in.ISSUER, audience=sign_in.AUDIENCE,
            site=sign_in.PORTAL_SITE, portal_audience=sign_in.PORTAL_AUDIENCE, mine=MINE,
        )  # fmt: skip
        settings = parse(text, files / "vegraph.toml", {})
        _map(settings.portals["support"], files)
        server = asyncio.run(compose(settings, make, issuer=signing))
        named = {p["name"]: p["token"] for p in sign_in.people(signing)}
        people = {"manager": MANAGER, "clerk": CLERK, "contact": PORTAL_CONTACT}
        with served(server.app) as url:
            tokens = {who: named[person.name] for who, person in people.items()}
            yield Site(url, tokens, bc, server.app.state.views["graphql"].serving)


def _map(portal, files: Path) -> None:
    store = MappingStore(portal.mapping or Secret(""), portal.mapping_table, base=files)
    id_ = PORTAL_CONTACT.object_id
    store.add(MappingRow(portal="support", contact_id=id_, source="bc", erp_user=id_), by="test")
    store.close()


@pytest.fixture
def picture(site: Site) -> dict:
    """The first picture, with content."""
    row = site.pictures()[0]
    answer = site.put(row["pictureContent"]["url"], If_Match=row["etag"])
    assert answer.status_code == 204, answer.text
    return site.pictures()[0]


def test_what_was_uploaded_comes_back_as_it_is_under_a_policy_that_runs_nothing(site: Site, picture):
    answer = site.get(picture["pictureContent"]["url"])
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert picture["contentType"] == "image/png"


def test_a_head_has_the_headers_alone(site: Site, picture):
    answer = httpx.head(site.url + picture["pictureContent"]["url"], headers=site.headers())
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "image/png"


def test_a_stream_that_is_empty_is_no_content(site: Site):
    assert site.get(site.pictures()[2]["pictureContent"]["url"]).status_code == 204


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 428, "PRECONDITION_REQUIRED"),
        ({"If_Match": 'W/"JzE5Oyc="'}, 412, "CONFLICT"),
        ({"If_Match": "nonsense"}, 400, "BAD_USER_INPUT"),
        ({"If_Match": "*", "Content_Type": "nonsense"}, 400, "BAD_USER_INPUT"),
        ({"If_Match": "*", "Content_Encoding": "gzip"}, 415, "BAD_REQUEST"),
    ],
)
def test_what_is_not_replaced(site: Site, picture, headers, status, code):
    answer = site.put(picture["pictureContent"]["url"], b"other", **headers)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (status, code)
    assert site.get(picture["pictureContent"]["url"]).content == PNG


def test_an_overwrite_says_so(site: Site, picture):
    assert site.put(picture["pictureContent"]["url"], b"other", If_Match="*").status_code == 204
    assert site.get(picture["pictureContent"]["url"]).content == b"other"


def test_a_large_one_passes_through_and_one_too_large_does_not(site: Site, picture):
    url, megabyte = picture["pictureContent"]["url"], bytes(1 << 20)

    def chunks(count: int):
        for _ in range(count):
            yield megabyte

    assert site.put(url, chunks(20), If_Match="*").status_code == 204
    digest = hashlib.sha256()
    with httpx.stream("GET", site.url + url, headers=site.headers()) as answer:
        for chunk in answer.iter_bytes():
            digest.update(chunk)
    assert digest.digest() == hashlib.sha256(bytes(20 << 20)).digest()
    assert _status_of_a_declared_length(site, url, 65 << 20) == 413


def _status_of_a_declared_length(site: Site, path: str, length: int) -> int:
    """The answer comes before any of the content."""
    with _begun(site, "PUT", path, length) as connection:
        return int(connection.recv(1000).split()[1])


def test_who_sends_or_reads_too_slowly_keeps_no_place_from_others(site: Site, picture, monkeypatch):
    url = picture["pictureContent"]["url"]
    assert site.put(url, bytes(20 << 20), If_Match="*").status_code == 204
    monkeypatch.setattr(site.serving, "limits", replace(site.serving.limits, deadline_s=0.5))
    begun = [_begun(site, "PUT", url, 100) for _ in range(4)]
    assert {connection.recv(1000).split()[1] for connection in begun} == {b"408"}
    begun += [_begun(site, "GET", url) for _ in range(4)]
    time.sleep(1)
    assert site.put(url, If_Match="*").status_code == 204
    assert site.get(url).content == PNG
    for connection in begun:
        connection.close()


def _begun(site: Site, method: str, path: str, length: int = 0) -> socket.socket:
    """A request of which no more comes, and whose answer nobody reads."""
    host, _, port = site.url.removeprefix("http://").partition(":")
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {length}", "Content-Type: image/png",
             "If-Match: *", *(f"{k}: {v}" for k, v in site.headers().items()), "", ""]  # fmt: skip
    connection = socket.create_connection((host, int(port)), timeout=10)
    connection.sendall("\r\n".join(lines).encode())
    return connection


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH"])
def test_other_methods_are_refused(site: Site, picture, method):
    answer = httpx.request(method, site.url + picture["pictureContent"]["url"], headers=site.headers())
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, PUT")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/media/nonsense/pictureContent", 400),
        ("/media/{id}/nothing", 404),
        ("/media/{id}/contentType", 404),
        ("/media/{id}/..%2Fx", 404),
    ],
)
def test_what_is_no_stream_is_not_there(site: Site, picture, path, status):
    id_ = picture["pictureContent"]["url"].split("/")[2]
    answer = site.get(path.format(id=id_))
    assert answer.status_code == status
    assert "errors" in answer.json()


def test_the_same_doors_let_people_in(site: Site, picture):
    url = picture["pictureContent"]["url"]
    assert site.get(url, who="nobody").status_code == 401
    bad = httpx.get(site.url + url, headers={"Authorization": "Bearer x"})
    assert (bad.status_code, bad.headers["www-authenticate"][:6]) == (401, "Bearer")


def test_the_erp_decides_what_a_person_may(site: Site, picture):
    url = picture["pictureContent"]["url"]
    assert site.put(url, b"x", who="clerk", If_Match="*").status_code == 403
    assert site.get(url).content == PNG


def test_the_portal_s_row_rule_stands_over_streams(site: Site, picture):
    other = site.pictures()[1]["pictureContent"]["url"]
    (mine,) = site.pictures("contact")
    assert (mine["rowId"], mine["pictureContent"]["url"].startswith("/portal/support/media/")) == (MINE, True)
    assert site.get(mine["pictureContent"]["url"], who="contact").content == PNG
    assert site.get("/portal/support" + other, who="contact").status_code == 404
    assert site.put("/portal/support" + other, who="contact", If_Match="*").status_code == 404
    assert site.put(mine["pictureContent"]["url"], who="contact", If_Match="*").status_code == 204
    assert site.get(other, who="contact").status_code == 401


def test_an_upload_leaves_one_record(site: Site, picture, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO, "vegraph.audit")
    site.put(picture["pictureContent"]["url"], If_Match="*")
    site.put(picture["pictureContent"]["url"])
    records = [json.loads(r.message) for r in caplog.records if r.name == "vegraph.audit"]
    assert [(r["verb"], r["entity"], r["key"], r["outcome"]) for r in records] == [
        ("update", "pictures.pictureContent", picture["rowId"], "done"),
        ("update", "pictures.pictureContent", picture["rowId"], "PRECONDITION_REQUIRED"),
    ]
    assert records[0]["principal"]
