"""A document's operation → its answer: plan (cached with the document), execution, completion.

The fast completion writes the response in one pass; whatever it does not express is completed by graphql-core over the
same rows. Both give the same answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any, cast

import msgspec
from graphql import DocumentNode, ExecutionResult, Executor, GraphQLError, OperationDefinitionNode
from graphql.execution.values import VariableValues, get_variable_values

from vegraph.errors import BadUserInput
from vegraph.plan import nodes as n
from vegraph.plan.build import Builder, Misfit
from vegraph.plan.cost import check_cost
from vegraph.plan.engine import Execution, Scope
from vegraph.plan.exact import RootSource, resolve_field, resolve_type
from vegraph.plan.global_ids import encoder
from vegraph.plan.mutations import run_mutations
from vegraph.plan.passes import Scene, apply_passes, prepare
from vegraph.plan.payloads import payload_builder
from vegraph.plan.roots import Found
from vegraph.plan.selection import Selector, condition_variables
from vegraph.schema.binding import EntityBinding, Graph

__all__ = ["MAX_COERCION_ERRORS", "Compiled", "Planner", "VariableErrors"]

MAX_COERCION_ERRORS = 25
MAX_VARIANTS = 64
"""Plans of one document for different values under @skip and @include."""

_encode = msgspec.json.Encoder().encode


class VariableErrors(Exception):
    """The variables do not fit the operation: nothing was executed."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


@dataclass(slots=True)
class Compiled:
    """One variant of an operation, ready to run."""

    plan: n.OperationPlan
    selector: Selector
    builder: Builder
    builders: dict[str, Callable[[Any, Any], Any] | None] = field(default_factory=dict)
    """Response key → (result, x) → response value; None: graphql-core completes it."""


