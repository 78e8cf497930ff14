"""What is not CSDL 4.x is refused in one sentence that names the document and says what to do."""

import gzip
import json

import pytest

from tests.catalog.documents import entity, xml
from vegraph.catalog import csdl
from vegraph.catalog.csdl import document
from vegraph.errors import CatalogError

V4 = "http://docs.oasis-open.org/odata/ns/edmx"
OLD = b"""<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"><edmx:DataServices>
<Schema Namespace="N" xmlns="http://schemas.microsoft.com/ado/2009/11/edm"/></edmx:DataServices></edmx:Edmx>"""
BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"/>"""
EXTERNAL = b"""<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd">
<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"/>"""
SOUND = xml(entity("thing"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"hello", "neither XML nor JSON"),
        (b"\x00\x01\x02", "neither XML nor JSON"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "HTML page"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'></html>", "HTML page"),
        (OLD, "V2 or V3"),
        (OLD.replace(b"schemas.microsoft.com/ado/2007/06/edmx", V4[7:].encode()), "V4 endpoint"),
        (SOUND.replace(b'Version="4.0"', b'Version="5.0"'), "version '5.0'"),
        (SOUND[: len(SOUND) // 2], "ends in the middle"),
        (SOUND.replace(b"</Schema>", b""), "not well-formed XML"),
        (b"<rss version='2.0'><channel/></rss>", "root is <rss>"),
        (f'<edmx:Edmx xmlns:edmx="{V4}"><edmx:DataServices/></edmx:Edmx>'.encode(), "no <Schema>"),
        (BOMB, "DTD"),
        (EXTERNAL, "DTD"),
        (b"<a>" * 5000, "deeply"),
        (SOUND.replace(b"<EntityType", b"<x>" * 400 + b"<EntityType"), "deeply"),
        (b"[1, 2]", "no '$Version'"),
        (b"{}", "no '$Version'"),
        (b'{"$Version": "4.01"}', "no schema"),
        (b'{"$Version": "3.0"}', "version '3.0'"),
        (b'{"error": {"code": "401"}}', "error"),
        (b'{"@odata.context": "x", "value": []}', "service document"),
        (b'{"$Version": "4.01", "NS": {', "not well-formed JSON"),
        (b'{"$Version": NaN}', "not well-formed JSON"),
        (b'{"$Version": "4.01", "NS": {"\\ud800": {"$Kind": "ComplexType"}}}', "not well-formed JSON"),
        (b'{"a":' * 100_000, "deeply"),
        (b"\xef\xbb\xbf{\xff\xfe}", "not well-formed JSON"),
        (gzip.compress(SOUND)[:-20], "cut off"),
        (gzip.compress(SOUND)[:10] + b"\xff" * 40, "damaged"),
        (gzip.compress(gzip.compress(SOUND)), "inside a gzip"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_is_refused(data, words):
    with pytest.raises(CatalogError) as refused:
        csdl.read(data, name="crm")
    message = str(refused.value)
    assert message.startswith("crm: ")
    assert words in message
    assert "\n" not in message


def test_a_gzip_bomb_stops_at_the_limit(monkeypatch):
    monkeypatch.setattr(document, "MAX_BYTES", 2**20)
    with pytest.raises(CatalogError, match="larger than 1 MB"):
        csdl.read(gzip.compress(b"<" + b" " * 2**24), name="crm")


def test_too_many_elements_are_refused_before_they_are_parsed(monkeypatch):
    monkeypatch.setattr(document, "MAX_NODES", 1000)
    with pytest.raises(CatalogError, match="larger than"):
        csdl.read(SOUND + b"<a/>" * 1001, name="crm")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CatalogError, match=r"crm \(.*gone\.xml\): the metadata cannot be read"):
        csdl.read(tmp_path / "gone.xml", name="crm")


def test_a_reference_is_never_fetched(tmp_path):
    outside = tmp_path / "other.xml"
    outside.write_bytes(xml(entity("secret")))
    reference = f'<edmx:Reference Uri="{outside.as_uri()}"><edmx:Include Namespace="NS"/></edmx:Reference>'
    catalog = csdl.read(xml(entity("thing"), references=reference), name="crm")
    assert set(catalog.entity_types) == {"NS.thing"}


def test_json_with_deep_annotations_is_read_or_refused_in_a_sentence():
    deep: object = 1
    for _ in range(300):
        deep = {"x": deep}
    said = {"$Version": "4.01", "NS": {"T": {"$Kind": "ComplexType", "@Org.OData.Core.V1.Description": deep}}}
    assert csdl.read(json.dumps(said).encode(), name="crm").complex_types["NS.T"].description is None
