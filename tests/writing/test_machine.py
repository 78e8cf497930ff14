"""Two people write at random while the network and the ERP misbehave: what is answered is what happened.

Afterwards the emulator's rows are what the answers claimed; whatever was answered OUTCOME_UNKNOWN is something that the
fault made unknowable; nothing ran twice. `VEGRAPH_FUZZ` says how many sequences are tried (`scripts/fuzz`).
"""

import atexit
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.writing.books import ERRORS, Books, small_books
from vegraph.emulator.data.people import ADMINISTRATOR, MANAGER

UNKNOWN = "OUTCOME_UNKNOWN"
Key = dict[str, Any]
PEOPLE = {"manager": MANAGER, "administrator": ADMINISTRATOR}
PERSON = st.sampled_from(tuple(PEOPLE))

UNKNOWABLE: tuple[dict[str, Any], ...] = (
    {"reset": "before"},
    {"reset": "after"},
    {"malformed": True},
    {"cut_after": 10},
    {"html": True},
    {"batch": "missing"},
    {"batch": "doubled"},
    {"status": 500},
    {"status": 502},
    {"status": 503},
    {"status": 503, "retry_after": 0},
)
PLAIN: tuple[dict[str, Any], ...] = (
    {"status": 400},
    {"status": 403},
    {"status": 409},
    {"status": 412},
    {"status": 429, "retry_after": 0},
    {"batch": "shuffled"},
)
FAULTS = st.one_of(
    st.none(),
    st.none(),
    st.builds(
        lambda what, where, times: {**what, **where, "times": times},
        st.sampled_from(UNKNOWABLE + PLAIN),
        st.sampled_from(({}, {"skip": 1}, {"method": "POST"}, {"method": "PATCH"}, {"method": "DELETE"})),
        st.sampled_from((1, 1, 2)),
    ),
)


@dataclass(frozen=True)
class Ways:
    """How rows of one ERP are written."""

    source: str
    set: str
    type: str
    name: str
    """Graph field that is changed."""
    wire: str
    given: Callable[[Books], dict[str, Any]]
    key: tuple[str, ...]
    action: str
    action_given: dict[str, Any]

    @property
    def row(self) -> str:
        return self.type[:1].lower() + self.type[1:]


BC = Ways(
    source="bc", set="salesQuotes", type="BcSalesQuote", name="externalDocumentNumber", wire="externalDocumentNumber",
    given=lambda books: {"customer": books.a("bcCustomers")["id"]},
    key=("id",), action="sendBcSalesQuote", action_given={},
)  # fmt: skip
FO = Ways(
    source="fo", set="CustomersV3", type="FoCustomerV3", name="organizationName", wire="OrganizationName",
    given=lambda _: {"customerGroupId": "10", "salesCurrencyCode": "USD"},
    key=("dataAreaId", "CustomerAccount"), action="setOnHoldFoCustomerV3", action_given={"status": "ALL"},
)  # fmt: skip


@cache
def started() -> Books:
    books = small_books()
    books.__enter__()
    atexit.register(books.__exit__)
    return books


@dataclass
class Made:
    """A row as the answers claim it is."""

    id: str
    key: Key
    name: str
    there: bool = True
    etags: dict[str, str] = field(default_factory=dict)
    """Person → as they read it last."""


