"""The notation of the facts."""

import pytest

from vegraph.emulator.documents.labels import LANGUAGES, label_ids, label_text
from vegraph.emulator.documents.model import Parameter
from vegraph.emulator.documents.notation import NotationError, parse_enums, parse_facts

TEXT = """
; a comment
order orders CU key=area,no category=Document
    area:str(4)+once no:str(20)!+auto status:state=Open lines:coll(str)
    > customer customer area=area,customer=no / orders
    >> parts part ?no=no,#kind=A,#.state=B
    ! send(_to:str,_ids:coll(i32)) -> coll(order)
    !! count

action ping() -> str
"""


def test_a_block_becomes_an_entity():
    facts = parse_facts(TEXT)
    (order,) = facts.entities
    assert (order.set, order.key, order.writes) == ("orders", ("area", "no"), frozenset("CU"))
    number = order.column("no")
    assert number is not None
    assert (number.length, number.required, number.has("auto")) == (20, True, True)
    assert order.column("lines").collection
    assert order.column("status").default == "Open"
    customer, parts = order.navigation
    assert (customer.pairs, customer.partner) == ((("area", "area"), ("customer", "no")), "orders")
    assert (parts.hidden, parts.fixed, parts.related_fixed) == (True, (("kind", "A"),), (("state", "B"),))
    send, count = order.actions
    assert send.parameters == (Parameter("_to", "str"), Parameter("_ids", "i32", collection=True))
    assert send.returns == Parameter("ReturnValue", "order", collection=True)
    assert (count.binding, count.returns) == ("BoundToEntitySet", None)
    assert facts.actions[0].binding == "Unbound"


def test_members_may_hold_signs_of_their_own():
    (enum,) = parse_enums("kind\n    _x0020_=0 A=1\n    Begin_x002D_Total=3\n")
    assert enum.members == (("_x0020_", 0), ("A", 1), ("Begin_x002D_Total", 3))


def test_a_line_that_is_no_column_is_named():
    with pytest.raises(NotationError, match="order: 'no' is not a column"):
        parse_facts("order orders -\n    no type:str\n")


def test_every_label_has_a_text_in_every_language():
    for identifier in label_ids():
        for language in LANGUAGES:
            assert label_text(identifier, language), (identifier, language)
    assert label_text("@SYS0", "da") is None
    assert label_text("@SYS13342", "fr") is None
