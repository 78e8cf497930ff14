"""Asking for writes over the whole stack: short ways to rows, payloads, and what the ERPs saw."""

from typing import Any

from tests.stack import Stack
from vegraph.emulator.data.business import Business

__all__ = ["ERRORS", "Books", "small_books"]

ERRORS = "userErrors { message code path target }"


class Books(Stack):
    """A stack with a record of its writes."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.records: list[tuple[Any, ...]] = []
        self.scope["wrote"] = lambda *record: self.records.append(record)
        self._made = 0
        self.checked = None  # a row's address in a batch or behind `@odata.id` is no read

    def new_name(self, prefix: str = "N") -> str:
        """One that no other row has."""
        self._made += 1
        return f"{prefix}{self._made:05d}"

    def a(self, field: str, fields: str = "id", where: str = "", at: int = 0) -> dict[str, Any]:
        """A row of a list, the first unless told."""
        arguments = f"(first: {at + 1}{', where: ' + where if where else ''})"
        return self.data(f"{{ {field}{arguments} {{ nodes {{ {fields} }} }} }}")[field]["nodes"][at]

    def row(self, field: str, id_: str, fields: str) -> dict[str, Any] | None:
        """One row by its global id."""
        return self.data(f"query($id: ID!) {{ {field}(by: {{ id: $id }}) {{ {fields} }} }}", {"id": id_})[field]

    def payload(self, mutation: str, given: dict[str, Any], selection: str, **more: Any) -> dict[str, Any]:
        """The payload of one mutation that must have no errors of its own."""
        kind = mutation[:1].upper() + mutation[1:]
        query = f"mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ {selection} {ERRORS} }} }}"
        return self.data(query, {"input": given}, **more)[mutation]

    def answer(self, mutation: str, given: dict[str, Any], selection: str = "", **more: Any) -> dict[str, Any]:
        """The whole response, errors and all."""
        kind = mutation[:1].upper() + mutation[1:]
        query = f"mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ {selection} {ERRORS} }} }}"
        return self.ask(query, {"input": given}, **more)

    def writes(self) -> list[str]:
        """What was sent since the last look that may change something: `POST items`, batches by their parts."""
        found = []
        for seen in self.wire():
            parts = seen.parts or ((seen.method, seen.url),)
            found += [f"{method} {_short(url)}" for method, url in parts if method != "GET"]
        return found


def _short(url: str) -> str:
    path = url.partition("?")[0]
    tail = path.rpartition("/data/")[2] if "/data/" in path else path
    if "companies(" in tail:
        tail = tail.partition("companies(")[2].partition(")/")[2]
    name, _, rest = tail.partition("(")
    return name + ("(…)" + rest.rpartition(")")[2] if rest else "")


def small_books() -> Books:
    """Few rows; starts in a second."""
    return Books(business=Business(orders=40, customers=30, items=20))
