import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.toy import client, settings, toy_app
from vegraph.app.http.persisted import read_trusted
from vegraph.errors import ConfigError

QUERY = "{ hello }"
DIGEST = sha256(QUERY.encode()).hexdigest()
APQ = {"persistedQuery": {"version": 1, "sha256Hash": DIGEST}}


async def ask(asking: httpx.AsyncClient, body: Any) -> tuple[int, Any]:
    response = await asking.post("/graphql", json=body)
    found = response.json()
    return response.status_code, found.get("data") or found["errors"][0]["extensions"]["code"]


async def test_a_document_is_registered_by_its_hash_and_then_asked_for_by_it():
    async with client(toy_app()) as asking:
        assert await ask(asking, {"extensions": APQ}) == (200, "PERSISTED_QUERY_NOT_FOUND")
        assert await ask(asking, {"query": QUERY, "extensions": APQ}) == (200, {"hello": "Hello world"})
        assert await ask(asking, {"extensions": APQ}) == (200, {"hello": "Hello world"})
        assert await ask(asking, {"documentId": f"sha256:{DIGEST}"}) == (200, {"hello": "Hello world"})
        response = await asking.get("/graphql", params={"extensions": json.dumps(APQ)})
        assert response.json() == {"data": {"hello": "Hello world"}}


async def test_apollos_clients_know_the_message():
    async with client(toy_app()) as asking:
        response = await asking.post("/graphql", json={"extensions": APQ})
    assert response.json()["errors"][0]["message"] == "PersistedQueryNotFound"


async def test_a_document_that_is_wrong_is_not_registered():
    wrong = "{ helo }"
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": sha256(wrong.encode()).hexdigest()}}
    async with client(toy_app()) as asking:
        assert await ask(asking, {"query": wrong, "extensions": extensions}) == (200, "GRAPHQL_VALIDATION_FAILED")
        assert await ask(asking, {"extensions": extensions}) == (200, "PERSISTED_QUERY_NOT_FOUND")


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{ who }", "extensions": APQ},
        {"query": QUERY, "extensions": {"persistedQuery": {"version": 2, "sha256Hash": DIGEST}}},
        {"query": QUERY, "extensions": {"persistedQuery": "x"}},
        {"query": QUERY, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": 7}}},
        {"query": QUERY, "documentId": "x" * 201},
    ],
    ids=["another's hash", "version", "no object", "no text", "too long"],
)
async def test_what_is_wrong_about_a_hash_is_refused(body: Any):
    async with client(toy_app()) as asking:
        assert await ask(asking, body) == (400, "BAD_REQUEST")


async def test_only_as_much_is_registered_as_there_is_room_for():
    async with client(toy_app(settings(limits="persisted_bytes = 8"))) as asking:
        await ask(asking, {"query": QUERY, "extensions": APQ})
        assert await ask(asking, {"extensions": APQ}) == (200, "PERSISTED_QUERY_NOT_FOUND")


@pytest.fixture
def trusted(tmp_path: Path) -> Path:
    path = tmp_path / "documents.json"
    path.write_text(json.dumps({"greeting": QUERY, f"sha256:{DIGEST}": QUERY}))
    return path


async def test_listed_documents_run_by_their_id(trusted: Path):
    async with client(toy_app(settings(server=f'trusted_documents = "{trusted}"'))) as asking:
        assert await ask(asking, {"documentId": "greeting"}) == (200, {"hello": "Hello world"})
        assert await ask(asking, {"extensions": APQ}) == (200, {"hello": "Hello world"})
        assert await ask(asking, {"query": "{ who }"}) != (403, "FORBIDDEN")


async def test_where_only_listed_documents_run_others_are_refused(trusted: Path):
    given = settings(server=f'trusted_documents = "{trusted}"\nonly_trusted_documents = true')
    other = {"persistedQuery": {"version": 1, "sha256Hash": sha256(b"{ who }").hexdigest()}}
    async with client(toy_app(given)) as asking:
        assert await ask(asking, {"documentId": "greeting"}) == (200, {"hello": "Hello world"})
        assert await ask(asking, {"query": QUERY}) == (200, {"hello": "Hello world"})
        assert await ask(asking, {"query": "{ who }"}) == (403, "FORBIDDEN")
        assert await ask(asking, {"query": "{ who }", "extensions": other}) == (403, "FORBIDDEN")
        assert await ask(asking, {"extensions": other}) == (200, "PERSISTED_QUERY_NOT_FOUND")


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}'])
def test_a_list_that_is_none_stops_the_start(text: str, tmp_path: Path):
    path = tmp_path / "documents.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"documents\.json: trusted documents"):
        read_trusted(path)
