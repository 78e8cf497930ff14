"""Documents parsed, measured and validated once, and kept by their text."""

from __future__ import annotations

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from vegraph.app.execution import Prepared, RequestErrors
from vegraph.app.limits import excess, measure
from vegraph.app.lru import Bounded
from vegraph.app.settings.limits import Limits

__all__ = ["Documents"]

overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 50_000
"""Comparisons of fields of one document, some 0.1 s (graphql-core's own default is ten times that; it is read at each
validation). A document of 4,000 tokens that needs more spreads or repeats the same name hundreds of times."""

KEPT_CHARACTERS = 16_000_000
"""Of all kept texts together; a parsed document takes some fifty times its text."""


class Documents:
    """The documents that clients of one schema sent lately, wrong ones included."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, introspection: bool) -> None:
        self._schema = schema
        self._limits = limits
        self._rules = (*specified_rules, *(() if introspection else (NoSchemaIntrospectionCustomRule,)))
        self._kept: Bounded[str, Prepared | RequestErrors] = Bounded(items=limits.documents, weight=KEPT_CHARACTERS)

    def prepare(self, text: str) -> Prepared:
        """The document, from memory where it was seen before. Raises RequestErrors."""
        found = self._kept.get(text)
        if found is None:
            try:
                found = self._prepare(text)
            except RequestErrors as errors:
                found = errors
            self._kept.put(text, found, len(text))
        if isinstance(found, RequestErrors):
            raise RequestErrors(found.errors, found.code)
        return found

    def seen(self, text: str) -> bool:
        """Whether `prepare` would answer from memory."""
        return text in self._kept

    def _prepare(self, text: str) -> Prepared:
        document = self._parse(text)
        for _, found in measure(document):
            if sentence := excess(found, self._limits):
                raise RequestErrors([GraphQLError(sentence)], "TOO_COMPLEX")
        errors = validate(
            self._schema,
            document,
            self._rules,
            max_errors=self._limits.max_errors,
            hide_suggestions=True,  # they compare with every name there is, and tell names
        )
        if errors and errors[-1].message == "Validation aborted.":
            sentence = "The document is too complex: too many fields share a name in one place. Ask for less at once."
            raise RequestErrors([GraphQLError(sentence)], "TOO_COMPLEX")
        if errors:
            raise RequestErrors([_clients(error) for error in errors], "GRAPHQL_VALIDATION_FAILED")
        operations = {
            definition.name.value if definition.name else None: definition
            for definition in document.definitions
            if isinstance(definition, OperationDefinitionNode)
        }
        return Prepared(document=document, operations=operations)

    def _parse(self, text: str) -> DocumentNode:
        limit = self._limits.max_tokens
        try:
            return parse(text, max_tokens=limit, max_comments=limit)
        except GraphQLSyntaxError as error:
            if not error.message.endswith("Parsing aborted."):
                raise RequestErrors([error], "GRAPHQL_PARSE_FAILED") from None
            what = "nested too deeply" if "nested" in error.message else f"too long: more than {limit} tokens"
        raise RequestErrors([GraphQLError(f"The document is {what}. Ask for less at once.")], "TOO_COMPLEX")


def _clients(error: GraphQLError) -> GraphQLError:
    """A literal that cannot even be read, as a number of thousands of digits, is the client's mistake too."""
    return GraphQLError(error.message, error.nodes) if isinstance(error.original_error, ValueError) else error
