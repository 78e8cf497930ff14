"""The manual's tables of settings, made from the dataclasses: `python -m vegraph.app.settings.manual README.md`.

Prints the page with everything between `<!-- settings -->` and `<!-- /settings -->` written anew.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import MISSING, Field
from itertools import pairwise
from pathlib import Path
from typing import Any

from vegraph.app.settings.limits import Limits
from vegraph.app.settings.reading import keys_of
from vegraph.app.settings.server import Server
from vegraph.app.settings.sources import Fixed, Relationship, Source
from vegraph.identity.config import AppUser, ClientCredential, Door, Portal

__all__ = ["TABLES", "page", "tables"]

TABLES: tuple[tuple[str, type], ...] = (
    ("[server]", Server),
    ("[sources.NAME]", Source),
    ("[sources.NAME.fixed]", Fixed),
    ("[sources.NAME.users.USER]", AppUser),
    ("[[relationships]]", Relationship),
    ("[identity.NAME]", Door),
    ("[portals.NAME]", Portal),
    ("[limits]", Limits),
)
"""TOML table → the dataclass it is read into."""

_PLACE = re.compile(r"(<!-- settings -->\n).*?(<!-- /settings -->)", re.DOTALL)


def tables() -> str:
    """All tables as Markdown."""
    return "\n".join(_table(title, cls) for title, cls in TABLES)


def page(text: str) -> str:
    """The manual with its tables written anew."""
    return _PLACE.sub(lambda found: f"{found[1]}\n{tables()}\n{found[2]}", text)


def _table(title: str, cls: type) -> str:
    sentences = _sentences(cls)
    rows = [
        f"| `{key}` | {_default(field)} | {sentences.get(field.name, '')} |"
        for key, field in keys_of(cls).items()
        if key != "name" or cls is Relationship
    ]
    says = (inspect.getdoc(cls) or "").split("\n\n")[0].replace("\n", " ").removeprefix(f"`{title}`: ")
    says = says[:1].upper() + says[1:]
    return "\n".join([f"### `{title}`", "", says, "", "| key | default | |", "|---|---|---|", *rows, ""])


def _default(field: Field[Any]) -> str:
    if field.default is MISSING:
        return "required" if field.default_factory is MISSING else "none"
    value = field.default
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return ", ".join(f"`{item}`" for item in value)
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def _sentences(cls: type) -> dict[str, str]:
    """Field name → the text below it in the source, of base classes too."""
    found: dict[str, str] = {}
    for base in (ClientCredential, cls) if issubclass(cls, ClientCredential) else (cls,):
        [definition] = ast.parse(textwrap.dedent(inspect.getsource(base))).body
        found.update(_below_fields(definition))
    return found


def _below_fields(definition: ast.stmt) -> Iterator[tuple[str, str]]:
    """(name, text) of each annotated name that a string follows."""
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    for field, below in pairwise(body):
        named = isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if named and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            assert isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)  # noqa: S101, PT018
            yield field.target.id, " ".join(str(below.value.value).split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page(Path(sys.argv[1]).read_text("utf-8")))
