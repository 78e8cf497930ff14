"""Values as design.md §5.3 has them: what comes in, what is refused, and that empty ones are null in filters too."""

import pytest

from tests.contract.program import Program, codes

COUNT = "query($w: {type}) {{ {field}(where: $w) {{ totalCount }} }}"


def count(demo: Program, field: str, type_: str, where: dict) -> int:
    return demo.data(COUNT.format(type=type_, field=field), {"w": where})[field]["totalCount"]


def test_decimals_keep_their_digits_as_text(demo: Program):
    found = demo.data('{ bcCustomers(first: 5, where: {balanceDue: {gt: "0"}}) { nodes { balanceDue } } }')
    assert all(isinstance(row["balanceDue"], str) for row in found["bcCustomers"]["nodes"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("balanceDue", "NaN"),
        ("balanceDue", "Infinity"),
        ("balanceDue", ""),
        ("balanceDue", "1,5"),
        ("balanceDue", "١٢"),
        ("balanceDue", "1" * 300),
        ("balanceDue", True),
        ("currencyId", "not-a-guid"),
        ("currencyId", "{5d115c9c-44e3-ea11-bb43-000d3a2feca1}"),
        ("currencyId", 5),
        ("lastModifiedDateTime", "2024-02-30T00:00:00Z"),
        ("lastModifiedDateTime", "2024-02-01"),
        ("lastModifiedDateTime", "٢٠٢٤-02-01T00:00:00Z"),
        ("number", 5),
        ("taxLiable", "true"),
        ("blocked", "NOTHING"),
        ("blocked", "_x0020_"),
    ],
)
def test_what_is_no_such_value(demo: Program, field, value):
    query = COUNT.format(type="BcCustomerFilter", field="bcCustomers")
    answer = demo.ask(query, {"w": {field: {"eq": value}}})
    assert "data" not in answer
    assert [code for _, code in codes(answer)] == ["BAD_USER_INPUT"]
    assert answer["errors"][0]["locations"]


@pytest.mark.parametrize(
    "literal",
    ['balanceDue: {eq: "NaN"}', 'currencyId: {eq: "x"}', 'lastModifiedDateTime: {lt: "x"}', "number: {eq: 5}"],
)
def test_what_is_no_such_literal_says_where_it_stands(demo: Program, literal):
    answer = demo.ask(f"{{ bcCustomers(where: {{{literal}}}) {{ totalCount }} }}")
    assert [code for _, code in codes(answer)] == ["GRAPHQL_VALIDATION_FAILED"]
    assert answer["errors"][0]["locations"]


def test_twenty_digits_are_compared_exactly(demo: Program):
    everything = count(demo, "bcCustomers", "BcCustomerFilter", {})
    for value in ("99999999999999999999.999", "12345678901234567890"):
        assert count(demo, "bcCustomers", "BcCustomerFilter", {"balanceDue": {"lt": value}}) == everything


@pytest.mark.parametrize(
    ("field", "type_", "member", "empty"),
    [
        ("bcSalesOrders", "BcSalesOrderFilter", "requestedDeliveryDate", "0001-01-01"),
        ("foSalesOrderHeadersV2", "FoSalesOrderHeaderV2Filter", "confirmedShippingDate", "1900-01-01"),
        ("bcCustomers", "BcCustomerFilter", "currencyId", "00000000-0000-0000-0000-000000000000"),
    ],
)
def test_empty_dates_and_zero_guids_are_null(demo: Program, field, type_, member, empty):
    everything = count(demo, field, type_, {})
    none = count(demo, field, type_, {member: {"isNull": True}})
    assert none > 0
    assert count(demo, field, type_, {member: {"isNull": False}}) == everything - none
    assert count(demo, field, type_, {member: {"eq": empty}}) == none
    assert count(demo, field, type_, {"not": {member: {"isNull": True}}}) == everything - none
    query = f"query($w: {type_}) {{ {field}(first: 3, where: $w) {{ nodes {{ {member} }} }} }}"
    rows = demo.data(query, {"w": {member: {"isNull": True}}})[field]["nodes"]
    assert [row[member] for row in rows] == [None] * len(rows)


def test_a_blank_enum_member_is_a_member(demo: Program):
    everything = count(demo, "bcCustomers", "BcCustomerFilter", {})
    blank = count(demo, "bcCustomers", "BcCustomerFilter", {"blocked": {"eq": "BLANK"}})
    assert 0 < blank < everything
    assert count(demo, "bcCustomers", "BcCustomerFilter", {"blocked": {"ne": "BLANK"}}) == everything - blank
    assert count(demo, "bcCustomers", "BcCustomerFilter", {"blocked": {"isNull": True}}) == 0


HOSTILE = [
    "'",
    "''",
    "%27",
    "' or 1 eq 1 or '",
    "x'&$filter=true",
    "a)b(",
    "\r\nX-Evil: 1",
    "𝒳",
    "\u202e",
    "a+b",
    "a/b",
]
HOSTILE += ["a?b", "a#b", "*", "C0*", "*1", "a;b", "{}", "$it", "null", "\\", '"', "%", "_", "é", "@p"]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_is_text(demo: Program, text):
    query = """query($s: String!) {
      a: bcCustomers(where: {number: {eq: $s}}) { totalCount }
      b: foCustomersV3(where: {customerAccount: {eq: $s}}) { totalCount }
      c: foCustomersV3(where: {customerAccount: {in: [$s, "x"]}}) { totalCount }
      d: bcCustomers(where: {number: {startsWith: $s}}) { totalCount }
      e: bcCustomer(by: {number: $s}) { id }
      f: foCustomerV3(by: {key: {dataAreaId: "usmf", customerAccount: $s}}) { id } }"""
    nothing = {"totalCount": 0}
    assert demo.data(query, {"s": text}) == {**dict.fromkeys("abcd", nothing), "e": None, "f": None}


def test_nul_is_refused_before_it_is_sent(demo: Program):
    with demo.wire("bc") as seen:
        answer = demo.ask("query($s: String!) { bcCustomers(where: {number: {eq: $s}}) { totalCount } }", {"s": "a\0b"})
    assert [code for _, code in codes(answer)] == ["BAD_USER_INPUT"]
    assert not [request for request in seen if "customers" in request["url"]]
