"""One mutation field → the writes it takes, or everything the person has to mend first."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vegraph.errors import BadUserInput
from vegraph.plan import global_ids, inputs
from vegraph.plan import nodes as n
from vegraph.plan.functions import call_arguments
from vegraph.plan.inputs import InputRow, Mistake
from vegraph.plan.intents import REF, InputPath, Intent, key_in
from vegraph.plan.linking import Linker
from vegraph.plan.nested import Nester
from vegraph.plan.steps import Call, Company, Delete, Update
from vegraph.schema import binding as b
from vegraph.schema.values import Kind

if TYPE_CHECKING:
    from vegraph.plan.engine import Execution

__all__ = ["intent_of", "referred_to"]


async def intent_of(run: Execution, root: n.Root, earlier: Mapping[str, Intent], *, named: bool = False) -> Intent:
    """Reads and checks a mutation field's input; nothing is written. All mistakes are in the intent.

    `earlier`: what `$ref:` may refer to, by response key. `named`: something refers to the row that this one makes.
    """
    given: Mapping[str, Any] = root.arguments.values(run.variables).get("input") or {}
    intent = Intent(root=root)
    maker = _Maker(run, intent, earlier, named)
    match root.binding:
        case b.CreateRoot():
            await maker.create(root.binding, given)
        case b.UpdateRoot():
            await maker.update(root.binding, given)
        case b.DeleteRoot():
            await maker.delete(root.binding, given)
        case b.ActionRoot():
            await maker.action(root.binding, given)
    if intent.mistakes:
        intent.steps = []
    return intent


def referred_to(given: Any) -> Iterator[str]:
    """Response keys that `$ref:` ids in an input refer to."""
    if isinstance(given, str) and given.startswith(REF):
        yield given.removeprefix(REF)
    elif isinstance(given, Mapping | list | tuple):
        for value in given.values() if isinstance(given, Mapping) else given:
            yield from referred_to(value)


class _Maker:
    def __init__(self, run: Execution, intent: Intent, earlier: Mapping[str, Intent], named: bool) -> None:
        self.run = run
        self.intent = intent
        self.earlier = earlier
        self.named = named

    def mistake(self, message: str, path: InputPath, code: str = "BAD_USER_INPUT") -> None:
        self.intent.mistakes.append(Mistake(message, path, code))

    # Rows

    async def create(self, binding: b.CreateRoot, given: Mapping[str, Any]) -> None:
        entity, intent = binding.entity, self.intent
        path: InputPath = ("input", binding.payload_field)
        row, mistakes = inputs.read_row(given[binding.payload_field], entity, creating=True, path=path)
        intent.mistakes += mistakes
        await self._into_company(entity, given.get("company"), row)
        self._link(row, entity, path)
        if self.named:
            _give_id(row, entity)
        intent.values, intent.key = row.values, key_in(entity, row.values)
        if not intent.mistakes:
            Nester(self.run, intent).create(row, entity, binding.set, path)

    async def update(self, binding: b.UpdateRoot, given: Mapping[str, Any]) -> None:
        entity, intent = binding.entity, self.intent
        path: InputPath = ("input", "patch")
        if_match = await self._meant(entity, given)
        row, mistakes = inputs.read_row(given["patch"], entity, creating=False, path=path)
        intent.mistakes += mistakes
        self._link(row, entity, path)
        if intent.key is not None:
            intent.places = [path]
            intent.steps = [
                Update(
                    source=entity.source.name, set=binding.set, entity=entity, key=intent.key,
                    values=row.values, if_match=if_match, company=intent.company,
                )
            ]  # fmt: skip

    async def delete(self, binding: b.DeleteRoot, given: Mapping[str, Any]) -> None:
        entity, intent = binding.entity, self.intent
        if_match = await self._meant(entity, given)
        if intent.key is not None:
            intent.places = [("input",)]
            intent.steps = [
                Delete(
                    source=entity.source.name, set=binding.set, entity=entity, key=intent.key,
                    if_match=if_match, company=intent.company,
                )
            ]  # fmt: skip

    async def action(self, binding: b.ActionRoot, given: Mapping[str, Any]) -> None:
        entity, intent = binding.bound_to, self.intent
        on_row = entity is not None and binding.bound_to_set is None
        if entity is not None and on_row:
            await self._identify(entity, given["id"])
        elif self._in_company(binding):
            intent.company = await self._company(binding.source.name, given.get("company"), ("input", "company"))
        _, mistakes = inputs.parameter_values(given, binding.parameters, path=("input",))
        intent.mistakes += mistakes
        intent.places = [("input",)]
        intent.steps = [
            Call(
                source=binding.source.name,
                operation=binding.operation,
                set=binding.bound_to_set or (entity.set if entity is not None else None),
                entity=entity,
                key=intent.key,
                company=intent.company,
                arguments=self._arguments(binding, given),
                import_name=binding.import_name,
            )
        ]

    def _in_company(self, binding: b.ActionRoot) -> bool:
        """What is bound to no row runs in a company where the source's addresses name one."""
        entity = binding.bound_to
        if entity is not None:
            return entity.company == "context"
        return self.run.runner.dialect(binding.source.name).company == "context"

    def _arguments(self, binding: b.ActionRoot, given: Mapping[str, Any]) -> Any:
        found: list[Any] = []
        for parameter in binding.parameters:
            try:
                found += call_arguments(self.run, (parameter,), given)
            except BadUserInput as problem:
                self.mistake(str(problem), ("input", parameter.field))
        return tuple(found)

    # Which row

    async def _identify(self, entity: b.EntityBinding, id_: str) -> bool:
        """Finds the row meant; True where an earlier create of this operation makes it."""
        if id_.startswith(REF):
            self._refer(entity, id_.removeprefix(REF))
            return True
        try:
            found = global_ids.decode(id_, self.run.graph, argument="input.id")
            if found.entity.graph_name not in (entity.graph_name, *entity.subtypes):
                raise BadUserInput(
                    f"input.id: this is the id of a {found.entity.graph_name}, not of a {entity.graph_name}."
                )
            global_ids.check_place(found, entity.set, "input.id")
        except BadUserInput as problem:
            self.mistake(str(problem), ("input", "id"))
            return False
        self.intent.key, self.intent.id = found.key, id_
        if entity.company == "context":
            self.intent.company = await self._company(entity.source.name, found.company, ("input", "id"))
        return False

    def _refer(self, entity: b.EntityBinding, key: str) -> None:
        earlier = self.earlier.get(key)
        if earlier is None or not isinstance(earlier.root.binding, b.CreateRoot):
            message = f"input.id: {REF}{key} names no earlier create of this @atomic operation by its response key."
            self.mistake(message, ("input", "id"))
        elif earlier.entity is not entity:
            message = f"input.id: {key} makes a {earlier.root.binding.entity.graph_name}, not a {entity.graph_name}."
            self.mistake(message, ("input", "id"))
        elif earlier.key is None:
            if not earlier.mistakes:
                missing = [m.field for m in entity.key if m.wire not in earlier.values]
                self.mistake(
                    f"input.id: the service gives the new row of {key} its {' and '.join(missing)}, so it can't be"
                    " referred to before it is there. Give it in the create.",
                    ("input", "id"),
                )
        else:
            self.intent.key, self.intent.company = earlier.key, earlier.company
            company = earlier.company.name if earlier.company is not None else None
            self.intent.id = self.run.encode_id(entity)(company, *earlier.key.values)

    async def _meant(self, entity: b.EntityBinding, given: Mapping[str, Any]) -> str | None:
        """Finds the row and the precondition: the ETag, `*`, or None for types without ETags."""
        new = await self._identify(entity, given["id"])
        if_match, overwrite = given.get("ifMatch"), given.get("overwrite")
        if not entity.has_etag:
            return None
        if new and if_match is None:
            return "*"  # nobody else has seen the row yet
        path = ("input", "ifMatch")
        if if_match is not None and overwrite:
            self.mistake("ifMatch and overwrite: give one of the two.", path)
        elif if_match is None and not overwrite:
            message = "Give ifMatch, the etag of the row as you read it, or overwrite: true."
            self.mistake(message, path, "PRECONDITION_REQUIRED")
        elif if_match is not None and not _is_etag(if_match):
            self.mistake(
                "ifMatch is no ETag. Take it from the row's etag field; to overwrite, say overwrite: true.", path
            )
        return if_match if if_match is not None else "*"

    # Companies and links

    async def _company(self, source: str, name: str | None, path: InputPath) -> Company | None:
        try:
            found = await self.run.companies(source, None if name is None else (name,))
        except BadUserInput as problem:
            self.mistake(str(problem), path)
            return None
        return found[0] if found else None

    async def _into_company(self, entity: b.EntityBinding, name: str | None, row: InputRow) -> None:
        """The company of a new row: of the request, or a property of the row."""
        path = ("input", "company")
        if entity.company == "context":
            self.intent.company = await self._company(entity.source.name, name, path)
        elif entity.company is not None:
            given = row.values.get(entity.company)
            if given and name is not None and str(given).casefold() != name.casefold():
                self.mistake(f"company and {entity.by_wire[entity.company].field} name two companies.", path)
            elif not given:
                found = await self._company(entity.source.name, name, path)
                if found is not None:
                    row.values[entity.company] = found.name

    def _link(self, row: InputRow, entity: b.EntityBinding, path: InputPath) -> None:
        linker = Linker(self.run, self.intent, self.earlier)
        linker.link(row, entity, path)
        self.intent.mistakes += linker.mistakes


def _give_id(row: InputRow, entity: b.EntityBinding) -> None:
    """Gives a new row its Guid where the client may (OB-41): other rows can refer to it before it is there."""
    if len(entity.key) != 1:
        return
    (member,) = entity.key
    if member.value.kind is Kind.UUID and member.insertable:
        row.values.setdefault(member.wire, str(uuid.uuid4()))


def _is_etag(text: str) -> bool:
    inner = text.removeprefix("W/")
    printable = all(" " < c < "\x7f" for c in text)
    return len(text) <= 512 and printable and len(inner) >= 2 and inner[0] == '"' and inner[-1] == '"'
