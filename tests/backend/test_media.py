"""Streams: read with ranges, replaced, limited, and never from or to anywhere else."""

import asyncio

import msgspec
import pytest

from tests.backend.erps import CRONUS, business_central
from tests.backend.serving import THING, Script, backend, json_answer, runner, served
from vegraph.backend.media import MediaAt, opened, replaced
from vegraph.errors import BackendNotFound, BackendUnavailable, BadUserInput, OutcomeUnknown
from vegraph.plan.steps import Key

AT = MediaAt(source="s", entity=THING, key=Key(THING.key, (7,)), property="photo")


async def chunks(*parts):
    for part in parts:
        await asyncio.sleep(0)
        yield part


def picture(status=200, body=b"abcdef", **headers):
    return json_answer(body, status, content_type="image/png", **headers)


async def read(answer, at=AT, **more):
    app = Script([answer])
    async with served(app) as url, backend(url + "/svc") as made, opened(runner(made), at, **more) as content:
        body = b"".join([chunk async for chunk in content.chunks])
        return app, content, body


async def test_a_stream_is_passed_on_with_what_it_says_of_itself():
    app, content, body = await read(picture(etag='"1"', set_cookie="a=b", x_internal="secret"))
    assert (content.status, body) == (200, b"abcdef")
    assert dict(content.headers) == {"content-type": "image/png", "etag": '"1"'}
    assert app.asked[0][1] == "/svc/Things(7)/photo"
    assert app.asked[0][2]["accept-encoding"] == "identity"


async def test_a_range_is_asked_for():
    app, content, body = await read(picture(206, b"bc", content_range="bytes 1-2/6"), range_="bytes=1-2")
    assert (content.status, body, content.headers["content-range"]) == (206, b"bc", "bytes 1-2/6")
    assert app.asked[0][2]["range"] == "bytes=1-2"


async def test_the_row_s_own_stream():
    app, _, _ = await read(picture(), at=MediaAt(source="s", entity=THING, key=AT.key))
    assert app.asked[0][1] == "/svc/Things(7)/$value"


@pytest.mark.parametrize("range_", ["bytes=1-2,4-5", "bytes=", "items=1-2", "bytes=1-2\r\nX: y", "bytes=-"])
async def test_a_range_that_is_none_is_refused(range_):
    with pytest.raises(BadUserInput):
        await read(picture(), range_=range_)


async def test_a_missing_stream_is_an_error_like_any():
    with pytest.raises(BackendNotFound):
        await read(json_answer('{"error":{"message":"gone"}}', 404))


async def test_a_stream_above_the_limit_is_broken_off():
    with pytest.raises(BackendUnavailable):
        await read(picture(body=b"x" * 100), most=50)


async def test_a_link_to_a_stranger_is_not_followed():
    with pytest.raises(BackendUnavailable):
        await read(picture(), at=MediaAt(source="s", entity=THING, key=None, link="http://evil.example/x"))


async def upload(answer, *parts, **more):
    app = Script([answer])
    async with served(app) as url, backend(url + "/svc") as made:
        await replaced(runner(made), AT, chunks(*parts), **{"content_type": "image/png", **more})
    return app.asked[0]


async def test_an_upload_goes_through_piece_by_piece():
    method, target, headers, body = await upload(json_answer("", 204), b"abc", b"def", if_match='"1"')
    assert (method, target, body) == ("PUT", "/svc/Things(7)/photo", b"abcdef")
    assert (headers["content-type"], headers["if-match"]) == ("image/png", '"1"')
    assert headers["transfer-encoding"] == "chunked"


async def test_an_upload_of_known_length_says_so():
    _, _, headers, body = await upload(json_answer("", 204), b"abc", length=3)
    assert (headers["content-length"], body) == ("3", b"abc")
    assert "transfer-encoding" not in headers


@pytest.mark.parametrize(
    "more",
    [{"length": 100, "most": 10}, {"content_type": "x"}, {"content_type": "a/b\r\nX: y"}, {"if_match": "x"}],
    ids=str,
)
async def test_an_upload_that_cannot_be_is_refused_before_it_is_sent(more):
    with pytest.raises(BadUserInput):
        await upload(json_answer("", 204), b"abc", **more)


async def test_an_upload_that_grows_too_large_is_broken_off():
    with pytest.raises(BadUserInput, match="larger than"):
        await upload(json_answer("", 204), b"x" * 60_000, b"x" * 60_000, most=100_000)


async def test_an_upload_without_an_answer_is_in_doubt():
    async def silent(scope, receive, send):
        raise ConnectionResetError

    with pytest.raises(OutcomeUnknown):
        await upload(silent, b"abc")


async def test_the_picture_of_an_item():
    async with business_central() as erp:
        run = erp.runner()
        item = msgspec.json.decode(await run.read(erp.read("items", "id", company=CRONUS, top=1)))["value"][0]
        under = (Key(erp.entity("items").key, (item["id"],)), "picture")
        body = await run.read(erp.read("items", company=CRONUS, under=under, single=True))
        row = msgspec.json.decode(body)
        pictures = erp.entity("pictures")
        link = row["pictureContent@odata.mediaEditLink"]
        at = MediaAt(source="bc", entity=pictures, key=None, link=link)
        await replaced(run, at, chunks(b"\x89PNG", b"data"), content_type="image/png", if_match="*")
        async with opened(run, at) as content:
            assert b"".join([c async for c in content.chunks]) == b"\x89PNGdata"
