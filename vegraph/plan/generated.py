"""Functions made from text: what is the same for each row is decided once, and a row costs one call.

The text is made of counters and of expressions written in this package alone. Everything that came from a document or
a query goes in as a value under a counter's name (`Environment.add`), never as code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any

__all__ = ["Environment", "function", "loop"]


class Environment:
    """Names that generated code may use."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}

    def add(self, value: Any) -> str:
        """A name for this object."""
        name = f"g{len(self.names)}"
        self.names[name] = value
        return name


def loop(parameters: str, over: str, lines: Sequence[str]) -> Callable[..., None]:
    """A function that carries out these statements for each of something."""
    body = "".join(f"\n        {line}" for line in lines)
    return _made(f"def build({parameters}):\n    for {over}:{body}\n", {})


def function(env: Environment, parameters: str, body: str) -> Callable[..., Any]:
    """A function of these parameters that returns the expression's value."""
    return _made(f"def build({parameters}):\n    return {body}\n", env.names)


def _made(text: str, names: Mapping[str, Any]) -> Callable[..., Any]:
    namespace = dict(names)
    exec(_compiled(text), namespace)  # noqa: S102 - made of counters and expressions of this package, see above
    built: Callable[..., Any] = namespace["build"]
    return built


@lru_cache(maxsize=4096)
def _compiled(text: str) -> CodeType:
    return compile(text, "<generated>", "exec")
