"""The seam between HTTP and execution: a document that is ready to run, and who runs it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any, Protocol, cast

from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema, OperationDefinitionNode
from graphql import Executor as CoreExecutor

__all__ = ["Executor", "Prepared", "RequestErrors", "SchemaExecutor"]

MAX_COERCION_ERRORS = 25


class RequestErrors(Exception):
    """Nothing was executed: the document or its variables are wrong. One code stands for all of the errors."""

    def __init__(self, errors: Sequence[GraphQLError], code: str) -> None:
        super().__init__(errors[0].message if errors else code)
        self.errors = tuple(errors)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """A document that was parsed, measured and validated. Lives in the document cache; its identity is its own."""

    document: DocumentNode
    operations: Mapping[str | None, OperationDefinitionNode]
    """By name; the one without a name under None."""

    memo: dict[Hashable, Any] = field(default_factory=dict, repr=False)
    """What later stages remember of this document, plans above all; dropped with it."""

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run. Raises RequestErrors when the name decides on none or several."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        found = self.operations.get(name) if name is not None else None
        if found is not None:
            return found
        if not self.operations:
            message = "The document holds no operation to run, fragments only."
        elif name is None:
            message = "The document holds several operations; say which one in operationName."
        else:
            message = f"The document holds no operation named '{name}'."
        raise RequestErrors([GraphQLError(message)], "OPERATION_RESOLUTION_FAILURE")


class Executor(Protocol):
    """Runs one operation of a prepared document."""

    async def execute(
        self,
        prepared: Prepared,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
        context: Any,
    ) -> bytes | ExecutionResult:
        """The answer: a whole JSON response as bytes, or a result whose errors are still to be written.

        `variables` are as they came. Raises RequestErrors when they do not fit (BAD_USER_INPUT).
        """


@dataclass(frozen=True, slots=True)
class SchemaExecutor:
    """graphql-core over a schema with resolvers: the exact executor, for what nothing faster can run."""

    schema: GraphQLSchema

    async def execute(
        self,
        prepared: Prepared,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
        context: Any,
    ) -> ExecutionResult:
        """The result, field errors included."""
        built = CoreExecutor.build(
            self.schema,
            prepared.document,
            context_value=context,
            raw_variable_values=dict(variables),
            operation_name=operation.name.value if operation.name else None,
            max_coercion_errors=MAX_COERCION_ERRORS,
            hide_suggestions=True,
        )
        if isinstance(built, list):
            raise RequestErrors(built, "BAD_USER_INPUT")
        result = built.execute_operation()
        return cast("ExecutionResult", await result if isawaitable(result) else result)
