"""The emulator's own BC document says what a real one says."""

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.shared import metadata
from vegraph.catalog import csdl
from vegraph.emulator.documents.bc import bc_metadata
from vegraph.emulator.documents.fo import fo_metadata

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
SCHEMA = Path(__file__).parents[3] / "schema"


@pytest.mark.parametrize(("name", "made"), [("bc", bc_metadata), ("fo", fo_metadata)])
def test_the_document_in_the_repository_is_what_the_facts_give(name: str, made: Any):
    assert (SCHEMA / name / "metadata.xml").read_bytes() == made(), "run: python -m vegraph.emulator.documents"


@pytest.mark.parametrize(
    ("tag", "count"),
    [("EntityType", 87), ("EntitySet", 87), ("Property", 1366), ("NavigationProperty", 338), ("EnumType", 35),
     ("ComplexType", 4), ("Action", 21), ("ReferentialConstraint", 263)],
)  # fmt: skip
def test_it_has_as_many_of_each_as_the_real_one(tag: str, count: int):
    own = etree.fromstring(bc_metadata())
    real = etree.parse(metadata("bc-api-v2.0.xml")).getroot()
    assert len(own.findall(f".//{EDM}{tag}")) == len(real.findall(f".//{EDM}{tag}")) == count


def test_every_statement_of_the_real_document_is_in_it_and_no_other():
    own = _statements(etree.fromstring(bc_metadata()), ())
    real = _statements(etree.parse(metadata("bc-api-v2.0.xml")).getroot(), ())
    assert own == real


def _statements(node: etree._Element, path: tuple[str, ...]) -> set[tuple[Any, ...]]:
    tag = etree.QName(node).localname
    here = (*path, tag, next((node.get(a) for a in ("Name", "Target", "Term", "Property") if node.get(a)), ""))
    found = {(*path, tag, tuple(sorted(node.attrib.items())))}
    for child in node:
        if isinstance(child.tag, str):
            found |= _statements(child, here)
    return found


def test_it_loads_without_a_defect():
    assert csdl.read(bc_metadata(), name="bc").defects == ()
