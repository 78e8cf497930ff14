"""One graph being served: its schema and executor with the caches that belong to them, swapped as one."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import GraphQLSchema
from strawberry.schema import BaseSchema

from vegraph.app.documents import Documents
from vegraph.app.execution import Executor
from vegraph.app.introspection import Introspection
from vegraph.app.media import MediaAccess
from vegraph.app.settings.limits import Limits
from vegraph.identity.user import Caller

__all__ = ["Asked", "Graph", "Serving"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the graph learns of the request it answers."""

    caller: Caller
    request_id: str
    deadline: float
    """Event loop's time at which all calls must have ended."""

    language: str | None = None
    """The client's first language (RFC 9110 §12.5.4), checked for its alphabet."""


class Graph(Protocol):
    """What is to be served at one path."""

    @property
    def server(self) -> BaseSchema:
        """The strawberry schema."""

    @property
    def core(self) -> GraphQLSchema:
        """The same as graphql-core has it; validation and introspection read this."""

    @property
    def executor(self) -> Executor:
        """Who runs operations."""

    def media(self, asked: Asked) -> AbstractAsyncContextManager[MediaAccess]:
        """The streams of rows, for one request."""

    def context(self, asked: Asked) -> AbstractAsyncContextManager[Any]:
        """The value that resolvers and the executor get for one request: loaders, runner, caller."""


class Serving:
    """A graph with its document cache and its introspection."""

    def __init__(self, graph: Graph, limits: Limits, *, introspection: bool) -> None:
        self.graph = graph
        self.limits = limits
        self.documents = Documents(graph.core, limits, introspection=introspection)
        self.introspection = Introspection(graph.core)

    def prepare(self) -> None:
        """Settles the names of the root fields, which the first query would wait for. Safe in another thread."""
        for root in (self.graph.core.query_type, self.graph.core.mutation_type):
            if root is not None:
                root.fields.get("")
