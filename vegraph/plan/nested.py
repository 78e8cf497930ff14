"""New rows with new rows in them: one deep insert where the service takes it, else ordered creates in one group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vegraph.catalog.model import EntitySet
from vegraph.errors import NotSupported
from vegraph.plan.inputs import Children, InputRow
from vegraph.plan.intents import InputPath, Intent, NewRow
from vegraph.plan.steps import Create
from vegraph.schema import binding as b

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["Nester"]


class Nester:
    """Fills an intent with the creates that a new row takes."""

    def __init__(self, run: Execution, intent: Intent) -> None:
        self.run = run
        self.intent = intent

    def create(self, row: InputRow, entity: b.EntityBinding, set_: EntitySet, path: InputPath) -> None:
        """The row and all rows below it. Raises NotSupported where the service can't keep them together."""
        dialect = self.run.runner.dialect(entity.source.name)
        deep = row.depth <= dialect.deep_insert_depth and set_.capabilities.deep_insert is not False
        self._add(entity, set_, row.nested() if deep else row.values, path)
        self.intent.rows.append(NewRow(entity, row.values, path))
        if deep:
            self._note(row, entity, path)
            return
        if dialect.atomic is None:
            raise NotSupported(f"{entity.source.name} takes no nested rows, and can't keep several creates together.")
        self._apart(row, entity, path)

    def _add(self, entity: b.EntityBinding, set_: EntitySet, values: Any, path: InputPath) -> None:
        self.intent.places.append(path)
        self.intent.steps.append(
            Create(source=entity.source.name, set=set_, entity=entity, values=values, company=self.intent.company)
        )

    def _note(self, row: InputRow, entity: b.EntityBinding, path: InputPath) -> None:
        """Rows inside a deep insert: the service gives them what links them to the row around."""
        for children, below, here in _below(row, path):
            target = children.relation.target
            linked = {p.target: row.values[p.own] for p in _pairs(children) if p.own in row.values}
            values = {**_company(target, entity, row), **below.values, **linked}
            self.intent.rows.append(NewRow(target, values, here))
            self._note(below, target, here)

    def _apart(self, row: InputRow, entity: b.EntityBinding, path: InputPath) -> None:
        for children, below, here in _below(row, path):
            relation, target = children.relation, children.relation.target
            if target.set is None:
                raise NotSupported(f"{relation.name}: its rows can't be created on their own.")
            below.values.update(_company(target, entity, row))
            for pair in _pairs(children):
                if pair.own in row.values:
                    below.values[pair.target] = row.values[pair.own]
                elif pair.own != entity.company:  # left to the service for both
                    raise NotSupported(
                        f"{relation.name}: the service fills in {entity.by_wire[pair.own].field} of the new row, so"
                        " nested rows can't be sent with it. Give it, or create them afterwards."
                    )
            self._add(target, target.set, below.values, here)
            self.intent.rows.append(NewRow(target, below.values, here))
            self._apart(below, target, here)


def _below(row: InputRow, path: InputPath) -> list[tuple[Children, InputRow, InputPath]]:
    found = []
    for children in row.children:
        name, many = children.relation.name, children.relation.many
        for i, below in enumerate(children.rows):
            if isinstance(below, InputRow):
                found.append((children, below, (*path, name, str(i)) if many else (*path, name)))
    return found


def _pairs(children: Children) -> Any:
    return children.relation.relationship.pairs


def _company(target: b.EntityBinding, entity: b.EntityBinding, row: InputRow) -> dict[str, Any]:
    """The property by which a nested row belongs to its parent's company."""
    if target.company in (None, "context") or entity.company in (None, "context"):
        return {}
    given = row.values.get(str(entity.company))
    return {} if given is None else {str(target.company): given}
