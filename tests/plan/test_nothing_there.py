"""A to-one relation that leads nowhere is null, whatever is selected of it, however the service says so."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.catalog.documents import entity, nav, prop, sets, xml
from tests.small_odata import SmallOData
from tests.stack import Stack

DOCUMENT = xml(
    entity("order", prop("no"), nav("customer", "customer"), nav("thing", "thing"), key=("no",))
    + entity("customer", prop("code"), prop("name"), key=("code",))
    + entity("thing", prop("code"), prop("name"), key=("code",), attributes='OpenType="true"')
    + f'<EntityType Name="machine" BaseType="NS.thing">{prop("power")}</EntityType>',
    container=sets("order", "customers1:customer", "customers2:customer", "things1:thing", "things2:thing"),
)
FOUND = {"code": "a", "name": "A"}


def service(status: int) -> Starlette:
    """Expands nothing and has no batches; order 1 leads to rows, order 2 is answered with that status."""

    async def orders(request: Request) -> Response:
        if "$expand" in request.query_params:
            return JSONResponse({"error": {"code": "", "message": "no"}}, 400)
        return JSONResponse({"value": [{"no": "1"}, {"no": "2"}]})

    async def related(request: Request) -> Response:
        return JSONResponse(FOUND) if request.path_params["no"] == "1" else Response(status_code=status)

    return Starlette(routes=[Route("/orders", orders), Route("/orders('{no}')/{name}", related)])


@pytest.fixture(params=[204, 404])
def stack(request) -> Iterator[Stack]:
    with Stack(odata=(service(request.param), DOCUMENT)) as found:
        yield found


@pytest.mark.parametrize(
    ("selected", "found"),
    [
        ("customer { code }", {"customer": {"code": "a"}}),
        ("customer { name }", {"customer": {"name": "A"}}),
        ("customer { __typename }", {"customer": {"__typename": "Customer"}}),
        ("thing { __typename }", {"thing": {"__typename": "Thing"}}),
        (
            "thing { ... on ThingInterface { name dynamicProperties } }",
            {"thing": {"name": "A", "dynamicProperties": {}}},
        ),
    ],
)
def test_it_is_null(stack, selected, found):
    rows = stack.both(f"{{ orders {{ nodes {{ {selected} }} }} }}")["data"]["orders"]["nodes"]
    assert rows == [found, dict.fromkeys(found)]


def test_rows_of_an_abstract_type_that_nothing_derives_from_are_shown_as_they_are():
    document = xml(entity("base", prop("name"), attributes='Abstract="true"'), container=sets("base"))
    row = {"@odata.type": "#Elsewhere.special", "id": "5d115c9c-44e3-ea11-bb43-000d3a2feca1", "name": "A"}
    with Stack(odata=(SmallOData({"bases": [row]}, key="id").app, document)) as stack:
        found = stack.both("{ bases { nodes { __typename name } } }")["data"]["bases"]["nodes"]
    assert found == [{"__typename": "Base", "name": "A"}]
