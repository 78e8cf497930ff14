"""Links of rows that are to be written: which properties, or which reference, make a relation lead to a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vegraph.errors import BadUserInput
from vegraph.plan import global_ids, inputs
from vegraph.plan.global_ids import GlobalId
from vegraph.plan.inputs import Children, InputRow, Link, Mistake
from vegraph.plan.intents import REF, InputPath, Intent
from vegraph.plan.steps import Bound
from vegraph.schema import binding as b

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["Linker"]


class Linker:
    """Resolves the links of one mutation's rows; what can't be is a mistake with its path."""

    def __init__(self, run: Execution, intent: Intent, earlier: Mapping[str, Intent]) -> None:
        self.run = run
        self.intent = intent
        self.earlier = earlier
        self.mistakes: list[Mistake] = []

    def link(self, row: InputRow, entity: b.EntityBinding, path: InputPath) -> None:
        """Writes into the row, and the rows nested in it, what makes their to-one relations lead to the rows named."""
        for children in list(row.children):
            relation = children.relation
            for i, below in enumerate(children.rows):
                here = (*path, relation.name)
                if isinstance(below, InputRow):
                    self.link(below, relation.target, (*here, str(i)) if relation.many else here)
                else:
                    self._set(row, entity, children, below, here)
            if all(isinstance(r, Link) for r in children.rows):
                row.children.remove(children)

    def _set(self, row: InputRow, entity: b.EntityBinding, children: Children, link: Link, path: InputPath) -> None:
        try:
            found = self._linked(children.relation, link, entity)
            own = {k: v for k, v in found.items() if k != entity.company}
            if (company := found.get(entity.company or "")) is not None:
                self._same_company(children.relation, row.values.get(str(entity.company)), company)
                if self.intent.key is None:
                    row.values.setdefault(str(entity.company), company)
        except (BadUserInput, ValueError) as problem:
            self.mistakes.append(Mistake(str(problem), path))
            return
        for wire, value in own.items():
            if wire in row.values and not _same(row.values[wire], value):
                field = entity.by_wire[wire].field
                self.mistakes.append(Mistake(f"{children.relation.name} and {field} say two things. Give one.", path))
                return
            row.values[wire] = value

    def _linked(self, relation: b.RelationField, link: Link, entity: b.EntityBinding) -> Mapping[str, Any]:
        """Wire name → value, or the navigation's name → a reference."""
        if link.id is not None and link.id.startswith(REF):
            return self._referred(relation, link.id.removeprefix(REF))
        target = None if link.id is None else self._target(relation, link.id)
        found = inputs.link_values(relation, entity, None if target is None else target.key)
        if found is not None:
            return found
        dialect = self.run.runner.dialect(entity.source.name)
        if target is not None and dialect.binds and relation.relationship.declared and relation.target.set is not None:
            return {relation.relationship.name: Bound(relation.target.set, target.key)}
        done = "cleared" if link.id is None else "set"
        raise BadUserInput(f"{relation.name} can't be {done}: no property of this type says where it leads.")

    def _target(self, relation: b.RelationField, id_: str) -> GlobalId:
        found = global_ids.decode(id_, self.run.graph, argument=relation.name)
        target = relation.target
        if found.entity.graph_name not in (target.graph_name, *target.subtypes):
            raise BadUserInput(
                f"{relation.name}: this is the id of a {found.entity.graph_name}, not of a {target.graph_name}."
            )
        global_ids.check_place(found, target.set, relation.name)
        if target.company == "context" and self.intent.company is not None:
            self._same_company(relation, self.intent.company.name, found.company)
        return found

    def _same_company(self, relation: b.RelationField, own: Any, other: Any) -> None:
        mine = own or self._company_of_key()
        if mine is not None and other is not None and str(mine).casefold() != str(other).casefold():
            raise BadUserInput(f"{relation.name}: this is a row of company {other}, and the one written is of {mine}.")

    def _company_of_key(self) -> Any:
        entity, key = self.intent.entity, self.intent.key
        if entity is None or key is None:
            return None
        return next((v for m, v in zip(key.members, key.values, strict=True) if m.wire == entity.company), None)

    def _referred(self, relation: b.RelationField, key: str) -> Mapping[str, Any]:
        earlier = self.earlier.get(key)
        if earlier is None or not isinstance(earlier.root.binding, b.CreateRoot):
            raise BadUserInput(
                f"{relation.name}: {REF}{key} names no earlier create of this @atomic operation by its response key."
            )
        made, target = earlier.root.binding.entity, relation.target
        if made.graph_name not in (target.graph_name, *target.subtypes):
            raise BadUserInput(f"{relation.name}: {key} makes a {made.graph_name}, not a {target.graph_name}.")
        if not relation.relationship.pairs:
            raise BadUserInput(f"{relation.name} can't be set by {REF}{key}: no property says where it leads.")
        if earlier.mistakes:
            return {}
        found: dict[str, Any] = {}
        for pair in relation.relationship.pairs:
            if pair.target not in earlier.values:
                raise BadUserInput(
                    f"{relation.name}: the new row of {key} gets its {pair.target} from the service, so it can't be"
                    " referred to before it is there. Give it in the create."
                )
            found[pair.own] = earlier.values[pair.target]
        return found


def _same(given: Any, linked: Any) -> bool:
    return str(given).casefold() == str(linked).casefold()
