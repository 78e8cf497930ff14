"""`vegraph serve` as it is usually given means the same with and without the command line's library."""

from pathlib import Path
from typing import Any

import pytest

from vegraph.app import starting
from vegraph.app.cli.commands import app
from vegraph.app.cli.plain import serving

UNDERSTOOD = [
    "serve",
    "serve --config a.toml",
    "serve -c a.toml --port 0",
    "serve --config=a.toml --port=8080 --host=::1",
    "serve --host 127.0.0.1 --workers 4 --config b.toml",
    "serve --port 1 --port 2",
]
LEFT = [
    "",
    "catalog list",
    "serve --help",
    "serve -h",
    "serve --port",
    "serve --port x",
    "serve --port 99999",
    "serve --port -1",
    "serve --port ٣",
    "serve --workers 0",
    "serve --config",
    "serve --config --port 1",
    "serve --por 1",
    "serve extra",
    "serve -- --port 1",
    "serve -ca.toml",
]


def by_typer(line: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    called: list[tuple[Any, ...]] = []
    monkeypatch.setattr(starting, "serve", lambda *given: called.append(given))
    with pytest.raises(SystemExit) as ended:
        app("serve")(line.split(), prog_name="vegraph")
    assert ended.value.code == 0
    return dict(zip(("config", "host", "port", "workers"), called[0], strict=True))


@pytest.mark.parametrize("environment", [None, "other.toml"])
@pytest.mark.parametrize("line", UNDERSTOOD)
def test_what_is_understood_means_what_it_means_there(
    line: str, environment: str | None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("VEGRAPH_CONFIG", raising=False)
    if environment:
        monkeypatch.setenv("VEGRAPH_CONFIG", environment)
    found = serving(line.split())
    assert found == by_typer(line, monkeypatch)
    assert isinstance(found["config"], Path)


@pytest.mark.parametrize("line", LEFT)
def test_everything_else_is_left_to_it(line: str):
    assert serving(line.split()) is None