class Writing(RuleBasedStateMachine):
    """Sequences of writes by two people."""

    ways: Ways

    def __init__(self) -> None:
        super().__init__()
        self.books = started()
        self.emulator = getattr(self.books, self.ways.source)
        self.rows: list[Made] = []
        self.commits: list[tuple[str, Key]] = []
        self.emulator.store.listeners.append(self._committed)
        self.base = self.ways.given(self.books)

    def teardown(self) -> None:
        self.emulator.store.listeners.remove(self._committed)
        self.books.heal()

    def _committed(self, changes: list[Any]) -> None:
        self.commits += [
            (c.kind, {k: c.row[k] for k in self.ways.key}) for c in changes if c.entity_set == self.ways.set
        ]

    # Asking

    def _ask(self, person: str, fields: dict[str, tuple[str, dict[str, Any], str]], fault: Any, atomic: bool = False):
        """Response key → (mutation, input, selection). Gives answers by key, and whether the fault happened."""
        declared = ", ".join(f"${key}: {m[:1].upper()}{m[1:]}Input!" for key, (m, _, _) in fields.items())
        selected = "\n".join(f"{k}: {m}(input: ${k}) {{ {s} {ERRORS} }}" for k, (m, _, s) in fields.items())
        query = f"mutation({declared}) {'@atomic ' if atomic else ''}{{ {selected} }}"
        self.commits.clear()
        if fault is not None:
            self.books.fault(self.ways.source, **fault)
        answer = self.books.ask(query, {key: given for key, (_, given, _) in fields.items()}, person=PEOPLE[person])
        happened = fault is not None and self._hits(fault) > 0
        self.books.heal()
        return {key: _Told.of(answer, key) for key in fields}, happened

    def _hits(self, fault: dict[str, Any]) -> int:
        return sum(max(0, r.hits - r.skip) for r in self.emulator.app.faults.rules)

    def _judge(self, told: list["_Told"], fault: Any, happened: bool, wanted: list[str]) -> bool:
        """Did it happen? Fails where the answers say something else than the emulator."""
        kinds = [kind for kind, _ in self.commits]
        codes = {t.code for t in told}
        if codes == {"done"}:
            assert kinds == wanted, (codes, kinds, fault)
        elif UNKNOWN in codes:
            assert codes == {UNKNOWN}
            assert happened
            assert any(what.items() <= fault.items() for what in UNKNOWABLE), fault
            assert kinds in ([], wanted), (kinds, fault)
        else:
            assert "done" not in codes, codes
            assert kinds == [], (codes, kinds, fault)
        return kinds == wanted

    def _pick(self, pick: int) -> Made:
        return self.rows[pick % len(self.rows)]

    @property
    def _selection(self) -> str:
        return f"{self.ways.row} {{ id etag {self.ways.name} }}"

    # What people do

    @rule(person=PERSON, fault=FAULTS)
    def create(self, person: str, fault: Any) -> None:
        name = self.books.new_name()
        given = {self.ways.row: {**self.base, self.ways.name: name}}
        told, happened = self._ask(person, {"a": (f"create{self.ways.type}", given, self._selection)}, fault)
        if self._judge([told["a"]], fault, happened, ["created"]):
            self._remember(name, self.commits[0][1], told["a"], person)

    def _remember(self, name: str, key: Key, told: "_Told", person: str) -> None:
        id_ = told.row["id"] if told.row else self._id(name)
        made = Made(id_, key, name)
        if told.row:
            assert told.row[self.ways.name] == name
            made.etags[person] = told.row["etag"]
        self.rows.append(made)

    def _id(self, name: str) -> str:
        where = f'{{ {self.ways.name}: {{ eq: "{name}" }} }}'
        plural = next(n for n in self.books.graph.schema.query_type.fields if n.lower() == self._list.lower())
        return self.books.a(plural, "id", where)["id"]

    @property
    def _list(self) -> str:
        return self.ways.source + self.ways.set

    @precondition(lambda self: self.rows)
    @rule(person=PERSON, pick=st.integers(0, 99))
    def read(self, person: str, pick: int) -> None:
        made = self._pick(pick)
        row = self.books.row(self.ways.row, made.id, f"etag {self.ways.name}")
        assert (row is not None) == made.there
        if row is not None:
            assert row[self.ways.name] == made.name
            made.etags[person] = row["etag"]

    @precondition(lambda self: self.rows)
    @rule(person=PERSON, pick=st.integers(0, 99), fault=FAULTS, overwrite=st.booleans())
    def update(self, person: str, pick: int, fault: Any, overwrite: bool) -> None:
        made, name = self._pick(pick), self.books.new_name()
        how, current = self._how(made, person, overwrite)
        given = {"id": made.id, "patch": {self.ways.name: name}, **how}
        told, happened = self._ask(person, {"a": (f"update{self.ways.type}", given, self._selection)}, fault)
        if not happened:
            self._expect(told["a"], made, current)
        self._is_known(told["a"], fault, "ifMatch" in how and current)
        if self._judge([told["a"]], fault, happened, ["updated"]):
            made.name = name
            if told["a"].code == "done" and told["a"].row:
                assert told["a"].row[self.ways.name] == name
                made.etags[person] = told["a"].row["etag"]

    @precondition(lambda self: self.rows)
    @rule(person=PERSON, pick=st.integers(0, 99), fault=FAULTS, overwrite=st.booleans())
    def delete(self, person: str, pick: int, fault: Any, overwrite: bool) -> None:
        made = self._pick(pick)
        how, current = self._how(made, person, overwrite)
        told, happened = self._ask(
            person, {"a": (f"delete{self.ways.type}", {"id": made.id, **how}, "deletedId")}, fault
        )
        if not happened:
            self._expect(told["a"], made, current)
        self._is_known(told["a"], fault, "ifMatch" in how)
        if not made.there and told["a"].code == "done":
            assert happened  # of a row that is gone nobody can tell who did it
            assert self.commits == []
        elif self._judge([told["a"]], fault, happened, ["deleted"]):
            made.there = False

    @precondition(lambda self: self.rows)
    @rule(person=PERSON, pick=st.integers(0, 99), fault=FAULTS)
    def act(self, person: str, pick: int, fault: Any) -> None:
        made = self._pick(pick)
        given = {"id": made.id, **self.ways.action_given}
        told, happened = self._ask(person, {"a": (self.ways.action, given, self._selection)}, fault)
        if not happened:
            assert told["a"].code == ("done" if made.there else "NOT_FOUND")
        self._judge([told["a"]], fault, happened, ["updated"])

    @precondition(lambda self: self.rows)
    @rule(person=PERSON, pick=st.integers(0, 99), fault=FAULTS, overwrite=st.booleans())
    def group(self, person: str, pick: int, fault: Any, overwrite: bool) -> None:
        """A new row, and a change that may be stale: both or neither."""
        made, first, second = self._pick(pick), self.books.new_name(), self.books.new_name()
        how, current = self._how(made, person, overwrite)
        new = {self.ways.row: {**self.base, self.ways.name: first}}
        patch = {"id": made.id, "patch": {self.ways.name: second}, **how}
        told, happened = self._ask(
            person,
            {
                "a": (f"create{self.ways.type}", new, self._selection),
                "b": (f"update{self.ways.type}", patch, self._selection),
            },
            fault,
            atomic=True,
        )
        if not happened:
            self._expect(told["b"], made, current)
        if self._judge(list(told.values()), fault, happened, ["created", "updated"]):
            made.name = second
            self._remember(first, self.commits[0][1], told["a"], person)

    @precondition(lambda self: any(r.there for r in self.rows))
    @rule(pick=st.integers(0, 99))
    def both_at_once(self, pick: int) -> None:
        """Two people change the same row from the same state: one of them does."""
        there = [r for r in self.rows if r.there]
        made = there[pick % len(there)]
        etag = self.books.row(self.ways.row, made.id, "etag")["etag"]
        names, codes = (self.books.new_name(), self.books.new_name()), ["", ""]
        self.commits.clear()

        def change(i: int) -> None:
            given = {"id": made.id, "ifMatch": etag, "patch": {self.ways.name: names[i]}}
            mutation = f"update{self.ways.type}"
            answer = self.books.answer(mutation, given, self._selection, person=list(PEOPLE.values())[i])
            codes[i] = _Told.of(answer, mutation).code

        threads = [threading.Thread(target=change, args=(i,)) for i in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(codes) == ["CONFLICT", "done"]
        assert [kind for kind, _ in self.commits] == ["updated"]
        made.name = names[codes.index("done")]

    # What is expected

    def _how(self, made: Made, person: str, overwrite: bool) -> tuple[dict[str, Any], bool]:
        etag = made.etags.get(person)
        if overwrite or etag is None:
            return {"overwrite": True}, True
        return {"ifMatch": etag}, etag == self._etag_now(made)

    def _etag_now(self, made: Made) -> str | None:
        def read() -> str | None:
            with self.emulator.store.transaction() as tx:
                row = self._found(tx, made)
                return None if row is None else self.emulator.service.dialect.etag(row.version, row.number)

        return self._there(read)

    def _found(self, tx: Any, made: Made) -> Any:
        return next(iter(tx.find(self.ways.set, None if self.ways.source == "fo" else 1, made.key)), None)

    def _there(self, work: Callable[[], Any]) -> Any:
        """Runs where the emulator runs: its store knows one thread only."""

        async def job() -> Any:
            return work()

        return self.books.run(job())

    def _expect(self, told: "_Told", made: Made, current: bool) -> None:
        """Without a fault."""
        assert told.code == ("NOT_FOUND" if not made.there else "done" if current else "CONFLICT")

    def _is_known(self, told: "_Told", fault: Any, guarded: bool) -> None:
        """One fault alone leaves no doubt about a change of a row as it was read."""
        if guarded and fault is not None and fault["times"] == 1:
            assert told.code != UNKNOWN, fault

    @invariant()
    def the_rows_are_what_the_answers_claim(self) -> None:
        def look() -> list[str | None]:
            with self.emulator.store.transaction() as tx:
                rows = [self._found(tx, made) for made in self.rows]
            return [None if row is None else row[self.ways.wire] for row in rows]

        found = self._there(look)
        assert found == [made.name if made.there else None for made in self.rows]


@dataclass
class _Told:
    """One payload as a client understands it."""

    code: str
    row: dict[str, Any] | None = None

    @classmethod
    def of(cls, answer: dict[str, Any], key: str) -> "_Told":
        assert "data" in answer, answer
        payload = answer["data"][key]
        if payload is None:
            errors = [e for e in answer["errors"] if e["path"] == [key]]
            return cls(errors[0]["extensions"]["code"])
        row = next((v for v in payload.values() if isinstance(v, dict)), None)
        return cls(payload["userErrors"][0]["code"] if payload["userErrors"] else "done", row)


BOUNDED = settings(
    max_examples=int(os.environ.get("VEGRAPH_FUZZ", "100")),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class WritingToBusinessCentral(Writing):
    ways = BC


class WritingToFinanceAndOperations(Writing):
    ways = FO


WritingToBusinessCentral.TestCase.settings = BOUNDED
WritingToFinanceAndOperations.TestCase.settings = BOUNDED
TestBusinessCentral = WritingToBusinessCentral.TestCase
TestFinanceAndOperations = WritingToFinanceAndOperations.TestCase
