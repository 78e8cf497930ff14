"""Lists of rows without a key: paged by position, forward and backward, over a service that pages as it likes."""

import pytest

from tests.catalog.documents import entity, nav, prop, sets, xml
from tests.plan import sample_entities as samples
from tests.small_odata import SmallOData
from tests.stack import Stack
from vegraph.errors import BadUserInput
from vegraph.plan.nodes import ConnectionOut
from vegraph.plan.paging import Limits, read_ask
from vegraph.plan.predicates import TRUE
from vegraph.schema.values import Kind

ROWS = [{"name": "abacdabcab"[n], "weight": n} for n in range(10)]
"""Ten rows, some of whose names are the same."""
DOCUMENT = xml(
    entity("reading", prop("name"), prop("weight", "Edm.Int32"), key=()),
    container=sets("reading"),
)
QUERY = """query (
  $first: Int, $after: String, $last: Int, $before: String, $orderBy: [ReadingOrder!], $where: ReadingFilter
) {
  readings(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy, where: $where) {
    nodes { weight } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
  }
}"""
FORWARD = ("first", "after", "endCursor", "hasNextPage")
BACKWARD = ("last", "before", "startCursor", "hasPreviousPage")


@pytest.fixture(params=[1000, 2], ids=["in one answer", "two rows an answer"])
def readings(request: pytest.FixtureRequest):
    service = SmallOData({"readings": [dict(row) for row in ROWS]}, page=request.param)
    with Stack(odata=(service.app, DOCUMENT)) as stack:
        stack.service = service
        yield stack


def pages(stack: Stack, forward: bool, size: int, **more) -> list[list[int]]:
    """All pages from one end to the other."""
    limit, cursor, end, more_there = FORWARD if forward else BACKWARD
    found, variables = [], {limit: size, **more}
    while len(found) < 20:
        page = stack.data(QUERY, variables)["readings"]
        found.append([node["weight"] for node in page["nodes"]])
        if not page["pageInfo"][more_there]:
            return found
        variables[cursor] = page["pageInfo"][end]
    raise AssertionError(found)


@pytest.mark.parametrize(
    ("more", "whole"),
    [
        ({}, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ({"orderBy": [{"name": "ASC"}]}, [0, 2, 5, 8, 1, 6, 9, 3, 7, 4]),
        ({"orderBy": [{"name": "DESC"}, {"weight": "DESC"}]}, [4, 7, 3, 9, 6, 1, 8, 5, 2, 0]),
        ({"where": {"name": {"eq": "a"}}}, [0, 2, 5, 8]),
        ({"where": {"weight": {"gt": 6}}}, [7, 8, 9]),
        ({"where": {"weight": {"gt": 9}}}, []),
    ],
    ids=str,
)
@pytest.mark.parametrize("size", [1, 3, 10])
def test_all_rows_are_met_once_from_either_end(readings: Stack, more, whole: list[int], size: int):
    forward, backward = pages(readings, True, size, **more), pages(readings, False, size, **more)
    assert [weight for page in forward for weight in page] == whole
    assert [weight for page in reversed(backward) for weight in page] == whole
    assert {len(page) for page in forward[:-1]} <= {size}


def test_the_source_counts_off_and_gives_no_more_than_the_page(readings: Stack):
    query = "query ($after: String) { readings(first: 3, after: $after) { nodes { weight } pageInfo { endCursor } } }"
    first = readings.data(query)["readings"]
    readings.service.seen()
    second = readings.data(query, {"after": first["pageInfo"]["endCursor"]})["readings"]
    assert [node["weight"] for node in second["nodes"]] == [3, 4, 5]
    asked = [a.target for a in readings.service.seen()]
    assert asked[0] == "readings?$select=weight&$top=3&$skip=3"


@pytest.mark.parametrize(
    ("between", "expected"),
    [({"first": 9}, [2, 3, 4]), ({"first": 2}, [2, 3]), ({"last": 2}, [3, 4]), ({"last": 9}, [2, 3, 4])],
    ids=str,
)
def test_between_two_cursors(readings: Stack, between, expected):
    cursors = [edge["cursor"] for edge in readings.data(QUERY, {})["readings"]["edges"]]
    page = readings.data(QUERY, {"after": cursors[1], "before": cursors[5], **between})["readings"]
    assert [node["weight"] for node in page["nodes"]] == expected
    assert page["totalCount"] == 10


@pytest.mark.parametrize("given", [{"where": {"name": {"eq": "a"}}}, {"orderBy": [{"name": "ASC"}]}], ids=str)
def test_a_cursor_belongs_to_its_query(readings: Stack, given):
    cursor = readings.data(QUERY, {"first": 1})["readings"]["pageInfo"]["endCursor"]
    answer = readings.ask(QUERY, {"first": 1, "after": cursor, **given})
    assert [e["extensions"]["code"] for e in answer["errors"]] == ["BAD_USER_INPUT"]


def test_the_graph_says_that_a_cursor_is_a_position(readings: Stack):
    arguments = readings.graph.schema.query_type.fields["readings"].args
    assert all("position" in arguments[name].description for name in ("after", "before"))
    assert "key" not in arguments["orderBy"].description


def test_rows_inside_their_parent_are_paged_by_position_too():
    station = entity("station", nav("readings", "Collection(Self.reading)", more='ContainsTarget="true"'))
    document = xml(station + entity("reading", prop("weight", "Edm.Int32"), key=()), container=sets("station"))
    service = SmallOData({"stations": [{"id": "a", "readings": [{"weight": n} for n in (5, 5, 7, 5)]}]}, key="id")
    query = """query ($after: String) { stations { nodes { readings(first: 2, after: $after) {
      nodes { weight } pageInfo { endCursor hasNextPage } } } } }"""
    with Stack(odata=(service.app, document)) as stack:
        first = stack.both(query)["data"]["stations"]["nodes"][0]["readings"]
        after = {"after": first["pageInfo"]["endCursor"]}
        second = stack.both(query, after)["data"]["stations"]["nodes"][0]["readings"]
    weights = [[node["weight"] for node in page["nodes"]] for page in (first, second)]
    assert weights == [[5, 5], [7, 5]]
    assert [page["pageInfo"]["hasNextPage"] for page in (first, second)] == [True, False]


@pytest.mark.parametrize(
    ("given", "selected"),
    [({}, ("edges", "edges", (("cursor", "cursor", None),))), ({"after": "x"}, ("nodes", "nodes", None))],
    ids=["a cursor is wanted", "a cursor is given"],
)
def test_over_several_companies_there_are_no_positions(given, selected):
    keyless = samples.entity("BcReading", (samples.member("city", Kind.STRING),))
    connection = ConnectionOut((selected,), "", "")
    with pytest.raises(BadUserInput, match="one company at a time"):
        read_ask(given, keyless, TRUE, connection, Limits(), (), merged=True)
