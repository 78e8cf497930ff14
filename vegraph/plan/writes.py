"""One mutation field → the writes it takes, or everything the person has to mend first."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vegraph.errors import BadUserInput, NotSupported
from vegraph.plan import global_ids, inputs
from vegraph.plan import nodes as n
from vegraph.plan.functions import call_arguments
from vegraph.plan.inputs import Children, InputRow, Link, Mistake
from vegraph.plan.steps import Call, Company, Create, Delete, Key, Update, Write
from vegraph.schema import binding as b
from vegraph.schema.values import Kind

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["REF", "Intent", "intent_of"]

REF = "$ref:"
"""Before a response key: the row that an earlier create of the same `@atomic` operation makes."""


@dataclass(slots=True, kw_only=True)
class Intent:
    """What one mutation field is about to do."""

    root: n.Root
    steps: list[Write] = field(default_factory=list)
    """The write itself first; rows that no deep insert can carry after it."""
    mistakes: list[Mistake] = field(default_factory=list)
    company: Company | None = None
    key: Key | None = None
    """Of the row written; None for creates."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Of a create: what later writes may refer to."""
    id: str | None = None

    @property
    def split(self) -> bool:
        """Several requests that only an atomic group keeps together."""
        return len(self.steps) > 1


async def intent_of(run: Execution, root: n.Root, earlier: Mapping[str, Intent], *, atomic: bool) -> Intent:
    """Reads and checks a mutation field's input. Raises BadUserInput for an id that is none."""
    given: Mapping[str, Any] = root.arguments.values(run.variables).get("input") or {}
    intent = Intent(root=root)
    maker = _Maker(run, intent, earlier, atomic)
    match root.binding:
        case b.CreateRoot():
            await maker.create(root.binding, given)
        case b.UpdateRoot():
            await maker.update(root.binding, given)
        case b.DeleteRoot():
            await maker.delete(root.binding, given)
        case b.ActionRoot():
            await maker.action(root.binding, given)
    return intent


