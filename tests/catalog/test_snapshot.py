"""A catalog goes to its snapshot and comes back equal; a damaged one is never opened."""

import string

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.catalog.documents import entity, many, nav, prop, read, sets
from tests.shared import metadata
from vegraph.catalog import csdl, snapshot
from vegraph.catalog.lazy import LazyMapping
from vegraph.catalog.model import Catalog, Property, TypeRef
from vegraph.errors import CatalogError

SMALL = read(
    entity("order", prop("kind", "NS.Kind"), nav("lines", many("line"), ("id", "orderId")))
    + entity("line", prop("orderId", "Edm.Guid"), prop("bad", "NS.Gone"), prop("where", "NS.Place"))
    + '<EntityType Name="rush" BaseType="NS.order"/><ComplexType Name="Place"/>'
    + '<EnumType Name="Kind"><Member Name="A" Value="-1"/></EnumType>'
    + '<TypeDefinition Name="Code" UnderlyingType="Edm.String" MaxLength="10"/>'
    + '<Action Name="post" IsBound="true"><Parameter Name="it" Type="NS.order"/></Action><Action Name="go"/>',
    container=sets("order", "line") + '<ActionImport Name="go" Action="NS.go"/>',
)

names = st.text(alphabet=string.ascii_letters + "_0123éЖ", min_size=1, max_size=8)
types = st.sampled_from(["Edm.String", "Edm.Int32", "Edm.Decimal", "NS.a", "NS.Gone", "Collection(Edm.String)"])


@st.composite
def documents(draw):
    kinds = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    body = ""
    for kind in kinds:
        members = [prop(n, draw(types)) for n in draw(st.lists(names, max_size=4))]
        members += [
            nav(n, draw(st.sampled_from([*kinds, "gone"])), ("id", draw(names)))
            for n in draw(st.lists(names, max_size=2))
        ]
        body += entity(kind, *members)
    return read(body, container=sets(*kinds))


@settings(max_examples=40, deadline=None)
@given(documents())
def test_any_catalog_comes_back_equal(catalog):
    data = snapshot.compiled(catalog)
    found = snapshot.opened(data, "t")
    assert found == catalog
    assert snapshot.compiled(found) == data


texts = st.one_of(st.none(), st.text(max_size=5))


@settings(max_examples=40, deadline=None)
@given(
    st.builds(
        Property,
        name=st.text(),
        type=st.builds(TypeRef, name=st.text(), collection=st.booleans()),
        nullable=st.booleans(),
        scale=st.one_of(st.none(), st.integers(0, 50), st.sampled_from(["variable", "floating"])),
        max_length=st.one_of(st.none(), st.integers(0, 2**31)),
        required=st.one_of(st.none(), st.booleans()),
        label=texts,
        default=texts,
    )
)
def test_any_property_comes_back_equal(prop_):
    kind = msgspec.structs.replace(SMALL.entity_types["NS.order"], properties=(prop_,))
    catalog = msgspec.structs.replace(SMALL, entity_types={"NS.order": kind})
    assert snapshot.opened(snapshot.compiled(catalog), "t").entity_types["NS.order"].properties == (prop_,)


@pytest.mark.parametrize("name", ["bc-api-v2.0.xml", "fno-procurement.xml", "fno-scm-inventory.xml", "trippin.xml"])
def test_the_real_catalogs_come_back_equal(name, tmp_path):
    catalog = csdl.read(metadata(name), name=name)
    snapshot.save(catalog, tmp_path / "deep" / "catalog.vegraph")
    assert snapshot.load(tmp_path / "deep" / "catalog.vegraph") == catalog


def test_every_part_comes_back():
    found = snapshot.opened(snapshot.compiled(SMALL), "t")
    for member in Catalog.__struct_fields__:
        assert getattr(found, member) == getattr(SMALL, member), member
        assert getattr(SMALL, member), f"{member} is empty here, so nothing is shown of it"


def test_nothing_is_decoded_before_it_is_looked_up():
    found = snapshot.opened(snapshot.compiled(SMALL), "t").entity_types
    assert isinstance(found, LazyMapping)
    assert "NS.order" in found
    assert list(found) == list(SMALL.entity_types)
    assert repr(found) == "<LazyMapping of 3, 0 decoded>"
    assert found["NS.order"] is found["NS.order"]
    assert repr(found) == "<LazyMapping of 3, 1 decoded>"
    with pytest.raises(KeyError):
        found["NS.gone"]


def test_a_changed_byte_anywhere_is_noticed():
    data = snapshot.compiled(SMALL)
    for at in range(0, len(data), 37):
        broken = data[:at] + bytes([data[at] ^ 0x5A]) + data[at + 1 :]
        with pytest.raises(CatalogError, match="Delete it"):
            snapshot.opened(broken, "here")


@pytest.mark.parametrize("length", [0, 5, 16, 60, -1])
def test_a_cut_file_is_refused(length, tmp_path):
    path = tmp_path / "cut.vegraph"
    path.write_bytes(snapshot.compiled(SMALL)[:length])
    with pytest.raises(CatalogError, match=r"cut\.vegraph"):
        snapshot.load(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(CatalogError, match="cannot be opened"):
        snapshot.load(tmp_path / "none.vegraph")


def test_a_failed_write_leaves_nothing_behind(tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        snapshot.save(SMALL, tmp_path / "taken")
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]
