"""The OASIS grammar cases: how many the emulators' URL parser accepts and refuses rightly."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

import pytest

from tests.shared import metadata
from vegraph.emulator.engine.expressions import expression
from vegraph.emulator.engine.paths import relative_url, resource_path
from vegraph.emulator.engine.query import query_options
from vegraph.emulator.engine.scanner import Refused, Scanner

ACCEPTED_FLOOR = 0.96
"""Share of the right cases that must be accepted."""

REFUSED_FLOOR = 0.55
"""Share of the wrong cases that must be refused. Many are wrong only by the roles of their names, which the service
looks up after parsing."""


def _expression(text: str) -> None:
    expression(unquote(text))


def _literal(text: str) -> None:
    scanner = Scanner(unquote(text))
    if scanner.take_literal() is None or not scanner.done:
        raise Refused("no literal", 0)


RULES: dict[str, Callable[[str], object]] = {
    **dict.fromkeys(
        ("commonExpr", "boolCommonExpr", "firstMemberExpr", "propertyPathExpr", "isofExpr", "notExpr"), _expression
    ),
    **dict.fromkeys(
        (
            "queryOptions",
            "expand",
            "filter",
            "select",
            "orderby",
            "orderBy",
            "systemQueryOption",
            "search",
            "customQueryOption",
        ),
        query_options,
    ),
    **dict.fromkeys(
        (
            "primitiveLiteral",
            "stringLiteral",
            "binaryLiteral",
            "durationLiteral",
            "enumLiteral",
            "date",
            "guid",
            "decimalLiteral",
            "int32Literal",
        ),
        _literal,
    ),
    "odataRelativeUri": relative_url,
    "resourcePath": resource_path,
}
"""Grammar rules the emulators need → what reads them. `$apply` and headers are not among them."""


def _cases() -> Iterator[dict[str, Any]]:
    documents = json.loads(metadata("odata-abnf-testcases.json").read_text("utf-8"))
    return (c for c in documents["odata-abnf-testcases.yaml"]["TestCases"] if c["Rule"] in RULES)


def _is_accepted(case: dict[str, Any]) -> bool:
    try:
        RULES[case["Rule"]](case["Input"])
    except (Refused, UnicodeDecodeError):
        return False
    return True


@pytest.mark.parametrize(
    ("wrong", "floor"), [(False, ACCEPTED_FLOOR), (True, REFUSED_FLOOR)], ids=["accepts", "refuses"]
)
def test_the_share_of_cases_read_rightly_does_not_fall(wrong: bool, floor: float, record_property, capsys):
    cases = [c for c in _cases() if ("FailAt" in c) == wrong]
    right = sum(_is_accepted(c) != wrong for c in cases)
    share = right / len(cases)
    record_property("share", share)
    with capsys.disabled():
        print(f"\nOASIS cases {'refused' if wrong else 'accepted'} rightly: {right} of {len(cases)} ({share:.1%})")
    assert share >= floor
