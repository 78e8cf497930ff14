"""`schema/<source>/` is written the same way every time, read back offline, and left alone when a pull goes wrong."""

import gzip
import json

import pytest

from tests.catalog.documents import entity, nav, prop, read, sets, xml
from tests.catalog.test_labels import DEFINITIONS
from tests.catalog.test_metadata_services import ENUMS, ORDER, _line
from tests.shared import metadata
from vegraph.catalog import csdl, folder
from vegraph.catalog.diff import difference
from vegraph.catalog.folder import Pulled
from vegraph.catalog.lazy import LazyMapping
from vegraph.errors import CatalogError

LABEL = '<Annotation Term="Microsoft.Dynamics.OData.Core.V1.LabelId" String="@SYS1"/>'
BODY = entity("customer", prop("number", inner=LABEL), nav("self", "customer"))
DOCUMENT = xml(BODY, container=sets("customer"))


def _files(path):
    return {each.relative_to(path).as_posix(): each.read_bytes() for each in path.rglob("*") if each.is_file()}


def test_a_pulled_document_is_indented_and_summarised(tmp_path):
    pulled = Pulled(metadata=DOCUMENT, labels={"en-US": {"@SYS1": "No."}, "de": {"@SYS1": "Nr."}})
    catalog = folder.write(tmp_path, pulled, name="bc")
    assert set(_files(tmp_path)) == {"metadata.xml", "labels.json", "entities.json"}
    assert (tmp_path / "metadata.xml").read_text().count("\n") > 10
    said = json.loads((tmp_path / "entities.json").read_text())
    assert said["counts"]["entitySets"] == 1
    assert said["entities"]["customers"]["properties"]["number"] == "Edm.String"
    assert said["entities"]["customers"]["relationships"]["self"]["fetch"] == "follow"
    assert catalog.entity_types["NS.customer"].property("number").label == "No."


def test_the_same_answers_give_the_same_bytes(tmp_path):
    shuffled = list(reversed([ORDER, _line()]))
    one = Pulled(
        public_entities=json.dumps([ORDER, _line()]).encode(),
        public_enumerations=json.dumps(ENUMS).encode(),
        labels={"en-US": {"@B": "b", "@A": "a"}},
    )
    two = Pulled(
        public_entities=json.dumps({"value": shuffled}, indent=3).encode(),
        public_enumerations=json.dumps(ENUMS).encode(),
        labels={"en-US": {"@A": "a", "@B": "b"}},
    )
    folder.write(tmp_path / "one", one, name="fo")
    folder.write(tmp_path / "two", two, name="fo")
    assert _files(tmp_path / "one") == _files(tmp_path / "two")


def test_what_was_written_is_read_back(tmp_path):
    pulled = Pulled(
        metadata=gzip.compress(DOCUMENT),
        routes={"contoso/app/v1.0": xml(entity("visit"), container=sets("visit"))},
        entity_definitions=json.dumps({"value": DEFINITIONS}).encode(),
    )
    written = folder.write(tmp_path, pulled, name="bc")
    found = folder.read(tmp_path, name="bc")
    assert found == written
    assert (found.entity_sets["visits"].api, found.entity_sets["customers"].api) == ("contoso/app/v1.0", "")
    assert found.entity_types["NS.customer"].label == "Customer"
    assert folder.read(tmp_path, name="bc", language="de-DE").entity_types["NS.customer"].label == "Kunde (AT)"


@pytest.mark.parametrize("name", ["bc-api-v2.0.xml", "fno-procurement.xml", "trippin.xml"])
def test_a_real_document_loses_nothing_in_its_folder(name, tmp_path):
    path = metadata(name)
    folder.write(tmp_path, Pulled(metadata=path.read_bytes()), name="x")
    before, after = csdl.read(path, name="x"), folder.read(tmp_path, name="x")
    assert difference(before, after).changes == ()
    assert (before.entity_types, before.entity_sets) == (after.entity_types, after.entity_sets)
    folder.write(tmp_path / "again", Pulled(metadata=(tmp_path / "metadata.xml").read_bytes()), name="x")
    assert (tmp_path / "again/metadata.xml").read_bytes() == (tmp_path / "metadata.xml").read_bytes()


def test_json_documents_keep_the_order_of_their_members(tmp_path):
    said = {"$Version": "4.01", "NS": {"T": {"$Kind": "ComplexType", "z": {}, "a": {}}}}
    folder.write(tmp_path, Pulled(metadata=json.dumps(said).encode()), name="x")
    assert [p.name for p in folder.read(tmp_path, name="x").complex_types["NS.T"].properties] == ["z", "a"]


def test_a_later_pull_takes_away_what_is_no_longer_there(tmp_path):
    folder.write(tmp_path, Pulled(metadata=DOCUMENT, routes={"a/b/v1": DOCUMENT}, labels={"de": {}}), name="bc")
    (tmp_path / "NOTES.md").write_text("ours")
    folder.write(tmp_path, Pulled(metadata=DOCUMENT), name="bc")
    assert set(_files(tmp_path)) == {"metadata.xml", "entities.json", "NOTES.md"}


def test_a_pull_that_gives_no_catalog_changes_nothing(tmp_path):
    folder.write(tmp_path, Pulled(metadata=DOCUMENT), name="bc")
    before = _files(tmp_path)
    for bad in (b"<html></html>", DOCUMENT[:200], b'{"error": {}}'):
        with pytest.raises(CatalogError):
            folder.write(tmp_path, Pulled(metadata=bad), name="bc")
    assert _files(tmp_path) == before


@pytest.mark.parametrize("route", ["../outside", "/etc", "a/../../b"])
def test_a_route_never_leaves_the_folder(tmp_path, route):
    with pytest.raises(CatalogError, match="not an API route"):
        folder.write(tmp_path / "bc", Pulled(metadata=DOCUMENT, routes={route: DOCUMENT}), name="bc")
    assert not (tmp_path / "bc").exists()


def test_an_empty_folder_says_what_to_do(tmp_path):
    with pytest.raises(CatalogError, match=r"holds no metadata\.xml.*Run 'vegraph catalog pull bc'\."):
        folder.read(tmp_path, name="bc")


def test_one_file_is_read_as_well(tmp_path):
    path = tmp_path / "x.xml.gz"
    path.write_bytes(gzip.compress(DOCUMENT))
    assert folder.read(path, name="bc") == read(BODY, container=sets("customer"))


def test_the_cache_follows_content_and_language(tmp_path):
    place, kept = tmp_path / "bc", tmp_path / "cache"
    folder.write(
        place, Pulled(metadata=DOCUMENT, labels={"en-US": {"@SYS1": "No."}, "de": {"@SYS1": "Nr."}}), name="bc"
    )

    def label(language):
        found = folder.read(place, name="bc", language=language, cached_in=kept)
        return found.entity_types["NS.customer"].property("number").label, isinstance(found.entity_types, LazyMapping)

    assert [label(each) for each in ("en-US", "en-US", "de-DE", "de-DE")] == [
        ("No.", False),
        ("No.", True),
        ("Nr.", False),
        ("Nr.", True),
    ]
    (place / "labels.json").write_text('{"en-US": {"@SYS1": "Number"}}')
    assert label("en-US") == ("Number", False)


def test_a_damaged_labels_file_is_named(tmp_path):
    folder.write(tmp_path, Pulled(metadata=DOCUMENT), name="bc")
    (tmp_path / "labels.json").write_text('{"en-US": 3}')
    with pytest.raises(CatalogError, match=r"labels\.json"):
        folder.read(tmp_path, name="bc")
