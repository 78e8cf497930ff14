"""What SAP CAP has not: derived and open types, a singleton, containment, flags, functions that give rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.app.server import served
from tests.cap.asking import Vegraph, over
from tests.cap.club import club

ASKED: list[str] = []
"""What the service was asked."""


@pytest.fixture(scope="module")
def graph() -> Iterator[Vegraph]:
    with served(club(ASKED)) as origin, over(f"{origin}/club") as found:
        yield found


@pytest.fixture(autouse=True)
def _nothing_asked_yet(graph: Vegraph) -> None:
    ASKED.clear()


def test_rows_of_each_type_are_objects_of_it_behind_an_interface(graph: Vegraph) -> None:
    query = """{ people { nodes { __typename userName ... on CoachInterface { fee } ... on Captain { armband } } } }"""
    assert graph.data(query)["people"]["nodes"] == [
        {"__typename": "Person", "userName": "ann"},
        {"__typename": "Coach", "userName": "bob", "fee": "12.5"},
        {"__typename": "Captain", "userName": "cat", "fee": None, "armband": "red"},
    ]
    assert len(ASKED) == 1


def test_enumerations_flags_and_collections_come_as_lists_and_names(graph: Vegraph) -> None:
    found = graph.data("{ people { nodes { level skills emails } } }")["people"]["nodes"]
    assert found == [
        {"level": "SENIOR", "skills": ["SWIMS", "READS"], "emails": ["ann@club.test"]},
        {"level": "JUNIOR", "skills": ["CLIMBS"], "emails": []},
        {"level": None, "skills": [], "emails": ["a@b", "c@d"]},
    ]


def test_a_relation_of_the_interface_is_expanded_once_for_all_types(graph: Vegraph) -> None:
    query = "{ people { nodes { friends { nodes { __typename userName } } bestFriend { __typename userName } } } }"
    found = graph.data(query)["people"]["nodes"]
    assert found[0]["friends"]["nodes"] == [
        {"__typename": "Coach", "userName": "bob"}, {"__typename": "Captain", "userName": "cat"},
    ]  # fmt: skip
    assert [person["bestFriend"] and person["bestFriend"]["userName"] for person in found] == ["cat", None, "ann"]
    (asked,) = ASKED
    assert "$expand=Friends(" in asked
    assert "BestFriend" in asked


def test_a_relation_of_a_subtype_is_expanded_through_that_type(graph: Vegraph) -> None:
    query = "{ people { nodes { userName ... on CoachInterface { team { rowId name } } } } }"
    assert graph.data(query)["people"]["nodes"] == [
        {"userName": "ann"},
        {"userName": "bob", "team": {"rowId": "9007199254740993", "name": "Reds"}},
        {"userName": "cat", "team": None},
    ]
    (asked,) = ASKED
    assert "$expand=Club.Coach/Team(" in asked


def test_two_selections_on_one_relation_do_not_ask_for_rows_of_the_other_type(graph: Vegraph) -> None:
    query = "{ people { nodes { ... on Coach { team { name } } ... on Captain { team { rowId } userName } } } }"
    assert graph.data(query)["people"]["nodes"] == [{}, {"team": {"name": "Reds"}}, {"team": None, "userName": "cat"}]
    assert [line.split("?")[0] for line in ASKED] == ["GET People", "GET People('cat')/Club.Coach/Team"]


def test_an_id_of_a_subtype_finds_rows_of_it_only(graph: Vegraph) -> None:
    ids = [node["id"] for node in graph.data("{ people { nodes { id } } }")["people"]["nodes"]]
    ASKED.clear()
    query = "query($i: [ID!]!) { nodes(ids: $i) { __typename id ... on Captain { armband } ... on Coach { fee } } }"
    assert graph.data(query, {"i": [ids[2], ids[1]]})["nodes"] == [
        {"__typename": "Captain", "id": ids[2], "armband": "red"},
        {"__typename": "Coach", "id": ids[1], "fee": "12.5"},
    ]
    assert sorted(line.split("?")[0] for line in ASKED) == [
        "GET People('bob')/Club.Coach", "GET People('cat')/Club.Captain",
    ]  # fmt: skip


def test_what_open_types_hold_beyond_their_declaration_is_json(graph: Vegraph) -> None:
    query = "{ people { nodes { dynamicProperties home { city dynamicProperties } } } }"
    assert graph.data(query)["people"]["nodes"] == [
        {
            "dynamicProperties": {"nickname": "Annie", "visits": [1, 2.5]},
            "home": {"city": "Oslo", "dynamicProperties": {"floor": 3}},
        },
        {"dynamicProperties": {}, "home": None},
        {"dynamicProperties": {"nickname": None}, "home": {"city": "Bern", "dynamicProperties": {}}},
    ]


def test_members_of_derived_complex_types_come_too(graph: Vegraph) -> None:
    found = graph.data('{ person(by: {userName: "bob"}) { courts { city street number } } }')["person"]
    assert found["courts"] == [
        {"city": "Bern", "street": None, "number": None}, {"city": "Rom", "street": "x", "number": 2},
    ]  # fmt: skip


def test_a_singleton_is_a_root_field_with_its_relations(graph: Vegraph) -> None:
    found = graph.data("{ meSingleton { __typename userName friends(first: 1) { nodes { userName } } } }")
    assert found["meSingleton"] == {
        "__typename": "Person", "userName": "ann", "friends": {"nodes": [{"userName": "bob"}]},
    }  # fmt: skip
    assert [line.split("?")[0] for line in ASKED] == ["GET Me"]


PARTS = """parts { nodes { __typename rowId note ... on Flight { number airline { name } }
    ... on Concert { band where { city number } } } }"""
ALPS: dict[str, Any] = {
    "rowId": 1,
    "parts": {
        "nodes": [
            {"__typename": "Flight", "rowId": 1, "note": "early", "number": "AA1", "airline": {"name": "Air Ada"}},
            {
                "__typename": "Concert", "rowId": 2, "note": None, "band": 'The "Bs"',
                "where": {"city": "Zürich", "number": 7},
            },
        ]
    },
}  # fmt: skip


def test_contained_rows_in_contained_rows_are_one_request(graph: Vegraph) -> None:
    found = graph.data(f'{{ person(by: {{userName: "ann"}}) {{ outings {{ nodes {{ rowId {PARTS} }} }} }} }}')
    assert found["person"]["outings"]["nodes"] == [ALPS, {"rowId": 2, "parts": {"nodes": []}}]
    (asked,) = ASKED
    assert "Outings(" in asked
    assert "Club.Flight/Airline(" in asked


def test_contained_rows_are_paged_and_filtered_here(graph: Vegraph) -> None:
    query = """{ person(by: {userName: "ann"}) { a: outings(last: 1) { totalCount nodes { rowId } }
        b: outings(where: {name: {isNull: false}}) { totalCount nodes { rowId } } } }"""
    assert graph.data(query)["person"] == {
        "a": {"totalCount": 2, "nodes": [{"rowId": 2}]},
        "b": {"totalCount": 1, "nodes": [{"rowId": 1}]},
    }


def test_unbound_functions_give_a_row_or_rows(graph: Vegraph) -> None:
    query = "{ nearest(lat: 1, lon: 2.5) { code name } skilled(skill: READS) { nodes { __typename userName } } }"
    assert graph.data(query) == {
        "nearest": {"code": "AA", "name": "Air Ada"},
        "skilled": {"nodes": [{"__typename": "Person", "userName": "ann"}]},
    }


def test_a_bound_function_is_called_on_the_rows_it_is_selected_on(graph: Vegraph) -> None:
    query = "{ people { nodes { userName ... on Captain { favouriteAirline { name } } } } }"
    assert graph.data(query)["people"]["nodes"][2] == {"userName": "cat", "favouriteAirline": None}
    assert [line.split("?")[0] for line in ASKED] == ["GET People", "GET People('cat')/Club.FavouriteAirline()"]
    found = graph.data('{ person(by: {userName: "ann"}) { favouriteAirline { name } } }')
    assert found["person"]["favouriteAirline"] == {"name": "Bo's Balloons"}


def test_a_relation_without_a_constraint_is_followed_where_it_cannot_be_expanded(graph: Vegraph) -> None:
    query = """{ teams { nodes { members(first: 1, orderBy: [{userName: DESC}]) {
        nodes { userName } pageInfo { hasNextPage } } } } }"""
    assert graph.data(query)["teams"]["nodes"] == [
        {"members": {"nodes": [{"userName": "cat"}], "pageInfo": {"hasNextPage": True}}}
    ]
    assert ASKED[1].split("?")[0] == "GET Teams(9007199254740993)/Members"


def test_a_filter_that_the_service_refuses_fails_alone_with_its_sentence(graph: Vegraph) -> None:
    found = graph.ask('{ people(where: {name: {contains: "x"}}) { nodes { userName } } airlines { nodes { code } } }')
    assert found["data"] == {"people": None, "airlines": {"nodes": [{"code": "AA"}, {"code": "BB"}]}}
    (error,) = found["errors"]
    assert error["path"] == ["people"]
