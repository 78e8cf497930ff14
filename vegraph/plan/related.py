"""What one relation of a request gave, and what its own page is asked by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError

from vegraph.errors import VegraphError
from vegraph.plan import nodes as n
from vegraph.plan.logic import all_of
from vegraph.plan.paging import Ask, PageResult, read_ask
from vegraph.plan.rows import Row

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["Related", "ask_of", "empty_page"]


@dataclass(slots=True)
class Related:
    """What one relation gave: by link value, or inside the parent's rows."""

    get: Callable[[Any], Any] | None = None
    """Link value → row or page; expanded to-many: the expanded rows → page; None: the row itself was expanded."""
    rows: Callable[[Any], Any] | None = None
    """The rows of that page alone, where nothing else is asked for (`Relation.bare`)."""
    link: Callable[[Row], Any] | None = None
    error: VegraphError | GraphQLError | None = None
    apart: bool = False
    """The parent's request with `$expand` was refused: fetched in requests of its own."""

    def of(self, row: Row) -> Any:
        """The related row or page of a parent row."""
        assert self.link is not None  # noqa: S101 - fetched
        found = self.link(row)
        return found if self.get is None else self.get(found)


async def ask_of(run: Execution, relation: n.Relation) -> Ask:
    """What the relation's own connection asks for."""
    assert relation.connection is not None  # noqa: S101 - to-many
    values = relation.arguments.values(run.variables)
    place = (relation.entity.source.name, relation.parent.graph_name, relation.field.name)
    where = all_of((run.conditions.where(values, relation.entity), await run.area(relation.field, relation.parent)))
    return read_ask(values, relation.entity, where, relation.connection, run.scope.limits, place)


def empty_page(ask: Ask | None) -> PageResult | None:
    """The page of a parent without related rows; None for a to-one relation."""
    if ask is None:
        return None
    return PageResult(rows=[], total=0 if ask.wants_total else None)
