"""Batch bodies of both formats: read back by a reader of our own making, and answers that are not what was asked."""

import email
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vegraph.backend.batch import json as json_batch
from vegraph.backend.batch import multipart
from vegraph.backend.exchange import Answer, Wire
from vegraph.errors import BackendUnavailable

GET = Wire(method="GET", path="Things", query="$top=1", headers={"Prefer": "odata.maxpagesize=2"})
PATCH = Wire(
    method="PATCH", path="Things(1)", body=b'{"a":1}', headers={"If-Match": 'W/"x"', "Content-Type": "application/json"}
)


def test_a_json_batch():
    body = json.loads(json_batch.build([GET, PATCH], headers={"Accept-Language": "de"}, group="all"))
    assert body == {
        "requests": [
            {
                "id": "1",
                "method": "GET",
                "url": "Things?$top=1",
                "headers": {"Accept-Language": "de", "Prefer": "odata.maxpagesize=2"},
            },
            {
                "id": "2",
                "method": "PATCH",
                "url": "Things(1)",
                "atomicityGroup": "all",
                "body": {"a": 1},
                "headers": {"Accept-Language": "de", "If-Match": 'W/"x"', "Content-Type": "application/json"},
            },
        ]
    }


def responses(*given):
    return Answer(200, {"content-type": "application/json"}, json.dumps({"responses": list(given)}).encode())


def test_json_answers_are_matched_by_id():
    answer = responses(
        {"id": "2", "status": 404}, {"id": "1", "status": 200, "body": {"a": 1.10}, "headers": {"ETag": "x"}}
    )
    first, second = json_batch.read("s", answer, 2)
    assert (first.status, first.body, first.headers) == (200, b'{"a": 1.1}', {"etag": "x"})
    assert (second.status, second.body) == (404, b"")


@pytest.mark.parametrize(
    "given",
    [
        [{"id": "1", "status": 200}],
        [{"id": "1", "status": 200}, {"id": "1", "status": 200}],
        [{"id": "1", "status": 200}, {"id": "2", "status": 200}, {"id": "3", "status": 200}],
        [{"id": "1", "status": 200}, {"id": None, "status": 200}],
        [{"id": "1", "status": 200}, {"id": "x", "status": 200}],
        [{"id": "1", "status": "200"}, {"id": "2", "status": 200}],
    ],
)
def test_a_json_answer_that_does_not_fit_is_no_answer(given):
    with pytest.raises(BackendUnavailable):
        json_batch.read("s", responses(*given), 2)


def test_a_part_that_was_not_answered_can_be_told():
    assert json_batch.read("s", responses({"id": "2", "status": 200}), 2, partial=True)[0] is None


def built(parts, atomic=False, boundary=None):
    more = {"boundary": boundary} if boundary else {}
    return multipart.build(
        parts, headers={"Accept": "application/json"}, address=lambda w: w.target, atomic=atomic, **more
    )


def read_mime(body, content_type):
    message = email.message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    assert message.is_multipart()
    assert not message.defects
    return message.get_payload()


def test_a_multipart_batch_as_a_mail_reader_sees_it():
    body, kind = built([GET, PATCH], atomic=True)
    change_set, read = read_mime(body, kind)
    assert read.get_content_type() == "application/http"
    assert read["Content-ID"] == "1"
    assert read.get_payload().splitlines()[:2] == ["GET Things?$top=1 HTTP/1.1", "Accept: application/json"]
    (write,) = change_set.get_payload()
    head, _, content = write.get_payload().replace("\r\n", "\n").partition("\n\n")
    assert head.splitlines() == [
        "PATCH Things(1) HTTP/1.1",
        "Accept: application/json",
        'If-Match: W/"x"',
        "Content-Type: application/json",
        "Content-Length: 7",
    ]
    assert content.strip() == '{"a":1}'


def test_without_a_change_set_all_parts_stand_alone():
    body, kind = built([PATCH, GET, PATCH])
    assert [part["Content-ID"] for part in read_mime(body, kind)] == ["1", "2", "3"]


@given(st.text(max_size=200), st.integers(0, 2))
def test_no_value_can_end_its_part(text, at):
    wire = Wire(method="POST", path="Things", body=json.dumps(text + "\r\n--batch_").encode(), headers={})
    parts = [GET, GET, GET]
    parts[at] = wire
    body, kind = built(parts)
    assert len(read_mime(body, kind)) == 3


