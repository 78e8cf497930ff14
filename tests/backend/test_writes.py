"""Writes and calls as requests."""

from dataclasses import replace
from urllib.parse import unquote
from uuid import UUID

import pytest

from tests.abnf import check_url
from tests.backend.people import (
    BC,
    COMPOUND,
    CRONUS,
    CUSTOMER,
    FO,
    FUNCTION,
    ODATA,
    PERSON,
    key,
)
from tests.backend.serving import value
from vegraph.backend import writes
from vegraph.backend.dialects import dialect_for
from vegraph.catalog.model import Catalog, Operation, Parameter, TypeRef
from vegraph.errors import BadUserInput
from vegraph.plan.steps import (
    Call,
    Company,
    Create,
    Delete,
    Update,
)
from vegraph.schema.values import Kind

BOUND = Operation(name="NS.post", kind="action", bound=True, binding=TypeRef("NS.customer"))
PICK = Operation(
    name="NS.pick",
    kind="function",
    bound=True,
    binding=TypeRef("NS.Person", True),
    parameters=(Parameter(name="who", type=TypeRef("NS.Person")),),
)
WITH_PEOPLE = dialect_for("odata", Catalog(entity_sets={"People": PERSON.sets[0]}))


@pytest.mark.parametrize(
    ("step", "dialect", "method", "url", "body"),
    [
        (
            Create(source="s", set=CUSTOMER.sets[0], entity=CUSTOMER, values={"number": "A"}, company=CRONUS),
            BC,
            "POST",
            f"companies({UUID(int=7)})/customers",
            b'{"number":"A"}',
        ),
        (
            Create(source="s", set=COMPOUND.sets[0], entity=COMPOUND, values={"Line": 1}, company=Company("usmf")),
            FO,
            "POST",
            "Lines",
            b'{"dataAreaId":"usmf","Line":1}',
        ),
        (
            Create(
                source="s", set=PERSON.sets[0], entity=PERSON, values={"name": "A"}, under=(key(PERSON, "b"), "Friends")
            ),
            ODATA,
            "POST",
            "People('b')/Friends",
            b'{"name":"A"}',
        ),
        (
            Update(source="s", set=PERSON.sets[0], entity=PERSON, key=key(PERSON, "b"), values={"age": None}),
            ODATA,
            "PATCH",
            "People('b')",
            b'{"age":null}',
        ),
        (
            Call(source="s", operation=FUNCTION, import_name="Find", arguments=(("text", value(Kind.STRING), "a"),)),
            ODATA,
            "GET",
            "Find(text='a')",
            None,
        ),
        (
            Call(source="s", operation=FUNCTION, import_name="Find", arguments=(("text", value(Kind.STRING), None),)),
            ODATA,
            "GET",
            "Find(text=null)",
            None,
        ),
        (
            Call(
                source="s",
                operation=FUNCTION,
                import_name="Find",
                arguments=(("text", value(Kind.STRING, collection=True), ["a", "b'"]),),
            ),
            ODATA,
            "GET",
            'Find(text=@text)?@text=["a","b\'"]',
            None,
        ),
        (
            Call(
                source="s",
                operation=BOUND,
                set=CUSTOMER.sets[0],
                entity=CUSTOMER,
                key=key(CUSTOMER, UUID(int=1)),
                company=CRONUS,
            ),
            BC,
            "POST",
            f"companies({UUID(int=7)})/customers({UUID(int=1)})/NS.post",
            b"{}",
        ),
        (
            Call(
                source="s",
                operation=PICK,
                set=PERSON.sets[0],
                entity=PERSON,
                arguments=(("who", None, key(PERSON, "b")),),
            ),
            WITH_PEOPLE,
            "GET",
            'People/NS.pick(who=@who)?@who={"@odata.id":"People(\'b\')"}',
            None,
        ),
    ],
)
def test_a_write(step, dialect, method, url, body):
    wire = writes.wire(step, dialect)
    assert (wire.method, unquote(wire.target), wire.body) == (method, url, body)
    check_url(wire.target)


def test_an_etag_that_is_none_is_refused_before_it_is_a_header():
    step = Delete(source="s", set=PERSON.sets[0], entity=PERSON, key=key(PERSON, "b"))
    assert writes.wire(replace(step, if_match='W/"x"'), ODATA).headers == {"If-Match": 'W/"x"'}
    for given in ('W/"x"\r\nX: y', "x", '"', "", "**"):
        with pytest.raises(BadUserInput):
            writes.wire(replace(step, if_match=given), ODATA)


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (Delete(source="s", set=PERSON.sets[0], entity=PERSON, key=key(PERSON, "b"), if_match='"x"'), "guarded"),
        (Delete(source="s", set=PERSON.sets[0], entity=PERSON, key=key(PERSON, "b"), if_match="*"), "once"),
        (Delete(source="s", set=PERSON.sets[0], entity=PERSON, key=key(PERSON, "b")), "once"),
        (Call(source="s", operation=FUNCTION), "read"),
        (Call(source="s", operation=BOUND), "once"),
    ],
)
def test_how_often_a_write_may_be_sent(step, kind):
    assert writes.kind_of(step) == kind
