"""What would be sent, shown and not sent."""

from uuid import UUID

from tests.backend.serving import EMPTY, entity, member, value
from vegraph.backend.dialects import dialect_for
from vegraph.backend.explain import Recorder
from vegraph.catalog.model import EntitySet
from vegraph.plan.predicates import Compare, Path
from vegraph.plan.steps import Company, Delete, Expand, Key, Lookup, Read, ReadOne
from vegraph.schema.values import Kind

CUSTOMER = entity(
    member("id", Kind.UUID, key=True),
    member("city"),
    name="customer",
    set_=EntitySet(name="customers", type="NS.customer"),
    company="context",
)
BASE = {"source": "bc", "set": CUSTOMER.sets[0], "entity": CUSTOMER, "company": Company("CRONUS USA, Inc.")}
CITY = Compare(Path(("city",), value(Kind.STRING, never_null=True)), "eq", "O'Hare")


def recorder():
    return Recorder({"bc": dialect_for("business-central", EMPTY), "fo": dialect_for("finance-operations", EMPTY)})


def urls(found):
    return [f"{sent.method} {sent.url}" for sent in found]


def test_steps_are_shown_as_they_would_be_sent():
    record = recorder()
    one = Key(CUSTOMER.key, (UUID(int=1),))
    read = Read(**BASE, select=("id",), filter=CITY, expand=(Expand(name="currency", select=("code",)),))
    assert urls(record.render(read, "the root")) == [
        "GET companies(CRONUS USA, Inc.)/customers?$filter=city eq 'O''Hare'&$select=id&$expand=currency($select=code)"
    ]
    assert record.sent[0].why == "the root"
    assert urls(record.render(Delete(**BASE, key=one, if_match='"x"'))) == [
        f"DELETE companies(CRONUS USA, Inc.)/customers({UUID(int=1)})"
    ]
    assert len(record.sent) == 2


def test_a_look_up_whose_keys_are_not_known_yet():
    (sent,) = recorder().render(Lookup(**BASE, members=CUSTOMER.key, values=(), select=("city",), filter=CITY))
    assert sent.url == "companies(CRONUS USA, Inc.)/customers?$filter=(id eq … or …) and city eq 'O''Hare'&$select=city"
    assert sent.notes == ["as many keys as fit 8099 characters, at most 400"]


def test_chunks_say_that_they_go_in_one_batch():
    values = tuple((UUID(int=i),) for i in range(300))
    found = recorder().render(Lookup(**BASE, members=CUSTOMER.key, values=values))
    assert len(found) > 1
    assert found[0].notes == ["in 1 $batch (json)"]


def test_a_batch_of_reads():
    steps = [ReadOne(**BASE, key=Key(CUSTOMER.key, (UUID(int=i),))) for i in range(2)]
    assert [sent.notes for sent in recorder().render_batch(steps)] == [["part of one $batch (json)"]] * 2
