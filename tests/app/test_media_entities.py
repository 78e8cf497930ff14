"""Media entities: a row that is a stream has it as a field, read in parts and replaced, over real HTTP."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.app.server import served
from tests.shared import metadata
from vegraph.app.composition import compose
from vegraph.app.graph import make
from vegraph.app.settings import parse

JPEG = b"\xff\xd8\xff" + bytes(range(256)) * 4


@dataclass
class Gallery:
    """The Photos of TripPin: rows as JSON, each of them a stream under `/$value`."""

    metadata: bytes
    content: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """By key: media type and bytes."""
    seen: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Method, path and `If-Match` of each request for a stream."""

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/odata/$metadata", self.document),
                Route("/odata/Photos", self.rows),
                Route("/odata/Photos({key})/$value", self.value, methods=["GET", "PUT"]),
            ]
        )

    async def document(self, _: Request) -> Response:
        return Response(self.metadata, media_type="application/xml")

    async def rows(self, _: Request) -> Response:
        rows = [
            {"@odata.mediaContentType": type_, "Id": int(key), "Name": f"photo {key}"}
            for key, (type_, _) in sorted(self.content.items())
        ]
        return JSONResponse({"value": rows})

    async def value(self, request: Request) -> Response:
        key = request.path_params["key"]
        self.seen.append((request.method, request.url.path, request.headers.get("if-match")))
        if key not in self.content:
            return JSONResponse({"error": {"code": "404", "message": "no photo"}}, 404)
        if request.method == "PUT":
            self.content[key] = request.headers["content-type"], await request.body()
            return Response(status_code=204)
        type_, content = self.content[key]
        part = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", ""))
        if part is None:
            return Response(content, media_type=type_)
        start, end = int(part[1]), int(part[2])
        said = {"content-range": f"bytes {start}-{end}/{len(content)}"}
        return Response(content[start : end + 1], 206, said, media_type=type_)


@dataclass
class Site:
    """A server over the gallery."""

    url: str
    gallery: Gallery

    def photos(self, query: str = "{ photos { nodes { name content { url contentType __typename } } } }") -> list[dict]:
        answer = httpx.post(f"{self.url}/graphql", json={"query": query}).json()
        assert "errors" not in answer, answer
        return answer["data"]["photos"]["nodes"]


READ_ONLY = b"""<EntitySet Name="Photos" EntityType="Microsoft.OData.SampleService.Models.TripPin.Photo">
<Annotation Term="Org.OData.Capabilities.V1.UpdateRestrictions"><Record>
<PropertyValue Property="Updatable" Bool="false"/></Record></Annotation>"""


@pytest.fixture
def site(tmp_path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Site]:
    monkeypatch.setenv("VEGRAPH_CACHE", str(tmp_path / "cache"))
    document = metadata("trippin.xml").read_bytes()
    if getattr(request, "param", None) is READ_ONLY:
        document = re.sub(rb'<EntitySet Name="Photos"[^>]*>', READ_ONLY, document)
    gallery = Gallery(document, {"1": ("image/jpeg", JPEG), "2": ("image/png", b"png")})
    with served(gallery.app) as service:
        text = f'[sources.trips]\nkind = "odata"\nurl = "{service}/odata"\nentities = ["Photos", "People"]\n'
        server = asyncio.run(compose(parse(text, tmp_path / "vegraph.toml", {}), make))
        with served(server.app) as url:
            yield Site(url, gallery)


def test_a_row_that_is_a_stream_says_where_and_what(site: Site):
    first, second = site.photos()
    assert first["content"]["url"].startswith("/media/")
    assert first["content"]["url"].endswith("/content")
    assert first["content"]["url"] != second["content"]["url"]
    types = [(p["name"], p["content"]["contentType"], p["content"]["__typename"]) for p in (first, second)]
    assert types == [("photo 1", "image/jpeg", "Media"), ("photo 2", "image/png", "Media")]


def test_it_is_read_whole_and_in_parts(site: Site):
    url = site.url + site.photos()[0]["content"]["url"]
    whole, part = httpx.get(url), httpx.get(url, headers={"Range": "bytes=3-6"})
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, JPEG, "image/jpeg")
    assert (part.status_code, part.content) == (206, JPEG[3:7])
    assert part.headers["content-range"] == f"bytes 3-6/{len(JPEG)}"


@pytest.mark.parametrize(
    ("given", "sent"),
    [(None, None), ('W/"7"', 'W/"7"'), ("*", None)],
    ids=["no condition", "an ETag that the stream had", "whatever it was: rows here have no ETags"],
)
def test_it_is_replaced(site: Site, given: str | None, sent: str | None):
    path = site.photos()[1]["content"]["url"]
    headers = {"Content-Type": "image/gif"} | ({"If-Match": given} if given else {})
    assert httpx.put(site.url + path, content=b"GIF", headers=headers).status_code == 204
    assert site.gallery.content["2"] == ("image/gif", b"GIF")
    assert site.gallery.seen == [("PUT", "/odata/Photos(2)/$value", sent)]
    assert site.photos()[1]["content"]["contentType"] == "image/gif"


def test_one_that_is_gone_is_not_found(site: Site):
    path = site.photos()[1]["content"]["url"]
    del site.gallery.content["2"]
    assert httpx.get(site.url + path).status_code == 404


@pytest.mark.parametrize("site", [READ_ONLY], indirect=True, ids=["read only"])
def test_one_of_a_set_that_is_not_written_is_not_replaced(site: Site):
    path = site.photos()[0]["content"]["url"]
    answer = httpx.put(site.url + path, content=b"GIF", headers={"Content-Type": "image/gif"})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")
    assert site.gallery.seen == []
