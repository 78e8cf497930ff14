"""How rows are decoded from bodies: the struct they become, and what is done with their decimals afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec

from vegraph.plan.amounts import Settler

__all__ = ["Form"]


class Form:
    """A struct and its decoders. They raise msgspec.ValidationError where a value does not fit its type."""

    __slots__ = ("_decode_page", "_decode_row", "came_quoted", "settle", "struct")

    def __init__(self, struct: Any, own: Settler | None, inside: Sequence[tuple[str, bool, Settler | None]]) -> None:
        """`inside`: (attribute, whether it holds a list, settler) of rows that are expanded into these."""
        page = msgspec.defstruct(
            "Page",
            [
                ("value", list.__class_getitem__(struct)),
                ("count", int | str | None, None),
                ("next", str | None, None),
                ("error", Any, None),
            ],
            rename={"count": "@odata.count", "next": "@odata.nextLink"},
            gc=False,
        )
        self.struct = struct
        self.settle = _all_of(own, inside)
        self.came_quoted = False
        """Whether decimals of the last body stood in quotes."""
        self._decode_page: Callable[[bytes], Any] = msgspec.json.Decoder(page).decode
        self._decode_row: Callable[[bytes], Any] = msgspec.json.Decoder(struct).decode

    def page(self, body: bytes) -> Any:
        """`value`, `count` and `next` of a collection, and the `error` that one broke off with."""
        found = self._decode_page(body)
        if self.settle is not None:
            self.came_quoted = self.settle(found.value)
        return found

    def row(self, body: bytes) -> Any:
        """A single row."""
        found = self._decode_row(body)
        if self.settle is not None:
            self.came_quoted = self.settle([found])
        return found


def _all_of(own: Settler | None, inside: Sequence[tuple[str, bool, Settler | None]]) -> Settler | None:
    """Settles rows, and those expanded into them."""
    below = [(attrgetter(attribute), many, settler) for attribute, many, settler in inside if settler is not None]
    if not below:
        return own

    def settle(rows: Sequence[Any]) -> bool:
        quoted = own is not None and own(rows)
        for read, many, settler in below:
            found = [found for found in map(read, rows) if found is not None]
            quoted |= settler(list(chain.from_iterable(found)) if many else found)
        return quoted

    return settle
