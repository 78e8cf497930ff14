"""Bad input at the command line: one clear sentence, exit code 2, no traceback (design.md §3, §4)."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

DOCUMENT = """<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="N" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="Person"><Key><PropertyRef Name="Id"/></Key><Property Name="Id" Type="Edm.Int32" Nullable="false"/>
</EntityType><EntityContainer Name="C"><EntitySet Name="People" EntityType="N.Person"/></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>"""
SOURCE = '[sources.s]\nkind = "odata"\nurl = "https://s.invalid/odata"\nmetadata = "s.xml"\n'
RELATED = '[[relationships]]\nfrom = "s.People"\nto = "{to}"\nname = "a"\non = {{ {on} = "Id" }}\n'


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vegraph.app.cli", *arguments]
    root = Path(__file__).parents[2]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(root), "HOME": str(folder)}
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, timeout=60, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "s.xml").write_text(DOCUMENT)
    return tmp_path


BAD = {
    "no such file": (None, ["vegraph.toml", "--config"]),
    "not TOML": ("[sources\n", ["vegraph.toml", "line 1"]),
    "no sources": ("", ["vegraph.toml", "sources"]),
    "an unknown table": (SOURCE + "[servr]\nport = 1\n", ["vegraph.toml", "servr", "'server'"]),
    "an unknown key": (SOURCE + 'prefx = "A"\n', ["vegraph.toml", "sources.s.prefx", "'prefix'"]),
    "an unknown kind": (SOURCE.replace("odata", "odat", 1), ["vegraph.toml", "sources.s.kind", "'odata'"]),
    "a missing variable": (SOURCE.replace("s.invalid", "${NOWHERE}"), ["vegraph.toml", "sources.s.url", "NOWHERE"]),
    "no URL": ('[sources.s]\nkind = "odata"\n', ["vegraph.toml", "sources.s.url"]),
    "a wrong type": ('[server]\nport = "x"\n' + SOURCE, ["vegraph.toml", "server.port"]),
    "an unknown pattern": (
        SOURCE + 'entities = ["Peple"]\n',
        ["vegraph.toml", "sources.s.entities", "'Peple'", "'People'"],
    ),
    "no document": (SOURCE.replace("s.xml", "t.xml"), ["vegraph.toml", "sources.s.metadata", "t.xml", "catalog pull"]),
    "no CSDL": (SOURCE.replace("s.xml", "vegraph.toml"), ["sources.s", "vegraph.toml"]),
    "a source that is not there": (
        '[sources.s]\nkind = "odata"\nurl = "http://127.0.0.1:9/x"\n',
        ["vegraph.toml", "sources.s.url", "refused"],
    ),
    "a relation to nowhere": (SOURCE + RELATED.format(to="q.x", on="Id"), ["relationships[0].to", "'q'"]),
    "a relation by nothing": (
        SOURCE + RELATED.format(to="s.People", on="Ix"),
        ["vegraph.toml", "relationships[0]", "'Ix'"],
    ),
}


@pytest.mark.parametrize(("config", "parts"), BAD.values(), ids=BAD.keys())
def test_a_bad_configuration_stops_the_start(folder: Path, config, parts):
    if config is not None:
        (folder / "vegraph.toml").write_text(config)
    done = run("serve", "--port", "0", folder=folder)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    sentence = done.stderr.splitlines()[-1]
    assert sentence.startswith("error: ")
    for part in parts:
        assert part in sentence


@pytest.mark.parametrize("command", [["serve"], ["emulate", "bc"], ["demo"]], ids=" ".join)
def test_a_port_in_use(folder: Path, command):
    (folder / "vegraph.toml").write_text(SOURCE)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run(*command, "--port", port, folder=folder)
    assert done.returncode == 2
    assert f"Port {port} of 127.0.0.1 is in use." in done.stderr
    assert "Traceback" not in done.stderr
