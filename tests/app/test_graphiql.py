"""GraphiQL as a browser shows it: everything from the package, under its policy, and asking as whom one chooses."""

import gzip
import json
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.app.server import served
from tests.app.toy import Toy, admit, client, settings, toy_app
from tests.node import package
from tests.services import require
from vegraph.app.http.asgi import Endpoint, application
from vegraph.app.http.graphiql import POLICY
from vegraph.app.http.serving import Serving

BROWSER = Path(__file__).with_name("browser")
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PEOPLE = [
    {"name": "Mary Manager", "about": "sees everything", "endpoint": "/graphql", "token": "mary"},
    {"name": "Carl Clerk", "about": "sees items", "endpoint": "/graphql", "token": "carl"},
    {"name": "Visitor", "about": "has no token", "endpoint": "/graphql", "token": None},
]


async def people(_: Request) -> JSONResponse:
    return JSONResponse(PEOPLE)


def demo_app():
    given = settings()
    serving = Serving(Toy(), given.limits, introspection=True)
    endpoint = Endpoint(name="graphql", path="/graphql", serving=serving, admit=admit)
    return application(given, [endpoint], more=[Route("/demo/people", people)], demo="{ hello }")


def test_a_person_is_chosen_and_asked_as(tmp_path: Path):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    require(chromium, "Chromium is not installed")
    folder = package(BROWSER)
    picture = tmp_path / "graphiql.png"
    with served(demo_app()) as url:
        address = f"{url}/graphql#query={quote('{ who }')}"
        command = ["node", "graphiql.mjs", str(chromium), address, str(picture)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["elsewhere"] == []
    assert [c for c in seen["complaints"] if "401" not in c] == []
    assert seen["query"].split() == ["{", "who", "}"]
    assert seen["answers"]["Mary Manager"]["data"]["who"].startswith("mary ")
    assert seen["answers"]["Carl Clerk"]["data"]["who"].startswith("carl ")
    assert seen["answers"]["Visitor"]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert "UNAUTHENTICATED" in seen["response"]
    assert "Query" in seen["documentation"]
    assert "mary" not in seen["stored"]
    assert picture.stat().st_size > 10_000


async def test_the_page_has_no_script_of_its_own_and_names_nothing_elsewhere():
    async with client(toy_app()) as asking:
        response = await asking.get("/graphql", headers=PAGE)
    assert response.headers["Content-Security-Policy"] == POLICY
    assert "'unsafe-eval'" not in POLICY
    assert response.text.count("<script") == response.text.count('<script type="module" src="/graphiql/app.js">') == 1
    assert "//" not in response.text.replace("<!doctype", "")


async def test_the_page_needs_no_token_and_tells_no_name():
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=toy_app()), base_url="http://toy") as asking:
        response = await asking.get("/graphql", headers=PAGE)
    assert response.status_code == 200
    assert "data-people" not in response.text


async def test_it_can_be_switched_off():
    async with client(toy_app(settings(server="graphiql = false"))) as asking:
        page = await asking.get("/graphql", headers=PAGE)
        file = await asking.get("/graphiql/app.js")
    assert (page.status_code, file.status_code) == (400, 404)


@pytest.mark.parametrize("name", sorted(entry.name for entry in (files("vegraph.app") / "graphiql").iterdir()))
async def test_each_file_comes_compressed_or_plain_as_the_client_reads_it(name: str):
    path = f"/graphiql/{name.removesuffix('.gz')}"
    kept = (files("vegraph.app") / "graphiql" / name).read_bytes()
    async with client(toy_app()) as asking:
        compressed = await asking.get(path, headers={"Accept-Encoding": "gzip"})
        plain = await asking.get(path, headers={"Accept-Encoding": "identity"})
        again = await asking.get(path, headers={"If-None-Match": compressed.headers["ETag"]})
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert compressed.content == plain.content == gzip.decompress(kept)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/graphiql/", "/graphiql/nothing.js", "/graphiql/..%2F__init__.py", "/graphiql/app"])
async def test_nothing_else_is_served(path: str):
    async with client(toy_app()) as asking:
        assert (await asking.get(path)).status_code == 404


def test_licences_are_kept_beside_the_files():
    text = gzip.decompress((files("vegraph.app") / "graphiql" / "LICENSES.txt.gz").read_bytes()).decode()
    for name in ("graphiql 5.", "monaco-editor ", "react 19.", "graphql 16."):
        assert name in text
