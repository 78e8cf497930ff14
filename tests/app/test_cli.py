"""The commands as their users meet them: what is printed where, and how the program ends."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.app.odata import CHANGED, METADATA, shop
from tests.app.server import served
from tests.app.toy import PEM
from vegraph.app.cli import main
from vegraph.app.pulling import TOKEN

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command in an empty folder; gives (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("VEGRAPH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv(TOKEN, raising=False)

    def command(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return command


@pytest.fixture
def url() -> Iterator[str]:
    with served(shop()) as found:
        yield f"{found}/odata"


def configure(folder: Path, url: str, more: str = "", *, source: str = "") -> None:
    text = f'[sources.shop]\nkind = "odata"\nurl = "{url}"\n{source}\n{more}'
    (folder / "vegraph.toml").write_text(text)


def test_help_names_every_command(run: Run):
    code, out, _ = run("--help")
    assert code == 0
    for name in ("demo", "serve", "catalog", "schema", "explain", "check", "portal", "emulate"):
        assert f" {name} " in out


def test_the_version_is_printed(run: Run):
    assert run("--version")[:2] == (0, "vegraph 0.1.0\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["serve"], "vegraph.toml: there is no such file. Name one with --config."),
        (["serve", "--config", "other.toml"], "other.toml: there is no such file."),
        (["catalog", "list"], "vegraph.toml: there is no such file."),
        (["explain", "q.graphql"], "vegraph.toml: there is no such file."),
        (["serve", "--port", "99999"], "Input should be less than or equal to 65535"),
        (["emulate", "sap"], "'sap' is not one of"),
        (["nonsense"], "No such command 'nonsense'."),
        (["catalog", "nonsense"], "No such command 'nonsense'."),
        (["serve", "--nonsense"], "No such option"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_a_sentence_and_exit_code_2(run: Run, arguments: list[str], says: str):
    code, out, err = run(*arguments)
    assert code == 2
    assert says in " ".join(err.split())
    assert out == ""
    assert "Traceback" not in err


def test_a_malformed_configuration_is_a_sentence(run: Run, tmp_path: Path):
    (tmp_path / "vegraph.toml").write_text("[sources.shop\n")
    code, _, err = run("serve")
    assert (code, "is not TOML" in err, "line 1" in err) == (2, True, True)


def test_a_source_that_cannot_be_reached_is_a_sentence(run: Run, tmp_path: Path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        configure(tmp_path, f"http://127.0.0.1:{nobody.getsockname()[1]}/odata")
        code, _, err = run("catalog", "list")
    assert code == 2
    assert "shop cannot be reached" in err


@pytest.mark.parametrize("document", ["<html><body>Sign in</body></html>", '{"no": "csdl"}', "<?xml", ""])
def test_a_document_that_is_no_csdl_is_a_sentence(run: Run, tmp_path: Path, document: str):
    with served(shop(document)) as url:
        configure(tmp_path, f"{url}/odata")
        code, _, err = run("catalog", "list")
    assert code == 2
    assert "sources.shop: shop" in err
    assert len(err.splitlines()) <= 3


def test_an_entity_pattern_that_matches_nothing_is_a_sentence(run: Run, tmp_path: Path, url: str):
    configure(tmp_path, url, source='entities = ["Custommers"]')
    code, _, err = run("catalog", "list")
    assert code == 2
    assert "sources.shop.entities: " in err
    assert "Did you mean 'Customers'?" in err


def test_a_port_in_use_is_a_sentence(run: Run, tmp_path: Path, url: str):
    configure(tmp_path, url)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, err = run("serve", "--port", str(port))
    assert code == 2
    assert f"Port {port} of 127.0.0.1 is in use." in err


def test_an_address_of_another_machine_is_a_sentence(run: Run, tmp_path: Path, url: str):
    configure(tmp_path, url)
    code, _, err = run("serve", "--host", "192.0.2.1")
    assert code == 2
    assert "192.0.2.1 is not an address that can be listened at here" in err


def test_an_unexpected_error_names_itself_without_a_trace(run: Run, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("vegraph.app.cli.catalog.load", broken)
    code, _, err = run("catalog", "list")
    assert code == 2
    assert "Something unexpected happened (RuntimeError: boom). Set VEGRAPH_TRACE=1" in err
    assert "Traceback" not in err


def test_the_catalog_is_listed_for_people_and_for_programs(run: Run, tmp_path: Path, url: str):
    configure(tmp_path, url, source='entities = ["Customers"]')
    code, out, _ = run("catalog", "list")
    assert code == 0
    assert "shop.Customers" in out
    code, out, _ = run("catalog", "list", "--json")
    assert [(row["entity"], row["visible"]) for row in json.loads(out)] == [("Customers", True), ("Orders", False)]
    code, out, _ = run("catalog", "list", "--visible", "--json")
    assert [row["entity"] for row in json.loads(out)] == ["Customers"]


def test_one_entity_is_shown_with_how_its_relations_are_fetched(run: Run, tmp_path: Path, url: str):
    configure(tmp_path, url)
    code, out, _ = run("catalog", "show", "shop.Orders")
    assert code == 0
    assert "CustomerNo" in out
    assert "its constraint" in out
    code, out, _ = run("catalog", "show", "shop.Orders", "--json")
    assert json.loads(out)["relationships"]["Customer"]["fetch"] == "key"
    code, _, err = run("catalog", "show", "shop.Order")
    assert (code, "Did you mean 'Orders'?" in err) == (2, True)
    code, _, err = run("catalog", "show", "shp.Orders")
    assert (code, "there is no source 'shp'. Did you mean 'shop'?" in err) == (2, True)


def test_what_is_pulled_is_read_offline(run: Run, tmp_path: Path):
    with served(shop()) as url:
        configure(tmp_path, f"{url}/odata")
        code, _, err = run("catalog", "pull")
    assert code == 0
    assert "shop: 2 entity sets" in err
    assert 'set sources.shop.metadata = "schema/shop"' in err
    configure(tmp_path, "https://nowhere.invalid/odata", source='metadata = "schema/shop"')
    assert run("catalog", "list", "--json")[0] == 0


def test_metadata_that_was_never_pulled_is_a_sentence(run: Run, tmp_path: Path, url: str):
    configure(tmp_path, url, source='metadata = "schema/shop"')
    code, _, err = run("catalog", "list")
    assert code == 2
    assert "does not exist. Run 'vegraph catalog pull shop'" in err


def test_a_source_that_wants_a_token_gets_the_operators(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with served(shop(token="secret")) as url:
        door = '[identity.entra]\nissuer = "https://x.example"\naudience = "a"'
        server = '[server]\nprofile = "development"'
        configure(
            tmp_path, f"{url}/odata", f"{door}\n{server}", source='delegation = "on-behalf-of"\nscope = "s/.default"'
        )
        code, _, err = run("catalog", "pull")
        assert (code, TOKEN in err) == (2, True)
        monkeypatch.setenv(TOKEN, "secret\n")
        code, _, err = run("catalog", "pull")
        assert (code, "secret" in err) == (0, False)


def test_a_refresh_that_breaks_the_graph_wants_to_be_accepted(run: Run, tmp_path: Path):
    with served(shop()) as url:
        configure(tmp_path, f"{url}/odata")
        run("catalog", "pull")
    with served(shop(CHANGED)) as url:
        configure(tmp_path, f"{url}/odata", source='metadata = "schema/shop"')
        code, out, _ = run("catalog", "diff", "--json")
        assert (code, json.loads(out)["shop"]["breaking"]) == (1, True)
        code, out, err = run("catalog", "refresh")
        assert (code, "Name" in out, "--accept-breaking" in err) == (1, True, True)
        assert run("catalog", "diff")[0] == 1
        assert run("catalog", "refresh", "--accept-breaking")[0] == 0
        code, out, _ = run("catalog", "diff")
        assert (code, out) == (0, "shop: nothing changed\n")


def test_entities_are_shown_and_hidden_in_the_configuration(run: Run, tmp_path: Path, url: str):
    configure(tmp_path, url, "# a comment that stays\n", source='entities = ["Customers"]  # why')
    code, _, err = run("catalog", "enable", "shop.Ord*")
    assert (code, "2 of 2 entity sets are visible" in err) == (0, True)
    code, _, err = run("catalog", "disable", "shop.Customers")
    assert (code, "1 of 2 entity sets are visible" in err) == (0, True)
    code, _, err = run("catalog", "disable", "shop.Orders")
    assert (code, "0 of 2 entity sets are visible" in err) == (0, True)
    text = (tmp_path / "vegraph.toml").read_text()
    assert "# a comment that stays" in text
    assert 'entities = ["Ord*", "!Orders"]' in text
    code, _, err = run("catalog", "enable", "shop.Nothing")
    assert (code, "matches no entity set" in err) == (2, True)


def test_a_changed_configuration_stays_where_it_is_and_as_secret_as_it_was(run: Run, tmp_path: Path, url: str):
    kept = tmp_path / "kept"
    kept.mkdir()
    configure(kept, url, source='entities = ["Customers"]  # why')
    (kept / "vegraph.toml").chmod(0o600)
    (tmp_path / "vegraph.toml").symlink_to("kept/vegraph.toml")
    assert run("catalog", "enable", "shop.Orders")[0] == 0
    assert (tmp_path / "vegraph.toml").is_symlink()
    assert 'entities = ["Customers", "Orders"]  # why' in (kept / "vegraph.toml").read_text()
    assert (kept / "vegraph.toml").stat().st_mode & 0o777 == 0o600


def test_a_table_in_a_pipe_holds_names_whole(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str):
    monkeypatch.setenv("COLUMNS", "20")
    configure(tmp_path, url)
    _, out, _ = run("catalog", "list")
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["shop.Customers", "shop.Orders"]
    assert "Shop.Customer " in out


def test_check_says_what_answers_and_what_does_not(run: Run, tmp_path: Path, url: str):
    configure(tmp_path, url)
    code, out, _ = run("check", "--json")
    assert (code, [line["good"] for line in json.loads(out)]) == (0, [True, True])
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        configure(tmp_path, f"http://127.0.0.1:{nobody.getsockname()[1]}/odata")
        code, out, _ = run("check")
    assert code == 1
    assert "cannot be reached" in out


PORTAL = """
[portals.support]
issuer = "https://support.example"
public_key = "support.pem"
audience = "client"
entities = ["shop.*"]
mapping = "sqlite:///portal.db"
"""


def test_contacts_are_mapped_listed_verified_and_removed(run: Run, tmp_path: Path):
    configure(tmp_path, "https://shop.example/odata", PORTAL)
    (tmp_path / "support.pem").write_text(PEM)
    assert run("portal", "add", "support", "C-1", "shop", "EXT1")[0] == 0
    code, _, err = run("portal", "add", "support", "C-1", "shop", "EXT2")
    assert (code, "mapped at 'shop' already" in err) == (2, True)
    code, out, _ = run("portal", "list", "support", "--json")
    assert json.loads(out) == [{"contact": "C-1", "source": "shop", "user": "EXT1", "disabled": False}]
    code, out, _ = run("portal", "verify", "support", "--json")
    assert code == 0
    assert json.loads(out) == [{"contact": "C-1", "source": "shop", "user": "shop:public", "refused": None}]
    assert run("portal", "remove", "support", "C-1", "shop")[0] == 0
    assert run("portal", "remove", "support", "C-1", "shop")[0] == 1
    code, _, err = run("portal", "list", "suport")
    assert (code, "Did you mean 'support'?" in err) == (2, True)


@pytest.mark.parametrize(
    ("variables", "says"), [("{", "--variables is not JSON."), ("[]", "--variables must be a JSON object")]
)
def test_variables_that_are_none_are_a_sentence(run: Run, tmp_path: Path, url: str, variables: str, says: str):
    configure(tmp_path, url)
    (tmp_path / "q.graphql").write_text("{ me { name } }")
    code, _, err = run("explain", "q.graphql", "--variables", variables)
    assert (code, says in err) == (2, True)


def test_a_query_that_is_not_valid_is_told_as_json_too(run: Run, tmp_path: Path, url: str):
    configure(tmp_path, url)
    (tmp_path / "q.graphql").write_text("{ customers { nope } }")
    code, out, err = run("explain", "q.graphql", "--json")
    says = "Cannot query field 'nope' on type 'CustomerConnection'."
    error = {"message": says, "locations": [{"line": 1, "column": 15}]}
    error["extensions"] = {"code": "GRAPHQL_VALIDATION_FAILED"}
    assert (code, json.loads(out), says in err) == (1, {"errors": [error]}, True)
    assert run("explain", "q.graphql")[:2] == (1, "")


def test_check_says_what_a_saved_configuration_of_the_demo_lacks(run: Run, tmp_path: Path, url: str):
    configure(tmp_path, url, '[server]\nprofile = "development"\n' + PORTAL, source='delegation = "development"')
    (tmp_path / "support.pem").write_text(PEM)
    code, out, _ = run("check", "--json")
    lines = {line["what"]: line for line in json.loads(out)}
    assert (code, lines["sources.shop"]["good"], lines["sources.shop catalog"]["good"]) == (1, True, True)
    for what in ("sources.shop delegation", "callers"):
        assert not lines[what]["good"]
        assert "works only inside `vegraph demo`" in lines[what]["says"]
        assert "Elsewhere say 'on-behalf-of'" in lines[what]["says"]


DOOR = """
[identity.entra]
issuer = "https://login.example"
audience = "api://vegraph"
"""
ON_BEHALF = 'delegation = "on-behalf-of"\nscope = "s/.default"'


@pytest.mark.parametrize(
    ("more", "source", "says"),
    [
        (DOOR, ON_BEHALF, "identity.entra.client_id: on-behalf-of needs vegraph's own application"),
        (DOOR + 'client_id = "c"\nclient_secret = ""', ON_BEHALF, "client_secret: is empty, that of client_id 'c'."),
        (PORTAL.replace("sqlite:///portal.db", "mysql://u:hunter2@h/db"), "", "portals.support.mapping: 'mysql' is"),
        (PORTAL + 'mapping_table = "a b"', "", "portals.support.mapping_table: 'a b' is not a table name"),
    ],
)
def test_check_says_what_no_server_could_start_with(
    run: Run, tmp_path: Path, url: str, more: str, source: str, says: str
):
    configure(tmp_path, url, '[server]\nprofile = "development"\n' + more, source=source)
    (tmp_path / "support.pem").write_text(PEM)
    code, out, _ = run("check", "--json")
    [said] = [line["says"] for line in json.loads(out) if line["what"] == "callers"]
    assert (code, said.startswith(says)) == (1, True)
    assert "hunter2" not in out


def test_the_program_as_installed_ends_with_the_same_codes(tmp_path: Path):
    program = [sys.executable, "-m", "vegraph.app.cli"]
    done = subprocess.run(
        [*program, "serve"], cwd=tmp_path, capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: vegraph.toml: there is no such file.")


assert METADATA != CHANGED


def test_somebody_who_is_mapped_and_refused_is_named(run: Run, tmp_path: Path):
    erp = '\n[sources.erp]\nkind = "business-central"\nurl = "https://erp.example"\nprefix = "Erp"\n'
    erp += 'delegation = "mapped-app"\nscope = "s/.default"\n'
    configure(tmp_path, "https://shop.example/odata", PORTAL.replace('"shop.*"', '"shop.*", "erp.*"') + erp)
    (tmp_path / "support.pem").write_text(PEM)
    assert run("portal", "add", "support", "C-1", "erp", "EXT1")[0] == 0
    code, out, _ = run("portal", "verify", "support", "--json")
    [line] = json.loads(out)
    assert (code, line["user"]) == (1, None)
    assert "no application is configured" in line["refused"]


def test_check_looks_at_portals_too(run: Run, tmp_path: Path, url: str):
    configure(tmp_path, url, PORTAL + 'anonymous = "shop:visitor"\n')
    (tmp_path / "support.pem").write_text(PEM)
    run("portal", "add", "support", "C-1", "shop", "EXT1")
    code, out, _ = run("check", "--json")
    said = {line["what"]: line["says"] for line in json.loads(out)}
    assert code == 0
    assert said["portals.support mapping"] == "1 contacts mapped"
    assert "public" in said["portals.support visitors at shop"]


def test_printing_the_schema_lists_what_of_the_metadata_was_skipped(run: Run, tmp_path: Path):
    name = '<Property Name="Name" Type="Edm.String"/>'
    (tmp_path / "shop.xml").write_text(METADATA.replace(name, name + '<Property Name="Odd" Type="Shop.Nothing"/>'))
    configure(tmp_path, "http://127.0.0.1:9/odata", source='metadata = "shop.xml"\nprefix = "Shop"')
    code, out, err = run("schema", "print")
    assert (code, "type ShopCustomer " in out) == (0, True)
    said = "shop: Shop.Customer/Odd: its type Shop.Nothing is not declared in this document; the property is left out."
    assert said in err.splitlines()
    assert "Odd" not in out
