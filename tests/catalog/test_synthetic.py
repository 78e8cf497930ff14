"""The synthetic document is the same every time, sound, and shaped like the real ones."""

import importlib.util
import subprocess
import sys
from pathlib import Path

from vegraph.catalog import csdl

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "synthetic_catalog.py"


def _script():
    spec = importlib.util.spec_from_file_location("synthetic_catalog", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_is_sound_and_the_same_every_time():
    script = _script()
    text = "".join(script.document(120))
    assert text == "".join(script.document(120))
    catalog = csdl.read(text.encode(), name="synthetic")
    assert catalog.defects == ()
    assert len(catalog.entity_types) == len(catalog.entity_sets) == 120
    assert {len(kind.properties) for kind in catalog.entity_types.values()} == {20}
    found = [each for group in catalog.relationships.values() for each in group]
    assert {(each.fetch, each.many) for each in found} == {("key", False), ("field", True)}
    assert any(each.source == each.target for each in found)


def test_the_command_writes_a_file(tmp_path):
    path = tmp_path / "s.xml"
    command = [sys.executable, str(SCRIPT), "5", str(path), "--properties", "7"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "5 entity types" in said
    assert {len(kind.properties) for kind in csdl.read(path, name="s").entity_types.values()} == {7}
