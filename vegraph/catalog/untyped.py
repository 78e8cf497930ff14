"""What may be anything in a document that was read as JSON, taken for what it should be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["items", "records"]


def items(value: Any) -> list[Any]:
    """Of a list; what is none has none."""
    return value if isinstance(value, list) else []


def records(value: Any) -> Iterator[dict[str, Any]]:
    """The items of a list that are objects."""
    return (item for item in items(value) if isinstance(item, dict))
