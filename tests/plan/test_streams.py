"""Streams that no address leads to: those of rows without a global id have no URL, several in one property are JSON."""

from tests.catalog.documents import entity, many, nav, prop, sets, xml
from tests.schema.graphs import fields, graph
from tests.small_odata import SmallOData
from tests.stack import Stack

PICTURE = prop("picture", "Edm.Stream")
BODY = (
    entity("album", nav("photos", many("photo"), more='ContainsTarget="true"'), prop("pages", "Collection(Edm.Stream)"))
    + entity("photo", PICTURE)
    + entity("poster", PICTURE, prop("name"), key=())
)
TYPE = {"picture@odata.mediaContentType": "image/png"}
ROWS = {
    "albums": [{"id": "a", "pages": [{"@odata.mediaReadLink": "pages/1"}], "photos": [{"id": "b", **TYPE}]}],
    "posters": [{"name": "x", **TYPE}],
}


def test_what_has_no_id_has_no_url():
    found = {"url": None, "contentType": "image/png"}
    with Stack(odata=(SmallOData(ROWS, key="id").app, xml(BODY, container=sets("album", "poster")))) as stack:
        data = stack.both("""{
            posters { nodes { picture { url contentType } } }
            albums { nodes { pages photos { nodes { picture { url contentType } } } } }
        }""")["data"]
    assert data["posters"]["nodes"] == [{"picture": found}]
    assert data["albums"]["nodes"] == [
        {"pages": [{"@odata.mediaReadLink": "pages/1"}], "photos": {"nodes": [{"picture": found}]}}
    ]


def test_several_streams_of_one_property_are_read_only():
    shown = graph(BODY, container=sets("album"))
    assert fields(shown, "XAlbum")["pages"] == "[JSON]"
    assert "pages" not in fields(shown, "XAlbumInput")
