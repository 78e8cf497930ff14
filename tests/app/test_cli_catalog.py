"""`vegraph catalog`: what is shown of an entity, what programs read, and both emulators pulled by command."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.app.odata import CHANGED, METADATA, shop
from tests.app.server import served
from tests.catalog_live.erps import ROUTE, business_central, finance_operations, token
from vegraph.app.cli import main
from vegraph.app.pulling import TOKEN
from vegraph.emulator.server import BC_ROOT

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command in an empty folder; gives (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("VEGRAPH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv(TOKEN, token())

    def command(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return command


ODD = METADATA.replace(
    '<Property Name="Name" Type="Edm.String"/>',
    '<Property Name="Name" Type="Edm.String"/><Property Name="name" Type="Edm.String"/>'
    '<Property Name="__secret" Type="Edm.String"/><Property Name="Id" Type="Edm.String"/>'
    '<NavigationProperty Name="Twin" Type="Shop.Customer"/>',
)
CONFIG = """
[server]
profile = "development"
[identity.entra]
issuer = "https://x.example"
audience = "a"
"""


def source(name: str, kind: str, url: str, more: str = "") -> str:
    delegated = 'delegation = "on-behalf-of"\nscope = "s/.default"\n' if kind != "odata" else ""
    prefix = name.capitalize()
    return f'[sources.{name}]\nkind = "{kind}"\nurl = "{url}"\nprefix = "{prefix}"\n{delegated}{more}\n'


def configure(folder: Path, *sources: str) -> None:
    (folder / "vegraph.toml").write_text(CONFIG + "\n".join(sources))


def test_an_entity_is_shown_with_its_names_and_where_its_relations_come_from(run: Run, tmp_path: Path):
    with served(shop(ODD)) as url:
        configure(tmp_path, source("shop", "odata", f"{url}/odata"))
        code, out, _ = run("catalog", "show", "shop.Customers", "--json")
        found = json.loads(out)
        orders = found["relationships"]["Orders"]
        assert code == 0
        assert found["graph"] == {
            "type": "ShopCustomer",
            "aggregate": "shopCustomersAggregate",
            "list": "shopCustomers",
            "one": "shopCustomer",
        }
        assert (orders["from"], orders["field"], orders["how"]) == (
            "its partner's constraint",
            "orders",
            "expand, or lookup",
        )
        assert found["relationships"]["Twin"]["from"] == "navigation alone"
        assert found["fields"]["Id"] == "rowId"
        settled = {each["wire"]: each for each in found["settled"]}
        assert settled["Name"]["name"] == found["fields"]["Name"] != "name"
        assert "'name' has the name" in settled["Name"]["why"]
        assert "two underscores" in settled["__secret"]["why"]
        code, out, _ = run("catalog", "show", "shop.Customers")
        for words in ("its partner's constraint", "navigation alone", "instead of", settled["Name"]["name"], "lookup"):
            assert words in out


def test_what_is_pulled_says_each_step_and_what_came(run: Run, tmp_path: Path):
    with business_central() as (_, bc), finance_operations() as (_, fo):
        configure(
            tmp_path,
            source("bc", "business-central", bc + BC_ROOT, f'routes = ["{ROUTE}"]\nlanguage = "da-DK"'),
            source(
                "fo",
                "finance-operations",
                f"{fo}/data",
                'metadata_from = "services"\nentities = ["CustomersV3"]\nmetadata = "kept/fo"',
            ),
        )
        code, out, err = run("catalog", "pull", "--json")
    assert code == 0
    done = json.loads(out)
    assert (done["bc"]["folder"], done["fo"]["folder"]) == ("schema/bc", "kept/fo")
    for step in ("fetching $metadata", f"fetching {ROUTE}/$metadata", "fetching PublicEntities", "labels in en-US"):
        assert step in err
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.[xj]*") if path.is_file()}
    assert {
        "schema/bc/metadata.xml",
        "schema/bc/entity-definitions.json",
        "schema/bc/entities.json",
        f"schema/bc/routes/{ROUTE}/metadata.xml",
        "kept/fo/public-entities.json",
        "kept/fo/public-enumerations.json",
        "kept/fo/data-entities.json",
        "kept/fo/labels.json",
    } <= files
    text = (
        (tmp_path / "vegraph.toml").read_text().replace('language = "da-DK"', 'language = "da"\nmetadata = "schema/bc"')
    )
    (tmp_path / "vegraph.toml").write_text(text)
    code, out, _ = run("catalog", "list", "bc", "--json")  # nobody answers any more
    labels = {row["entity"]: row["label"] for row in json.loads(out)}
    assert (code, labels["salesOrders"]) == (0, "Salgsordre")
    assert f"{ROUTE}/items" in labels


def test_two_pulls_of_the_same_erp_give_the_same_files(run: Run, tmp_path: Path):
    def files() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in (tmp_path / "schema").rglob("*") if path.is_file()}

    with finance_operations() as (_, fo):
        configure(tmp_path, source("fo", "finance-operations", f"{fo}/data", 'entities = ["*"]'))
        assert run("catalog", "pull")[0] == 0
        first = files()
        assert run("catalog", "pull")[0] == 0
    assert files() == first


@pytest.mark.parametrize(
    ("command", "shape"),
    [
        (["pull"], {"shop": {"folder": "schema/shop", "entitySets": 2}}),
        (["enable", "shop.Orders"], {"shop": {"visible": ["Customers", "Orders"], "of": 2}}),
        (["disable", "shop.Customers"], {"shop": {"visible": [], "of": 2}}),
        (["refresh"], {"shop": {"breaking": True, "written": False}}),
        (["refresh", "--accept-breaking"], {"shop": {"breaking": True, "written": True}}),
        (["diff"], {"shop": {"breaking": True}}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_programs_read_what_was_done(run: Run, tmp_path: Path, command: list[str], shape: dict[str, Any]):
    with served(shop()) as url:
        configure(tmp_path, source("shop", "odata", f"{url}/odata"))
        run("catalog", "pull")
    changed = command[0] in ("refresh", "diff")
    with served(shop(CHANGED if changed else METADATA)) as url:
        kept = 'entities = ["Customers"]\n' + ('metadata = "schema/shop"' if changed else "")
        configure(tmp_path, source("shop", "odata", f"{url}/odata", kept))
        code, out, _ = run("catalog", *command, "--json")
    found = json.loads(out)
    assert {name: {key: found[name][key] for key in each} for name, each in shape.items()} == shape
    assert code == (1 if found["shop"].get("written", not found["shop"].get("breaking", False)) is False else 0)


def test_a_comparison_with_nothing_pulled_is_a_sentence(run: Run, tmp_path: Path):
    with served(shop()) as url:
        configure(tmp_path, source("shop", "odata", f"{url}/odata"))
        for command in ("diff", "refresh"):
            code, out, err = run("catalog", command)
            assert (code, out) == (2, "")
            assert "does not exist, so there is nothing to compare with. Run 'vegraph catalog pull shop'." in err


def test_a_folder_that_cannot_be_written_is_a_sentence(run: Run, tmp_path: Path):
    (tmp_path / "schema").write_text("a file in the way")
    with served(shop()) as url:
        configure(tmp_path, source("shop", "odata", f"{url}/odata"))
        code, _, err = run("catalog", "pull")
    assert (code, "cannot be written" in err) == (2, True)