def test_a_boundary_that_stands_in_a_part_is_not_used():
    names = iter(["taken", "free"])
    wire = Wire(method="POST", path="Things", body=b'"--batch_taken--"', headers={})
    _, kind = built([wire], boundary=lambda: next(names))
    assert kind == "multipart/mixed; boundary=batch_free"


def part(status, body="{}", number=None, length=True):
    head = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
    head += f"Content-ID: {number}\r\n" if number is not None else ""
    inner = f"HTTP/1.1 {status} Whatever\r\nContent-Type: application/json\r\n"
    inner += f"Content-Length: {len(body)}\r\n" if length else ""
    return f"{head}\r\n{inner}\r\n{body}"


def mixed(*parts, boundary="b", end="--"):
    text = "".join(f"--{boundary}\r\n{p}\r\n" for p in parts) + f"--{boundary}{end}\r\n"
    return Answer(200, {"content-type": f"multipart/mixed; boundary={boundary}"}, text.encode())


def nested(*parts):
    inner = "".join(f"--c\r\n{p}\r\n" for p in parts) + "--c--\r\n"
    return f"Content-Type: multipart/mixed; boundary=c\r\n\r\n{inner}"


def statuses(answers):
    return [a.status for a in answers]


def test_multipart_answers_by_position_or_by_id():
    assert statuses(multipart.read("s", mixed(part(200), part(404)), 2)) == [200, 404]
    assert statuses(multipart.read("s", mixed(part(200, number=2), part(404, number=1)), 2)) == [404, 200]
    assert multipart.read("s", mixed(part(204, "", length=False)), 1)[0].body == b""


def test_a_change_set_answers_each_or_once_for_all():
    done = mixed(nested(part(201, number=1), part(204, number=3)), part(200, '{"a":1}', number=2))
    assert statuses(multipart.read("s", done, 3, atomic=(0, 2))) == [201, 200, 204]
    refused = mixed(part(400, '{"error":{}}'), part(200))
    assert statuses(multipart.read("s", refused, 3, atomic=(0, 2))) == [400, 200, 400]


def test_a_refused_change_set_may_name_the_request_it_is_about():
    answers = multipart.read("s", mixed(part(400, number=3), part(200, number=2)), 3, atomic=(0, 2))
    assert statuses(answers) == [424, 200, 400]


def test_answers_in_another_order_are_found_by_their_ids():
    done = mixed(part(200, '{"a":1}', number=2), nested(part(204, number=3), part(201, number=1)))
    assert statuses(multipart.read("s", done, 3, atomic=(0, 2))) == [201, 200, 204]


def test_an_answer_of_success_never_stands_for_a_change_set():
    with pytest.raises(BackendUnavailable):
        multipart.read("s", mixed(part(200), part(200)), 3, atomic=(0, 1))


def test_what_is_missing_is_none_where_the_caller_judges_it():
    refused = mixed(part(400, number=1))  # the service stops there
    assert [a and a.status for a in multipart.read("s", refused, 3, atomic=(0, 1), partial=True)] == [400, 424, None]
    with pytest.raises(BackendUnavailable):
        multipart.read("s", refused, 3, atomic=(0, 1))


@pytest.mark.parametrize(
    "answer",
    [
        mixed(part(200)),
        mixed(part(200), part(200), part(200)),
        mixed(part(200, number=1), part(200, number=1)),
        mixed(part(200, number=1), part(200, number=9)),
        mixed(part(200, number="x"), part(200)),
        mixed(part(200), part(200), end=""),
        mixed("Content-Type: text/plain\r\n\r\nx", part(200)),
        mixed("Content-Type: application/http\r\n\r\nNOT HTTP\r\n\r\n{}", part(200)),
        mixed(part(200), part(200).replace("Content-Length: 2", "Content-Length: 9")),
        Answer(200, {"content-type": "multipart/mixed"}, b""),
        Answer(200, {"content-type": "multipart/mixed; boundary=b"}, b"--other\r\n"),
    ],
)
def test_a_multipart_answer_that_does_not_fit_is_no_answer(answer):
    with pytest.raises(BackendUnavailable):
        multipart.read("s", answer, 2)


def test_our_own_batch_read_by_our_own_reader_is_not_an_answer():
    body, kind = built([GET])
    with pytest.raises(BackendUnavailable):
        multipart.read("s", Answer(200, {"content-type": kind}, body), 1)
