"""Random GraphQL documents over a graph: fragments, aliases, merged fields, directives, connections, relations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from vegraph.schema import binding as b
from vegraph.schema.values import Kind

__all__ = ["Asker", "Question"]


@dataclass
class Question:
    """A document with its variables."""

    query: str
    variables: dict[str, Any]


@dataclass
class Asker:
    """Makes one question. `random` decides everything."""

    graph: Any
    random: Random
    depth: int = 4
    variables: dict[str, tuple[str, Any]] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    count: int = 0

    def question(self, roots: Sequence[tuple[str, str]], ids: Sequence[str] = ()) -> Question:
        """`roots`: (root field, graph type); `ids`: global ids of earlier answers, for `node` and `nodes`."""
        parts = []
        for _ in range(self.random.randint(1, 2)):
            root, type_ = self.random.choice(list(roots))
            kind = self.random.randrange(5)
            if ids and kind == 0:
                chosen = self.value("ID!", self.random.choice(ids))
                parts.append(f"{self.alias()}node(id: {chosen}) {{ id ...{self.fragment(type_, 2)} }}")
            elif ids and kind == 1:
                some = self.value("[ID!]!", self.random.sample(list(ids), min(len(ids), 3)))
                parts.append(f"{self.alias()}nodes(ids: {some}) {{ __typename ...{self.fragment(type_, 2)} }}")
            else:
                arguments = self.paging()
                parts.append(f"{self.alias()}{root}{arguments} {self.connection(type_, self.depth)}")
        if self.random.random() < 0.2:
            parts.append("__typename")
        declared = ", ".join(f"${name}: {type_}" for name, (type_, _) in self.variables.items())
        head = f"query Q({declared})" if declared else "query Q"
        query = "\n".join([f"{head} {{ {' '.join(parts)} }}", *self.fragments])
        return Question(query, {name: value for name, (_, value) in self.variables.items()})

    # Parts

    def alias(self) -> str:
        self.count += 1
        return f"x{self.count}: "

    def value(self, type_: str, value: Any) -> str:
        """As a literal, or as a variable."""
        import json

        if self.random.random() < 0.5:
            return json.dumps(value)
        self.count += 1
        self.variables[f"v{self.count}"] = (type_, value)
        return f"$v{self.count}"

    def paging(self) -> str:
        chance = self.random.random()
        if chance < 0.1:
            return f"(last: {self.value('Int', self.random.randint(0, 3))})"
        return f"(first: {self.value('Int', self.random.randint(0, 3))})"

    def directive(self) -> str:
        chance = self.random.random()
        if chance > 0.15:
            return ""
        name = self.random.choice(("skip", "include"))
        return f" @{name}(if: {self.value('Boolean!', self.random.random() < 0.5)})"

    def fragment(self, type_: str, depth: int) -> str:
        self.count += 1
        name = f"F{self.count}"
        self.fragments.append(f"fragment {name} on {type_} {self.entity(type_, depth)}")
        return name

    def entity(self, type_: str, depth: int) -> str:
        """A selection set on rows."""
        entity = self.graph.entity(type_)
        assert entity is not None, type_
        names = list(entity.fields)
        plain = [n for n in names if not isinstance(entity.fields[n], b.RelationField | b.FunctionField)]
        relations = [n for n in names if isinstance(entity.fields[n], b.RelationField)]
        parts: list[str] = []
        for _ in range(self.random.randint(1, 4)):
            parts.append(self.member(entity, self.random.choice(plain)))
        if self.random.random() < 0.3:
            parts.append(f"{self.alias()}__typename")
        if depth > 0 and relations:
            for _ in range(self.random.randint(0, 2)):
                parts.append(self.relation(entity, self.random.choice(relations), depth - 1))
        if depth > 0 and self.random.random() < 0.25:
            parts.append(f"...{self.fragment(type_, depth - 1)}{self.directive()}")
        if self.random.random() < 0.15:
            parts.append(f"... on {type_}{self.directive()} {self.entity(type_, 0)}")
        for subtype in entity.subtypes:
            if self.random.random() < 0.5:
                parts.append(f"... on {subtype}{self.directive()} {self.entity(subtype, max(depth - 1, 0))}")
        self.random.shuffle(parts)
        if all("@" in part for part in parts):
            parts.append("__typename")
        return "{ " + " ".join(parts) + " }"

    def member(self, entity: Any, name: str) -> str:
        found = entity.fields[name]
        below = ""
        if isinstance(found, b.PropertyField):
            value = found.member.value
            if value.kind is Kind.MEDIA:
                below = " { url __typename }"
            elif value.complex is not None:
                below = " " + self.complex(value.complex, 2)
        alias = self.alias() if below or self.random.random() < 0.3 else ""
        return f"{alias}{name}{self.directive()}{below}"

    def complex(self, value: Any, depth: int) -> str:
        parts = ["__typename"]
        for name, member in value.members.items():
            if self.random.random() < 0.5:
                continue
            if member.value.complex is None:
                parts.append(name if member.value.kind is not Kind.MEDIA else f"{name} {{ url }}")
            elif depth > 0:
                parts.append(f"{self.alias()}{name} {self.complex(member.value.complex, depth - 1)}")
        return "{ " + " ".join(parts) + " }"

    def relation(self, entity: Any, name: str, depth: int) -> str:
        found = entity.fields[name]
        target = found.target.graph_name
        alias = self.alias()
        if not found.many:
            part = f"{alias}{name}{self.directive()} {self.entity(target, depth)}"
            if self.random.random() < 0.15:  # the same field again: both selections are merged
                part += f" {alias}{name} {self.entity(target, 0)}"
            return part
        arguments = self.paging() if self.random.random() < 0.7 else ""
        return f"{alias}{name}{arguments}{self.directive()} {self.connection(target, depth)}"

    def connection(self, type_: str, depth: int) -> str:
        parts = []
        for name in self.random.sample(("nodes", "edges", "pageInfo", "totalCount", "__typename"), 2):
            alias = self.alias()
            match name:
                case "nodes":
                    parts.append(f"{alias}nodes {self.entity(type_, depth)}")
                case "edges":
                    inner = self.random.choice(("cursor", "__typename", "c: cursor"))
                    parts.append(f"{alias}edges {{ {inner} node {self.entity(type_, depth)} }}")
                case "pageInfo":
                    some = ("hasNextPage", "hasPreviousPage", "startCursor", "endCursor", "__typename")
                    parts.append(f"{alias}pageInfo {{ {' '.join(self.random.sample(some, 2))} }}")
                case _:
                    parts.append(f"{alias}{name}")
        return "{ " + " ".join(parts) + " }"
