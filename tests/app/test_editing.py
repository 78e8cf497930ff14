"""What commands write into vegraph.toml, and what they leave as it is."""

from pathlib import Path

import pytest

from vegraph.app.settings.editing import set_entities

ONE = 'entities = ["Orders"]  # why'
MANY = """entities = [
  # sales
  "Orders",  # all of them
  # people
  "Customers",
]"""

CHANGES = [
    # before, patterns, after
    ("", ["Orders"], 'entities = ["Orders"]'),
    (ONE, ["Orders", "Customers"], 'entities = ["Orders", "Customers"]  # why'),
    (ONE, [], "entities = []  # why"),
    (MANY, ["Orders", "Customers", "!Old*"], MANY.replace("]", '  "!Old*",\n]')),
    (MANY, ["Customers"], MANY.replace('  "Orders",  # all of them\n', "")),
    (MANY, ["Customers", "Orders"], 'entities = ["Customers", "Orders"]'),  # another order: written anew
]


@pytest.mark.parametrize(("before", "patterns", "after"), CHANGES, ids=[str(change[1]) for change in CHANGES])
def test_patterns_change_and_comments_stay(tmp_path: Path, before: str, patterns: list[str], after: str):
    file = tmp_path / "vegraph.toml"
    file.write_text(f'# ours\n[sources.shop]\nkind = "odata"\n{before}\n')
    set_entities(file, "shop", patterns)
    assert file.read_text().strip() == f'# ours\n[sources.shop]\nkind = "odata"\n{after}'