class Planner:
    """Plans and answers the operations of one graph."""

    def __init__(self, graph: Graph, scene: Scene, media_path: str = "/media") -> None:
        self.graph = graph
        self.scene = scene
        self._media_path = media_path
        self._encoders: dict[str, Callable[..., str]] = {}

    def encode_id(self, entity: EntityBinding) -> Callable[..., str]:
        """(company, *key values) → global id, for rows of this entity."""
        found = self._encoders.get(entity.id_name)
        if found is None:
            found = self._encoders[entity.id_name] = encoder(entity.id_name, len(entity.key))
        return found

    def media_url(self, id_: str, field_name: str) -> str:
        """Where the stream is served, with the user's rights."""
        return f"{self._media_path}/{id_}/{field_name}"

    def compiled(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: VariableValues,
        memo: dict[Hashable, Any],
    ) -> Compiled:
        """The plan of this operation for these values under @skip and @include. Raises VariableErrors for null."""
        conditions = memo.get("conditions")
        if conditions is None:
            conditions = memo["conditions"] = condition_variables(document)
        key = (id(self), id(operation), *(variables.coerced.get(c) for c in sorted(conditions)))
        found: Compiled | None = memo.get(key)
        if found is None:
            selector = Selector(self.graph, document, operation, variables)
            try:
                plan = apply_passes(selector.plan(), self.scene)
            except GraphQLError as error:
                raise VariableErrors([error]) from None
            found = Compiled(plan, selector, Builder(self.encode_id, self.media_url))
            if len(memo) < MAX_VARIANTS:
                memo[key] = found
        return found

    async def execute(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        raw_variables: Mapping[str, Any],
        scope: Scope,
        memo: dict[Hashable, Any],
        *,
        exact: bool = False,
    ) -> bytes | ExecutionResult:
        """The answer: the whole JSON response, or graphql-core's result where there are errors to be written.

        `exact`: completed by graphql-core whatever happens; the differential test compares the two.
        Raises VariableErrors, and PlanError where the whole operation is refused.
        """
        compiled, run = await self.fetched(document, operation, raw_variables, scope, memo)
        try:
            if not (exact or run.suspect or compiled.plan.mixed):
                fast = self._fast(compiled, run)
                if fast is not None:
                    return fast
            return await self._exact(document, operation, raw_variables, run)
        finally:
            asyncio.get_running_loop().call_soon(run.end)  # once the answer is sent: a thousand rows take time to go

    async def fetched(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        raw_variables: Mapping[str, Any],
        scope: Scope,
        memo: dict[Hashable, Any],
    ) -> tuple[Compiled, Execution]:
        """Everything but the completion: what was fetched is in the execution."""
        variables = self._coerce(operation, raw_variables)
        compiled = self.compiled(document, operation, variables, memo)
        check_cost(compiled.plan, variables, scope.limits)
        run = Execution(self, compiled.plan, scope, variables, self._for_entity(compiled))
        if compiled.plan.mutation:
            await run_mutations(run)
        else:
            await run.run()
        return compiled, run

    def _coerce(self, operation: OperationDefinitionNode, raw: Mapping[str, Any]) -> VariableValues:
        if not operation.variable_definitions:
            return VariableValues({}, {})
        found = get_variable_values(
            self.graph.schema,
            operation.variable_definitions,
            dict(raw),
            max_errors=MAX_COERCION_ERRORS,
            hide_suggestions=True,
        )
        if isinstance(found, list):
            raise VariableErrors(found)
        return found

    def _for_entity(self, compiled: Compiled) -> Callable[[n.Root, EntityBinding], tuple[n.Rows, n.Shapes]]:
        def for_entity(root: n.Root, entity: EntityBinding) -> tuple[n.Rows, n.Shapes]:
            known = root.by_entity.get(entity.id_name)
            if known is None:
                try:
                    known = compiled.selector.for_entity(root, entity)
                except GraphQLError as error:
                    raise BadUserInput(error.message) from None
                prepare(known[0], self.scene)
            return known

        return for_entity

    def _fast(self, compiled: Compiled, run: Execution) -> bytes | None:
        x: list[Any] = [None] * compiled.selector.relations
        for number, related in run.related.items():
            x[number] = related.rows or related.get
        data: dict[str, Any] = {}
        run.response = data
        try:
            for root in compiled.plan.roots:
                if root.binding is None:
                    data[root.key] = compiled.plan.root_type
                    continue
                result = run.results[root.key]
                if result is None:
                    data[root.key] = None
                    continue
                build = self._root_builder(compiled, root)
                if build is None:
                    return None
                data[root.key] = build(result, x)
            return _encode({"data": data})
        except (Misfit, KeyError, TypeError, ValueError, AttributeError):
            # A value that generated code can't express; graphql-core says what and where.
            return None

    def _root_builder(self, compiled: Compiled, root: n.Root) -> Callable[[Any, Any], Any] | None:
        if root.key not in compiled.builders:
            compiled.builders[root.key] = self._make_builder(compiled, root)
        return compiled.builders[root.key]

    def _make_builder(self, compiled: Compiled, root: n.Root) -> Callable[[Any, Any], Any] | None:
        if root.payload is not None:
            return payload_builder(compiled.builder, root.payload, root.binding)
        if root.connection is not None:
            return compiled.builder.connection(root.connection)
        if root.shapes is not None:
            return compiled.builder.shapes(root.shapes)
        if root.binding is not None and type(root.binding).__name__ in ("NodeRoot", "NodesRoot", "EntitiesRoot"):
            return _found_builder(compiled.builder)
        return None

    async def _exact(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        raw_variables: Mapping[str, Any],
        run: Execution,
    ) -> ExecutionResult:
        built = Executor.build(
            self.graph.schema,
            document,
            root_value=RootSource(run),
            context_value=run.scope.context,
            raw_variable_values=dict(raw_variables),
            operation_name=operation.name.value if operation.name else None,
            field_resolver=resolve_field,
            type_resolver=resolve_type,
            max_coercion_errors=MAX_COERCION_ERRORS,
            hide_suggestions=True,
        )
        if isinstance(built, list):
            raise VariableErrors(built)
        result = built.execute_operation()
        return cast("ExecutionResult", await result if isawaitable(result) else result)


def _found_builder(builder: Builder) -> Callable[[Any, Any], Any]:
    def build(result: Found | list[Found | None], x: Any) -> Any:
        if isinstance(result, list):
            return [None if f is None else builder.shapes(f.shapes)(f.row, x) for f in result]
        return builder.shapes(result.shapes)(result.row, x)

    return build
