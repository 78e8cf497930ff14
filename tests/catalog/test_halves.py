"""A document that two processes read, each a part, comes to what one process makes of it; and is refused alike."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.catalog.documents import entity, prop, sets, xml
from tests.catalog.test_csdl_mutilated import SOUND
from tests.shared import metadata
from vegraph.catalog.csdl import halves
from vegraph.catalog.csdl.xml import parse
from vegraph.errors import CatalogError

PINNED = Path(__file__).parents[2] / "schema" / "bc" / "metadata.xml"
REAL = ("bc-api-v2.0.xml", "fno-procurement.xml", "fno-scm-inventory.xml")
TWO = xml(entity("a") + entity("b", prop("x"))).replace(
    b"</edmx:DataServices>",
    b'<Schema Namespace="Other" Alias="O" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
    + (entity("c") + entity("d") + '<EntityContainer Name="C">' + sets("cs:c") + "</EntityContainer>").encode()
    + b"</Schema></edmx:DataServices>",
)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(halves, "LARGE", 0)


@pytest.mark.parametrize("name", REAL)
def test_a_real_document(name):
    data = metadata(name).read_bytes().removeprefix(b"\xef\xbb\xbf")
    assert halves.cut(data) is not None
    assert halves.parse(data, name) == parse(data, name)


@given(st.sampled_from([SOUND, TWO, PINNED.read_bytes()]), st.floats(0, 1))
def test_wherever_it_is_cut(data, share):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(halves, "FIRST", share)
        parts = halves.cut(data)
    if parts is not None:
        assert halves._joined(*(parse(part, "t") for part in parts)) == parse(data, "t")


@pytest.mark.parametrize(
    "written",
    [
        (b"<EntityType", b"<!-- </EntityType> --><EntityType"),
        (b"<EntityType", b"<?pi </EntityType> ?><EntityType"),
        (b'encoding="utf-8"', b'encoding="iso-8859-1"'),
        (b"<Schema ", b"<Schema\n"),
        (b'<Schema Namespace="NS"', b'<Schema\nNamespace="NS"'),  # only the first of two
        (b'<Schema Namespace="Other"', b'<Schema\nNamespace="Other"'),
        (b"</Schema></edmx", b"</Schema ></edmx"),  # only the last of two
    ],
)
def test_what_its_text_does_not_show_is_not_cut(written, monkeypatch):
    for share in (0.1, 0.5, 0.7):
        monkeypatch.setattr(halves, "FIRST", share)
        data = TWO.replace(*written)
        parts = halves.cut(data)
        assert parts is None or halves._joined(*(parse(part, "t") for part in parts)) == parse(data, "t")
    assert halves.parse(data, "t") == parse(data, "t")


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.8])
def test_an_alias_given_twice_is_the_last_ones(share, monkeypatch):
    monkeypatch.setattr(halves, "FIRST", share)
    reference = b'<edmx:Reference Uri="r"><edmx:Include Namespace="Far" Alias="O"/></edmx:Reference><edmx:DataServices>'
    again = b'<Schema Namespace="NS" Alias="O" '
    data = TWO.replace(b"<edmx:DataServices>", reference).replace(b'Namespace="Other" Alias="O"', b'Namespace="Other"')
    data = data.replace(b'<Schema Namespace="NS" ', again).replace(again + b'Alias="Self"', again)
    assert parse(data, "t").aliases == {"O": "NS"}
    assert halves.parse(data, "t") == parse(data, "t")


def test_a_schema_whose_start_tag_holds_a_bracket_is_read_whole(monkeypatch):
    monkeypatch.setattr(halves, "FIRST", 0.1)
    assert halves.cut(TWO) is not None
    assert halves.cut(TWO.replace(b'<Schema Namespace="NS"', b'<Schema Namespace="NS" Alias="a>b"')) is None


@pytest.mark.parametrize(
    "broken",
    [
        SOUND[:-40],
        SOUND.replace(b"</EntityType>", b"", 1),
        SOUND.replace(b"</EntityType>", b"</EntityTyp>"),
        SOUND.replace(b'Name="line"', b'Name="line'),
        SOUND.replace(b'Alias="Self"', b'Alias="Self>"').replace(b"</Schema>", b"</Schem>"),
        SOUND.replace(b'Version="4.0"', b'Version="2.0"'),
        SOUND.replace(b"<edmx:Edmx", b'<!DOCTYPE x [<!ENTITY e "x">]><edmx:Edmx'),
    ],
)
def test_what_is_refused_is_refused_in_the_same_words(broken):
    with pytest.raises(CatalogError) as alone:
        parse(broken, "t")
    with pytest.raises(CatalogError) as together:
        halves.parse(broken, "t")
    assert str(together.value) == str(alone.value)


@pytest.mark.parametrize(
    "command",
    [
        ["/nowhere/python"],
        [sys.executable, "-c", "raise SystemExit(3)"],
        [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"],
        [sys.executable, "-c", "print('nonsense')"],
        [sys.executable, "-c", "import time; time.sleep(60)"],
    ],
)
def test_without_the_other_process_it_is_read_whole(command, monkeypatch):
    monkeypatch.setattr(halves, "module", lambda name: command)
    monkeypatch.setattr(halves, "PATIENCE_S", 0.5)
    assert halves.cut(SOUND) is not None
    assert halves.parse(SOUND, "t") == parse(SOUND, "t")