class _Maker:
    def __init__(self, run: Execution, intent: Intent, earlier: Mapping[str, Intent], atomic: bool) -> None:
        self.run = run
        self.intent = intent
        self.earlier = earlier
        self.atomic = atomic

    # Rows

    async def create(self, binding: b.CreateRoot, given: Mapping[str, Any]) -> None:
        entity, name = binding.entity, binding.payload_field
        row, mistakes = inputs.read_row(given[name], entity, creating=True, path=("input", name))
        self.intent.mistakes += mistakes
        self.intent.company = await self._company(entity, given.get("company"), row.values)
        self._link(row, entity, ("input", name))
        self._name_new(row, entity)
        self.intent.values = row.values
        self.intent.steps = self._inserts(row, entity, binding.set)

    async def update(self, binding: b.UpdateRoot, given: Mapping[str, Any]) -> None:
        entity = binding.entity
        if_match = await self._meant(entity, given)
        row, mistakes = inputs.read_row(given["patch"], entity, creating=False, path=("input", "patch"))
        self.intent.mistakes += mistakes
        self._link(row, entity, ("input", "patch"))
        assert self.intent.key is not None  # noqa: S101
        self.intent.steps = [
            Update(
                source=entity.source.name, set=binding.set, entity=entity, key=self.intent.key,
                values=row.values, if_match=if_match, company=self.intent.company,
            )
        ]  # fmt: skip

    async def delete(self, binding: b.DeleteRoot, given: Mapping[str, Any]) -> None:
        entity = binding.entity
        if_match = await self._meant(entity, given)
        assert self.intent.key is not None  # noqa: S101
        self.intent.steps = [
            Delete(
                source=entity.source.name, set=binding.set, entity=entity, key=self.intent.key,
                if_match=if_match, company=self.intent.company,
            )
        ]  # fmt: skip

    async def action(self, binding: b.ActionRoot, given: Mapping[str, Any]) -> None:
        entity = binding.bound_to
        if entity is not None and binding.bound_to_set is None:
            self._identify(entity, given["id"])
            self.intent.company = await self.run.company(entity, self._company_name)
        elif entity is not None:
            self.intent.company = await self.run.company(entity, given.get("company"))
        _, mistakes = inputs.parameter_values(given, binding.parameters, path=("input",))
        self.intent.mistakes += mistakes
        returned = binding.returns if isinstance(binding.returns, b.EntityBinding) else None
        self.intent.steps = [
            Call(
                source=binding.source.name,
                operation=binding.operation,
                set=binding.bound_to_set or (entity.set if entity is not None else None),
                entity=returned or entity,
                key=self.intent.key,
                company=self.intent.company,
                arguments=call_arguments(self.run, binding.parameters, given),
                import_name=binding.import_name,
                cross_company=entity is not None and entity.company not in (None, "context"),
            )
        ]

    # Which row

    _company_name: str | None = None

    def _identify(self, entity: b.EntityBinding, id_: str) -> None:
        found = global_ids.decode(id_, self.run.graph, argument="input.id")
        if found.entity.graph_name not in (entity.graph_name, *entity.subtypes):
            raise BadUserInput(
                f"input.id: this is the id of a {found.entity.graph_name}, not of a {entity.graph_name}."
            )
        self.intent.key, self.intent.id, self._company_name = found.key, id_, found.company

    async def _meant(self, entity: b.EntityBinding, given: Mapping[str, Any]) -> str | None:
        """Finds the row and the precondition: the ETag, `*`, or None for types without ETags."""
        self._identify(entity, given["id"])
        self.intent.company = await self.run.company(entity, self._company_name)
        if_match, overwrite = given.get("ifMatch"), given.get("overwrite")
        if not entity.has_etag:
            return None
        path = ("input", "ifMatch")
        if if_match is not None and overwrite:
            self.intent.mistakes.append(Mistake("ifMatch and overwrite: give one of the two.", path))
        elif if_match is None and not overwrite:
            message = "Give ifMatch, the etag of the row as you read it, or overwrite: true."
            self.intent.mistakes.append(Mistake(message, path, "PRECONDITION_REQUIRED"))
        elif if_match is not None and not _is_etag(if_match):
            message = "ifMatch is no ETag. Take it from the row's etag field; to overwrite, say overwrite: true."
            self.intent.mistakes.append(Mistake(message, path))
        return if_match if if_match is not None else "*"

    async def _company(self, entity: b.EntityBinding, name: str | None, values: dict[str, Any]) -> Company | None:
        if entity.company == "context":
            return await self.run.company(entity, name)
        if entity.company is not None and entity.company not in values:
            found = await self.run.companies(entity.source.name, None if name is None else (name,))
            if found:
                values[entity.company] = found[0].name
        return None

    # Links and nested rows

    def _link(self, row: InputRow, entity: b.EntityBinding, path: tuple[str, ...]) -> None:
        """Writes the properties by which to-one relations lead to the rows named."""
        for children in list(row.children):
            for i, below in enumerate(children.rows):
                here = (*path, children.relation.name)
                if isinstance(below, InputRow):
                    place = (*here, str(i)) if children.relation.many else here
                    self._link(below, children.relation.target, place)
                else:
                    row.values.update(self._linked(children, below, entity, here))
            if all(isinstance(r, Link) for r in children.rows):
                row.children.remove(children)

    def _linked(
        self, children: Children, link: Link, entity: b.EntityBinding, path: tuple[str, ...]
    ) -> Mapping[str, Any]:
        relation = children.relation
        try:
            if link.id is not None and link.id.startswith(REF):
                return self._referred(relation, link.id.removeprefix(REF))
            key = None if link.id is None else self._target(relation, link.id)
            found = inputs.link_values(relation, entity, key)
        except (BadUserInput, ValueError) as problem:
            self.intent.mistakes.append(Mistake(str(problem), path))
            return {}
        if found is None:
            self.intent.mistakes.append(
                Mistake(f"{relation.name} can't be set: no property of this type says where it leads.", path)
            )
            return {}
        return found

    def _target(self, relation: b.RelationField, id_: str) -> Key:
        found = global_ids.decode(id_, self.run.graph, argument=relation.name)
        target = relation.target
        if found.entity.graph_name not in (target.graph_name, *target.subtypes):
            raise BadUserInput(
                f"{relation.name}: this is the id of a {found.entity.graph_name}, not of a {target.graph_name}."
            )
        return found.key

    def _referred(self, relation: b.RelationField, key: str) -> Mapping[str, Any]:
        earlier = self.earlier.get(key)
        if not self.atomic or earlier is None or not isinstance(earlier.root.binding, b.CreateRoot):
            raise BadUserInput(
                f"{relation.name}: {REF}{key} names no earlier create of this @atomic operation by its response key."
            )
        found: dict[str, Any] = {}
        for pair in relation.relationship.pairs:
            if pair.target not in earlier.values:
                raise BadUserInput(
                    f"{relation.name}: the new row of {key} gets its {pair.target} from the service, so it can't be"
                    " referred to before it is there."
                )
            found[pair.own] = earlier.values[pair.target]
        return found

    def _name_new(self, row: InputRow, entity: b.EntityBinding) -> None:
        """Gives a new row its Guid where the client may (OB-41): other rows can refer to it before it is there."""
        if not self.atomic or len(entity.key) != 1:
            return
        (member,) = entity.key
        if member.value.kind is Kind.UUID and member.insertable and member.wire not in row.values:
            row.values[member.wire] = str(uuid.uuid4())

    def _inserts(self, row: InputRow, entity: b.EntityBinding, set_: Any) -> list[Write]:
        dialect = self.run.runner.dialect(entity.source.name)
        company = self.intent.company
        deep = row.depth <= dialect.deep_insert_depth
        first = Create(
            source=entity.source.name, set=set_, entity=entity, company=company,
            values=row.nested() if deep else row.values,
        )  # fmt: skip
        return [first] if deep else [first, *self._apart(row, entity, company)]

    def _apart(self, row: InputRow, entity: b.EntityBinding, company: Company | None) -> Sequence[Write]:
        """Creates for nested rows, after their parent's, in one atomic group."""
        if self.run.runner.dialect(entity.source.name).atomic is None:
            raise NotSupported(f"{entity.source.name} takes no nested rows, and can't keep several creates together.")
        found: list[Write] = []
        for children in row.children:
            target = children.relation.target
            if target.set is None:
                raise NotSupported(f"{children.relation.name}: its rows can't be created on their own.")
            for below in children.rows:
                if not isinstance(below, InputRow):
                    continue
                for pair in children.relation.relationship.pairs:
                    if pair.own not in row.values:
                        raise NotSupported(
                            f"{children.relation.name}: the service fills in {pair.own} of the new row, so nested rows"
                            " can't be sent with it. Give it, or create them afterwards."
                        )
                    below.values.setdefault(pair.target, row.values[pair.own])
                found.append(
                    Create(
                        source=target.source.name, set=target.set, entity=target, values=below.values, company=company
                    )
                )
                found += self._apart(below, target, company)
        return found


def _is_etag(text: str) -> bool:
    inner = text.removeprefix("W/")
    printable = all(" " < c < "\x7f" for c in text)
    return len(text) <= 512 and printable and len(inner) >= 2 and inner[0] == '"' and inner[-1] == '"'
