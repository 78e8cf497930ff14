"""The schema as clients ask for it, evaluated once per question beside the event loop and kept compressed.

graphql-core's executor takes 16 s for the usual introspection of 4,000 entities: `schema_text` describes them without.
"""

from __future__ import annotations

import asyncio
import gc
import zlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import orjson
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    get_variable_values,
)

from vegraph.app.execution import Prepared, RequestErrors
from vegraph.app.lru import Bounded
from vegraph.app.schema_text import SchemaText

__all__ = ["Introspection", "asks_only_for_the_schema"]

_ROOTS = frozenset({"__schema", "__type"})
_NAMES = _ROOTS | {"__typename"}

BLOCK = 512 * 1024
"""Bytes of JSON that are compressed at once."""
KEPT_BYTES = 64_000_000
KEPT = 64


class Introspection:
    """Answers to introspection of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._kept: Bounded[tuple[Prepared, str | None, bytes], bytes] = Bounded(items=KEPT, weight=KEPT_BYTES)
        self._under_way: dict[tuple[Prepared, str | None, bytes], asyncio.Future[bytes]] = {}

    async def answer(
        self, prepared: Prepared, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> bytes:
        """The whole JSON response, gzipped. Raises RequestErrors when the variables do not fit."""
        name = operation.name.value if operation.name else None
        key = prepared, name, orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
        if (kept := self._kept.get(key)) is not None:
            return kept
        running = self._under_way.get(key)
        if running is None:
            running = asyncio.ensure_future(asyncio.to_thread(self._answer, prepared, operation, variables))
            self._under_way[key] = running
            running.add_done_callback(lambda _: self._under_way.pop(key, None))
        answer = await asyncio.shield(running)  # one client leaving does not stop it for the others
        self._kept.put(key, answer, len(answer))
        return answer

    def _answer(self, prepared: Prepared, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> bytes:
        values = get_variable_values(
            self._schema, operation.variable_definitions or (), dict(variables), hide_suggestions=True
        )
        if isinstance(values, list):
            raise RequestErrors(values, "BAD_USER_INPUT")
        try:
            with _uncollected():
                return _packed(SchemaText(self._schema, _fragments(prepared), values).of(operation))
        except GraphQLError as error:  # null where a variable's default would have done
            raise RequestErrors([error], "BAD_USER_INPUT") from None


def _packed(pieces: Iterable[bytes]) -> bytes:
    """Gzipped, in a thread beside the one that makes the pieces: zlib keeps no other thread waiting."""
    packer = zlib.compressobj(3, zlib.DEFLATED, 31)
    block = bytearray()
    with ThreadPoolExecutor(1) as pool:
        done: list[Future[bytes]] = []
        for piece in pieces:
            block += piece
            if len(block) > BLOCK:
                done.append(pool.submit(packer.compress, bytes(block)))
                block.clear()
        done.append(pool.submit(packer.compress, bytes(block)))
        done.append(pool.submit(packer.flush))
        return b"".join(each.result() for each in done)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without garbage collection: hundreds of thousands of types stay, and to look through them stops everybody."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()


def asks_only_for_the_schema(prepared: Prepared, operation: OperationDefinitionNode) -> bool:
    """Whether an operation reads nothing but the schema. Found once per document."""
    key = "introspection", operation.name.value if operation.name else None
    found = prepared.memo.get(key)
    if found is None:
        names = set(_root_names(prepared, operation.selection_set))
        found = prepared.memo[key] = names <= _NAMES and bool(names & _ROOTS)
    return bool(found)


def _root_names(prepared: Prepared, selection_set: SelectionSetNode) -> list[str]:
    fragments = _fragments(prepared)
    names, stack, seen = [], [selection_set], set[str]()
    while stack:
        for selection in stack.pop().selections:
            if isinstance(selection, FieldNode):
                names.append(selection.name.value)
            elif not isinstance(selection, FragmentSpreadNode):
                stack.append(selection.selection_set)  # type: ignore[attr-defined]  # an inline fragment
            elif selection.name.value not in seen:
                seen.add(selection.name.value)
                stack.append(fragments[selection.name.value].selection_set)
    return names


def _fragments(prepared: Prepared) -> dict[str, FragmentDefinitionNode]:
    return {
        definition.name.value: definition
        for definition in prepared.document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
