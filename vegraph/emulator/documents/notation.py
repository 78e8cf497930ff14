"""Reads the text files under `facts/`.

```
salesOrder salesOrders CUD key=id            type, set, allowed writes (- for none), then options
    id:guid! number:str(20) status:orderStatus      name:type, (n) longest text, ! required, +flag, =default
    > customer customer customerId=id               to-one navigation: name, target type, own=target pairs
    >> lines salesOrderLine id=documentId / order   to-many, its partner after the slash
    ! ship                                          action on an instance; !! on the set
    ! invoice(on:date,copies:i32) -> salesInvoice   with parameters and a result

action ping() -> str                         an unbound action
```

Members of a navigation may also be `?a=b` (a pair only the server knows), `#a=X` (own property fixed) and
`#.a=X` (target's property fixed). Lines that begin with `;` are comments. Enumerations stand in their own files: a
line with the name, then indented `Member=value`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Literal

from vegraph.emulator.documents.model import Action, Column, Entity, Enum, Facts, Navigation, Parameter

__all__ = ["NotationError", "parse_enums", "parse_facts", "read"]

_COLUMN = re.compile(
    r"(?P<name>\w+):(?P<type>[\w.]+)(?:\((?P<arg>\w+)\))?(?P<req>!)?(?P<flags>(?:\+\w+)*)(?:=(?P<default>\S*))?"
)
_ACTION = re.compile(r"(?P<name>\w+)(?:\((?P<params>.*?)\))?(?:\s*->\s*(?P<returns>\S+))?")


class NotationError(ValueError):
    """A line of a facts file cannot be read."""


@cache
def read(erp: Literal["bc", "fo"]) -> Facts:
    """The facts of one ERP, from all files under `facts/` whose names begin with it."""
    folder = files(__package__) / "facts"
    names = sorted(f.name for f in folder.iterdir() if f.name.startswith(f"{erp}_") and f.name.endswith(".txt"))
    text = {name: (folder / name).read_text("utf-8") for name in names}
    enums = parse_enums(text.pop(f"{erp}_enums.txt"))
    parts = [parse_facts(part) for part in text.values()]
    return Facts(
        entities=tuple(e for p in parts for e in p.entities),
        enums=enums,
        actions=tuple(a for p in parts for a in p.actions),
    )


def parse_enums(text: str) -> tuple[Enum, ...]:
    """The enumerations of one file."""
    found = []
    for head, body in _blocks(text):
        words = " ".join(body).split()
        found.append(Enum(head, tuple((w.rpartition("=")[0], int(w.rpartition("=")[2])) for w in words)))
    return tuple(found)


def parse_facts(text: str) -> Facts:
    """The entity types and unbound actions of one file."""
    entities: list[Entity] = []
    actions: list[Action] = []
    for head, body in _blocks(text):
        if head.startswith("action "):
            actions.append(_action(head.removeprefix("action "), "Unbound"))
        else:
            entities.append(_entity(head, body))
    return Facts(tuple(entities), (), tuple(actions))


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    head: str | None = None
    body: list[str] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith(";"):
            continue
        if line[0] != " ":
            if head is not None:
                yield head, body
            head, body = line.strip(), []
        else:
            body.append(line.strip())
    if head is not None:
        yield head, body


def _entity(head: str, body: list[str]) -> Entity:
    name, entity_set, writes, *options = head.split()
    chosen = dict(option.split("=", 1) for option in options)
    columns: list[Column] = []
    navigation: list[Navigation] = []
    actions: list[Action] = []
    for line in body:
        mark, _, rest = line.partition(" ")
        if mark in (">", ">>"):
            navigation.append(_navigation(rest, many=mark == ">>"))
        elif mark in ("!", "!!"):
            actions.append(_action(rest, "BoundToEntityInstance" if mark == "!" else "BoundToEntitySet"))
        else:
            columns.extend(_columns(line.split(), where=name))
    key = chosen.pop("key", "id")
    return Entity(
        name=name,
        set=entity_set,
        key=tuple(key.split(",")),
        columns=tuple(columns),
        navigation=tuple(navigation),
        actions=tuple(actions),
        writes=frozenset(writes.replace("-", "")),
        options=chosen,
    )


def _columns(words: Iterable[str], *, where: str) -> Iterator[Column]:
    for word in words:
        match = _COLUMN.fullmatch(word)
        if match is None:
            raise NotationError(f"{where}: '{word}' is not a column. Write name:type(length)!+flag=default.")
        collection = match["type"] == "coll"
        yield Column(
            name=match["name"],
            type=match["arg"] if collection else match["type"],
            length=int(match["arg"]) if match["arg"] and not collection else None,
            collection=collection,
            required=bool(match["req"]),
            flags=frozenset(match["flags"].split("+")[1:]),
            default=match["default"],
        )


def _navigation(text: str, *, many: bool) -> Navigation:
    left, _, partner = text.partition(" / ")
    name, target, *members = left.split()
    pairs: list[tuple[str, str]] = []
    fixed: list[tuple[str, str]] = []
    related: list[tuple[str, str]] = []
    hidden = False
    for member in ",".join(members).split(",") if members else ():
        own, _, other = member.lstrip("#?.").partition("=")
        if member.startswith("#."):
            related.append((own, other))
        elif member.startswith("#"):
            fixed.append((own, other))
        else:
            hidden = hidden or member.startswith("?")
            pairs.append((own, other))
    return Navigation(name, target, many, tuple(pairs), partner.strip() or None, hidden, tuple(fixed), tuple(related))


def _action(text: str, binding: Literal["BoundToEntityInstance", "BoundToEntitySet", "Unbound"]) -> Action:
    match = _ACTION.fullmatch(text.strip())
    if match is None:
        raise NotationError(f"'{text}' is not an action. Write name(parameter:type,…) -> type.")
    parameters = tuple(_parameter(p) for p in match["params"].split(",")) if match["params"] else ()
    returns = _parameter(f"ReturnValue:{match['returns']}") if match["returns"] else None
    return Action(match["name"], binding, parameters, returns)


def _parameter(text: str) -> Parameter:
    name, _, kind = text.strip().partition(":")
    if kind.startswith("coll("):
        return Parameter(name, kind[5:-1], collection=True)
    return Parameter(name, kind)
