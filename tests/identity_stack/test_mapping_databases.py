"""The external portal user mapping on both databases, kept by the commands and read by a server (I7, FO-200)."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.identity.databases import NAMES, database
from tests.identity_stack.configuration import SECRET, settings_of
from tests.identity_stack.estate import Estate
from tests.identity_stack.people import Contact, customer_of
from vegraph.app.cli import main
from vegraph.app.composition import compose
from vegraph.app.graph import make
from vegraph.app.settings import load

FO = "{ foCustomersV3 { nodes { customerAccount } } }"


@dataclass
class Site:
    """A portal with a mapping of its own, and nobody in it yet."""

    name: str
    stack: Estate
    config: Path
    run: Callable[..., tuple[int, str, str]]


@pytest.fixture(params=NAMES)
def site(request, stack, tmp_path, monkeypatch, capsys) -> Iterator[Site]:
    monkeypatch.setenv("SECRET", SECRET)
    monkeypatch.setenv("COLUMNS", "240")

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["portal", *arguments, "--config", str(tmp_path / "vegraph.toml")])
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    with database(request.param) as (url, table):
        settings_of(stack.authority, stack.urls, url, table, tmp_path)
        yield Site(request.param, stack, tmp_path / "vegraph.toml", run)


def add(site, number, user):
    return site.run("add", "support", Contact(number).id, "fo", user)


def listed(site):
    code, out, _ = site.run("list", "support", "--json")
    assert code == 0
    return {row["contact"]: row["user"] for row in json.loads(out)}


def test_mappings_are_added_listed_and_removed(site):
    assert listed(site) == {}
    assert add(site, 1, "portal-1")[0] == add(site, 2, "portal-2")[0] == 0
    assert listed(site) == {Contact(1).id: "portal-1", Contact(2).id: "portal-2"}
    code, _, err = add(site, 1, "portal-3")
    assert code == 2
    assert "Traceback" not in err
    assert site.run("remove", "support", Contact(1).id, "fo")[0] == 0
    assert listed(site) == {Contact(2).id: "portal-2"}
    assert site.run("remove", "support", Contact(1).id, "fo")[0] == 1


@pytest.mark.parametrize("wrong", ["suport", "nowhere"])
def test_an_unknown_portal_or_source_is_a_sentence(site, wrong):
    for arguments in (("list", wrong), ("add", "support", "x", wrong, "y")):
        code, _, err = site.run(*arguments)
        assert code == 2
        assert "there is no" in err


def test_verify_says_as_whom_each_would_run_and_why_not(site):
    add(site, 1, "portal-1")
    assert site.run("verify", "support", "--json")[0] == 0
    add(site, 2, "boss")
    add(site, 3, "plain")
    add(site, 4, "portal-unknown")
    code, out, _ = site.run("verify", "support", "--json")
    found = {line["contact"]: line for line in json.loads(out)}
    assert code == 1
    assert found[Contact(1).id]["user"] == "fo:app:portal-1"
    assert "SystemAdministrator" in found[Contact(2).id]["refused"]
    assert "lacks the role" in found[Contact(3).id]["refused"]
    assert "no application is configured" in found[Contact(4).id]["refused"]
    assert [found[Contact(n).id]["user"] for n in (2, 3, 4)] == [None] * 3


def test_a_server_runs_contacts_as_the_database_says(site, serving):
    add(site, 1, "portal-5")
    settings = load(site.config)
    mapped, unmapped = f"mapped-{site.name}", f"unmapped-{site.name}"
    with serving(asyncio.run(compose(settings, make))) as url:
        answer = ask(site, url, 1, mapped)
        assert answer == {"data": {"foCustomersV3": {"nodes": [{"customerAccount": customer_of(5)}]}}}
        refused = ask(site, url, 2, unmapped)
        assert refused["data"] == {"foCustomersV3": None}
        assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    seen = [(name, one.user) for name, one in site.stack.everything("fo") if name in (mapped, unmapped)]
    assert seen == [(mapped, "portal-5")]


def ask(site, url, number, name):
    site.stack.asked[name] = Contact(5)  # whom it is mapped to here
    headers = {"Authorization": f"Bearer {site.stack.token(Contact(number))}", "X-Request-Id": name}
    return site.stack.http.post(f"{url}/portal/support/graphql", json={"query": FO}, headers=headers).json()


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_a_mapping_that_can_not_be_read_lets_nobody_through(site, serving):
    add(site, 1, "portal-1")
    settings = load(site.config)
    server = asyncio.run(compose(settings, make))
    (site.config.parent / "portal.db").write_bytes(b"not a database at all" * 100)
    with serving(server) as url:
        answer = ask(site, url, 1, "broken-1")
    assert answer["data"] == {"foCustomersV3": None}
    assert answer["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert [name for name, _ in site.stack.everything() if name == "broken-1"] == []
