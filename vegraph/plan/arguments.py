"""The arguments of a field, as the document gives them."""

from __future__ import annotations

from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLField
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues, get_argument_values

from vegraph.errors import BadUserInput

__all__ = ["Arguments"]


class Arguments:
    """A field's arguments: coerced once when they hold no variables, else for each request."""

    __slots__ = ("_constant", "definition", "details", "node")

    def __init__(self, definition: GraphQLField, details: list[FieldDetails]) -> None:
        self.definition = definition
        self.details = details
        self.node: FieldNode = details[0].node
        self._constant: dict[str, Any] | None = None
        if not any(_has_variable(a.value) for a in self.node.arguments or ()):
            self._constant = get_argument_values(definition, self.node)

    @property
    def constant(self) -> bool:
        """The same for every request."""
        return self._constant is not None

    def values(self, variables: VariableValues | None) -> dict[str, Any]:
        """Coerced values. Raises BadUserInput for what only the variables make wrong: null or nothing in a @oneOf, or
        null in place of a default."""
        if self._constant is not None:
            return self._constant
        fragment_variables = self.details[0].fragment_variable_values
        try:
            return get_argument_values(self.definition, self.node, variables, fragment_variables)
        except GraphQLError as error:
            raise BadUserInput(error.message) from None

    def given(self, name: str) -> bool:
        """The document names this argument (its variable may still be absent)."""
        return any(a.name.value == name for a in self.node.arguments or ())


def _has_variable(value: Any) -> bool:
    kind = value.kind
    if kind == "variable":
        return True
    if kind == "list_value":
        return any(_has_variable(v) for v in value.values)
    if kind == "object_value":
        return any(_has_variable(f.value) for f in value.fields)
    return False
